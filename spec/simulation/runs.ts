import { endsAtMs, hasEnded, isAborted, workDoneMs } from '../../lib/emulator/cluster/run.ts'
import type { Job, Run } from '../../lib/emulator/cluster/state.ts'
import { defaultTiming } from '../../lib/emulator/cluster/timing.ts'
import { downloadOf, isRemembered } from './downloads.ts'
import type { Goal } from './goal.ts'

/** When each late part becomes visible. */
export type ShownMs = ReadonlyMap<Run, number>

export const isOver = (run: Run, at: number): boolean => hasEnded(run, at) || isAborted(run, at)

export const isThere = (run: Run): boolean =>
  downloadOf(run.job) === undefined ? run.target.registry.includes(run) : isRemembered(run)

/**
 * Whether a user that starts at this time can still see the run end. A late part is seen to end by earlier users,
 * whenever it ended.
 */
export const isNews = (run: Run, at: number, shownMs: ShownMs): boolean =>
  !isOver(run, at) || (shownMs.get(run) ?? 0) > at

/** A frozen target stays as it was: what it still had to do never happens, and no node learns of it. */
const reachedMs = ({ target }: Run, atMs: number): number =>
  target.state === 'frozen' && atMs > target.frozenMs ? Infinity : atMs

/** An abort of one part, or a decision of the proxies, ends the job without the other targets. */
const endsForAll = (job: Job, now: number): boolean => {
  const { runs, notice } = job
  // Only all targets together tell how a download ended.
  if (downloadOf(job) !== undefined) return false
  return notice?.missed !== undefined || notice?.forced !== undefined || runs.some((run) => isAborted(run, now))
}

/** When the goal is observable without interruption: from when, and until when. */
export function spanOf(goal: Goal, jobs: readonly Job[], now: number, shownMs: ShownMs): readonly [number, number] {
  const runs = jobs.flatMap((job) => job.runs)
  const reached = jobs.some((job) => endsForAll(job, now)) ? (_: Run, atMs: number): number => atMs : reachedMs
  // When all sources report a part as over: the proxies are notified of an abort when it is complete.
  const overAt = (run: Run): number => Math.max(reached(run, endsAtMs(run)), shownMs.get(run) ?? 0)
  if (runs.some((run) => run.lost)) {
    // Each remaining part, and what the proxies derive from it, appears at its own time.
    return runs.every((run) => run.lost || isOver(run, now))
      ? [Math.max(0, ...runs.filter((run) => !run.lost).map(overAt)), Infinity]
      : [Infinity, Infinity]
  }
  if (goal === 'started')
    return [Math.max(...runs.map((run) => Math.max(reached(run, run.startMs), shownMs.get(run) ?? 0))), Infinity]
  if (goal !== 'idle') return [Math.max(...runs.map(overAt)), Infinity]
  const aborted = runs.filter((run) => isAborted(run, now)).map((run) => run.abortMs)
  const restsAt = (run: Run): number => Math.max(reached(run, workDoneMs(run) + run.idleAfterMs), shownMs.get(run) ?? 0)
  const from = Math.max(...runs.map((run) => Math.min(overAt(run), restsAt(run))))
  const flaps = Math.min(...runs.map((run) => (isOver(run, now) ? Infinity : run.quiesceMs)))
  return aborted.length > 0 ? [Math.max(from, ...aborted), Infinity] : [from, flaps]
}

/**
 * The spans in which a run that waits for its peers to end appears idle: it alternates between idle and running as long
 * as it waits.
 */
export function restsOf(
  { quiesceMs, idleAfterMs, endMs, abortMs }: Run,
  fromMs: number,
  toMs: number,
): readonly (readonly [number, number])[] {
  const periodMs = defaultTiming.quiesceMs
  const untilMs = Math.min(toMs, endMs, abortMs)
  const spans: (readonly [number, number])[] = []
  const firstMs = quiesceMs + Math.max(0, Math.floor((fromMs - quiesceMs) / periodMs)) * periodMs
  for (let ms = firstMs; ms + idleAfterMs < untilMs; ms += periodMs) spans.push([ms + idleAfterMs, ms + periodMs])
  return spans
}
