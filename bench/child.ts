import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build as bundle, type Plugin } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
/** Inside this tree rather than in `node_modules`, which several work trees may share. */
const PROGRAMS = join(root, 'dist', '.bench')

/** A child process that exchanges lines of JSON. */
export interface Child {
  /** Sends a message, and returns the next reply. */
  readonly ask: <A>(message: object) => Promise<A>
  /** Returns the next message that the process sends by itself. */
  readonly hear: <A>() => Promise<A>
  /** Ends the process unless it has ended. */
  readonly close: () => Promise<void>
}

/** Makes programs import the built library from dist, like users do. */
const built: Plugin = {
  name: 'built',
  setup: (build) => {
    build.onResolve({ filter: /^aistore-rx/ }, ({ path }) => ({
      path: `../${path === 'aistore-rx' ? 'index' : path.slice('aistore-rx/'.length)}.js`,
      external: true,
    }))
    // Parts that the library does not export come from dist too. The bundle of the emulator has its own source.
    build.onResolve({ filter: /^\.\.\/\.\.\/lib\// }, ({ path }) => ({
      path: path.replace(/^\.\.\/\.\.\/lib\/(.*)\.ts$/, '../$1.js'),
      external: true,
    }))
  },
}

/** Bundles a program to plain JavaScript first: a loader in its process would add to the measured memory and time. */
async function compiled(program: string): Promise<string> {
  mkdirSync(PROGRAMS, { recursive: true })
  const outfile = join(PROGRAMS, `${basename(program, '.ts')}.mjs`)
  await bundle({
    entryPoints: [join(root, 'bench', program)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    conditions: ['aistore-rx-source'],
    plugins: [built],
    logLevel: 'warning',
  })
  return outfile
}

/** Starts a program of this folder in Node without loaders; `flags` are those of Node. */
export async function startNode(
  program: string,
  args: readonly string[] = [],
  flags: readonly string[] = [],
): Promise<Child> {
  const more = (process.env['BENCH_NODE_FLAGS'] ?? '').split(' ').filter((flag) => flag !== '')
  return startChild(process.execPath, [...flags, ...more, await compiled(program), ...args])
}

/** Starts a command that exchanges lines of JSON. */
export const startChild = (command: string, args: readonly string[]): Child => {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const hear = async <A>(): Promise<A> => {
    const line = await lines.next()
    if (line.done === true) throw new Error(`${basename(args[0] ?? command)} ended without a reply`)
    return JSON.parse(line.value) as A
  }
  return {
    hear,
    ask: (message) => {
      child.stdin.write(`${JSON.stringify(message)}\n`)
      return hear()
    },
    close: () => closed(child),
  }
}

/** A program ends when its input ends; one that hangs is killed. */
async function closed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.stdin?.end()
  const hanging = setTimeout(() => child.kill('SIGKILL'), 5_000)
  await exited
  clearTimeout(hanging)
}
