import { build } from 'esbuild'

for (const [entry, platform, format, file] of [
  ['in-browser.mjs', 'browser', 'iife', 'esbuild-browser.js'],
  ['in-node.mjs', 'node', 'esm', 'esbuild-node.mjs'],
  ['in-node.mjs', 'node', 'cjs', 'esbuild-node.cjs'],
])
  await build({ entryPoints: [entry], bundle: true, platform, format, outfile: `out/${file}`, logLevel: 'warning' })
