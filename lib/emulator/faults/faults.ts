import * as nodes from '../cluster/nodes.ts'
import type { Cluster } from '../cluster/state.ts'
import type { Clock } from '../http/clock.ts'
import type { NodeServer } from '../http/node-server.ts'
import type { AskedFor, Fault, Match } from './fault.ts'
import { FaultQueue } from './fault-queue.ts'

/**
 * Everything that can go wrong on demand.
 *
 * Those of one exchange (`next`, `always`) spoil a reply; those of a node change the cluster itself. Nodes are named by
 * id or, for proxies, by their place in `endpoints`; an unknown one is a `RangeError`.
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
  /** The next `n` requests that match meet the fault; without a match, whatever comes. */
  next(n: number, fault: Fault, match?: Match): void
  /** Every request that matches meets the fault, until `clear`. */
  always(fault: Fault, match?: Match): void
  /** Forgets faults of `next` and `always` that have not happened; what happened to nodes stays. */
  clear(): void
  /** A proxy stops listening: connections are refused, and those that stand are reset. The cluster does not notice. */
  refuse(proxy?: number): Promise<void>
  /** A proxy listens again, on its old port. */
  accept(proxy?: number): Promise<void>
  /**
   * A proxy dies: it stops listening, after 28 s of the cluster's time the map drops it. If it was the primary, starts through the
   * others are 502 until another one is elected, 10 s later.
   */
  killProxy(proxy?: number): Promise<void>
  /** A dead proxy comes back. Alone it needs 27 s to be ready, and has forgotten all statuses. */
  restartProxy(proxy?: number): Promise<void>
  /**
   * A target dies with its records: snapshots and running lists are 400 `ErrFailedTo` until the map drops it 28 to 31 s
   * later, and jobs it was working on are aborted.
   */
  killTarget(id: string): Promise<void>
  /** A target hangs: snapshots go unanswered for minutes, a status of its jobs takes 20 s, starts fail after 5 s. */
  freezeTarget(id: string): void
  /** A frozen target goes on where it stopped, its records kept. */
  thawTarget(id: string): void
  /** A target starts anew, dead or alive: it is in the map at once, its records are gone. */
  restartTarget(id: string): Promise<void>
  /** The next `jobs` jobs end without a word: their status stays open until the proxies ask, 30 s after the start. */
  loseNotifications(jobs?: number): void
  /**
   * The next `requests` to copy objects or to archive find targets that do not agree on the id of the shared job: they
   * are refused with 409 `ErrBusy` (`conflict`, the default), or answered with one id for each target (`list`).
   */
  disagreeOnIds(requests?: number, outcome?: 'conflict' | 'list'): void
}

/** What faults work on. */
export interface FaultGround {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly servers: ReadonlyMap<string, NodeServer>
}

/** The faults of one emulator, and the door through which its server asks for the next one. */
export const createFaults = ({
  cluster,
  clock,
  servers,
}: FaultGround): Faults & { take: (asked: AskedFor) => Fault | undefined } => {
  const queue = new FaultQueue()
  const proxyId = (index: number): string => {
    const proxy = cluster.proxies[index]
    if (!proxy) throw new RangeError(`no such proxy: ${index}; there are ${cluster.proxies.length}`)
    return proxy.id
  }
  const refuse = async (id: string): Promise<void> => servers.get(id)?.refuse()
  const accept = async (id: string): Promise<void> => servers.get(id)?.accept()
  return {
    take: (asked) => queue.take(asked),
    next: (n, fault, match) => queue.next(n, fault, match),
    always: (fault, match) => queue.next(Infinity, fault, match),
    clear: () => queue.clear(),
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
      cluster.disagreeing.push(...Array.from({ length: requests }, () => outcome))
    },
    loseNotifications: (jobs = 1) => nodes.loseNotifications(cluster, jobs),
  }
}
