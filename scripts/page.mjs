// Bundles the page of the dashboard into one script, and puts the other files and the licences beside it.
import { build } from 'esbuild'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const SOURCE = 'lib/dashboard/page'

/** @param {string} folder where the files go */
export async function buildPage(folder) {
  mkdirSync(folder, { recursive: true })
  for (const name of ['index.html', 'icon.svg']) copyFileSync(join(SOURCE, name), join(folder, name))
  const chart = readFileSync(createRequire(import.meta.url).resolve('uplot/dist/uPlot.min.css'), 'utf8')
  writeFileSync(join(folder, 'style.css'), `${chart}\n${readFileSync(join(SOURCE, 'style.css'), 'utf8')}`)
  const { metafile } = await build({
    entryPoints: [join(SOURCE, 'main.ts')],
    outfile: join(folder, 'app.js'),
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    conditions: ['aistore-rx-source'],
    legalComments: 'none',
    metafile: true,
    logLevel: 'error',
  })
  writeFileSync(join(folder, 'licenses.txt'), licensesOf(Object.keys(metafile.inputs)))
}

/**
 * The licences of the packages in a bundle. Most licences require that their text goes with the code.
 *
 * @param {readonly string[]} inputs the paths of the bundled files
 */
function licensesOf(inputs) {
  const nameOf = new Map()
  for (const path of inputs) {
    const [folder, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? []
    if (folder !== undefined) nameOf.set(folder, name)
  }
  return [...nameOf]
    .sort()
    .map(([folder, name]) => {
      const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one))
      if (file === undefined) throw new Error(`${name} has no licence`)
      return `${name}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
    })
    .join('\n\n')
}
