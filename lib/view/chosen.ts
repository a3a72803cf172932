import { lastOf } from '../codec/instant.ts'
import type { TargetId } from '../codec/snapshots.ts'
import { isOver, stateOfAll, stateOfStates, type JobState } from '../model/job-state.ts'
import type { Selection } from '../model/selection.ts'
import { isTerminal } from '../model/snapshot.ts'
import type { Census, Life } from './census.ts'
import { statusOf } from './certainty.ts'
import { startOf } from './elapsed.ts'
import type { Observed } from './interest.ts'
import type { Reading } from './progress.ts'
import { liveState, stateOfResult } from './state.ts'
import type { Part } from './view.ts'

/**
 * Chooses the runs whose progress is shown: those that are named, or one run of a kind.
 *
 * Of a kind, it is the run that started last among those at work, or among all if none is. Only a run at work that
 * started later replaces it, so it never goes back to an older one.
 */
export function chosenLives({ ids, onlyRunning }: Selection): (census: Census) => readonly Life[] {
  let chosen: Life | undefined
  const fits = ({ past }: Life): boolean => !(onlyRunning && past)
  return ({ lives }) => {
    if (ids.length > 0) return ids.flatMap((id) => lives.get(id) ?? []).filter(fits)
    const all = [...lives.values()].filter((life) => fits(life) && life.run.parts.size > 0)
    const working = newest(all.filter(({ run }) => ![...run.parts.values()].every(({ snap }) => isTerminal(snap))))
    const known = chosen
    chosen =
      known === undefined
        ? (working ?? newest(all))
        : working !== undefined && startOfLife(working) > startOfLife(known)
          ? working
          : known
    return chosen === undefined ? [] : [lives.get(chosen.id) ?? chosen]
  }
}

const startOfLife = ({ run }: Life): bigint => startOf([...run.parts.values()]) ?? 2n ** 64n

const newest = (lives: readonly Life[]): Life | undefined =>
  lives.reduce<Life | undefined>(
    (last, life) => (last === undefined || startOfLife(life) > startOfLife(last) ? life : last),
    undefined,
  )

/** What a reply shows of the chosen runs. */
export function readingOf(
  census: Census,
  lives: readonly Life[],
  observed: Observed,
  times: Pick<Reading, 'atMs' | 'wallMs'>,
): Reading & { readonly lost: ReadonlySet<TargetId> } {
  const parts: Part[] = []
  const states: JobState[] = []
  const lost = new Set<TargetId>()
  const ends: (bigint | undefined)[] = []
  for (const life of lives) {
    const c = census.caseOf(life, observed)
    parts.push(...c.parts)
    ends.push(life.result?.endTime ?? statusOf(c, life.run)?.endTime)
    const shown = stateOfAll(c.parts.map(({ snap }) => snap))
    states.push(
      life.result !== undefined ? stateOfResult(life.result) : life.past && isOver(shown) ? shown : liveState(c),
    )
    for (const target of life.result?.lostTargets ?? []) lost.add(target)
    // Once a run is over, no target works on it.
    if (life.result !== undefined)
      for (const { target, missing } of c.parts) if (missing !== undefined) lost.add(target)
  }
  const ids = lives.map(({ id }) => id).join(',')
  return { ids, parts, state: stateOfStates(states), ...times, lost, endTime: lastOf(ends) }
}
