import type { Snapshots, TargetId } from '../codec/snapshots.ts'
import { DOWNLOAD_KIND, isDownloadId } from '../model/download.ts'
import { findKind, type Kind } from '../model/kind.ts'
import { selects, type Selection } from '../model/selection.ts'
import { isTerminal } from '../model/snapshot.ts'
import { isSentSince } from './evidence.ts'
import type { Shown } from './parts.ts'
import { runOf, type Part, type RunView, type View } from './view.ts'

/** What a wait waits for. */
export interface Goal {
  /**
   * `kind`: until the job is idle if its kind idles, otherwise until it ends; `single`: until the known parts have
   * ended; `not-running`: until no run of the kind runs, later runs included; `view`: until a condition of the user
   * holds.
   */
  readonly until: 'kind' | 'end' | 'idle' | 'single' | 'started' | 'not-running' | 'view'
  /** The id of the run. Absent for the next run of the kind. */
  readonly id?: string | undefined
  /** Which snapshots count. Its ids are not used. */
  readonly selection: Selection
  /** How many files the launch of the download named. */
  readonly files?: number | undefined
  /** Whether the job may idle between two pages of its work. */
  readonly paged?: true | undefined
  /** The kinds that the options of the cluster add to the built-in ones. */
  readonly kinds: readonly Kind[]
  /** When the wait began. A reply to a request sent earlier proves no absence. */
  readonly sinceMs: number
  /** When its budget ends. Absent or Infinity if it has none. */
  readonly endsMs?: number | undefined
  /**
   * Whether this is the last round of a budget: all requests are sent at once, and no doubt about a success ends by
   * time alone.
   */
  readonly isLastRound?: boolean
  /** When the wait began. Present only in the last round, because there `sinceMs` is the beginning of the round. */
  readonly beganMs?: number
  /**
   * Whether the goal belongs to a stream about many jobs. Such a stream shows each end that other streams show, while a
   * wait that begins now first sends requests of its own.
   */
  readonly ofStream?: boolean
  /**
   * Whether the stream sends no request of its own. No doubt then ends by time alone, because most likely no request
   * was sent.
   */
  readonly sendsNothing?: boolean
}

/**
 * What a wait has derived from the view so far: which runs count for it, and when the targets first replied to a
 * request that was sent since it began.
 */
export interface Standing {
  readonly runs: readonly string[]
  /** Runs of the kind that had ended before the wait could see them at work (protocol T7). */
  readonly endedBefore: ReadonlySet<string>
  /** The targets that have answered since the wait began. */
  readonly answeredTargets: ReadonlySet<TargetId>
  /** When the targets first replied to a request sent since the wait began. */
  readonly firstReplyMs: number | undefined
  /** The last reply about the kind from which the standing was derived. */
  readonly lastSnapshots: Snapshots | undefined
}

/** The standing of a wait that has just begun. */
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

/** The kind: selected by the user, or learnt from a reply. */
export function kindOf(view: View, { selection: { kind } }: Goal, { runs }: Standing): string | undefined {
  if (kind !== undefined) return kind
  for (const id of runs) {
    const run = runOf(view, id)
    if (run?.kind !== undefined) return run.kind
  }
  return undefined
}

/**
 * The kind of one download. A download ends, unlike the job of the kind `download`, which all downloads share. The
 * download API shows it as a whole, and the report of the Information Center on it does not count (protocol T14).
 */
const DOWNLOAD: Kind = Object.freeze({ kind: DOWNLOAD_KIND, scope: 'target' })

/** What is known of the kind of the job; undefined if its kind is unknown, or known only by name. */
export function infoOf(view: View, goal: Goal, standing: Standing): Kind | undefined {
  if (goal.id !== undefined && isDownloadId(goal.id)) return DOWNLOAD
  const kind = kindOf(view, goal, standing)
  return kind === undefined ? undefined : findKind(kind, goal.kinds)
}

/** What the wait waits for, given what is known of the kind. */
export function untilOf({ until }: Goal, info: Kind | undefined): 'end' | 'idle' {
  return until === 'idle' || (until === 'kind' && info?.idles === true) ? 'idle' : 'end'
}

/**
 * Whether later runs of the kind count too: if the wait is for the kind to stop running, or if the kind has one run on
 * each target.
 */
export function countsLaterRuns(goal: Goal, info: Kind | undefined): boolean {
  return goal.id === undefined && (goal.until === 'not-running' || untilOf(goal, info) === 'idle')
}

/** The runs that count for a wait, as far as the view has them. */
export function runsOf(view: View, { runs }: Standing): readonly RunView[] {
  const id = runs[0]
  const only = id === undefined ? undefined : runOf(view, id)
  // Most waits are for one run.
  if (runs.length === 1 && only !== undefined) return [only]
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

/** Derives the standing from the view. A wait by kind learns in this way which runs it waits for. */
export function advance(goal: Goal, standing: Standing, view: View): Standing {
  return goal.id === undefined ? withKind(goal, standing, view) : withFirstReply(goal, standing, view, goal.id)
}

/** The standing after the first reply of the targets, in a wait by id. */
function withFirstReply(goal: Goal, standing: Standing, view: View, id: string): Standing {
  if (standing.firstReplyMs !== undefined) return standing
  const shown = runOf(view, id)?.targetsReply
  if (!isSentSince(shown, goal.sinceMs)) return standing
  const { runs, endedBefore, answeredTargets, lastSnapshots } = standing
  // A spread would give each of ten thousand objects a shape of its own.
  return { runs, endedBefore, answeredTargets, firstReplyMs: shown.atMs, lastSnapshots }
}

/** The standing after a reply about the whole kind, in a wait by kind. */
function withKind(goal: Goal, standing: Standing, view: View): Standing {
  const shown = view.kinds.get(goal.selection.kind ?? '')?.snapshots
  if (!isSentSince(shown, goal.sinceMs) || shown.value === standing.lastSnapshots) return standing
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
 * Finds the runs that had ended before the wait could see them at work, and so do not count (protocol T7). The first
 * reply that shows such a run shows it as ended, on targets that had not answered before.
 *
 * A run that ends between two replies is on a target that had answered, so it counts. A run that still runs on another
 * target counts too.
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

/**
 * The runs that count for a wait by kind: the first ones that it has seen at work and, if `addsLater`, all later ones.
 */
function ownRuns(
  { runs }: Standing,
  endedBefore: ReadonlySet<string>,
  all: readonly Shown[],
  addsLater: boolean,
): readonly string[] {
  if (runs.length > 0 && !addsLater) return runs
  return [...new Set([...runs, ...all.flatMap(({ snap }) => (endedBefore.has(snap.id) ? [] : [snap.id]))])]
}
