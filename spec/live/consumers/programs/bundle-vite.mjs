import { build } from 'vite'

const common = { configFile: false, logLevel: 'warn' }
const out = { outDir: 'out', emptyOutDir: false }
const lib = { entry: 'in-browser.mjs', formats: ['iife'], name: 'app', fileName: () => 'vite-browser.js' }
await build({ ...common, build: { ...out, lib } })
const rollupOptions = { output: { entryFileNames: 'vite-node.mjs' } }
await build({ ...common, build: { ...out, ssr: 'in-node.mjs', rollupOptions }, ssr: { noExternal: true } })
