import type { JobSnap } from '../../../../lib/codec/job-snap.ts'
import type { JobStatus } from '../../../../lib/codec/job-status.ts'
import type { Snapshots } from '../../../../lib/codec/snapshots.ts'
import { findKind, type Kind } from '../../../../lib/model/kind.ts'
import type { StoryGoal, StoryReply } from './stories.ts'

// What the replies so far show to one wait, derived from the whole list of replies. `reference.ts` judges it.

export const isAborted = (snap: JobSnap): boolean => snap.aborted || snap.abortErr !== ''
export const hasEnded = (snap: JobSnap): boolean => snap.endTime !== undefined || isAborted(snap)
export const isResting = (snap: JobSnap): boolean => snap.isIdle && snap.startTime !== undefined && !hasEnded(snap)
export const showsEnd = ({ endTime, aborted }: JobStatus): boolean => endTime !== undefined || aborted

/** The last index that matches, or -1. */
export const lastIndex = <A>(all: readonly A[], is: (one: A, n: number) => boolean): number =>
  all.reduce((found, one, n) => (is(one, n) ? n : found), -1)

/** A reply of the targets that shows which of them know a job. */
interface Poll {
  readonly atMs: number
  /** Empty if no target knows the job. */
  readonly shown: Snapshots
}

/** A 404 is an answer to a request for one job; to a request for a kind, targets reply with empty lists. */
export const isPoll = (goal: StoryGoal, reply: StoryReply): boolean =>
  reply.query === 'snapshots' &&
  (reply.result._tag === 'Right' || (goal.id !== undefined && reply.result.left._tag === 'NotFound'))

/** The replies about snapshots, with their times. After a 404, no target shows the job. */
const pollsOf = (goal: StoryGoal, replies: readonly StoryReply[]): readonly Poll[] =>
  replies
    .filter((reply) => isPoll(goal, reply))
    .map((reply) => ({
      atMs: reply.atMs,
      shown: reply.query === 'snapshots' && reply.result._tag === 'Right' ? reply.result.right : {},
    }))

/** Each snapshot with its target. */
const pairsOf = (shown: Snapshots): readonly (readonly [target: string, snap: JobSnap])[] =>
  Object.entries(shown).flatMap(([target, snaps]) => snaps.map((snap) => [target, snap] as const))

/** Whether a reply shows the run on any target. */
const hasRun = (shown: Snapshots, run: string): boolean => pairsOf(shown).some(([, snap]) => snap.id === run)

/** The runs that count after these replies. */
function runsOf(goal: StoryGoal, polls: readonly Poll[], forIdle: boolean): readonly string[] {
  if (goal.id !== undefined) return [goal.id]
  const hasRepliedBefore = (n: number, target: string): boolean =>
    polls.slice(0, n).some(({ shown }) => target in shown)
  // A run is old if it had ended when it was first shown, by targets that had not replied before, and until a target
  // shows it running.
  const isOursAt = (run: string, n: number): boolean => {
    const first = polls.findIndex(({ shown }) => hasRun(shown, run))
    if (first === -1 || first > n) return false
    const parts = pairsOf(polls[first]!.shown).filter(([, snap]) => snap.id === run)
    const isOld = parts.every(([target, snap]) => hasEnded(snap) && !hasRepliedBefore(first, target))
    const wasAtWork = polls
      .slice(0, n + 1)
      .some(({ shown }) => pairsOf(shown).some(([, snap]) => snap.id === run && !hasEnded(snap)))
    return !isOld || wasAtWork
  }
  const named = polls.map(({ shown }, n) =>
    [...new Set(pairsOf(shown).map(([, snap]) => snap.id))].filter((run) => isOursAt(run, n)),
  )
  if (forIdle) return [...new Set(named.flat())]
  return named.find((runs) => runs.length > 0) ?? []
}

/** What one target shows of a run. */
export interface SeenPart {
  readonly run: string
  readonly target: string
  /** The last snapshot. */
  readonly snap: JobSnap
  /** When targets replied without showing this part, since it was last shown. */
  readonly missedMs: readonly number[]
}

/** The parts of a run on all targets, including those that the wait does not count. */
export function partsOf(run: string, polls: readonly Poll[]): readonly SeenPart[] {
  const targets = [...new Set(polls.flatMap(({ shown }) => Object.keys(shown)))]
  return targets.flatMap((target) => {
    const last = lastIndex(polls, ({ shown }) => (shown[target] ?? []).some(({ id }) => id === run))
    if (last === -1) return []
    const snaps = polls[last]!.shown[target]!.filter(({ id }) => id === run)
    return [{ run, target, snap: worst(snaps), missedMs: polls.slice(last + 1).map(({ atMs }) => atMs) }]
  })
}

/** The snapshot that counts if one target shows several of one run: the worst of those that started last. */
function worst(snaps: readonly JobSnap[]): JobSnap {
  const latest = snaps.map(({ startTime = 0n }) => startTime).reduce((a, b) => (a > b ? a : b))
  const startedLast = snaps.filter(({ startTime = 0n }) => startTime === latest)
  const fromWorst = [
    (snap: JobSnap) => !hasEnded(snap) && !isResting(snap),
    isResting,
    isAborted,
    (snap: JobSnap) => snap.err !== '',
    () => true,
  ]
  return fromWorst.map((is) => startedLast.find(is)).find((snap) => snap !== undefined)!
}

/** The kind that the user selected, or the first that a reply reports. */
function kindOf(goal: StoryGoal, replies: readonly StoryReply[]): string | undefined {
  return (
    goal.kind ??
    replies.flatMap((reply) => {
      if (reply.query === 'status' && reply.result._tag === 'Right') return [reply.result.right.kind]
      if (reply.query === 'snapshots' && reply.result._tag === 'Right')
        return pairsOf(reply.result.right).flatMap(([, snap]) => (snap.id === goal.id ? [snap.kind] : []))
      return []
    })[0]
  )
}

/** Whether the goal is idleness, or a kind whose jobs idle. */
const waitsForIdle = ({ until }: StoryGoal, kind: string | undefined): boolean =>
  until === 'idle' || (until === 'kind' && kind !== undefined && findKind(kind, [])?.idles === true)

/** The runs that a wait has found so far. */
export const foundBy = (goal: StoryGoal, replies: readonly StoryReply[]): readonly string[] =>
  runsOf(goal, pollsOf(goal, replies), waitsForIdle(goal, kindOf(goal, replies)))

/** What a reply to a request for a status showed: that the Information Center knows the run, or not, or nothing. */
interface Report {
  readonly atMs: number
  readonly state: 'known' | 'unknown' | 'failed'
}

/** What the replies so far show to one wait. */
export class RepliesSoFar {
  readonly goal: StoryGoal
  readonly nowMs: number
  readonly kind: string | undefined
  readonly info: Kind | undefined
  readonly isForIdle: boolean
  /** Whether the Information Center keeps the statuses of the kind, as far as that is known. */
  readonly icTracksKind: boolean
  /** Whether an absence from the Information Center counts. */
  readonly usesIc: boolean
  readonly polls: readonly Poll[]
  /** When the last poll came. */
  readonly polledMs: number
  readonly runs: readonly string[]
  /** The parts that the wait counts. */
  readonly parts: readonly SeenPart[]
  private readonly replies: readonly StoryReply[]

  constructor(goal: StoryGoal, replies: readonly StoryReply[], nowMs: number) {
    this.goal = goal
    this.replies = replies
    this.nowMs = nowMs
    this.kind = kindOf(goal, replies)
    this.info = this.kind === undefined ? undefined : findKind(this.kind, [])
    this.isForIdle = waitsForIdle(goal, this.kind)
    this.icTracksKind = this.info === undefined || this.info.ic === true
    this.usesIc = goal.target === undefined && this.icTracksKind && this.info?.idles !== true
    this.polls = pollsOf(goal, replies)
    this.polledMs = this.polls.at(-1)?.atMs ?? -Infinity
    this.runs = runsOf(goal, this.polls, this.isForIdle)
    this.parts = this.runs.flatMap((run) => this.everyPartOf(run).filter((part) => this.counts(part)))
  }

  /** Whether the wait counts a part: a wait may be for one target. */
  counts({ target }: SeenPart): boolean {
    return this.goal.target === undefined || this.goal.target === target
  }

  everyPartOf(run: string): readonly SeenPart[] {
    return partsOf(run, this.polls)
  }

  /** The replies to requests for snapshots since this time, failed ones included. */
  triesSince(ms: number): readonly StoryReply[] {
    return this.replies.filter((reply) => reply.query === 'snapshots' && reply.atMs >= ms)
  }

  /** The replies to requests for the status of a run. */
  statusReplies(run: string): readonly Extract<StoryReply, { query: 'status' }>[] {
    return this.replies.flatMap((reply) => (reply.query === 'status' && reply.run === run ? [reply] : []))
  }

  /** The statuses of a run, with their times. A status is about the whole job, so a wait for one target has none. */
  statusesOf(run: string): readonly { readonly atMs: number; readonly status: JobStatus }[] {
    if (this.goal.target !== undefined) return []
    return this.statusReplies(run).flatMap(({ atMs, result }) =>
      result._tag === 'Right' ? [{ atMs, status: result.right }] : [],
    )
  }

  /** The status that counts, with its time: later reports do not take back an end. */
  lastStatusOf(run: string): { readonly atMs: number; readonly status: JobStatus } | undefined {
    const all = this.statusesOf(run)
    return all.filter(({ status }) => showsEnd(status)).at(-1) ?? all.at(-1)
  }

  statusOf(run: string): JobStatus | undefined {
    return this.lastStatusOf(run)?.status
  }

  /** The statuses of all runs that count. */
  get statuses(): readonly JobStatus[] {
    return this.runs.flatMap((run) => this.statusOf(run) ?? [])
  }

  /** When the Information Center first reported the end; Infinity if it has not. */
  endReportedMs(run: string): number {
    return this.statusesOf(run).find(({ status }) => showsEnd(status))?.atMs ?? Infinity
  }

  reportsAbout(run: string): readonly Report[] {
    return this.statusReplies(run).map(({ atMs, result }) => {
      if (result._tag === 'Right') return { atMs, state: 'known' }
      return { atMs, state: result.left._tag === 'NotFound' ? 'unknown' : 'failed' }
    })
  }

  lastReport(run: string): Report | undefined {
    return this.reportsAbout(run).at(-1)
  }

  /** The last report that did not fail: a later failure does not undo a reply. */
  lastGoodReport(run: string): Report | undefined {
    return this.reportsAbout(run)
      .filter(({ state }) => state !== 'failed')
      .at(-1)
  }

  /** Whether two replies 404 about its status came in a row since a target showed the run, apart from failures. */
  isForgotten(run: string): boolean {
    const first = this.replies.findIndex(
      ({ query, result }) => query === 'snapshots' && result._tag === 'Right' && hasRun(result.right, run),
    )
    const later = this.replies.slice(first + 1).flatMap((r) => (r.query === 'status' && r.run === run ? [r] : []))
    const inRow = later.slice(lastIndex(later, ({ result }) => result._tag === 'Right') + 1)
    return inRow.filter(({ result }) => result._tag === 'Left' && result.left._tag === 'NotFound').length >= 2
  }

  /** The last reply to a request for the cluster map, failed or not. */
  get lastMap(): StoryReply | undefined {
    return this.replies.filter((reply) => reply.query === 'map').at(-1)
  }

  /** The targets of the last cluster map, without those under maintenance; undefined if there is no map yet. */
  get mapTargets(): readonly string[] | undefined {
    const map = this.replies
      .flatMap((reply) => (reply.query === 'map' && reply.result._tag === 'Right' ? [reply.result.right] : []))
      .at(-1)
    if (map === undefined) return undefined
    return Object.entries(map.targets).flatMap(([id, node]) => (node.maintenance ? [] : [id]))
  }

  /** Since when all parts of a run are over. A further part begins this time again, because it may have an error. */
  overSinceMs(run: string): number {
    const partsAt = this.polls.map((_, n) => partsOf(run, this.polls.slice(0, n + 1)))
    const lastOpen = lastIndex(partsAt, (parts) => parts.length === 0 || !parts.every(({ snap }) => hasEnded(snap)))
    const lastNew = lastIndex(partsAt, (parts, n) => parts.length > (partsAt[n - 1]?.length ?? 0))
    return this.polls[Math.max(lastOpen + 1, lastNew)]?.atMs ?? 0
  }

  /** Since when the replies of the targets lack the run, or the part of it that counts; undefined if they show it. */
  absentSinceMs(run: string): number | undefined {
    const shows = this.polls.map(({ shown }) => hasRun(shown, run))
    if (shows.at(-1) === false) return this.polls[shows.lastIndexOf(true) + 1]!.atMs
    const isOnOthers = shows.at(-1) === true && !this.everyPartOf(run).some((part) => this.counts(part))
    return isOnOthers ? this.polls[0]!.atMs : undefined
  }
}
