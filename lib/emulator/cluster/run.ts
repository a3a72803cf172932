import { kinds } from './kind.ts'
import type { Run } from './state.ts'

// How far a run (the part of a job on one target) is at a time. All of it follows from the times that the run stores.
//
// `flapMs` is `timing.quiesceMs`: while a run waits for its peers to end, its idle flag alternates with this period.

/** The time up to which a run has progressed. On a frozen target it stands still. */
const progressedTo = (run: Run, now: number): number =>
  run.target.state === 'frozen' ? Math.min(now, run.target.frozenMs) : now

/** When the current work is done, if nothing stops it. */
export const workDoneMs = (run: Run): number =>
  run.burst.objects === 0 ? run.burst.fromMs : run.burst.fromMs + run.burst.objects / run.burst.pace

/** When this run ends, by an abort or by itself; Infinity if that is not decided yet. */
export const endsAtMs = (run: Run): number => Math.min(run.endMs, run.abortEndMs)

/** Whether the run has an end time at `now`. */
export const hasEnded = (run: Run, now: number): boolean => !run.lost && endsAtMs(run) <= progressedTo(run, now)

/** Whether the run was aborted at `now`. Its end time follows later. */
export const isAborted = (run: Run, now: number): boolean => run.abortMs <= progressedTo(run, now)

/** Number of objects visited until `now`. */
export const visited = (run: Run, now: number): number => {
  const until = Math.min(progressedTo(run, now), run.abortMs)
  // The small number keeps a rounding error from hiding an object.
  const done = Math.floor((until - run.burst.fromMs) * run.burst.pace + 1e-9)
  return run.base + Math.max(0, Math.min(run.burst.objects, done))
}

/** Whether a run of an idle kind has had no work for a while. While it waits for its peers, this alternates. */
const isWorkless = (run: Run, now: number, flapMs: number): boolean => {
  const at = progressedTo(run, now)
  if (at >= run.quiesceMs) return (at - run.quiesceMs) % flapMs >= run.idleAfterMs
  return at >= workDoneMs(run) + run.idleAfterMs
}

/** The `is_idle` flag of a snapshot. It means "not running" for ordinary kinds and "no work" for idle kinds. */
export const isIdle = (run: Run, now: number, flapMs: number): boolean => {
  if (hasEnded(run, now)) return true
  if (kinds.get(run.job.kind)?.idles === true) return isWorkless(run, now, flapMs)
  return isAborted(run, now)
}

/**
 * Whether the server counts the run as running. It counts idle runs, but neither aborted runs nor runs that wait for
 * peers.
 */
export const isRunning = (run: Run, now: number, flapMs: number): boolean =>
  !run.lost && !hasEnded(run, now) && !isAborted(run, now) && !isQuiescing(run, now, flapMs)

/** Whether a run has waited for its peers for so long that queries do not list it and a stop does not affect it. */
export const isQuiescing = (run: Run, now: number, flapMs: number): boolean =>
  progressedTo(run, now) >= run.quiesceMs + 4 * flapMs

/** Aborts a run, which then ends `lagMs` later. Returns false if it has ended, was aborted before or is unreachable. */
export const abortRun = (run: Run, now: number, lagMs: number, reason: string): boolean => {
  if (run.lost || run.target.state === 'frozen' || hasEnded(run, now) || isAborted(run, now)) return false
  run.abortMs = now
  run.abortEndMs = Math.min(now + lagMs, run.endMs)
  run.abortErr = reason
  return true
}

/**
 * Delays the remaining work and the end of a run by the time `byMs` for which its target was frozen, from `fromMs` on.
 */
export const shiftRun = (run: Run, fromMs: number, byMs: number): void => {
  const shifted = (ms: number): number => (ms > fromMs ? ms + byMs : ms)
  if (endsAtMs(run) <= fromMs) return
  if (workDoneMs(run) > fromMs) run.burst = { ...run.burst, fromMs: run.burst.fromMs + byMs }
  run.endMs = shifted(run.endMs)
  run.abortEndMs = shifted(run.abortEndMs)
}
