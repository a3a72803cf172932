import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build as bundle, type Plugin } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
/** Beside what it measures: a folder of `node_modules` may belong to several work trees. */
const PROGRAMS = join(root, 'dist', '.bench')

/** A process of its own that reads and writes lines of JSON. */
export interface Child {
  /** Tells it something, and gives what it says next. */
  readonly ask: <A>(message: object) => Promise<A>
  /** What it says next by itself. */
  readonly hear: <A>() => Promise<A>
  /** Ends it, unless it has ended. */
  readonly close: () => Promise<void>
}

/** Programs import the library as its users have it, which is dist. */
const built: Plugin = {
  name: 'built',
  setup: (build) => {
    build.onResolve({ filter: /^aistore-rx/ }, ({ path }) => ({
      path: `../${path === 'aistore-rx' ? 'index' : path.slice('aistore-rx/'.length)}.js`,
      external: true,
    }))
    // Parts that the library does not export come from dist too. The bundle of the emulator holds its own source.
    build.onResolve({ filter: /^\.\.\/\.\.\/lib\// }, ({ path }) => ({
      path: path.replace(/^\.\.\/\.\.\/lib\/(.*)\.ts$/, '../$1.js'),
      external: true,
    }))
  },
}

/** Makes plain JavaScript of a program first: a loader in its process would count as memory and time of what is measured. */
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

/** Starts a program of this folder in a Node without loaders; `flags` are those of Node. */
export async function startNode(
  program: string,
  args: readonly string[] = [],
  flags: readonly string[] = [],
): Promise<Child> {
  const more = (process.env['BENCH_NODE_FLAGS'] ?? '').split(' ').filter((flag) => flag !== '')
  return startChild(process.execPath, [...flags, ...more, await compiled(program), ...args])
}

/** Starts a command that speaks lines of JSON. */
export const startChild = (command: string, args: readonly string[]): Child => {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const hear = async <A>(): Promise<A> => {
    const line = await lines.next()
    if (line.done === true) throw new Error(`${basename(args[0] ?? command)} ended without an answer`)
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

/** A program ends with its input; one that hangs is ended. */
async function closed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.stdin?.end()
  const hanging = setTimeout(() => child.kill('SIGKILL'), 5_000)
  await exited
  clearTimeout(hanging)
}
