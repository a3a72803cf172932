import { endsAtMs, hasEnded, isAborted, workDoneMs } from '../../lib/emulator/cluster/run.ts'
import type { Job, Run } from '../../lib/emulator/cluster/state.ts'
import { defaultTiming } from '../../lib/emulator/cluster/timing.ts'
import type { Goal } from './goal.ts'

/** When each part that shows late becomes visible. */
export type ShownMs = ReadonlyMap<Run, number>

export const isOver = (run: Run, at: number): boolean => hasEnded(run, at) || isAborted(run, at)

export const isThere = (run: Run): boolean => run.target.registry.includes(run)

/** What shows late is seen to end by those who looked before, whenever it ended. */
export const isNews = (run: Run, at: number, shownMs: ShownMs): boolean =>
  !isOver(run, at) || (shownMs.get(run) ?? 0) > at

/** A frozen target stays where it was: what it had still to do never comes, and nobody hears of it. */
const reachedMs = ({ target }: Run, atMs: number): number =>
  target.state === 'frozen' && atMs > target.frozenMs ? Infinity : atMs

/** An abort of one part, or what the proxies decide by themselves, ends the job without the other targets. */
const endsForAll = ({ runs, notice }: Job, now: number): boolean =>
  notice?.missed !== undefined || notice?.forced !== undefined || runs.some((run) => isAborted(run, now))

/** Since when what is waited for shows without a break, and until when. */
export function spanOf(goal: Goal, jobs: readonly Job[], now: number, shownMs: ShownMs): readonly [number, number] {
  const runs = jobs.flatMap((job) => job.runs)
  const reached = jobs.some((job) => endsForAll(job, now)) ? (_: Run, atMs: number): number => atMs : reachedMs
  // Since when all who are asked say that a part is over: the proxies hear of an abort when it is done.
  const overAt = (run: Run): number => Math.max(reached(run, endsAtMs(run)), shownMs.get(run) ?? 0)
  if (runs.some((run) => run.lost)) {
    // Whoever has a part of it, and what the proxies make of that, shows in its own time.
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
 * When a run that waits for its peers to end shows as at rest, from when until when: it goes to and fro for as long as it
 * waits.
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
