// Bundles the page of the dashboard into one script, and puts the other files beside it.
import { build } from 'esbuild'
import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'

const SOURCE = 'lib/dashboard/page'

/** @param {string} folder where the files go */
export async function buildPage(folder) {
  mkdirSync(folder, { recursive: true })
  for (const name of ['index.html', 'style.css', 'icon.svg']) copyFileSync(join(SOURCE, name), join(folder, name))
  await build({
    entryPoints: [join(SOURCE, 'main.ts')],
    outfile: join(folder, 'app.js'),
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    conditions: ['aistore-rx-source'],
    legalComments: 'none',
    logLevel: 'error',
  })
}
