import type { Job } from '../../lib/emulator/cluster/state.ts'
import { failedOf } from './downloads.ts'
import type { Goal } from './goal.ts'
import type { Truth } from './oracle.ts'
import type { PlannedUser, SimPlan } from './plan.ts'

// When something about a job becomes visible, and when the cluster changes so that it may no longer be. README.md has
// the words of the simulation.

/** The moments at which something about the job becomes visible. */
export const milestonesOf = ({ runs, startMs }: Job, truths: readonly Truth[]): readonly number[] => [
  0,
  startMs,
  ...truths.map(({ fromMs }) => fromMs).filter((ms) => ms < Infinity),
  ...runs.map((run) => Math.min(run.endMs, run.abortMs)).filter((ms) => ms < Infinity),
]

/** How long a proxy keeps a status, at least. */
export const KEPT_MS = 170_000
/** The times after an end at which a target or a proxy may drop its record of the job. */
const FORGOTTEN_MS: readonly number[] = [60_000, 120_000, KEPT_MS, 240_000, 310_000]
/** The times after the death of a target at which it may leave the map, and after the start of a proxy at which it is ready. */
const DROPPED_MS: readonly number[] = [0, 27_000, 29_500, 31_000]

/** A proxy learns of an end this long after it. */
export const NOTIFIED_MS = 30
/** A proxy polls the targets this often if it is not notified. */
const PROXY_POLLS_MS = 30_000

/**
 * The moments at which the cluster changes, so that an earlier poll and a later one may get different replies.
 *
 * @param goal what the user waits for: an end stays visible for long, everything else may pass between two polls
 */
export function changesOf(
  plan: SimPlan,
  { timeoutMs, leaveMs }: PlannedUser,
  goal: Goal,
  job: Job,
  beganMs: number,
): readonly number[] {
  const changes: number[] = []
  if (timeoutMs !== undefined) changes.push(beganMs + timeoutMs)
  if (leaveMs !== undefined) changes.push(beganMs + leaveMs)
  for (const { type, atMs } of plan.events) {
    if (type === 'freeze' || type === 'thaw') continue
    if (type === 'stop' || type === 'wake') {
      if (goal !== 'end') changes.push(atMs)
    } else for (const ms of DROPPED_MS) changes.push(atMs + ms)
  }
  const { runs, notice } = job
  for (const run of runs) {
    const { startMs, endMs, abortMs, abortEndMs, quiesceMs } = run
    const overMs = Math.min(endMs, abortEndMs)
    for (const ms of FORGOTTEN_MS) changes.push(overMs + ms)
    if (goal !== 'end')
      changes.push(startMs, overMs, abortMs, quiesceMs, ...failedOf(run, Infinity).map((task) => task.endMs))
    // Each proxy is notified at its own time, and only proxies report some errors.
    if (notice !== undefined && notice.ownErr !== '')
      changes.push(
        overMs,
        overMs + NOTIFIED_MS,
        ...[...notice.lags.values()].map((lagMs) => overMs + lagMs),
        job.startMs + Math.ceil((overMs - job.startMs) / PROXY_POLLS_MS) * PROXY_POLLS_MS,
      )
  }
  if (goal !== 'end') for (const planned of plan.jobs) changes.push(planned.atMs + (planned.errMs ?? 0))
  if (notice?.missed !== undefined) changes.push(notice.missed.atMs, notice.missed.atMs + NOTIFIED_MS)
  if (notice?.forced !== undefined) changes.push(notice.forced.atMs, notice.forced.atMs + NOTIFIED_MS)
  return changes
}
