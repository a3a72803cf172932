// Measures many waits, each on its own job. The jobs never end and never change, and the transport replies from
// memory. Prints the cost of subscribing, the cost of a tick without a change, and the heap of each wait.
import { constant, createCluster, wait, type Cluster } from 'aistore-rx'
import { costOf, cpuMs, type Cost } from './cost.ts'
import { listen, say } from './lines.ts'
import { runningCluster, type RunningCluster } from './running-cluster.ts'

export interface IdleOrder {
  readonly count: number
  /** How many lists are measured after the first ones, at least. */
  readonly ticks: number
  /** How long the lists are measured, at least. */
  readonly forMs: number
  /**
   * Measures the heap instead of the ticks, because a garbage collection costs more than a tick. Needs `--expose-gc`.
   */
  readonly heap: boolean
  /** Whether the jobs of each list are in another order. */
  readonly shuffled: boolean
}

export interface Idle {
  /** From the first subscription until the process has nothing left to do. */
  readonly subscribe: Cost
  /** Processor time from the first subscription until every wait has received a list. */
  readonly settledCpuMs: number
  /** Processor time from one list to the next, including the last reply. */
  readonly ticksMs: readonly number[]
  /** Bytes per wait after the first lists. */
  readonly heapBytes: number
  /** Bytes per wait at the end, after the library has polled the targets, too. */
  readonly heapAtEndBytes: number
}

const CADENCE_MS = 250
const POLL_MS = 50
/** After this many lists every wait has received one, however busy the machine is. */
const FIRST_LISTS = 4

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const heapBytes = (): number => {
  const { gc } = globalThis as { readonly gc?: () => void }
  gc?.()
  gc?.()
  return process.memoryUsage().heapUsed
}

async function subscribeAll(cluster: Cluster, jobs: RunningCluster['jobs']): Promise<Cost> {
  const failed = (result: unknown): never => {
    throw new Error(`a wait on a job that never ends returned ${JSON.stringify(result)}`)
  }
  return costOf(async () => {
    for (const job of jobs) wait(cluster, job, { timeoutMs: 300_000 }).subscribe(failed)
    await new Promise((resolve) => setImmediate(resolve))
  })
}

/** The cost of idle waits, per tick and per wait. */
async function measureIdle({ count, ticks, forMs, heap, shuffled }: IdleOrder): Promise<Idle> {
  const lists: number[] = []
  const { endpoint, jobs, transport } = runningCluster({ count, shuffled }, (what) => {
    if (what === 'status_all') lists.push(cpuMs())
  })
  const cluster = createCluster(endpoint, { transport, cadence: constant(CADENCE_MS) })
  const before = heap ? heapBytes() : NaN
  const cpuBefore = cpuMs()
  const subscribe = await subscribeAll(cluster, jobs)
  while (lists.length < FIRST_LISTS) await pause(POLL_MS)
  const settledCpuMs = cpuMs() - cpuBefore
  const settled = heap ? heapBytes() : NaN
  lists.length = 0
  const fromMs = performance.now()
  while (lists.length <= ticks || performance.now() - fromMs < forMs) await pause(POLL_MS)
  const ticksMs = lists.slice(1).map((at, i) => at - (lists[i] ?? NaN))
  const end = heap ? heapBytes() : NaN
  const perWait = (bytes: number): number => (bytes - before) / count
  return { subscribe, settledCpuMs, ticksMs, heapBytes: perWait(settled), heapAtEndBytes: perWait(end) }
}

listen((order: IdleOrder) => void measureIdle(order).then(say))
say({ ready: true })
