import {
  NEVER,
  Subject,
  defer,
  delay,
  dematerialize,
  filter,
  isObservable,
  materialize,
  of,
  race,
  switchMap,
  take,
  throwError,
  timer,
  type Observable,
  type SchedulerLike,
} from 'rxjs'
import { createCluster as createEmulated } from '../../lib/emulator/cluster/create.ts'
import type { Cluster as Emulated } from '../../lib/emulator/cluster/state.ts'
import type { HttpResponse } from '../../lib/transport/transport.ts'
import { bent, isBent } from './fake-cluster/bend.ts'
import { beginDownload, type FakeDownload } from './fake-cluster/download.ts'
import { beginJob, type FakeJob } from './fake-cluster/job.ts'
import { ORIGIN_NS } from './fake-cluster/replies.ts'
import type { Recorded, What } from './recorded.ts'
import { scripted, type Reply, type Scripted } from './scripted.ts'

// The emulator as a transport, in virtual time and without sockets. A script says which jobs run and what happens to
// the nodes. It can also change replies, for specs in which the cluster contradicts itself.

export type { FakeJob } from './fake-cluster/job.ts'

/** The state that an event of the script may change. */
export interface Stage {
  readonly cluster: Emulated
  readonly nowMs: number
  /** Targets of the map that `qryxstats` omits. */
  readonly maintained: Set<string>
}

export type Happening = (stage: Stage) => void

/**
 * The reply that replaces the reply of the cluster.
 *
 * @param ms when the request is sent
 * @param reply the cluster's own reply
 */
export type Bend = (ms: number, request: Recorded, reply: Observable<HttpResponse>) => Reply

/** Replacements by the type of request. The cluster itself replies to all other requests. */
export type Bends = { readonly [W in What]?: Bend }

export interface World extends Bends {
  readonly jobs?: readonly FakeJob[]
  readonly downloads?: readonly FakeDownload[]
  readonly events?: readonly (readonly [atMs: number, happening: Happening])[]
  /** The seed of everything random in the emulator. Defaults to 1. */
  readonly seed?: number
  /** Defaults to 3: `t1` and so on. */
  readonly targets?: number
  /** Defaults to 3: `p1` and so on, each a member of the Information Center. */
  readonly proxies?: number
  /** The time from a request to its reply, in milliseconds. Defaults to 0, which replies synchronously. */
  readonly latencyMs?: number
  /** Requests sent between these two times get no reply. */
  readonly silent?: readonly (readonly [fromMs: number, toMs: number])[]
}

/** `requests` holds all requests so far, in the order in which they were sent. */
export interface FakeCluster extends Scripted {
  /** The addresses of the proxies; the first proxy is the primary. */
  readonly urls: readonly string[]
  /** The ids of the targets: target 0 of a script is the first. */
  readonly targets: readonly string[]
}

/** A cluster that follows a script. Its time 0 is the time 0 of the scheduler. */
export function fakeCluster(script: World, scheduler: SchedulerLike): FakeCluster {
  const { jobs = [], downloads = [], events = [], latencyMs = 0, silent = [] } = script
  const cluster = emulated(script)
  const nodes = new Map([...cluster.proxies, ...cluster.targets].map((node) => [new URL(node.url).host, node]))
  const maintained = new Set<string>()
  const bentJobs = new Map(jobs.filter(isBent).map((job) => [job.id, job]))
  const changed = new Subject<void>()
  const later = (ms: number, run: () => void): void => {
    if (ms <= 0) run()
    else if (ms < Infinity) timer(ms, scheduler).subscribe(run)
  }
  for (const job of jobs) later(job.atMs ?? 0, () => beginJob(cluster, job, later, scheduler))
  for (const one of downloads) later(one.atMs ?? 0, () => beginDownload(cluster, one, later, scheduler))
  for (const [atMs, happening] of events)
    later(atMs, () => {
      happening({ cluster, nowMs: scheduler.now(), maintained })
      changed.next()
    })

  const after = <A>(ms: number, then: () => Observable<A>): Observable<A> =>
    ms > 0 ? timer(ms, scheduler).pipe(switchMap(then)) : defer(then)
  const served = (request: Recorded): Observable<HttpResponse> => {
    const node = nodes.get(request.host)
    if (node === undefined || node.state === 'dead')
      return throwError(() => Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' }))
    const reply = bent(cluster, request, node.id, { jobs: bentJobs, maintained, nowMs: scheduler.now() })
    const isFrozen = (): boolean => cluster.targets.some(({ state }) => state === 'frozen')
    const reply$ = after(reply.delayMs, () => of(reply.response))
    if (!isFrozen()) return reply$
    // A request that needs the frozen target gets its reply as soon as the target continues.
    const thawed = changed.pipe(
      filter(() => !isFrozen()),
      take(1),
      switchMap(() => served(request)),
    )
    return reply.delayMs === 0 ? reply$ : race(reply$, thawed)
  }
  const replyTo = (request: Recorded): Observable<Partial<HttpResponse>> => {
    const bend = script[request.what]
    if (bend === undefined) return served(request)
    const reply = bend(
      request.atMs,
      request,
      defer(() => served(request)),
    )
    return isObservable(reply) ? reply : of(reply)
  }
  /** Half of the latency passes before the cluster handles a request, and half after it, whatever the outcome. */
  const late = <A>(reply: () => Observable<A>): Observable<A> =>
    latencyMs === 0
      ? defer(reply)
      : after(latencyMs / 2, reply).pipe(materialize(), delay(latencyMs / 2, scheduler), dematerialize())
  const { transport, requests } = scripted((request) => {
    const { atMs } = request
    const isLost = silent.some(([fromMs, toMs]) => fromMs <= atMs && atMs < toMs)
    return isLost ? NEVER : late(() => replyTo(request))
  }, scheduler)
  return {
    transport,
    requests,
    urls: cluster.proxies.map(({ url }) => url),
    targets: cluster.targets.map(({ id }) => id),
  }
}

/** The emulator, with short names: proxies p1, p2 and so on, targets t1, t2 and so on. */
function emulated({ seed = 1, targets = 3, proxies = 3 }: World): Emulated {
  const created = createEmulated({ seed, targets, proxies, originNs: ORIGIN_NS })
  const withNames = <N extends object>(nodes: readonly N[], role: string): N[] =>
    nodes.map((node, n) => ({ ...node, id: `${role}${n + 1}`, url: `http://${role}${n + 1}` }))
  return {
    ...created,
    proxies: withNames(created.proxies, 'p'),
    targets: withNames(created.targets, 't'),
    primary: 'p1',
  }
}
