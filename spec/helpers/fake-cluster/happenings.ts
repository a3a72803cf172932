import { freezeTarget, killProxy, killTarget, restartTarget, thawTarget } from '../../../lib/emulator/cluster/nodes.ts'
import type { Happening } from '../fake-cluster.ts'

// What can happen to the nodes of a fake cluster. Nodes are named by their index.

/** A target leaves: the map and the snapshots lack it at once, and no request fails. */
export const leaves =
  (target: number): Happening =>
  ({ cluster }) => {
    cluster.targets[target]!.inMap = false
    cluster.version++
  }

/** A target that left comes back. */
export const joins =
  (target: number): Happening =>
  ({ cluster }) => {
    cluster.targets[target]!.inMap = true
    cluster.version++
  }

/** A target dies: requests for snapshots fail until the map drops it, about 28 s later. */
export const dies =
  (target: number): Happening =>
  ({ cluster, nowMs }) =>
    killTarget(cluster, cluster.targets[target]!.id, nowMs)

/** A target freezes and keeps its state: each request that needs it hangs. */
export const freezes =
  (target: number): Happening =>
  ({ cluster, nowMs }) =>
    freezeTarget(cluster, cluster.targets[target]!.id, nowMs)

/** A frozen target continues. */
export const thaws =
  (target: number): Happening =>
  ({ cluster, nowMs }) =>
    thawTarget(cluster, cluster.targets[target]!.id, nowMs)

/** A target goes into maintenance: it continues to work, but `qryxstats` omits it. */
export const maintains =
  (target: number): Happening =>
  ({ cluster, maintained }) =>
    void maintained.add(cluster.targets[target]!.id)

/** A proxy dies. If it was the primary, another one becomes the primary 10 s later. */
export const proxyDies =
  (proxy: number): Happening =>
  ({ cluster, nowMs }) =>
    killProxy(cluster, cluster.proxies[proxy]!.id, nowMs)

/** A member of the Information Center restarts: it knows none of the present jobs, but the other members know them. */
export const forgets =
  (proxy: number): Happening =>
  ({ cluster }) => {
    for (const { notice } of cluster.jobs.values()) notice?.forgottenBy.add(cluster.proxies[proxy]!.id)
  }

/** A target restarts: it is in the map at once, and has forgotten its part of all jobs. */
export const restarts =
  (target: number): Happening =>
  ({ cluster, nowMs }) =>
    restartTarget(cluster, cluster.targets[target]!.id, nowMs)
