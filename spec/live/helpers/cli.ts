import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import type { Readable } from 'node:stream'

// The built command in a process of its own.

export type Child = ChildProcessByStdio<null, Readable, Readable>

type Env = Readonly<Record<string, string | undefined>>

/** The environment of a new user: it names no cluster, no token and no terminal. */
export function cleanEnv(more: Env = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^AIS_|^(?:CI|NO_COLOR|FORCE_COLOR|CLICOLOR_FORCE|COLUMNS|LINES|TERM|NODE_OPTIONS)$/.test(name),
  )
  return { ...Object.fromEntries(inherited), HOME: tmpdir(), ...more }
}

export const MAIN = 'dist/cli/main.js'

/** Runs the built command in a process of its own. */
export const spawnCommand = (argv: readonly string[], env: Env = {}): Child =>
  spawn(process.execPath, [MAIN, ...argv], { env: cleanEnv(env), stdio: ['ignore', 'pipe', 'pipe'] })

export interface Finished {
  /** The exit code, or the name of the signal that ended the process. */
  readonly code: number | string
  readonly stdout: string
  readonly stderr: string
}

/** The output of a process until its end. */
export async function finished(child: Child): Promise<Finished> {
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk))
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  return { code: code ?? signal ?? -1, stdout, stderr }
}

/** Runs a command to its end. */
export const runCommand = (argv: readonly string[], env: Env = {}): Promise<Finished> =>
  finished(spawnCommand(argv, env))

/** The text that a process writes until it contains a pattern. */
export function textUntil(stream: Readable, pattern: RegExp): Promise<string> {
  let text = ''
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer | string): void => {
      text += chunk.toString()
      if (!pattern.test(text)) return
      stream.off('data', read)
      resolve(text)
    }
    stream.on('data', read)
    stream.once('close', () => reject(new Error(`closed before ${String(pattern)}: ${text}`)))
  })
}
