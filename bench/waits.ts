import { fileURLToPath } from 'node:url'
import { pythonWithSdk } from '../scripts/python-sdk.ts'
import { startChild, startNode, type Child } from './child.ts'
import type { Counts, Order, Seeded } from './emulator-process.ts'
import type { WaitsReport, WaitOrder } from './programs/serve-waits.ts'
import { defined } from '../lib/common/defined.ts'

/** The client that waits, and its cadence. */
export interface Waiter {
  readonly who: 'ours' | 'floor' | 'python'
  /** Defaults to the default cadence; the peer has only one. */
  readonly cadenceMs?: number
  /** The share of its requests that meet a fault. Defaults to 0. */
  readonly faults?: number
}

/** The figures of one run. */
export interface WaitFigures {
  readonly requests: number
  /** Requests about many jobs at once. If no request is about many jobs, every request counts as a poll. */
  readonly polls: number
  /** From the end of a job to its outcome, on average. */
  readonly delayMs: number
  readonly cpuMs: number
  readonly peakBytes: number
  readonly sockets: number
  readonly failed: number
  readonly emulatorCpuMs: number
}

/** All jobs end at random within this time. */
const WITHIN_MS = 20_000

const QUERIES_ABOUT_MANY = ['status', 'status_all', 'qryxstats', 'running_all']

/**
 * Runs all waiters on `count` jobs one after the other, `repetitions` times.
 *
 * All runs use the same emulator process. In each repetition, the jobs end at the same moments for each waiter. Every other
 * repetition runs in the opposite order, so that no waiter always comes first.
 */
export async function alternately<K extends string>(
  waiters: Readonly<Record<K, Waiter>>,
  count: number,
  repetitions: number,
): Promise<Readonly<Record<K, readonly WaitFigures[]>>> {
  const names = Object.keys(waiters) as K[]
  const runs = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<K, WaitFigures[]>
  const emulator = await startNode('emulator-process.ts')
  try {
    const { endpoint } = await emulator.hear<{ endpoint: string }>()
    for (let i = 0; i < repetitions; i++)
      for (const name of i % 2 === 0 ? names : names.toReversed())
        runs[name].push(await measureRun(emulator, endpoint, waiters[name], { count, seed: i }))
    return runs
  } finally {
    await emulator.close()
  }
}

/** Runs the waits of one client on fresh jobs. */
async function measureRun(
  emulator: Child,
  endpoint: string,
  { who, cadenceMs, faults }: Waiter,
  { count, seed }: { readonly count: number; readonly seed: number },
): Promise<WaitFigures> {
  const client = await startClient(who)
  try {
    await client.hear()
    const order: Order = { do: 'seed', jobs: count, withinMs: WITHIN_MS, seed, faults }
    const { jobs } = await emulator.ask<{ jobs: readonly Seeded[] }>(order)
    const names = jobs.map(({ id, kind }) => ({ id, kind }))
    const waits: WaitOrder = { endpoint, jobs: names, ...defined({ cadenceMs }) }
    const waited = await client.ask<WaitsReport>(waits)
    const counts = await emulator.ask<Counts>({ do: 'count' } satisfies Order)
    const figures = figuresOf(jobs, waited, counts)
    if (process.env['BENCH_VERBOSE'] !== undefined) console.error(who, cadenceMs, count, counts.byQuery, figures)
    return figures
  } finally {
    await client.close()
  }
}

async function startClient(who: Waiter['who']): Promise<Child> {
  switch (who) {
    case 'ours':
      return startNode('programs/waits.ts')
    case 'floor':
      return startNode('programs/floor.ts')
    case 'python':
      return startChild(await pythonWithSdk(), [fileURLToPath(new URL('peer.py', import.meta.url))])
  }
}

/** The figures of a run, from the reports of the client and of the emulator. */
function figuresOf(
  jobs: readonly Seeded[],
  { startedAtMs, answeredAtMs, failed, cpuMs, peakBytes }: WaitsReport,
  { byQuery, sockets, cpuMs: emulatorCpuMs }: Counts,
): WaitFigures {
  const requests = Object.values(byQuery).reduce((sum, n) => sum + n, 0)
  const many = QUERIES_ABOUT_MANY.reduce((sum, what) => sum + (byQuery[what] ?? 0), 0)
  // If a job ended before its wait started, the delay counts from the start of the wait.
  const delays = jobs.map(({ endsAtMs }, i) => (answeredAtMs[i] ?? NaN) - Math.max(endsAtMs, startedAtMs[i] ?? NaN))
  const delayMs = delays.reduce((sum, ms) => sum + ms, 0) / delays.length
  return { requests, polls: many > 0 ? many : requests, delayMs, cpuMs, peakBytes, sockets, failed, emulatorCpuMs }
}
