import type { Snapshots, TargetId } from '../codec/snapshots.ts'
import { findKind, type KindInfo } from '../model/kind.ts'
import { selects, type Selection } from '../model/selection.ts'
import { isTerminal } from '../model/snapshot.ts'
import type { Shown } from './parts.ts'
import { runOf, type Part, type RunView, type View } from './view.ts'

/** What a wait waits for. */
export interface Goal {
  /**
   * `kind`: until it idles if its kind idles, else until it ends; `single`: until the known parts have ended;
   * `not-running`: until no run of the kind runs, later runs included; `view`: until a condition of the user holds.
   */
  readonly until: 'kind' | 'end' | 'idle' | 'single' | 'started' | 'not-running' | 'view'
  /** Absent: the next run of the kind. */
  readonly id?: string | undefined
  /** Which snapshots count; its ids are not used. */
  readonly selection: Selection
  readonly kinds: readonly KindInfo[]
  /** When the wait began: a reply that was asked for earlier proves no absence. */
  readonly sinceMs: number
  /** When its budget ends; absent or Infinity where it has none. */
  readonly endsMs?: number | undefined
  /** The last round of a budget: everything is asked at once, and no doubt about a success ends by waiting. */
  readonly isLastRound?: boolean
  /** When the wait itself began, if that was earlier than `sinceMs`: in its last look. */
  readonly beganMs?: number
  /** A stream about many jobs shows each end that other streams show, even where a wait that begins now asks again. */
  readonly ofStream?: boolean
  /** It sends no request of its own, so no doubt ends by time alone: most likely nobody has asked. */
  readonly sendsNothing?: boolean
}

/**
 * What a wait has derived from the view so far: which runs count for it, and when it first had a reply of the targets.
 */
export interface Standing {
  readonly runs: readonly string[]
  /** Runs of the kind that had ended before they could be waited for (T7). */
  readonly endedBefore: ReadonlySet<string>
  /** Targets that answered since the wait began. */
  readonly answeredTargets: ReadonlySet<TargetId>
  /** When the first reply of the targets came that was asked for since the wait began. */
  readonly firstReplyMs: number | undefined
  /** The last reply about the kind that was used. */
  readonly lastSnapshots: Snapshots | undefined
}

export function begin({ id }: Goal): Standing {
  return {
    runs: id === undefined ? [] : [id],
    endedBefore: NO_IDS,
    answeredTargets: NO_IDS,
    firstReplyMs: undefined,
    lastSnapshots: undefined,
  }
}

const NO_IDS: ReadonlySet<string> = new Set()

/** The kind, given or learnt. */
export function kindOf(view: View, { selection: { kind } }: Goal, { runs }: Standing): string | undefined {
  if (kind !== undefined) return kind
  for (const id of runs) {
    const run = runOf(view, id)
    if (run?.kind !== undefined) return run.kind
  }
  return undefined
}

export function infoOf(view: View, goal: Goal, standing: Standing): KindInfo | undefined {
  const kind = kindOf(view, goal, standing)
  return kind === undefined ? undefined : findKind(kind, goal.kinds)
}

/** What the wait waits for, given what is known of the kind. */
export function untilOf({ until }: Goal, info: KindInfo | undefined): 'end' | 'idle' {
  return until === 'idle' || (until === 'kind' && info?.idles === true) ? 'idle' : 'end'
}

/** Whether later runs of the kind count too: of a kind that must not run, or that has a run for each target. */
export function countsLaterRuns(goal: Goal, info: KindInfo | undefined): boolean {
  return goal.id === undefined && (goal.until === 'not-running' || untilOf(goal, info) === 'idle')
}

export function runsOf(view: View, { runs }: Standing): readonly RunView[] {
  const found: RunView[] = []
  for (const id of runs) {
    const run = runOf(view, id)
    if (run !== undefined) found.push(run)
  }
  return found
}

/** The parts of a run that count for the wait. */
export function partsOf({ selection }: Goal, run: RunView): readonly Part[] {
  const parts: Part[] = []
  for (const part of run.parts.values()) if (selects(selection, part.target, part.snap)) parts.push(part)
  return parts
}

/** Whether a target has shown a part that counts for the wait. */
export function hasParts({ selection }: Goal, { parts }: RunView): boolean {
  for (const { target, snap } of parts.values()) if (selects(selection, target, snap)) return true
  return false
}

/** Derives the standing from the view: a wait by kind learns which runs are its own. */
export function advance(goal: Goal, standing: Standing, view: View): Standing {
  return goal.id === undefined ? withKind(goal, standing, view) : withFirstLook(goal, standing, view, goal.id)
}

function withFirstLook(goal: Goal, standing: Standing, view: View, id: string): Standing {
  if (standing.firstReplyMs !== undefined) return standing
  const shown = runOf(view, id)?.targetsReply
  if (shown === undefined || shown.askedMs < goal.sinceMs) return standing
  const { runs, endedBefore, answeredTargets, lastSnapshots } = standing
  // A spread would give each of ten thousand objects a shape of its own.
  return { runs, endedBefore, answeredTargets, firstReplyMs: shown.atMs, lastSnapshots }
}

function withKind(goal: Goal, standing: Standing, view: View): Standing {
  const shown = view.kinds.get(goal.selection.kind ?? '')?.snapshots
  if (shown === undefined || shown.askedMs < goal.sinceMs || shown.value === standing.lastSnapshots) return standing
  const all: Shown[] = []
  for (const [target, snaps] of Object.entries(shown.value))
    for (const snap of snaps) if (selects(goal.selection, target, snap)) all.push({ target, snap })
  const endedBefore = findEndedBefore(standing, all)
  return {
    runs: ownRuns(standing, endedBefore, all, countsLaterRuns(goal, infoOf(view, goal, standing))),
    endedBefore,
    answeredTargets: new Set([...standing.answeredTargets, ...Object.keys(shown.value)]),
    firstReplyMs: standing.firstReplyMs ?? shown.atMs,
    lastSnapshots: shown.value,
  }
}

/**
 * Finds the runs that do not count (T7): the first reply that shows them shows them ended, on targets that had not
 * answered before. A run that ends between two replies shows on a target that had answered, so it counts; a run that
 * goes on elsewhere counts too.
 */
function findEndedBefore({ endedBefore, answeredTargets, runs }: Standing, all: readonly Shown[]): ReadonlySet<string> {
  const running = new Set(all.flatMap(({ snap }) => (isTerminal(snap) ? [] : [snap.id])))
  const own = new Set([
    ...runs,
    ...running,
    ...all.flatMap(({ target, snap }) => (answeredTargets.has(target) ? [snap.id] : [])),
  ])
  const ended = all.flatMap(({ snap }) => (own.has(snap.id) ? [] : [snap.id]))
  return new Set([...[...endedBefore].filter((run) => !running.has(run)), ...ended])
}

function ownRuns(
  { runs }: Standing,
  before: ReadonlySet<string>,
  all: readonly Shown[],
  more: boolean,
): readonly string[] {
  if (runs.length > 0 && !more) return runs
  return [...new Set([...runs, ...all.flatMap(({ snap }) => (before.has(snap.id) ? [] : [snap.id]))])]
}
