// Compiles lib/ to an empty dist/, marks pure calls for bundlers, bundles the page of the dashboard, and makes the command executable.
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, rmSync } from 'node:fs'
import { buildPage } from './page.mjs'
import { markPure } from './pure.mjs'

rmSync('dist', { recursive: true, force: true })
execFileSync(process.execPath, ['node_modules/@typescript/native/bin/tsc', '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
})
markPure('dist')
await buildPage('dist/dashboard/page')
const command = 'dist/cli/main.js'
if (existsSync(command)) chmodSync(command, 0o755)
