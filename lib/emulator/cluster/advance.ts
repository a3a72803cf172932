import { arriveUntil } from '../download/arrive.ts'
import { bucketUri } from './bucket.ts'
import { forceEnd, reportOf, isNoticed } from './notice.ts'
import { abortRun } from './run.ts'
import { sweepInTime } from './sweep.ts'
import { actOnObjects } from './work.ts'
import type { Cluster, Job, Target } from './state.ts'

const longName = (job: Job): string =>
  [`nl-${job.kind}[${job.id}]`, ...[job.src, job.dst].flatMap((bck) => (bck ? [bucketUri(bck)] : []))].join('-')

/**
 * Drops a dead target from the map. The proxies end the jobs that it was working on and abort them on other targets.
 */
const dropTarget = (cluster: Cluster, target: Target): void => {
  const atMs = target.dropMs
  target.inMap = false
  target.dropMs = Infinity
  cluster.version++
  for (const job of cluster.jobs.values()) {
    if (!job.runs.some((run) => run.target === target && run.lost)) continue
    // The proxies abort a download in the same way, and its targets then report the abort.
    for (const run of job.runs) abortRun(run, atMs, cluster.timing.abortMs, 'IC(notifications) abort')
    if (!isNoticed(job) || (reportOf(cluster, job, cluster.primary, atMs)?.endMs ?? 1) > 0) continue
    const change = `node ${target.id} not present in Smap v${cluster.version}`
    forceEnd(job, atMs, `p[${cluster.primary}]: abort ${longName(job)} via 'smap-changed': ${change}`)
  }
}

/** The target that the map drops first, if it is due. Every request calls this, so it builds no list. */
const nextToDrop = ({ targets }: Cluster, now: number): Target | undefined => {
  let first: Target | undefined
  for (const target of targets) if (target.dropMs <= now && target.dropMs < (first?.dropMs ?? Infinity)) first = target
  return first
}

/** Makes the first live proxy the primary. */
const elect = (cluster: Cluster): void => {
  cluster.electMs = Infinity
  const successor = cluster.proxies.find((proxy) => proxy.inMap && proxy.state === 'up')
  if (!successor) return
  cluster.primary = successor.id
  cluster.version++
}

/**
 * Applies the changes that are due at `now`: jobs act on the objects that they have visited, files of downloads arrive,
 * nodes leave the map, a primary is elected, old records are dropped.
 *
 * All other state is computed from stored times when a request needs it, so an unused cluster costs nothing.
 */
export const advance = (cluster: Cluster, now: number): void => {
  if (cluster.acting.size > 0) actOnObjects(cluster, now)
  if (cluster.downloads.size > 0) arriveUntil(cluster, now)
  for (let target = nextToDrop(cluster, now); target; target = nextToDrop(cluster, now)) dropTarget(cluster, target)
  if (cluster.electMs <= now) elect(cluster)
  for (const proxy of cluster.proxies) {
    if (proxy.dropMs > now || proxy.id === cluster.primary) continue
    proxy.inMap = false
    proxy.dropMs = Infinity
    cluster.version++
  }
  sweepInTime(cluster, now)
}
