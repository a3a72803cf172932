// The client of the soak: chains of waits, one after the other, and watchers that stay subscribed.
import { getHeapCodeStatistics } from 'node:v8'
import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import {
  abort,
  constant,
  createCluster,
  explain,
  health,
  isRight,
  jobEvents,
  progress,
  start,
  wait,
  watchJobs,
} from 'aistore-rx'
import type { Cluster, KindName } from 'aistore-rx'
import { distinct, filter, firstValueFrom, map, takeUntil, timer, type Observable, type Subscription } from 'rxjs'
import { createRandom, next } from '../../lib/emulator/cluster/random.ts'
import { listen, say } from '../programs/lines.ts'

export type Order =
  | { readonly do: 'begin'; readonly endpoints: readonly string[]; readonly seed: number }
  /** Starts no further jobs; the waits go on. */
  | { readonly do: 'drain' }
  /** Unsubscribes from everything. */
  | { readonly do: 'stop' }

/** What this process reports by itself. */
export type Report =
  | { readonly is: 'ready' }
  | { readonly is: 'settled'; readonly id: string; readonly result: string; readonly why: string }
  | Sample
  | {
      readonly is: 'stopped'
      readonly openResources: readonly string[]
      readonly defects: readonly string[]
      /** The growth of the heap since the start, without compiled code. */
      readonly growthBytes: number
    }

/** The state of the process, every two seconds. */
export interface Sample {
  readonly is: 'sample'
  /** Waits that have not settled. */
  readonly open: number
  /** Starts that emitted a Left. */
  readonly refused: number
  /** The largest number of connections that were open at once so far. */
  readonly sockets: number
  /** The heap after a garbage collection. It varies with the running jobs, above all while a target is frozen. */
  readonly heapBytes: number
  /** For how long the most silent watcher has emitted nothing. */
  readonly silentMs: number
}

interface Job {
  readonly id: string
  readonly kind: KindName
}

/** How many waits run at once. */
const LANES = 40
const KIND_OF_OTHERS = 'prefetch-listrange'
const SAMPLE_MS = 2_000
/** How long the last connections may take to close. */
const CLOSE_MS = 1_000

const open = new Set<Socket>()
let sockets = 0
subscribe('net.client.socket', (message) => {
  const { socket } = message as { readonly socket: Socket }
  // A destroyed connection no longer counts, although its event comes later.
  for (const one of open) if (one.destroyed) open.delete(one)
  open.add(socket)
  sockets = Math.max(sockets, open.size)
})

const defects: string[] = []
process.on('warning', ({ name, message }) => defects.push(`${name}: ${message}`))
process.on('unhandledRejection', (reason) => defects.push(`unhandled: ${String(reason)}`))
process.on('uncaughtException', (error) => defects.push(`uncaught: ${String(error)}`))

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** The size of the heap after a garbage collection. */
function heapBytes(): number {
  const { gc } = globalThis as { readonly gc?: () => void }
  gc?.()
  return process.memoryUsage().heapUsed
}

/** The heap without compiled code, which grows with the paths that the faults take, and stays. */
function dataBytes(): number {
  const { code_and_metadata_size: code, bytecode_and_metadata_size: bytecode } = getHeapCodeStatistics()
  return heapBytes() - code - bytecode
}
const bytesAtStart = dataBytes()

let waits = 0
let refused = 0
let isDraining = false

/** Waits for a job, while other subscribers join and leave. */
async function follow(cluster: Cluster, job: Job, random: () => number): Promise<void> {
  const leaving = timer(3_000 * random())
  if (random() < 0.3) progress(cluster, job).pipe(takeUntil(leaving)).subscribe()
  if (random() < 0.3) jobEvents(cluster, job).pipe(takeUntil(leaving)).subscribe()
  if (random() < 0.3) wait(cluster, job).pipe(takeUntil(leaving)).subscribe()
  if (random() < 0.2) setTimeout(() => abort(cluster, job).subscribe(), 3_000 * random())
  waits++
  const result = await firstValueFrom(wait(cluster, job, { timeoutMs: 600_000 }))
  waits--
  const [name, why] = isRight(result) ? [result.right.outcome, ''] : [result.left._tag, explain(result.left)]
  say({ is: 'settled', id: job.id, result: name, why } satisfies Report)
}

/** Runs one job after the other until the end. */
async function runLane(cluster: Cluster, n: number, random: () => number): Promise<void> {
  const kind = 'load-lom-cache'
  while (!isDraining) {
    const started = await firstValueFrom(start(cluster, { kind, bucket: { name: `b${n}` } }))
    if (isRight(started) && started.right.id !== undefined)
      await follow(cluster, { id: started.right.id, kind }, random)
    else {
      refused++
      await pause(100 + 400 * random())
    }
  }
}

/** The jobs that others start. */
const startedByOthers = (cluster: Cluster): Observable<Job> =>
  jobEvents(cluster, { kind: KIND_OF_OTHERS }).pipe(
    filter(isRight),
    filter(({ right }) => right.type === 'started'),
    map(({ right }) => ({ id: right.job.id, kind: KIND_OF_OTHERS })),
    distinct(({ id }) => id, timer(60_000, 60_000)),
  )

/** The watchers, and when each last emitted. */
function watched(cluster: Cluster): { readonly lastMs: () => number; readonly close: () => void } {
  const lastMs: number[] = []
  const streams: readonly Observable<unknown>[] = [watchJobs(cluster), jobEvents(cluster), health(cluster)]
  const subscriptions = streams.map((stream, n): Subscription => {
    lastMs[n] = performance.now()
    return stream.subscribe(() => (lastMs[n] = performance.now()))
  })
  return {
    // Without the health, which changes seldom.
    lastMs: () => Math.min(...lastMs.slice(0, 2)),
    close: () => {
      for (const subscription of subscriptions) subscription.unsubscribe()
    },
  }
}

/** The resources that keep the process alive, without the pipes to the process that started it. */
const openResources = (): readonly string[] =>
  process.getActiveResourcesInfo().filter((type) => !/Pipe|TTY|Immediate/.test(type))

let cluster: Cluster | undefined
let watchers: ReturnType<typeof watched> | undefined
let others: Subscription | undefined
let sampling: NodeJS.Timeout | undefined

function beginWaits(endpoints: readonly string[], seed: number): void {
  const one = createCluster(endpoints, { cadence: constant(500), requestTimeoutMs: 3_000 })
  const watching = watched(one)
  const generator = createRandom(seed)
  const random = (): number => next(generator)
  cluster = one
  watchers = watching
  for (let n = 0; n < LANES; n++) void runLane(one, n, random)
  others = startedByOthers(one).subscribe((job) => {
    if (!isDraining) void follow(one, job, random)
  })
  sampling = setInterval(() => {
    say({
      is: 'sample',
      open: waits,
      refused,
      sockets,
      heapBytes: heapBytes(),
      silentMs: performance.now() - watching.lastMs(),
    } satisfies Report)
  }, SAMPLE_MS)
}

async function stopWaits(): Promise<void> {
  clearInterval(sampling)
  watchers?.close()
  others?.unsubscribe()
  await cluster?.close()
  const fromMs = performance.now()
  while (openResources().length > 0 && performance.now() - fromMs < CLOSE_MS)
    await new Promise((resolve) => setImmediate(resolve))
  cluster = watchers = others = undefined
  // Finalizers and weak references need one more turn of the event loop.
  await pause(100)
  say({
    is: 'stopped',
    openResources: openResources(),
    defects,
    growthBytes: dataBytes() - bytesAtStart,
  } satisfies Report)
}

listen((order: Order) => {
  if (order.do === 'begin') beginWaits(order.endpoints, order.seed)
  else if (order.do === 'drain') isDraining = true
  else void stopWaits()
})
say({ is: 'ready' } satisfies Report)
