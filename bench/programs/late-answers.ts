// How long after the end of a job the default cadence reports it: in virtual time, with the state machine of the
// emulator. Each simulated job has its own seeds for the jitter, for the cluster and for the time of its end.
import { createCluster, orThrow, requireSuccess, wait, type Transport } from 'aistore-rx'
import {
  VirtualAction,
  VirtualTimeScheduler,
  defer,
  delay,
  map,
  of,
  share,
  switchMap,
  takeUntil,
  timer,
  type SchedulerLike,
} from 'rxjs'
import { bucketName } from '../../lib/emulator/cluster/bucket.ts'
import { createCluster as createEmulated } from '../../lib/emulator/cluster/create.ts'
import { launch } from '../../lib/emulator/cluster/launch.ts'
import { between, createRandom, next, type Random } from '../../lib/emulator/cluster/random.ts'
import { endsAtMs } from '../../lib/emulator/cluster/run.ts'
import type { Cluster as Emulated } from '../../lib/emulator/cluster/state.ts'
import { answer } from '../../lib/emulator/http/answer.ts'
import { listen, say } from './lines.ts'

export interface LateOrder {
  /** The time from the start of the wait to the end of the job. It varies by up to a tenth. */
  readonly lengthMs: number
  /** How many jobs are simulated. */
  readonly jobs: number
  /** How many other waits there are, on jobs that never end. They start up to half a minute earlier. */
  readonly others: number
}

export interface LateReport {
  /** For each job, the time from its end on the last target to its outcome. */
  readonly delaysMs: readonly number[]
}

const KIND = 'prefetch-listrange'
const LATENCY_MS = 5
const SPREAD_MS = 50
const EARLIER_MS = 30_000

/** Sends requests to the emulator in virtual time. */
function transportTo(cluster: Emulated, scheduler: SchedulerLike): Transport {
  const node = cluster.proxies[0]?.id ?? ''
  return ({ url, method, headers, body = '' }) =>
    defer(() => {
      const { pathname: path, search } = new URL(url)
      const request = { node, method, path, query: search.slice(1), headers, body, remote: '' }
      const reply = answer(cluster, request, scheduler.now())
      return of(reply).pipe(delay(reply.delayMs + LATENCY_MS, scheduler))
    })
}

type Launch = (endsMs: number) => { readonly id: string; readonly kind: string; readonly endMs: number }

/** Starts jobs whose end times are given. */
function launcherOf(cluster: Emulated, scheduler: SchedulerLike, random: Random): Launch {
  const bck = bucketName('cloud', 'aws')
  return (endsMs) => {
    const job = launch(cluster, scheduler.now(), { kind: KIND, bck, objects: 300, objectSize: 4_096 })
    job.runs.forEach((run, i) => (run.endMs = i === 0 ? endsMs : endsMs - SPREAD_MS * next(random)))
    return { id: job.id, kind: job.kind, endMs: Math.max(...job.runs.map(endsAtMs)) }
  }
}

/** Simulates one job, and returns the delay of its outcome. */
function delayOfJob({ lengthMs, others }: LateOrder, seed: number): number {
  const scheduler = new VirtualTimeScheduler(VirtualAction, Infinity)
  const random = createRandom(seed)
  const emulated = createEmulated({ seed })
  const launched = launcherOf(emulated, scheduler, random)
  const cluster = createCluster(
    emulated.proxies.map(({ url }) => url),
    { transport: transportTo(emulated, scheduler), scheduler, random: () => next(random) },
  )
  const beginsMs = others === 0 ? 0 : EARLIER_MS
  const delayed = timer(beginsMs, scheduler).pipe(
    switchMap(() => {
      const { id, kind, endMs } = launched(scheduler.now() + between(random, 0.9 * lengthMs, 1.1 * lengthMs))
      return wait(cluster, { id, kind }).pipe(
        requireSuccess(),
        orThrow(),
        map(() => scheduler.now() - endMs),
      )
    }),
    share(),
  )
  let delayMs = NaN
  for (let i = 0; i < others; i++)
    timer(beginsMs * next(random), scheduler)
      .pipe(
        switchMap(() => wait(cluster, { id: launched(Infinity).id, kind: KIND })),
        takeUntil(delayed),
      )
      .subscribe()
  delayed.subscribe((ms) => (delayMs = ms))
  scheduler.flush()
  if (Number.isNaN(delayMs)) throw new Error(`seed ${seed}: no outcome`)
  return delayMs
}

listen((order: LateOrder) => {
  say({ delaysMs: Array.from({ length: order.jobs }, (_, i) => delayOfJob(order, i + 1)) } satisfies LateReport)
})
say({ ready: true })
