// Runs spec/simulation/runner/cli.ts; see there, or `npm run simulate -- --help`.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundle } from './bundle.mjs'

const root = resolve(fileURLToPath(new URL('..', import.meta.url)))
// Inside the project, so that Node finds the modules that are not in the bundle.
const folder = mkdtempSync(join(root, 'node_modules', '.simulate-'))
try {
  const file = join(folder, 'cli.mjs')
  await bundle(root, 'spec/simulation/runner/cli.ts', file)
  const { status } = spawnSync(process.execPath, [file, ...process.argv.slice(2)], { stdio: 'inherit' })
  process.exitCode = status ?? 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
