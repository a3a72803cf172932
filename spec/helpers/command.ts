import { Writable } from 'node:stream'
import { promisify } from 'node:util'
import { asyncScheduler, type SchedulerLike } from 'rxjs'
import sinon from 'sinon'
import type { Io, Out, Stop } from '../../lib/cli/io.ts'
import { run } from '../../lib/cli/run.ts'
import { fakeCluster, type World } from './fake-cluster.ts'
import { ORIGIN_NS } from './fake-cluster/replies.ts'
import type { Recorded } from './recorded.ts'

// Runs one command line on a fake cluster, in virtual time: all timers and clocks of the process are fake.

export interface CommandOptions {
  /** Environment variables besides AIS_ENDPOINT. */
  readonly env?: Readonly<Record<string, string>>
  /** The size of the terminal that stdout and stderr are. Defaults to pipes. */
  readonly terminal?: { readonly columns: number; readonly rows: number }
  /** Ends the command at this time. */
  readonly stop?: readonly [atMs: number, reason: Stop]
}

/** What a command has written and sent. */
export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  /** Each write to stdout, with its time. */
  readonly writes: readonly { readonly atMs: number; readonly text: string }[]
  readonly requests: readonly Recorded[]
  /** When the command ended. */
  readonly endedMs: number
}

/** A command that runs longer than this in virtual time is stopped. */
const LONGEST_MS = 7_200_000

/** Runs a command line to its end; throws if it runs for two hours. */
export async function command(argv: readonly string[], world: World = {}, options: CommandOptions = {}): Promise<Ran> {
  // Promises and streams need turns of the real event loop.
  const turn = promisify(setImmediate)
  const clock = sinon.useFakeTimers({ now: Number(ORIGIN_NS / 1_000_000n) })
  try {
    const originMs = Date.now()
    const now = (): number => Date.now() - originMs
    const scheduler: SchedulerLike = { now, schedule: asyncScheduler.schedule.bind(asyncScheduler) }
    const { transport, requests } = fakeCluster({ proxies: 1, ...world }, scheduler)
    const stop = new AbortController()
    const [stdout, stderr] = [outputOf(now, options), outputOf(now, options)]
    const env = { AIS_ENDPOINT: 'http://p1', ...options.env }
    const io: Io = { stdout: stdout.out, stderr: stderr.out, env, transport, stop: stop.signal }
    const [stopMs, reason] = options.stop ?? [undefined, 'SIGINT' as const]
    if (stopMs !== undefined) setTimeout(() => stop.abort(reason), stopMs)
    const ended: { code?: number; error?: unknown } = {}
    run(argv, io).then(
      (code) => (ended.code = code),
      (error: unknown) => (ended.error = error),
    )
    for (;;) {
      await turn()
      if (ended.code !== undefined || 'error' in ended) break
      await clock.nextAsync()
      if (now() > LONGEST_MS) throw new Error(`still running after ${LONGEST_MS} ms: ${stdout.text()}${stderr.text()}`)
    }
    if (ended.code === undefined) throw ended.error
    const { code } = ended
    return { code, stdout: stdout.text(), stderr: stderr.text(), writes: stdout.writes, requests, endedMs: now() }
  } finally {
    clock.restore()
  }
}

interface Sink {
  readonly out: Out
  readonly writes: readonly { readonly atMs: number; readonly text: string }[]
  text(): string
}

/** A stream to which the command writes; it records each text with its time. */
function outputOf(now: () => number, { terminal }: CommandOptions): Sink {
  const writes: { atMs: number; text: string }[] = []
  const out = new Writable({
    decodeStrings: false,
    write: (chunk: string, _, done) => {
      writes.push({ atMs: now(), text: chunk })
      done()
    },
  })
  return {
    out: terminal === undefined ? out : Object.assign(out, { isTTY: true as const, ...terminal }),
    writes,
    text: () => writes.map(({ text }) => text).join(''),
  }
}

/** The objects of `--json`, without their version, their time, and the members with these names. */
export const recordsOf = (
  { stdout }: Pick<Ran, 'stdout'>,
  ...without: readonly string[]
): readonly Readonly<Record<string, unknown>>[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { v, at, ...record } = JSON.parse(line) as Readonly<Record<string, unknown>>
      if (v !== 1 || typeof at !== 'string') throw new Error(`no version or no time: ${line}`)
      return Object.fromEntries(Object.entries(record).filter(([name]) => !without.includes(name)))
    })
