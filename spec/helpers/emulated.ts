import { NEVER, defer, delay, of, throwError, timer, type SchedulerLike } from 'rxjs'
import { createCluster as createEmulated } from '../../lib/emulator/cluster/create.ts'
import { launch } from '../../lib/emulator/cluster/launch.ts'
import { loseNotifications } from '../../lib/emulator/cluster/nodes.ts'
import { endsAtMs, hasEnded } from '../../lib/emulator/cluster/run.ts'
import type { Cluster as Emulated, Job } from '../../lib/emulator/cluster/state.ts'
import { stop } from '../../lib/emulator/cluster/stop.ts'
import { answer } from '../../lib/emulator/http/answer.ts'
import type { Transport } from '../../lib/transport/transport.ts'

// The emulator's own state machine in virtual time, without sockets, and what is true of its jobs.

/** A job that is to run; what is random in the emulator follows from its seed. */
export interface Planned {
  readonly kind: string
  readonly atMs: number
  readonly workMs: number
  /** After its start. */
  readonly stopMs?: number
  readonly errMs?: number
  /** No target tells the proxies of its end. */
  readonly quiet?: boolean
}

/** What can go wrong with a request; by the time at which it is sent. */
export type Fault = 'refused' | 'silent' | 'unready' | undefined

export interface Truth {
  readonly id: string
  readonly kind: string
  readonly startMs: number
  /** When it was over on all targets. */
  readonly endMs: number
  /** When it was over, or told to stop: that shows before its end. */
  readonly overMs: number
  readonly outcome: 'finished' | 'failed' | 'aborted'
}

export interface Emulation {
  readonly urls: readonly string[]
  readonly transport: Transport
  /** Of those that have begun by now. */
  readonly truths: () => readonly Truth[]
  readonly asked: readonly { readonly what: string; readonly atMs: number }[]
}

const PACE = 400

/** A cluster of three targets and two proxies in which these jobs run. */
export function emulation(
  seed: number,
  jobs: readonly Planned[],
  scheduler: SchedulerLike,
  {
    latencyMs = 5,
    proxies = 2,
    faultAt = () => undefined,
  }: { latencyMs?: number; proxies?: number; faultAt?: (ms: number) => Fault } = {},
): Emulation {
  const cluster = createEmulated({ seed, proxies, objectsPerSecond: PACE })
  const begun: Job[] = []
  for (const job of jobs) timer(job.atMs, scheduler).subscribe(() => begun.push(begin(cluster, job, scheduler)))
  const nodes = new Map([...cluster.proxies, ...cluster.targets].map(({ id, url }) => [new URL(url).host, id]))
  const asked: { what: string; atMs: number }[] = []
  const transport: Transport = ({ url, method, headers, body = '' }) =>
    defer(() => {
      const { host, pathname, search } = new URL(url)
      asked.push({ what: search, atMs: scheduler.now() })
      const fault = faultAt(scheduler.now())
      if (fault === 'silent') return NEVER
      if (fault === 'refused') return throwError(() => Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }))
      if (fault === 'unready') return of({ status: 503, headers: {}, body: '' }).pipe(delay(latencyMs, scheduler))
      const request = { node: nodes.get(host) ?? '', path: pathname, query: search.slice(1), remote: '10.0.0.9:4711' }
      const said = answer(cluster, { ...request, method, headers, body }, scheduler.now())
      return of({ status: said.status, headers: said.headers, body: said.body }).pipe(
        delay(said.delayMs + latencyMs, scheduler),
      )
    })
  const urls = cluster.proxies.map(({ url }) => url)
  return { urls, transport, asked, truths: () => begun.map(truthOf) }
}

function begin(cluster: Emulated, { kind, workMs, stopMs, errMs, quiet }: Planned, scheduler: SchedulerLike): Job {
  if (quiet === true) loseNotifications(cluster, 1)
  const objects = Math.max(1, Math.round((workMs * PACE * 3) / 1_000))
  const job = launch(cluster, scheduler.now(), { kind, objects, objectSize: 1_024, over: 'data' })
  if (stopMs !== undefined)
    timer(stopMs, scheduler).subscribe(() => {
      stop(cluster, { id: job.id, kind, bck: undefined }, scheduler.now())
    })
  if (errMs !== undefined)
    timer(errMs, scheduler).subscribe(() => {
      const [run] = job.runs
      if (run !== undefined && !hasEnded(run, scheduler.now())) run.err = 'failed to read object'
    })
  return job
}

const truthOf = ({ id, kind, startMs, runs }: Job): Truth => {
  const endMs = Math.max(...runs.map(endsAtMs))
  const abortMs = Math.min(...runs.map((run) => run.abortMs))
  const aborted = abortMs < Infinity
  const outcome = aborted ? 'aborted' : runs.some(({ err }) => err !== '') ? 'failed' : 'finished'
  return { id, kind, startMs, endMs, overMs: Math.min(endMs, abortMs), outcome }
}
