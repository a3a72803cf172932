import { isRunning } from '../../lib/emulator/cluster/run.ts'
import type { Job } from '../../lib/emulator/cluster/state.ts'
import { isOnTarget } from './runs.ts'
import type { World } from './world.ts'

/** A time span in which each sample showed the job as running. */
export interface RunningSpan {
  readonly job: Job
  readonly fromMs: number
  toMs: number
}

/** Records when each job was running in the sense of the server, which is what `ais show job` lists. */
export interface RunningLog {
  readonly record: (jobs: readonly Job[], now: number) => void
  readonly spans: readonly RunningSpan[]
}

/** Records when each job was listed as running. */
export function runningLogOf({ cluster, shownMs }: World): RunningLog {
  const spans: RunningSpan[] = []
  const open = new Map<Job, RunningSpan>()
  const { quiesceMs } = cluster.timing
  const isRunningNow = (job: Job, now: number): boolean =>
    // A job that the proxies have ended by their own decision is over, even if targets continue.
    job.notice?.missed === undefined &&
    job.notice?.forced === undefined &&
    job.runs.some(
      (run) =>
        isRunning(run, now, quiesceMs) &&
        run.startMs <= now &&
        (shownMs.get(run) ?? 0) <= now &&
        run.target.inMap &&
        isOnTarget(run),
    )
  return {
    spans,
    record: (jobs, now) => {
      for (const job of jobs) {
        const span = open.get(job)
        if (!isRunningNow(job, now)) {
          if (span !== undefined) open.delete(job)
        } else if (span === undefined) {
          const newSpan = { job, fromMs: now, toMs: now }
          open.set(job, newSpan)
          spans.push(newSpan)
        } else span.toMs = now
      }
    },
  }
}
