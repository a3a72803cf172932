import type { KindInfo } from '../model/kind.ts'
import { selects, type Selection } from '../model/selection.ts'
import { isTerminal } from '../model/snapshot.ts'
import type { WaitResult } from '../model/wait-result.ts'
import { caseOf, type Case } from './case.ts'
import { advance, begin, type Goal, type Standing } from './goal.ts'
import type { Observed } from './interest.ts'
import { needsOf, type Need, type Pace } from './needs.ts'
import { outcomeOf } from './outcome.ts'
import { isOver } from '../codec/job-status.ts'
import { runOf, type RunView, type View } from './view.ts'
import { defined } from '../common/defined.ts'

/** One run, as a stream about many jobs follows it. */
export interface Life {
  readonly id: string
  readonly goal: Goal
  standing: Standing
  run: RunView
  /** It was over at the first reply of the stream: no request is sent about it. */
  past: boolean
  /** How it ended, once that is certain; it does not change after that. */
  result?: WaitResult
  /** When its end became certain, or was found to be past. */
  endedMs?: number
  /** The cluster no longer shows it. */
  gone: boolean
}

/** What a stream about many jobs knows. It is changed in place: a copy for each of ten thousand ends would cost too much. */
export interface Census {
  readonly lives: Map<string, Life>
  /** Reduces what was observed; returns the ids of the lives that are new or changed. */
  readonly take: (observed: Observed) => ReadonlySet<string>
  /** What is due to learn how runs ended. */
  readonly needs: (view: View, pace: Pace, nowMs: number) => readonly Need[]
  readonly caseOf: (life: Life, observed: Pick<Observed, 'view' | 'nowMs'>) => Case
}

/**
 * A run that no list shows stays in a table for this long after its end: as long as the Information Center keeps a
 * status.
 */
const SHOWN_MS = 180_000
/** An end is remembered for this long, so that a list that shows the run once more causes no second event. */
const REMEMBERED_MS = 3_600_000

/**
 * Follows the runs of a selection, each from the first reply that shows it until its end is certain.
 *
 * @param isListed whether the lists of the cluster show these runs; else only snapshots do
 * @param keepsPast follows a run even if it is over at the first reply
 */
export function censusOf(
  selection: Selection,
  kinds: readonly KindInfo[],
  sinceMs: number,
  { isListed, keepsPast }: { readonly isListed: boolean; readonly keepsPast: boolean },
): Census {
  const lives = new Map<string, Life>()
  /** Lives that have needs, or may have. */
  const suspects = new Set<string>()
  /** Lives that have ended and that the cluster still shows. */
  const shown = new Set<string>()
  let sweptMs = -Infinity
  let firstMs: number | undefined
  let hasLooked = false
  /** A run that ended by this instant is past, even if it shows later. */
  let pastNs = 0n
  const { target } = selection
  const goalOf = (id: string): Goal => ({
    until: 'end',
    id,
    kinds,
    sinceMs,
    ofStream: true,
    selection: { ids: [], onlyRunning: false, ...defined({ target }) },
  })
  const whole: Selection = { ...selection, onlyRunning: false }
  const isMeant = (run: RunView): boolean => {
    const { ids, kind, bucket } = selection
    if (ids.length > 0 && !ids.includes(run.id)) return false
    if (kind !== undefined && run.kind !== kind) return false
    if (bucket === undefined && target === undefined) return true
    for (const { target: at, snap } of run.parts.values()) if (selects(whole, at, snap)) return true
    return false
  }
  const isKnown = (run: RunView): boolean => run.row !== undefined || run.full !== undefined || run.parts.size > 0
  const isAtWork = (view: View, { id }: RunView): boolean => view.running?.value.has(id) === true

  function born(run: RunView, view: View): Life {
    const isFirst = firstMs === undefined
    const endNs = endOf(run)
    const past = !keepsPast && isOverAll(run, view) && (isFirst || (endNs > 0n && endNs <= pastNs))
    if (past && isFirst && endNs > pastNs) pastNs = endNs
    const goal: Goal = { ...goalOf(run.id), asksNothing: past }
    return { id: run.id, goal, standing: begin(goal), run, past, gone: false }
  }

  function isOverAll(run: RunView, view: View): boolean {
    const row = run.full?.value ?? run.row?.value
    if (run.parts.size > 0) return [...run.parts.values()].every(({ snap }) => isTerminal(snap))
    return row !== undefined && isOver(row) && !isAtWork(view, run)
  }

  function look(id: string, { view, nowMs }: Pick<Observed, 'view' | 'nowMs'>): boolean {
    const run = runOf(view, id)
    const before = lives.get(id)
    if (run === undefined || (before === undefined && !((isKnown(run) || isAtWork(view, run)) && isMeant(run))))
      return false
    // The same id began a new run.
    const life = before === undefined || before.run.past !== run.past ? born(run, view) : before
    if (life !== before) lives.set(id, life)
    life.run = run
    life.standing = advance(life.goal, life.standing, view)
    if (life.past && life.endedMs === undefined) life.endedMs = nowMs
    // Another stream may have learnt how a past run ended.
    if (life.result === undefined) {
      const told = outcomeOf(view, life.goal, life.standing, nowMs)
      if (told?._tag === 'Right') {
        life.result = told.right
        life.endedMs ??= nowMs
      }
    }
    if (life.endedMs === undefined) suspects.add(id)
    else {
      suspects.delete(id)
      if (!life.gone) shown.add(id)
    }
    return true
  }

  /**
   * Whether the cluster no longer shows it. The list that first lacks a run may be what makes its end certain; the end then
   * shows until the next list.
   */
  function isGone({ id, endedMs = 0, past, run }: Life, view: View, nowMs: number): boolean {
    if (view.table?.value.has(id) === true || isAtWork(view, run)) return false
    if (!isListed) return run.denied !== undefined
    const isForgotten = run.row !== undefined && (past || (view.table?.atMs ?? 0) > endedMs)
    return isForgotten || nowMs - endedMs >= SHOWN_MS
  }

  function sweep(nowMs: number): void {
    if (nowMs - sweptMs < REMEMBERED_MS / 4) return
    sweptMs = nowMs
    for (const [id, { gone, endedMs = nowMs, run }] of lives)
      if (gone && nowMs - endedMs >= REMEMBERED_MS) {
        lives.delete(id)
        const endNs = endOf(run)
        if (endNs > pastNs) pastNs = endNs
      }
  }

  return {
    lives,
    take: (observed) => {
      const { view, nowMs } = observed
      const touched = new Set<string>()
      // At first, the view may hold runs that no longer change, from other streams.
      const news = hasLooked ? view.changed : selection.ids.length > 0 ? selection.ids : idsOf(view)
      hasLooked = true
      for (const id of news) if (look(id, observed)) touched.add(id)
      // Time alone makes some ends certain.
      for (const id of suspects)
        if (!touched.has(id) && look(id, observed) && lives.get(id)?.endedMs !== undefined) touched.add(id)
      for (const id of shown) {
        const life = lives.get(id)
        if (life !== undefined && !isGone(life, view, nowMs)) continue
        shown.delete(id)
        if (life !== undefined) life.gone = true
        touched.add(id)
      }
      for (const id of touched) {
        const life = lives.get(id)
        if (life?.gone !== true || isGone(life, view, nowMs)) continue
        life.gone = false
        shown.add(id)
      }
      sweep(nowMs)
      if (firstMs === undefined && isFirstWord(view, isListed, sinceMs, observed)) firstMs = nowMs
      return touched
    },
    needs: (view, pace, nowMs) => {
      const needs: Need[] = []
      const unpaced: Pace = { waitMs: pace.waitMs, unpaced: true }
      for (const id of suspects) {
        const life = lives.get(id)
        const own = life === undefined ? [] : needsOf(view, life.goal, life.standing, unpaced, nowMs)
        if (own.length === 0) suspects.delete(id)
        else needs.push(...own)
      }
      return needs
    },
    caseOf: ({ goal, standing }, { view, nowMs }) => caseOf(view, goal, standing, nowMs),
  }
}

function idsOf({ runs }: View): readonly string[] {
  return [...runs.keys()]
}

/** Whether this is the first reply that covers the whole selection. */
function isFirstWord(view: View, isListed: boolean, sinceMs: number, { evidence }: Observed): boolean {
  if (!isListed) return evidence?.query.what === 'snapshots' && evidence.result._tag === 'Right'
  return view.table !== undefined && view.table.askedMs >= sinceMs
}

function endOf({ parts, row, full }: RunView): bigint {
  let last = full?.value.endTime ?? row?.value.endTime ?? 0n
  for (const { snap } of parts.values()) if (snap.endTime !== undefined && snap.endTime > last) last = snap.endTime
  return last
}
