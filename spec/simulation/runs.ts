import { endsAtMs, hasEnded, isAborted, workDoneMs } from '../../lib/emulator/cluster/run.ts'
import type { Job, Run } from '../../lib/emulator/cluster/state.ts'
import { defaultTiming } from '../../lib/emulator/cluster/timing.ts'
import { downloadOf, isRemembered } from './downloads.ts'
import type { Goal } from './goal.ts'

// What is true about the runs of a job at a time, and from when on a poll can show it.

/** When each late part appears in snapshots. A part that is not late has no entry. */
export type ShownMs = ReadonlyMap<Run, number>

/** Whether a part has ended or was aborted by this time. */
export const isOver = (run: Run, at: number): boolean => hasEnded(run, at) || isAborted(run, at)

/** Whether the target still has a record of the part. */
export const isOnTarget = (run: Run): boolean =>
  downloadOf(run.job) === undefined ? run.target.registry.includes(run) : isRemembered(run)

/**
 * Whether a user that starts at `at` can still see the run end: the run has not ended, or it has ended but does not appear
 * until later.
 */
export const canSeeEnd = (run: Run, at: number, shownMs: ShownMs): boolean =>
  !isOver(run, at) || (shownMs.get(run) ?? 0) > at

/** When the run reaches `atMs` of its plan; Infinity if its target freezes before that. */
const reachedMs = ({ target }: Run, atMs: number): number =>
  target.state === 'frozen' && atMs > target.frozenMs ? Infinity : atMs

/** Whether the job has ended for all its targets, because one part was aborted or the proxies ended the job themselves. */
const endsForAll = (job: Job, now: number): boolean => {
  const { runs, notice } = job
  // How a download ended is known only from all targets together.
  if (downloadOf(job) !== undefined) return false
  return notice?.missed !== undefined || notice?.forced !== undefined || runs.some((run) => isAborted(run, now))
}

/** The time span in which every poll shows that the goal is reached: from when, and until when. */
export function observableSpan(
  goal: Goal,
  jobs: readonly Job[],
  now: number,
  shownMs: ShownMs,
): readonly [fromMs: number, toMs: number] {
  const runs = jobs.flatMap((job) => job.runs)
  const reached = jobs.some((job) => endsForAll(job, now)) ? (_: Run, atMs: number): number => atMs : reachedMs
  // When all sources report a part as over. The proxies are notified of an abort only when the part has wound down.
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
  const idleAt = (run: Run): number => Math.max(reached(run, workDoneMs(run) + run.idleAfterMs), shownMs.get(run) ?? 0)
  const from = Math.max(...runs.map((run) => Math.min(overAt(run), idleAt(run))))
  const idleUntilMs = Math.min(...runs.map((run) => (isOver(run, now) ? Infinity : run.quiesceMs)))
  return aborted.length > 0 ? [Math.max(from, ...aborted), Infinity] : [from, idleUntilMs]
}

/**
 * The time spans in which a run appears idle while it waits for the runs on other targets to end. It alternates between
 * idle and running as long as it waits.
 */
export function idleSpansOf(
  { quiesceMs, idleAfterMs, endMs, abortMs }: Run,
  fromMs: number,
  toMs: number,
): readonly (readonly [fromMs: number, toMs: number])[] {
  const periodMs = defaultTiming.quiesceMs
  const untilMs = Math.min(toMs, endMs, abortMs)
  const spans: (readonly [number, number])[] = []
  const firstMs = quiesceMs + Math.max(0, Math.floor((fromMs - quiesceMs) / periodMs)) * periodMs
  for (let ms = firstMs; ms + idleAfterMs < untilMs; ms += periodMs) spans.push([ms + idleAfterMs, ms + periodMs])
  return spans
}
