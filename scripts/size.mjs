// Prints how many bytes each import of the library adds to a bundle for browsers, and fails above a budget. It measures dist/.
import { build } from 'esbuild'
import { gzipSync } from 'node:zlib'

/** What a user imports, with budgets in kB (1,000 bytes, minified and gzipped): `own` for this library's code, `all` with its dependencies. */
const IMPORTS = [
  { names: ['clusterOf', 'status'], own: 18.8, all: 26.3 },
  { names: ['clusterOf', 'wait'], own: 39.9, all: 48.4 },
  { names: ['clusterOf', 'watchJobs'], own: 40.7, all: 48.8 },
  { names: ['clusterOf', 'jobOf'], own: 50.8, all: 59.0 },
  { names: ['createCluster', 'wait'], own: 50.8, all: 59.0 },
]

// The names as imports in the code have them: fp-ts is imported as `#either`, too.
const DEPENDENCIES = ['rxjs', 'fp-ts', 'fp-ts/*', '#either', 'io-ts', 'cross-fetch']

/** @param {readonly string[]} names @param {readonly string[]} external */
async function sizeOf(names, external) {
  const list = names.join(', ')
  const { outputFiles } = await build({
    stdin: { contents: `import { ${list} } from 'aistore-rx'; console.log(${list})`, resolveDir: '.' },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    external: [...external],
  })
  return gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).length / 1000
}

let isOver = false
console.log('import'.padEnd(28), 'own kB (budget)'.padStart(18), 'all kB (budget)'.padStart(18))
for (const { names, own, all } of IMPORTS) {
  const ownKb = await sizeOf(names, DEPENDENCIES)
  const allKb = await sizeOf(names, [])
  const cellOf = (/** @type {number} */ kb, /** @type {number} */ budget) => `${kb.toFixed(1)} (${budget})`.padStart(18)
  console.log(names.join(' + ').padEnd(28), cellOf(ownKb, own), cellOf(allKb, all))
  if (ownKb > own || allKb > all) isOver = true
}
if (isOver) {
  console.error('A bundle is larger than its budget in scripts/size.mjs.')
  process.exitCode = 1
}
