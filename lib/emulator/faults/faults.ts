import { requireKind } from '../cluster/kind.ts'
import * as nodes from '../cluster/nodes.ts'
import type { Cluster } from '../cluster/state.ts'
import type { Clock } from '../http/clock.ts'
import type { NodeServer } from '../http/node-server.ts'
import type { AskedFor, Fault, Match } from './fault.ts'
import { FaultQueue } from './fault-queue.ts'

/**
 * Injects faults into an emulated cluster.
 *
 * `next` and `always` disturb single exchanges; the other methods change the cluster itself. A target is given by its
 * id, a proxy by its index in `endpoints`. An unknown id or index throws a `RangeError`.
 *
 * @example
 * ```ts
 * import { startEmulator } from 'aistore-rx/emulator'
 *
 * const emulator = await startEmulator()
 * emulator.faults.next(2, { type: 'status', status: 503 }, { what: 'status' })
 * emulator.faults.always({ type: 'slow', delayMs: 4_000 }, { method: 'PUT' })
 * await emulator.faults.killTarget(emulator.targetIds[0] ?? '')
 * await emulator.close()
 * ```
 */
export interface Faults {
  /** Injects the fault into the next `n` requests that match. Without a `match`, every request does. */
  next(n: number, fault: Fault, match?: Match): void
  /** Injects the fault into every request that matches, until `clear` is called. */
  always(fault: Fault, match?: Match): void
  /** Ends the faults of `next`, `always`, `breakLinks`, `failJobs` and `abortJobs`. Faults of nodes stay. */
  clear(): void
  /** A proxy stops listening: it refuses new connections and resets open ones. The cluster does not notice. */
  refuse(proxy?: number): Promise<void>
  /** A proxy listens on its old port again. */
  accept(proxy?: number): Promise<void>
  /**
   * A proxy dies: it stops listening, and the cluster map drops it after 28 s of the cluster's time. If it was the
   * primary, the other proxies reply 502 to starts for 10 s, until a new primary is elected.
   */
  killProxy(proxy?: number): Promise<void>
  /** A dead proxy restarts. If no other IC member is up, it needs 27 s to be ready, and all statuses are lost. */
  restartProxy(proxy?: number): Promise<void>
  /** A live proxy becomes the primary without the death of the old one. */
  movePrimary(proxy?: number): void
  /**
   * A member of the Information Center learns of each event `ms` milliseconds of the cluster's time later than the
   * others, so that the members disagree. 0 ends the fault.
   */
  delayReports(proxy: number, ms: number): void
  /** A member of the Information Center forgets the statuses of all jobs so far. The others keep them. */
  forgetStatuses(proxy?: number): void
  /**
   * A target dies, and its records are lost. Requests for snapshots and running jobs fail with 400 `ErrFailedTo` for 28
   * to 31 s, until the cluster map drops the target. Then the jobs that it was working on are aborted.
   */
  killTarget(id: string): Promise<void>
  /**
   * A target hangs: requests for snapshots fail after 300 s, a status of its jobs takes 20 s, starts fail after 5 s.
   */
  freezeTarget(id: string): void
  /** A frozen target continues where it stopped, with its records. */
  thawTarget(id: string): void
  /** A target restarts, whether it is dead or alive. It joins the cluster map at once, without its records. */
  restartTarget(id: string): Promise<void>
  /**
   * The end notifications of the next `jobs` jobs are lost. Their statuses stay open until the proxies poll the
   * targets, which they do every 30 s after the start of a job.
   */
  loseNotifications(jobs?: number): void
  /**
   * The targets disagree on the id of the shared job at the next `requests` requests to copy objects or to archive. The
   * cluster refuses with 409 `ErrBusy` (`conflict`, the default), or replies with one id per target (`list`).
   */
  disagreeOnIds(requests?: number, outcome?: 'conflict' | 'list'): void
  /**
   * Links that match fail in all later downloads, with this error. It defaults to the error for a file that does not exist.
   * A text matches only the equal link. Links to loopback and private addresses fail in any case, as on a real cluster.
   * `clear` ends the fault.
   */
  breakLinks(links: string | RegExp, error?: string): void
  /**
   * Later jobs of a kind fail: their first target reports this error when half of its work is done, and continues. It
   * defaults to the error for an object that cannot be read. `clear` ends the fault.
   */
  failJobs(kind: string, error?: string): void
  /** Later jobs of a kind are aborted when half of their work is done. `clear` ends the fault. */
  abortJobs(kind: string, reason?: string): void
}

/** The parts of an emulator that faults act on. */
export interface FaultContext {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly servers: ReadonlyMap<string, NodeServer>
}

/** Creates the faults of one emulator. `take` returns the fault that the server must inject into a request. */
export const createFaults = ({
  cluster,
  clock,
  servers,
}: FaultContext): Faults & { take: (request: AskedFor) => Fault | undefined } => {
  const queue = new FaultQueue()
  const proxyId = (index: number): string => {
    const proxy = cluster.proxies[index]
    if (!proxy) throw new RangeError(`no such proxy: ${index}; there are ${cluster.proxies.length}`)
    return proxy.id
  }
  const refuse = async (id: string): Promise<void> => servers.get(id)?.refuse()
  const accept = async (id: string): Promise<void> => servers.get(id)?.accept()
  return {
    take: (request) => queue.take(request),
    next: (n, fault, match) => queue.next(n, fault, match),
    always: (fault, match) => queue.next(Infinity, fault, match),
    clear: () => {
      queue.clear()
      cluster.brokenLinks.length = 0
      cluster.failing.clear()
    },
    refuse: (proxy = 0) => refuse(proxyId(proxy)),
    accept: (proxy = 0) => accept(proxyId(proxy)),
    killProxy: (proxy = 0) => {
      nodes.killProxy(cluster, proxyId(proxy), clock.now())
      return refuse(proxyId(proxy))
    },
    restartProxy: (proxy = 0) => {
      nodes.restartProxy(cluster, proxyId(proxy), clock.now())
      return accept(proxyId(proxy))
    },
    movePrimary: (proxy = 1) => nodes.movePrimary(cluster, proxyId(proxy)),
    delayReports: (proxy, ms) => nodes.delayReports(cluster, proxyId(proxy), ms),
    forgetStatuses: (proxy = 0) => nodes.forgetStatuses(cluster, proxyId(proxy)),
    killTarget: (id) => {
      nodes.killTarget(cluster, id, clock.now())
      return refuse(id)
    },
    freezeTarget: (id) => nodes.freezeTarget(cluster, id, clock.now()),
    thawTarget: (id) => nodes.thawTarget(cluster, id, clock.now()),
    restartTarget: (id) => {
      nodes.restartTarget(cluster, id, clock.now())
      return accept(id)
    },
    disagreeOnIds: (requests = 1, outcome = 'conflict') => {
      cluster.idDisagreements.push(...Array.from({ length: requests }, () => outcome))
    },
    breakLinks: (links, error = 'request failed with 404 status code (Not Found)') => {
      const breaks = (link: string): boolean => (typeof links === 'string' ? link === links : link.search(links) >= 0)
      cluster.brokenLinks.push({ breaks, error })
    },
    failJobs: (kind, error = 'failed to read object: no such file or directory') => {
      cluster.failing.set(requireKind(kind), { error, aborts: false })
    },
    abortJobs: (kind, reason = 'out of space') => {
      cluster.failing.set(requireKind(kind), { error: reason, aborts: true })
    },
    loseNotifications: (jobs = 1) => nodes.loseNotifications(cluster, jobs),
  }
}
