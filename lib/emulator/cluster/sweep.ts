import { sweepDownloads } from '../download/forget-downloads.ts'
import { reportOf, isNoticed } from './notice.ts'
import { endsAtMs } from './run.ts'
import type { Cluster, Job, Run, Target } from './state.ts'

/** A target with more records than this drops the old ones. */
const MAX_RECORDS = 1_024

/** Kinds with very many jobs, whose records are kept only briefly. */
const SHORT_LIVED: ReadonlySet<string> = new Set(['list', 'get-batch'])

/** When the work of a run was done: its end or, if it waits for its peers forever, the start of that wait. */
const doneMs = (run: Run): number => Math.min(endsAtMs(run), run.quiesceMs)

/** Drops the old records of one target. */
const sweepTarget = (cluster: Cluster, target: Target, now: number): void => {
  const { recordKeptMs, listKeptMs } = cluster.timing
  const crowded = target.registry.length > MAX_RECORDS
  const isKept = (run: Run): boolean => {
    const age = now - doneMs(run)
    return SHORT_LIVED.has(run.job.kind) ? age < listKeptMs : !crowded || age < recordKeptMs
  }
  const kept = target.registry.filter(isKept)
  if (kept.length < target.registry.length) target.registry.splice(0, target.registry.length, ...kept)
}

const isForgotten = (cluster: Cluster, job: Job, recorded: ReadonlySet<Job>, now: number): boolean =>
  !recorded.has(job) &&
  (!isNoticed(job) || cluster.proxies.every((proxy) => reportOf(cluster, job, proxy.id, now) === undefined))

/** Drops old records, and jobs that no node knows any more, so that a long-running cluster does not grow. */
const sweep = (cluster: Cluster, now: number): void => {
  cluster.sweptMs = now
  for (const target of cluster.targets) if (target.state !== 'frozen') sweepTarget(cluster, target, now)
  const recorded = new Set<Job>()
  for (const target of cluster.targets) for (const { job } of target.registry) recorded.add(job)
  for (const [id, job] of cluster.jobs) if (isForgotten(cluster, job, recorded, now)) cluster.jobs.delete(id)
  sweepDownloads(cluster, now)
}

/** Drops old records, unless they were dropped a short time ago. */
export const sweepInTime = (cluster: Cluster, now: number): void => {
  if (now - cluster.sweptMs >= cluster.timing.sweepEveryMs) sweep(cluster, now)
}
