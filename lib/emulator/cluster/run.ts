import { kinds } from './kind.ts'
import type { Run } from './state.ts'

/** The instant a run has lived to: a frozen target stays where it was. */
const livedTo = (run: Run, now: number): number =>
  run.target.state === 'frozen' ? Math.min(now, run.target.frozenMs) : now

/** When the work at hand is done, if nothing stops it. */
export const workDoneMs = (run: Run): number =>
  run.burst.objects === 0 ? run.burst.fromMs : run.burst.fromMs + run.burst.objects / run.burst.pace

/** When this run ends, aborted or by itself, as far as it is decided. */
export const endsAtMs = (run: Run): number => Math.min(run.endMs, run.abortEndMs)

/** True once its end time is set. */
export const hasEnded = (run: Run, now: number): boolean => !run.lost && endsAtMs(run) <= livedTo(run, now)

/** True once it was told to stop, which is before its end time is set. */
export const isAborted = (run: Run, now: number): boolean => run.abortMs <= livedTo(run, now)

/** Objects visited so far. */
export const visited = (run: Run, now: number): number => {
  const until = Math.min(livedTo(run, now), run.abortMs)
  const done = Math.floor((until - run.burst.fromMs) * run.burst.pace + 1e-9)
  return run.base + Math.max(0, Math.min(run.burst.objects, done))
}

/** True while an idle kind has had no work for a while; one that waits for its peers goes to and fro. */
const isWorkless = (run: Run, now: number, flapMs: number): boolean => {
  const at = livedTo(run, now)
  if (at >= run.quiesceMs) return (at - run.quiesceMs) % flapMs >= run.idleAfterMs
  return at >= workDoneMs(run) + run.idleAfterMs
}

/** The flag a snapshot shows: for ordinary kinds "not running", for the others "no work". */
export const isIdle = (run: Run, now: number, flapMs: number): boolean => {
  if (hasEnded(run, now)) return true
  if (kinds.get(run.job.kind)?.idles === true) return isWorkless(run, now, flapMs)
  return isAborted(run, now)
}

/** What the server counts as running, idle ones included; not those that were stopped or only wait for their peers. */
export const isRunning = (run: Run, now: number, flapMs: number): boolean =>
  !run.lost && !hasEnded(run, now) && !isAborted(run, now) && !isQuiescing(run, now, flapMs)

/** True once an idle kind has waited for its peers for so long that nothing lists it, and nothing stops it. */
export const isQuiescing = (run: Run, now: number, flapMs: number): boolean =>
  livedTo(run, now) >= run.quiesceMs + 4 * flapMs

/** Stops a run; its end time follows `lagMs` later. Nothing happens to one that has ended or was stopped before. */
export const abortRun = (run: Run, now: number, lagMs: number, reason: string): boolean => {
  if (run.lost || run.target.state === 'frozen' || hasEnded(run, now) || isAborted(run, now)) return false
  run.abortMs = now
  run.abortEndMs = Math.min(now + lagMs, run.endMs)
  run.abortErr = reason
  return true
}

/** Lets a thawed run go on where it stopped. */
export const shiftRun = (run: Run, fromMs: number, byMs: number): void => {
  const shifted = (ms: number): number => (ms > fromMs ? ms + byMs : ms)
  if (endsAtMs(run) <= fromMs) return
  if (workDoneMs(run) > fromMs) run.burst = { ...run.burst, fromMs: run.burst.fromMs + byMs }
  run.endMs = shifted(run.endMs)
  run.abortEndMs = shifted(run.abortEndMs)
}
