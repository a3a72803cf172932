import commonjs from '@rollup/plugin-commonjs'
import { nodeResolve } from '@rollup/plugin-node-resolve'
import { rollup } from 'rollup'

// io-ts and fp-ts as ES modules begin with "this", which rollup always reports.
const onwarn = ({ code, id = '', message }) => {
  if (code !== 'THIS_IS_UNDEFINED' || !/[\\/](?:io-ts|fp-ts)[\\/]/.test(id)) console.warn(code, message)
}
const builds = [
  ['in-browser.mjs', nodeResolve({ browser: true }), { file: 'out/rollup-browser.js', format: 'iife' }],
  [
    'in-node.mjs',
    nodeResolve({ exportConditions: ['node'] }),
    { file: 'out/rollup-node.mjs', format: 'es' },
    { file: 'out/rollup-node.cjs', format: 'cjs' },
  ],
]
for (const [input, resolve, ...outputs] of builds) {
  const bundle = await rollup({ input, onwarn, external: [/^node:/], plugins: [resolve, commonjs()] })
  for (const output of outputs) await bundle.write(output)
}
