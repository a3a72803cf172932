import { left } from '../common/either.ts'
import type { Result } from '../error.ts'
import type { WaitResult } from '../model/wait-result.ts'
import { BOUNDS } from './bounds.ts'
import { isSentSince, type Attempt } from './evidence.ts'
import { advance, begin, infoOf, runsOf, countsLaterRuns, type Goal, type Standing } from './goal.ts'
import type { Interest, Observed } from './interest.ts'
import { lastSeen } from './last-seen.ts'
import type { Need, Pace } from './need.ts'
import { needsOf } from './needs.ts'
import { endOutcomeOf, expired, type outcomeOf } from './outcome.ts'
import { NOW, alignedWithTick, nextRunningMs } from './due-times.ts'
import { EMPTY_VIEW, runOf, type RunView, type View } from './view.ts'

const NONE: readonly RunView[] = []

/** The due time of a wait that is not steady. */
const NOT_STEADY: number = -Infinity

/** Derives the answer of a wait whose answer is not the outcome of its goal. Returns undefined while there is none. */
export type AnswerOf<A> = (view: View, goal: Goal, standing: Standing, nowMs: number) => Result<A> | undefined

/** The functions that end a wait. */
export interface Ending<A> {
  /** Decides how the job ended, or that it reached the goal. */
  readonly outcomeOf: typeof outcomeOf
  /** Derives the answer. Absent if the outcome is the answer. */
  readonly answerOf?: AnswerOf<A>
}

const END: Ending<never> = { outcomeOf: endOutcomeOf }

/**
 * One wait, as an interest: what it needs of the view, and its answer.
 *
 * It is a class because there may be ten thousand waits: each has a few fields and no closure.
 */
export class WaitInterest<A> implements Interest<Result<A>> {
  readonly goal: Goal
  readonly ids: readonly string[] | undefined
  readonly kind: string | undefined
  readonly known: readonly RunView[]
  /** How the answer is decided. */
  private readonly ending: Ending<A>
  private standing: Standing
  /** The view when the wait left the loop. Undefined if it has an answer. */
  private lastView: View | undefined = EMPTY_VIEW
  /**
   * A *steady* wait is for a job that simply runs: it needs only the next list, and later its snapshots and the work
   * list (the list of running jobs). When these two are due; the times hold until the wait is notified.
   */
  private snapshotsMs = NOT_STEADY
  private runningMs = NOT_STEADY
  /** The last request for the work list when these times were computed. */
  private runningTry: Attempt | undefined = undefined
  /** Whether it was notified since it computed its needs. */
  private isNotified = true
  /** The last attempt that counted as a tick. */
  private last: Attempt | undefined = undefined
  /** A copy of the field of the goal. With ten thousand waits, each indirection costs. */
  private readonly sinceMs: number

  constructor(goal: Goal, ending: Ending<A> = END, standing: Standing = begin(goal), known: readonly RunView[] = NONE) {
    const { id, selection } = goal
    this.goal = goal
    this.ending = ending
    this.sinceMs = goal.sinceMs
    this.standing = standing
    this.ids = id === undefined ? undefined : standing.runs
    this.known = known
    this.kind = id === undefined ? (selection.kind ?? '') : undefined
  }

  get isUrgent(): boolean {
    return this.goal.isLastRound === true
  }

  get files(): number | undefined {
    return this.goal.files
  }

  needs(view: View, pace: Pace, nowMs: number): readonly Need[] {
    const steady = this.isSteady(view) ? this.steadyNeeds(view, pace) : undefined
    if (steady !== undefined) return steady
    this.update(view)
    const needs = needsOf(view, this.goal, this.standing, pace, nowMs)
    this.isNotified = false
    this.keepSteady(needs, view.runningTry)
    return needs
  }

  lastTick(view: View): Attempt | undefined {
    if (this.ids === undefined || this.isNotified || view.listTry?.error !== undefined) {
      this.update(view)
      this.last = lastTickOf(view, this.goal, this.standing)
    } else if (isSentSince(view.listTry, this.sinceMs)) {
      // The run has not changed, so only a list can have arrived since.
      if (this.last === undefined || view.listTry.atMs >= this.last.atMs) this.last = view.listTry
    }
    return this.last
  }

  select(observed: Observed): Result<A> | undefined {
    this.isNotified = true
    this.update(observed.view)
    const answer = this.answer(observed)
    if (answer !== undefined) this.lastView = undefined
    return answer
  }

  /**
   * Keeps the view for {@link expired}. Until it leaves, a wait keeps no view: ten thousand waits would keep many
   * versions. After its answer it keeps none either, because V8 frees it only in a full garbage collection.
   */
  left(view: View): void {
    if (this.lastView === undefined) return
    this.update(view)
    this.lastView = view
  }

  /** The answer, or the error that ends the wait without one. Undefined while there is neither. */
  private answer({ view, nowMs }: Observed): Result<A> | undefined {
    const { goal, standing, ending } = this
    const { answerOf } = ending
    const outcome = (): Result<WaitResult> | undefined => ending.outcomeOf(view, goal, standing, nowMs)
    if (answerOf === undefined) return outcome() as Result<A> | undefined
    const answer = answerOf(view, goal, standing, nowMs)
    if (answer !== undefined) return answer
    // The job ended before there was an answer.
    const ended = outcome()
    return ended === undefined || ended._tag === 'Left' ? ended : left({ _tag: 'JobFailed', result: ended.right })
  }

  /** The result when the budget ends. */
  expired(afterMs: number, nowMs: number): Result<A> {
    const { lastView = EMPTY_VIEW, goal, standing, ending } = this
    const outcome = ending.answerOf === undefined ? expired(lastView, goal, standing, nowMs) : undefined
    if (outcome !== undefined) return outcome as Result<never>
    const last = lastSeen(lastView, goal, standing)
    return left({ _tag: 'WaitTimeout', afterMs, ...(Object.keys(last).length === 0 ? {} : { last }) })
  }

  /** The last round of the same wait. It keeps what the wait has learnt. */
  lastRound(sinceMs: number): WaitInterest<A> {
    const { beganMs = this.goal.sinceMs } = this.goal
    return new WaitInterest(
      { ...this.goal, sinceMs, beganMs, isLastRound: true },
      this.ending,
      this.standing,
      runsOf(this.lastView ?? EMPTY_VIEW, this.standing),
    )
  }

  private update(view: View): void {
    this.standing = advance(this.goal, this.standing, view)
  }

  /**
   * Whether the job simply runs and nothing but lists have come since the needs were computed. This is by far the most
   * frequent case, so it is checked before all needs are computed again.
   */
  private isSteady({ listTry, running, runningTry }: View): boolean {
    if (this.isNotified || this.snapshotsMs === NOT_STEADY) return false
    // A list that was requested before the wait began is not a tick of this wait.
    if (!isSentSince(listTry, this.sinceMs) || listTry.error !== undefined) return false
    if (runningTry === this.runningTry) return true
    return runningTry?.error === undefined && running?.value.has(this.goal.id ?? '') === true
  }

  /**
   * The needs of a job that simply runs, after more lists. Undefined in the last seconds of the budget, or in a pause.
   */
  private steadyNeeds(view: View, pace: Pace): readonly Need[] | undefined {
    const { listTry } = view
    const { id, selection, endsMs = Infinity } = this.goal
    if (id === undefined || listTry === undefined || pace.waitMs === Infinity) return undefined
    if (view.runningTry !== this.runningTry) this.applyWorkList(view, id, listTry, pace)
    const runningMs = alignedWithTick(this.runningMs, listTry, pace)
    if (runningMs > endsMs - BOUNDS.workAtMost) return undefined
    const { kind } = selection
    return [
      { of: 'ic', id, kind, dueMs: listTry.atMs + pace.waitMs },
      { of: 'snapshots', id, kind, dueMs: alignedWithTick(this.snapshotsMs, listTry, pace) },
      { of: 'running', id, dueMs: runningMs },
    ]
  }

  /**
   * Moves the due time of the next work list (the list of running jobs) after one that shows the job. One that was
   * requested before the last snapshots does not count.
   */
  private applyWorkList(view: View, id: string, listTry: Attempt, pace: Pace): void {
    const { runningTry } = view
    const shownMs = Math.max(this.sinceMs, runOf(view, id)?.targetsReply?.sentMs ?? -Infinity)
    if (isSentSince(runningTry, shownMs)) this.runningMs = nextRunningMs(this.sinceMs, runningTry.sentMs, listTry, pace)
    this.runningTry = runningTry
  }

  /** Remembers the due times if the needs are those of a steady wait. */
  private keepSteady(needs: readonly Need[], runningTry: Attempt | undefined): void {
    const list = needs[0]
    const snapshots = needs[1]
    const running = needs[2]
    // Before the first list, the run may still turn out to be unknown.
    const isListed = list?.of === 'ic' && list.id === this.goal.id && list.dueMs > NOW
    const isSteady = isListed && needs.length === 3 && snapshots?.of === 'snapshots' && running?.of === 'running'
    this.snapshotsMs = isSteady ? snapshots.dueMs : NOT_STEADY
    this.runningMs = isSteady ? running.dueMs : NOT_STEADY
    this.runningTry = runningTry
  }
}

const isLater = (one: Attempt | undefined, other: Attempt | undefined, { sinceMs }: Goal): one is Attempt =>
  isSentSince(one, sinceMs) && one.atMs > (other?.atMs ?? -Infinity)

/** The last reply that counts as a tick of the wait. */
function lastTickOf(view: View, goal: Goal, standing: Standing): Attempt | undefined {
  let last: Attempt | undefined
  if (goal.id === undefined) {
    const kindTry = view.kinds.get(goal.selection.kind ?? '')?.snapshotsTry
    if (isLater(kindTry, last, goal)) last = kindTry
    if (standing.runs.length !== 1 || countsLaterRuns(goal, infoOf(view, goal, standing))) return last
  }
  if (isLater(view.listTry, last, goal)) last = view.listTry
  for (const { snapshotsTry, statusTry } of runsOf(view, standing)) {
    if (isLater(snapshotsTry, last, goal)) last = snapshotsTry
    if (isLater(statusTry, last, goal)) last = statusTry
  }
  return last
}
