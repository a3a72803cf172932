import { pythonWithSdk } from '../scripts/python-sdk.ts'
import { fileURLToPath } from 'node:url'
import { startChild, startNode, type Child } from './child.ts'
import type { Counts, Order, Seeded } from './emulator-process.ts'
import type { Waited, WaitOrder } from './programs/waits.ts'

/** Who waits, for how many jobs, and how often it asks. */
export interface Waiters {
  readonly who: 'ours' | 'python'
  readonly count: number
  /** Absent: the default cadence; the peer has but one. */
  readonly cadenceMs?: number
}

/** What came of it. */
export interface WaitFigures {
  readonly requests: number
  /** Requests that follow the jobs, not one that has ended. */
  readonly polls: number
  /** From a job's end to the answer, on average. */
  readonly delayMs: number
  readonly cpuMs: number
  readonly peakBytes: number
  readonly sockets: number
  readonly failed: number
  /** True where many waits were seen to share a poll. */
  readonly shared: boolean
}

/** Jobs end at random within so long. */
const WITHIN_MS = 20_000

const peer = async (): Promise<Child> =>
  startChild(await pythonWithSdk(), [fileURLToPath(new URL('peer.py', import.meta.url))])

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** Waits once, against an emulator of its own. */
export const measureWaits = async ({ who, count, cadenceMs }: Waiters): Promise<WaitFigures> => {
  const emulator = await startNode('emulator-process.ts')
  const { endpoint } = await emulator.hear<{ endpoint: string }>()
  const client = who === 'ours' ? await startNode('programs/waits.ts') : await peer()
  try {
    await client.hear()
    const order: Order = { do: 'seed', jobs: count, withinMs: WITHIN_MS }
    const { jobs } = await emulator.ask<{ jobs: readonly Seeded[] }>(order)
    const names = jobs.map(({ id, kind }) => ({ id, kind }))
    const waits: WaitOrder = { endpoint, jobs: names, ...(cadenceMs === undefined ? {} : { cadenceMs }) }
    const waited = await client.ask<Waited>(waits)
    const { asked, sockets } = await emulator.ask<Counts>({ do: 'count' } satisfies Order)
    return figuresOf(jobs, waited, asked, sockets)
  } finally {
    await Promise.all([client.close(), emulator.close()])
  }
}

const JOB_QUESTIONS = ['status', 'status_all', 'qryxstats', 'running_all']

function figuresOf(
  jobs: readonly Seeded[],
  { begun, answered, failed, cpuMs, peakBytes }: Waited,
  asked: Counts['asked'],
  sockets: number,
): WaitFigures {
  const requests = Object.values(asked).reduce((sum, n) => sum + n, 0)
  const many = JOB_QUESTIONS.reduce((sum, what) => sum + (asked[what] ?? 0), 0)
  const shared = jobs.length > 1 && many > 0
  // A job that ended before its wait began cannot have been answered any sooner.
  const delays = jobs.map(({ endsAtMs }, i) => (answered[i] ?? NaN) - Math.max(endsAtMs, begun[i] ?? NaN))
  if (process.env['BENCH_VERBOSE'] !== undefined) console.error(jobs.length, asked)
  return {
    ...{ requests, polls: shared ? many : requests, shared },
    ...{ delayMs: mean(delays), cpuMs, peakBytes, sockets, failed },
  }
}
