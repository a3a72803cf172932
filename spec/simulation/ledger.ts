import { isRunning } from '../../lib/emulator/cluster/run.ts'
import type { Job } from '../../lib/emulator/cluster/state.ts'
import { isThere } from './runs.ts'
import type { World } from './world.ts'

/** A span in which a job was running, as far as it was sampled. */
export interface Ran {
  readonly job: Job
  readonly fromMs: number
  toMs: number
}

/** Records which jobs were running and when, in the server's sense: all that `ais show job` lists. */
export interface Ledger {
  readonly record: (jobs: readonly Job[], now: number) => void
  readonly spans: readonly Ran[]
}

export function ledgerOf({ cluster, shownMs }: World): Ledger {
  const spans: Ran[] = []
  const open = new Map<Job, Ran>()
  const { quiesceMs } = cluster.timing
  const runs = (job: Job, now: number): boolean =>
    // A job that the proxies have ended by their own decision is over, even if targets continue.
    job.notice?.missed === undefined &&
    job.notice?.forced === undefined &&
    job.runs.some(
      (run) =>
        isRunning(run, now, quiesceMs) &&
        run.startMs <= now &&
        (shownMs.get(run) ?? 0) <= now &&
        run.target.inMap &&
        isThere(run),
    )
  return {
    spans,
    record: (jobs, now) => {
      for (const job of jobs) {
        const one = open.get(job)
        if (!runs(job, now)) {
          if (one !== undefined) open.delete(job)
        } else if (one === undefined) {
          const ran = { job, fromMs: now, toMs: now }
          open.set(job, ran)
          spans.push(ran)
        } else one.toMs = now
      }
    },
  }
}
