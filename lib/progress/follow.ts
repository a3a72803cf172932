import type { JobSnap } from '../codec/job-snap.ts'
import type { Snapshots, TargetId } from '../codec/snapshots.ts'
import { isTerminal } from '../snapshot.ts'
import type { Memory } from './memory.ts'

/** One record as one target showed it. */
export interface Shown {
  readonly target: TargetId
  readonly snap: JobSnap
}

export const shownIn = (snapshots: Snapshots): readonly Shown[] =>
  Object.entries(snapshots).flatMap(([target, snaps]) => snaps.map((snap) => ({ target, snap })))

export const keyOf = ({ target, snap }: Shown): string => `${snap.id}/${target}`

interface Run {
  readonly id: string
  /** The earliest of its parts; one that has not begun is later than all others. */
  readonly start: bigint
  readonly over: boolean
}

const NOT_BEGUN = 2n ** 64n

/**
 * The ids that are followed from now on.
 *
 * Those that were asked for; or of a kind one run: the one that started last of those at work, or, where none is, of all.
 * Only a run at work that started later takes its place, so that it never goes back to an older one.
 */
export function follow({ aim, followed, parts }: Memory, shown: readonly Shown[]): ReadonlySet<string> {
  const runs = runsOf(shown)
  const fit = runs.filter(({ over }) => !over || !aim.onlyRunning)
  if (aim.ids.length > 0) return new Set([...followed, ...fit.map(({ id }) => id)])
  const working = newest(fit.filter(({ over }) => !over))
  if (followed.size === 0) {
    const first = working ?? newest(fit)
    return new Set(first === undefined ? [] : [first.id])
  }
  const start = startOf([...parts.values()])
  return working !== undefined && working.start > start ? new Set([working.id]) : followed
}

/** The earliest, of those that have begun. */
export const startOf = (shown: readonly Shown[]): bigint =>
  shown.reduce((first, { snap: { startTime = NOT_BEGUN } }) => (startTime < first ? startTime : first), NOT_BEGUN)

export const hasBegun = (start: bigint): boolean => start < NOT_BEGUN

function runsOf(shown: readonly Shown[]): readonly Run[] {
  const byId = new Map<string, Shown[]>()
  for (const one of shown) {
    const parts = byId.get(one.snap.id)
    if (parts === undefined) byId.set(one.snap.id, [one])
    else parts.push(one)
  }
  return [...byId].map(([id, parts]) => ({
    id,
    start: startOf(parts),
    over: parts.every(({ snap }) => isTerminal(snap)),
  }))
}

const newest = (runs: readonly Run[]): Run | undefined =>
  runs.reduce<Run | undefined>((last, run) => (last === undefined || run.start > last.start ? run : last), undefined)
