import {
  NEVER,
  Subject,
  defer,
  filter,
  finalize,
  of,
  race,
  switchMap,
  take,
  tap,
  timer,
  type Observable,
  type SchedulerLike,
} from 'rxjs'
import { createCluster as createEmulated } from '../../lib/emulator/cluster/create.ts'
import type { Cluster as Emulated } from '../../lib/emulator/cluster/state.ts'
import type { HttpRequest, HttpResponse, Transport } from '../../lib/transport/transport.ts'
import { bent } from './fake-cluster/bend.ts'
import { beginJob, type FakeJob } from './fake-cluster/job.ts'
import { requestOf, type FakeRequest } from './fake-cluster/request.ts'

// The emulator behind the transport port, in virtual time and without sockets. A script says which jobs run and what
// happens to the nodes; it also bends replies, where the cluster must contradict itself.

export type { FakeJob } from './fake-cluster/job.ts'
export type { FakeRequest } from './fake-cluster/request.ts'

/** What a happening may change. */
export interface Stage {
  readonly cluster: Emulated
  readonly nowMs: number
  /** Targets that the map has and that `qryxstats` leaves out. */
  readonly maintained: Set<string>
}

export type Happening = (stage: Stage) => void

export interface Script {
  readonly jobs: readonly FakeJob[]
  readonly events?: readonly (readonly [atMs: number, happening: Happening])[]
  /** Default 3. */
  readonly targets?: number
  /** Default 3: each is a member of the Information Center. */
  readonly proxies?: number
  /** From a request to its reply; default 0, which replies synchronously. */
  readonly latencyMs?: number
  /** Requests sent from one moment until another get no reply. */
  readonly silent?: readonly (readonly [fromMs: number, toMs: number])[]
}

export interface FakeCluster {
  readonly transport: Transport
  /** All requests so far, in the order in which they were sent. */
  readonly requests: readonly FakeRequest[]
  /** The addresses of the proxies; the first proxy is the primary. */
  readonly urls: readonly string[]
  /** The ids of the targets: target 0 of a script is the first. */
  readonly targets: readonly string[]
}

/** A cluster that lives by a script; its time 0 is the scheduler's. */
export function fakeCluster(script: Script, scheduler: SchedulerLike): FakeCluster {
  const { jobs, events = [], latencyMs = 0, silent = [] } = script
  const cluster = emulated(script)
  const nodes = new Map([...cluster.proxies, ...cluster.targets].map((node) => [new URL(node.url).host, node]))
  const maintained = new Set<string>()
  const changed = new Subject<void>()
  const later = (ms: number, run: () => void): void => {
    if (ms <= 0) run()
    else timer(ms, scheduler).subscribe(run)
  }
  for (const job of jobs) later(job.atMs ?? 0, () => beginJob(cluster, job, later, scheduler))
  for (const [atMs, happening] of events)
    later(atMs, () => {
      happening({ cluster, nowMs: scheduler.now(), maintained })
      changed.next()
    })

  const after = <A>(ms: number, then: () => Observable<A>): Observable<A> =>
    ms > 0 ? timer(ms, scheduler).pipe(switchMap(then)) : defer(then)
  const served = (request: HttpRequest, host: string): Observable<HttpResponse> => {
    const node = nodes.get(host)
    if (node === undefined || node.state === 'dead')
      return after(latencyMs / 2, () => {
        throw Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' })
      })
    const reply = bent(cluster, request, node.id, { jobs, maintained, nowMs: scheduler.now() })
    const isFrozen = (): boolean => cluster.targets.some(({ state }) => state === 'frozen')
    const said = after(reply.delayMs + latencyMs / 2, () => of(reply.response))
    if (!isFrozen()) return said
    // A request that needs the frozen target is answered as soon as that goes on.
    const thawed = changed.pipe(
      filter(() => !isFrozen()),
      take(1),
      switchMap(() => served(request, host)),
    )
    return reply.delayMs === 0 ? said : race(said, thawed)
  }
  const requests: FakeRequest[] = []
  const transport: Transport = (request) =>
    defer(() => {
      const recorded = requestOf(request, scheduler.now())
      requests.push(recorded)
      const { atMs, host } = recorded
      const isLost = silent.some(([fromMs, toMs]) => fromMs <= atMs && atMs < toMs)
      const reply = isLost ? NEVER : after(latencyMs / 2, () => served(request, host))
      return reply.pipe(
        tap({ error: () => (recorded.state = 'failed'), complete: () => (recorded.state = 'answered') }),
        finalize(() => {
          if (recorded.state === 'open') recorded.state = 'cut'
        }),
      )
    })
  return {
    transport,
    requests,
    urls: cluster.proxies.map(({ url }) => url),
    targets: cluster.targets.map(({ id }) => id),
  }
}

function emulated({ targets = 3, proxies = 3 }: Script): Emulated {
  const urls = (role: string, count: number): readonly string[] =>
    Array.from({ length: count }, (_, n) => `http://${role}${n + 1}:8080`)
  return createEmulated({
    targets,
    proxies,
    originNs: 0n,
    proxyUrls: urls('p', proxies),
    targetUrls: urls('t', targets),
  })
}
