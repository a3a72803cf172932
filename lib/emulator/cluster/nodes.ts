import { forgetDownloads } from '../download/forget-downloads.ts'
import { holdDownloads, resumeDownloads } from '../download/hold-downloads.ts'
import { between } from './random.ts'
import { icMembers, isNoticed } from './notice.ts'
import { abortRun, hasEnded, shiftRun } from './run.ts'
import type { Cluster, Job, Proxy, Run, Target } from './state.ts'

const isOpen = (run: Run, now: number): boolean => !run.lost && !hasEnded(run, now)

/** The node with that id. Throws a RangeError if there is none. */
const nodeOf = <N extends { readonly id: string }>(nodes: readonly N[], id: string): N => {
  const node = nodes.find((candidate) => candidate.id === id)
  if (!node) throw new RangeError(`no such node: ${id}; there are ${nodes.map((known) => known.id).join(', ')}`)
  return node
}

/** The target with that id. */
const targetOf = (cluster: Cluster, id: string): Target => nodeOf(cluster.targets, id)

/** The proxy with that id. */
export const proxyOf = (cluster: Cluster, id: string): Proxy => nodeOf(cluster.proxies, id)

const brokenPipe = (job: Job, from: Target, to: Target): string =>
  `tcb-${job.id}[${from.id}=>${to.id}] terminated [write tcp4 127.0.0.1:44164->127.0.0.1:10182: write: broken pipe]`

/** A target dies, and its records are lost. Snapshot queries fail until the map drops it. */
export const killTarget = (cluster: Cluster, id: string, now: number): void => {
  const target = targetOf(cluster, id)
  if (target.state === 'dead') return
  for (const run of target.registry) {
    if (!isOpen(run, now)) continue
    run.lost = true
    if (run.job.kind !== 'copy-bck') continue
    // Targets that send data to it notice soon. Other jobs stay open until the map changes.
    for (const other of run.job.runs) {
      const lagMs = between(cluster.random, 300, 500)
      if (other !== run && abortRun(other, now, lagMs, brokenPipe(run.job, other.target, target)))
        other.abortEndMs = now + lagMs
    }
  }
  target.registry.length = 0
  forgetDownloads(cluster, target, now)
  target.state = 'dead'
  target.dropMs = target.inMap
    ? now + cluster.timing.deathMs + between(cluster.random, 0, cluster.timing.deathSpreadMs)
    : Infinity
}

/** A target freezes with its records. Every query that needs it hangs. */
export const freezeTarget = (cluster: Cluster, id: string, now: number): void => {
  const target = targetOf(cluster, id)
  if (target.state !== 'up') return
  target.state = 'frozen'
  target.frozenMs = now
  holdDownloads(cluster, target, now)
}

/** A frozen target continues where it stopped, with its records. */
export const thawTarget = (cluster: Cluster, id: string, now: number): void => {
  const target = targetOf(cluster, id)
  if (target.state !== 'frozen') return
  for (const run of target.registry) shiftRun(run, target.frozenMs, now - target.frozenMs)
  resumeDownloads(cluster, target, now - target.frozenMs)
  target.state = 'up'
  target.frozenMs = Infinity
}

/** A target restarts: it is in the map again, without its records. The proxies notice this at their next poll. */
export const restartTarget = (cluster: Cluster, id: string, now: number): void => {
  const target = targetOf(cluster, id)
  killTarget(cluster, id, now)
  target.state = 'up'
  target.wedged = false
  target.dropMs = Infinity
  target.frozenMs = Infinity
  if (!target.inMap) cluster.version++
  target.inMap = true
  for (const job of cluster.jobs.values()) {
    if (isNoticed(job) && job.runs.some((run) => run.target === target && run.lost))
      markMissing(cluster, job, target, now)
  }
}

/**
 * Marks a job as missing on a target that never ran it or lost its record. The proxies end it after their next poll.
 */
export const markMissing = (cluster: Cluster, job: Job, target: Target, now: number): void => {
  if (!isNoticed(job)) return
  const period = cluster.timing.notifyMs
  const atMs = job.startMs + Math.max(1, Math.ceil((now - job.startMs) / period)) * period
  const { missed = { atMs, targets: [] } } = job.notice
  job.notice.missed = { ...missed, targets: [...new Set([...missed.targets, target.id])] }
}

/** A proxy dies. If it is the primary, another one is elected later. */
export const killProxy = (cluster: Cluster, id: string, now: number): void => {
  const proxy = proxyOf(cluster, id)
  if (proxy.state === 'dead') return
  proxy.state = 'dead'
  proxy.dropMs = now + cluster.timing.deathMs
  if (cluster.primary === id) cluster.electMs = now + cluster.timing.electionMs
}

/** A proxy restarts. If no other IC member is up, it is not ready for a while, and all statuses are lost. */
export const restartProxy = (cluster: Cluster, id: string, now: number): void => {
  const proxy = proxyOf(cluster, id)
  const others = icMembers(cluster).filter((other) => other !== proxy && other.state === 'up')
  const remembered = others.length > 0
  // IC members that have restarted too have lost their statuses, so they cannot pass them on.
  for (const { notice } of cluster.jobs.values())
    if (notice && others.every((other) => notice.forgottenBy.has(other.id))) notice.forgottenBy.add(id)
  proxy.state = 'up'
  proxy.dropMs = Infinity
  proxy.readyMs = now + (remembered ? 0 : cluster.timing.proxyStartMs)
  proxy.settledMs = proxy.readyMs + (remembered ? 0 : cluster.timing.proxySettleMs)
  if (cluster.primary === id) cluster.electMs = Infinity
  if (!proxy.inMap) cluster.version++
  proxy.inMap = true
}

/** The end notifications of the next `jobs` jobs are lost. Their statuses stay open until the proxies poll. */
export const loseNotifications = (cluster: Cluster, jobs: number): void => {
  cluster.notificationsToLose = jobs
}

/** A live proxy becomes the primary, and the old one stays up. */
export const movePrimary = (cluster: Cluster, id: string): void => {
  const proxy = proxyOf(cluster, id)
  if (proxy.state !== 'up' || !proxy.inMap || cluster.primary === id) return
  cluster.primary = id
  cluster.electMs = Infinity
  cluster.version++
}

/** From now on, a proxy learns of each event `ms` milliseconds later than the others. */
export const delayReports = (cluster: Cluster, id: string, ms: number): void => {
  cluster.lateBy.set(proxyOf(cluster, id).id, ms)
}

/** A proxy forgets the statuses of all jobs so far. The other proxies keep them. */
export const forgetStatuses = (cluster: Cluster, id: string): void => {
  const proxy = proxyOf(cluster, id)
  for (const { notice } of cluster.jobs.values()) notice?.forgottenBy.add(proxy.id)
}
