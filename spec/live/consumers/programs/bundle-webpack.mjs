import webpack from 'webpack'

// Minifying would take most of the time.
const common = { mode: 'production', performance: { hints: false }, optimization: { minimize: false } }
const node = { ...common, target: 'node20' }
const path = `${process.cwd()}/out`
const builds = [
  { ...common, entry: './in-browser.mjs', target: 'web', output: { path, filename: 'webpack-browser.js' } },
  { ...node, entry: './in-node.mjs', output: { path, filename: 'webpack-node.cjs' } },
  {
    ...node,
    entry: './in-node.mjs',
    output: { path, filename: 'webpack-node.mjs', module: true, chunkFormat: 'module' },
    experiments: { outputModule: true },
  },
]
webpack(builds, (failure, stats) => {
  if (failure) console.warn(failure)
  else if (stats.hasWarnings() || stats.hasErrors()) console.warn(stats.toString('errors-warnings'))
})
