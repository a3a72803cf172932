import type { KindInfo } from '../model/kind.ts'
import type { Selection } from '../model/selection.ts'
import type { WaitResult } from '../model/wait-result.ts'
import { caseOf, type Case } from './case.ts'
import { isSentSince } from './evidence.ts'
import { advance, begin, type Goal, type Standing } from './goal.ts'
import type { Observed } from './interest.ts'
import type { Need, Pace } from './need.ts'
import { needsOf } from './needs.ts'
import { endOutcomeOf } from './outcome.ts'
import { isAtWork, isInList, isKnown, isOverEverywhere, isSelected, lastEndNs } from './run-facts.ts'
import { endedRun, runOf, type RunView, type View } from './view.ts'
import { defined } from '../common/defined.ts'

/** One run that a stream about many jobs follows. */
export interface TrackedRun {
  readonly id: string
  /** The goal of a wait for the end of this run: a stream decides ends as a wait does. */
  readonly goal: Goal
  standing: Standing
  run: RunView
  /** Whether it was over at the first reply of the stream. No request is sent about such a run. */
  isPast: boolean
  /** How it ended, once that is certain. It does not change after that. */
  result?: WaitResult
  /** When its end became certain. For a run that was over at the first reply: the time of that reply. */
  endedMs?: number
  /** Whether the cluster no longer shows it. The tracker then keeps only what it needs to recognize the run. */
  isReleased: boolean
  /** When it ended, in nanoseconds since the Unix epoch by the clocks of the cluster. Set once it is released. */
  endNs: bigint
}

/**
 * What a stream about many jobs knows. It is mutable, because a copy for each of ten thousand ends would cost too much.
 */
export interface Tracker {
  /** By id. */
  readonly tracked: Map<string, TrackedRun>
  /** Reduces an observation. Returns the ids of the runs that are new, have changed or were forgotten. */
  readonly reduce: (observed: Observed) => ReadonlySet<string>
  /** Returns what is due to learn how runs ended. */
  readonly needs: (view: View, pace: Pace, nowMs: number) => readonly Need[]
  /** Whether the end of a run that it follows is not certain. */
  readonly isUndecided: (id: string) => boolean
  /** Returns the case of a run, for the selectors of waits: so streams and waits never disagree. */
  readonly caseOf: (one: TrackedRun, observed: Pick<Observed, 'view' | 'nowMs'>) => Case
}

/**
 * A run that no list shows stays in a table for this long after its end: the Information Center keeps a status for the
 * same time.
 */
const SHOWN_MS = 180_000
/** An end is remembered for this long, so that a list that shows the run again does not cause a second event. */
const REMEMBERED_MS = 3_600_000

/**
 * Follows the runs of a selection, each from the first reply that shows it until its end is certain.
 *
 * @param isListed whether the lists of the cluster show these runs; otherwise only snapshots show them
 * @param keepsPast whether to follow runs that are over at the first reply
 */
export function trackerOf(
  selection: Selection,
  kinds: readonly KindInfo[],
  sinceMs: number,
  { isListed, keepsPast }: { readonly isListed: boolean; readonly keepsPast: boolean },
): Tracker {
  const tracked = new Map<string, TrackedRun>()
  /** Runs whose end is not certain, and that have needs or may have needs. */
  const undecided = new Set<string>()
  /** Runs that have ended and that the cluster still shows. */
  const shown = new Set<string>()
  /** When `sweep` last forgot runs that ended long ago. */
  let sweptMs = -Infinity
  /** The lists by which `releaseGone` last checked all `shown` runs. It checks them again when the view has a new list. */
  let checked: Pick<View, 'list' | 'running'> | undefined
  /** When `releaseGone` checks them again without a new list: then the first one that no list shows is gone (`SHOWN_MS`). */
  let nextCheckMs = Infinity
  /** When the first reply came that covers the whole selection. */
  let firstMs: number | undefined
  /** Whether the view was reduced before: from then on, `view.changed` names all runs that a reply may concern. */
  let hasReduced = false
  /** The latest end of a past run, in nanoseconds. A run that is first shown later is past if it ended no later than this. */
  let pastNs = 0n
  /** The selection, with runs that have ended. */
  const withEnded: Selection = { ...selection, onlyRunning: false }
  /** The parts that count for a goal: all of them, or those of the selected target. */
  const ofTarget: Selection = { ids: [], onlyRunning: false, ...defined({ target: selection.target }) }

  const mayTrack = (run: RunView, view: View): boolean =>
    (isKnown(run) || isAtWork(view, run)) && isSelected(withEnded, run)

  function newlyTracked(run: RunView, view: View): TrackedRun {
    const { id } = run
    const isFirst = firstMs === undefined
    const endNs = lastEndNs(run)
    const isPast = !keepsPast && isOverEverywhere(run, view) && (isFirst || (endNs > 0n && endNs <= pastNs))
    if (isPast && endNs > pastNs) pastNs = endNs
    const goal: Goal = {
      until: 'end',
      id,
      kinds,
      sinceMs,
      ofStream: true,
      selection: ofTarget,
      sendsNothing: isPast,
    }
    return { id, goal, standing: begin(goal), run, isPast, isReleased: false, endNs: 0n }
  }

  /** Applies what the view now has of a run. Returns false if the stream does not follow the run. */
  function update(id: string, { view, nowMs }: Pick<Observed, 'view' | 'nowMs'>): boolean {
    const run = runOf(view, id)
    if (run === undefined) return false
    const before = tracked.get(id)
    if (before === undefined && !mayTrack(run, view)) return false
    // If the starts of earlier runs have changed, the id has begun a new run.
    const one =
      before === undefined || before.run.earlierStarts !== run.earlierStarts ? newlyTracked(run, view) : before
    if (one !== before) tracked.set(id, one)
    one.run = run
    one.standing = advance(one.goal, one.standing, view)
    if (one.isPast && one.endedMs === undefined) one.endedMs = nowMs
    // Another stream may have requested how a past run ended.
    if (one.result === undefined) {
      const outcome = endOutcomeOf(view, one.goal, one.standing, nowMs)
      if (outcome?._tag === 'Right') {
        one.result = outcome.right
        one.endedMs ??= nowMs
      }
    }
    if (one.endedMs === undefined) undecided.add(id)
    else {
      undecided.delete(id)
      if (!one.isReleased) shown.add(id)
    }
    return true
  }

  /**
   * Whether the cluster no longer shows a run that has ended.
   *
   * The first reply that lacks a run may be the one that makes its end certain. In that case the end is shown until
   * the next reply.
   */
  function isGone(one: TrackedRun, view: View, nowMs: number): boolean {
    if (isInList(view, one.run)) return false
    const { endedMs = 0, isPast, run } = one
    if (!isListed) return run.absent !== undefined && (isPast || (run.snapshotsTry?.atMs ?? 0) > endedMs)
    const isForgotten = run.row !== undefined && (isPast || (view.list?.atMs ?? 0) > endedMs)
    return isForgotten || nowMs - endedMs >= SHOWN_MS
  }

  /** Keeps of a run that the cluster no longer shows only what recognizes it. */
  function release(one: TrackedRun): void {
    const endNs = lastEndNs(one.run)
    if (endNs > one.endNs) one.endNs = endNs
    one.run = endedRun(one.run)
    one.isReleased = true
  }

  /**
   * Releases the runs that the cluster no longer shows, and adds them to `touched`.
   *
   * All of them are checked only if a list or the time may have changed something. One list may show a hundred thousand runs
   * that have ended, and each reply about another run would then check them all.
   */
  function releaseGone(touched: Set<string>, view: View, nowMs: number): void {
    const isDue = view.list !== checked?.list || view.running !== checked?.running || nowMs >= nextCheckMs
    if (isDue) {
      checked = { list: view.list, running: view.running }
      nextCheckMs = Infinity
    }
    for (const id of isDue ? shown : touched) {
      const one = shown.has(id) ? tracked.get(id) : undefined
      if (one === undefined) continue
      if (isGone(one, view, nowMs)) {
        shown.delete(id)
        release(one)
        touched.add(id)
      } else if (!isInList(view, one.run)) nextCheckMs = Math.min(nextCheckMs, (one.endedMs ?? nowMs) + SHOWN_MS)
    }
  }

  /** Counts a released run as shown again, if the cluster shows it again. */
  function showAgain(id: string, view: View, nowMs: number): void {
    const one = tracked.get(id)
    if (one?.isReleased !== true) return
    if (isGone(one, view, nowMs)) release(one)
    else {
      one.isReleased = false
      shown.add(id)
    }
  }

  /** The runs that a reply may concern. */
  function candidates(view: View): readonly string[] {
    if (hasReduced) return view.changed
    // At first, the view may hold runs of other streams that no longer change.
    return selection.ids.length > 0 ? selection.ids : view.runs.keys()
  }

  /** Forgets the runs that ended long ago. Returns their ids. */
  function sweep(nowMs: number): readonly string[] {
    // A stream that follows ids remembers all of them: each reply about an id shows its run, even if the run is gone.
    if (nowMs - sweptMs < REMEMBERED_MS / 4 || selection.ids.length > 0) return []
    sweptMs = nowMs
    const forgotten: string[] = []
    for (const [id, { isReleased, endedMs = nowMs, endNs }] of tracked)
      if (isReleased && nowMs - endedMs >= REMEMBERED_MS) {
        tracked.delete(id)
        forgotten.push(id)
        // If a list shows the run again, it then still counts as past.
        if (endNs > pastNs) pastNs = endNs
      }
    return forgotten
  }

  return {
    tracked,
    reduce: (observed) => {
      const { view, nowMs } = observed
      const touched = new Set<string>()
      for (const id of candidates(view)) if (update(id, observed)) touched.add(id)
      hasReduced = true
      // Some ends become certain by time alone.
      for (const id of undecided)
        if (!touched.has(id) && update(id, observed) && tracked.get(id)?.endedMs !== undefined) touched.add(id)
      releaseGone(touched, view, nowMs)
      for (const id of touched) showAgain(id, view, nowMs)
      for (const id of sweep(nowMs)) touched.add(id)
      if (firstMs === undefined && isFirstReply(view, isListed, sinceMs, observed)) firstMs = nowMs
      return touched
    },
    needs: (view, pace, nowMs) => {
      const needs: Need[] = []
      const unpaced: Pace = { waitMs: pace.waitMs, unpaced: true }
      for (const id of undecided) {
        const one = tracked.get(id)
        const own = one === undefined ? [] : needsOf(view, one.goal, one.standing, unpaced, nowMs)
        if (own.length === 0) undecided.delete(id)
        else needs.push(...own)
      }
      return needs
    },
    isUndecided: (id) => {
      const one = tracked.get(id)
      return one !== undefined && one.endedMs === undefined
    },
    caseOf: ({ goal, standing }, { view, nowMs }) => caseOf(view, goal, standing, nowMs),
  }
}

/** Whether this reply is the first that covers the whole selection. */
function isFirstReply(view: View, isListed: boolean, sinceMs: number, { evidence }: Observed): boolean {
  if (!isListed) return evidence?.query.what === 'snapshots' && evidence.result._tag === 'Right'
  return isSentSince(view.list, sinceMs)
}
