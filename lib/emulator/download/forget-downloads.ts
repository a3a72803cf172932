import { arriveUntil } from './arrive.ts'
import { hasEnded } from '../cluster/run.ts'
import type { Cluster, Run, Target } from '../cluster/state.ts'

/** A target dies or restarts: it forgets its files of all downloads. The proxies still wait for its part of running downloads. */
export const forgetDownloads = (cluster: Cluster, target: Target, now: number): void => {
  arriveUntil(cluster, now)
  for (const { job, forgottenBy } of cluster.downloads.values()) {
    if (!job.runs.some((run) => run.target === target)) continue
    forgottenBy.add(target.id)
    for (const run of job.runs) if (run.target === target && !hasEnded(run, now)) run.lost = true
  }
}

const DAY_MS = 86_400_000

/** Drops the downloads that ended a day ago. */
export const sweepDownloads = ({ downloads }: Cluster, now: number): void => {
  const endedADayAgo = (run: Run): boolean => hasEnded(run, now) && now - Math.min(run.endMs, run.abortEndMs) > DAY_MS
  for (const [id, { job }] of downloads)
    if (job.runs.every((run) => run.lost || endedADayAgo(run))) downloads.delete(id)
}
