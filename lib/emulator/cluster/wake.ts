import { bucketUri } from './bucket.ts'
import { idleEndMs, launch, mappedTargets, type Plan } from './launch.ts'
import { hasEnded, isAborted, visited, workDoneMs } from './run.ts'
import { share } from './share.ts'
import { byOwner, giveWork } from './work.ts'
import type { Cluster, Job, Run } from './state.ts'

// A job of an *idle kind* does not end with its work. It idles until the next request wakes it, and ends some minutes
// after its last work. Requests for the same work share one such job.

/** Whether a run of an idle kind accepts more work. */
export const acceptsWork = (run: Run, now: number): boolean =>
  !run.lost && !hasEnded(run, now) && !isAborted(run, now) && now < run.quiesceMs

/** The existing job that this work can join: same kind, request text and bucket, and a target that accepts work. */
export const joinable = (cluster: Cluster, plan: Plan, now: number): Job | undefined => {
  const { kind, requestText = '', bck, targets } = plan
  for (const job of cluster.jobs.values()) {
    if (job.kind !== kind || job.requestText !== requestText) continue
    if (bck && bucketUri(job.bck) !== bucketUri(bck)) continue
    const runs = targets ? job.runs.filter((run) => targets.includes(run.target)) : job.runs
    if (runs.some((run) => acceptsWork(run, now))) return job
  }
  return undefined
}

/** Adds work to a job of an idle kind. */
export const wake = (
  cluster: Cluster,
  job: Job,
  { objects, spreadKey = '', work }: Pick<Plan, 'objects' | 'spreadKey' | 'work'>,
  now: number,
): void => {
  job.requests++
  const targets = mappedTargets(cluster)
  const parts = share(
    objects,
    targets.map((target) => target.id),
    spreadKey,
  )
  const owned = work
    ? byOwner(
        work,
        job.runs.map(({ target }) => target),
      )
    : undefined
  for (const run of job.runs) {
    const names = owned?.get(run.target.id)
    const more = names?.length ?? parts[targets.indexOf(run.target)] ?? 0
    if (work && names) giveWork(cluster, run, names, work, run.base + run.burst.objects)
    const done = visited(run, now)
    const remaining = run.base + run.burst.objects - done
    run.base = done
    run.burst = { ...run.burst, fromMs: Math.max(now, run.burst.fromMs), objects: remaining + more }
    const idleEnd = idleEndMs(cluster, job.kind, run.startMs, workDoneMs(run) + run.idleAfterMs)
    if (run.endMs < Infinity) run.endMs = idleEnd + 1.5
    if (run.quiesceMs < Infinity) run.quiesceMs = idleEnd
  }
}

/** Adds the work to an existing job of the idle kind, or starts a new job. */
export const wakeOrLaunch = (cluster: Cluster, plan: Plan, now: number): Job => {
  const job = joinable(cluster, plan, now)
  if (!job) return launch(cluster, now, plan)
  wake(cluster, job, plan, now)
  return job
}
