import { lastOf } from '../codec/instant.ts'
import type { TargetId } from '../codec/snapshots.ts'
import { isOver, stateOfAll, stateOfStates, type JobState } from '../model/job-state.ts'
import type { Selection } from '../model/selection.ts'
import { isTerminal } from '../model/snapshot.ts'
import type { Tracker, TrackedRun } from './tracker.ts'
import type { Case } from './case.ts'
import { statusOf } from './certainty.ts'
import { startOf } from './elapsed.ts'
import type { Observed } from './interest.ts'
import type { Observation } from './progress.ts'
import { liveState, stateOfResult } from './state.ts'
import type { Part } from './view.ts'

/**
 * Chooses the runs whose progress is shown: the runs with the selected ids, or one run of a kind.
 *
 * For a kind, it is the run that started last among those at work, or among all if none is at work. Only a run at work
 * that started later replaces it, so the choice never returns to an older run.
 */
export function chosenRuns({ ids, onlyRunning }: Selection): (tracker: Tracker) => readonly TrackedRun[] {
  let chosen: TrackedRun | undefined
  const fits = ({ isPast }: TrackedRun): boolean => !(onlyRunning && isPast)
  return ({ tracked }) => {
    if (ids.length > 0) return ids.flatMap((id) => tracked.get(id) ?? []).filter(fits)
    const all = [...tracked.values()].filter((one) => fits(one) && one.run.parts.size > 0)
    const working = newest(all.filter(({ run }) => ![...run.parts.values()].every(({ snap }) => isTerminal(snap))))
    if (chosen === undefined) chosen = working ?? newest(all)
    else if (working !== undefined && startOfRun(working) > startOfRun(chosen)) chosen = working
    return chosen === undefined ? [] : [tracked.get(chosen.id) ?? chosen]
  }
}

/** A run that has not started counts as later than all others: its start is yet to come. */
const startOfRun = ({ run }: TrackedRun): bigint => startOf([...run.parts.values()]) ?? 2n ** 64n

const newest = (runs: readonly TrackedRun[]): TrackedRun | undefined =>
  runs.reduce<TrackedRun | undefined>(
    (last, one) => (last === undefined || startOfRun(one) > startOfRun(last) ? one : last),
    undefined,
  )

function stateOf({ result, isPast }: TrackedRun, c: Case): JobState {
  if (result !== undefined) return stateOfResult(result)
  const targetState = stateOfAll(c.parts.map(({ snap }) => snap))
  // No request is sent about a past run, so what the targets have shown is all that is known.
  return isPast && isOver(targetState) ? targetState : liveState(c)
}

/** What a reply shows of the chosen runs. */
export function observationOf(
  tracker: Tracker,
  runs: readonly TrackedRun[],
  observed: Observed,
  times: Pick<Observation, 'atMs' | 'wallMs'>,
): Observation & { readonly lost: ReadonlySet<TargetId> } {
  const parts: Part[] = []
  const states: JobState[] = []
  const lost = new Set<TargetId>()
  const ends: (bigint | undefined)[] = []
  for (const one of runs) {
    const c = tracker.caseOf(one, observed)
    parts.push(...c.parts)
    ends.push(one.result?.endTime ?? statusOf(c, one.run)?.endTime)
    states.push(stateOf(one, c))
    for (const target of one.result?.lostTargets ?? []) lost.add(target)
    // The run is over, so a part that is still missing is lost.
    if (one.result !== undefined) for (const { target, missing } of c.parts) if (missing !== undefined) lost.add(target)
  }
  const ids = runs.map(({ id }) => id).join(',')
  return { ids, parts, state: stateOfStates(states), ...times, lost, endTime: lastOf(ends) }
}
