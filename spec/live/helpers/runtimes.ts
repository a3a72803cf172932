import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

// Other runtimes, which come as npm packages. Several spec files use them, so they are installed once for all.

/** Each runtime: its package, and how its program runs a file. Node 20.19 is the oldest one that package.json names. */
const PACKAGES = {
  'Node 20.19': ['node@20.19.0', 'node_modules/node/bin/node'],
  'Node 22': ['node@22', 'node_modules/node/bin/node'],
  'Node 24': ['node@24', 'node_modules/node/bin/node'],
  Bun: ['bun@1', 'node_modules/.bin/bun'],
  Deno: ['deno@2', 'node_modules/.bin/deno', 'run', '-A'],
} as const

export type Runtime = keyof typeof PACKAGES
export const RUNTIMES = Object.keys(PACKAGES) as readonly Runtime[]

/** A command that runs a file, without the file. */
export type Command = readonly [program: string, ...flags: string[]]

const installed = new Map<Runtime, Promise<Command>>()
let folder: string | undefined

function install(runtime: Runtime): Promise<Command> {
  if (folder === undefined) {
    const created = mkdtempSync(join(tmpdir(), 'aistore-rx-runtimes-'))
    process.once('exit', () => rmSync(created, { recursive: true, force: true }))
    folder = created
  }
  const [name, program, ...flags] = PACKAGES[runtime]
  const cwd = join(folder, name)
  mkdirSync(cwd)
  writeFileSync(join(cwd, 'package.json'), '{ "private": true }')
  const args = ['install', '--no-audit', '--no-fund', '--prefer-offline', name]
  return promisify(execFile)('npm', args, { cwd }).then(() => [join(cwd, program), ...flags] as const)
}

/** Installs a runtime, unless another spec file has done that. */
export function commandOf(runtime: Runtime): Promise<Command> {
  const command = installed.get(runtime) ?? install(runtime)
  installed.set(runtime, command)
  // If the installation fails, the specs that need the runtime fail, and not the process.
  command.catch(() => undefined)
  return command
}
