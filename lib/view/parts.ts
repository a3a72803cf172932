import type { JobSnap } from '../codec/job-snap.ts'
import type { TargetId } from '../codec/snapshots.ts'
import { isAborted, isIdle, isTerminal } from '../model/snapshot.ts'
import { isLeft } from '../common/either.ts'
import type { JobError } from '../error.ts'
import { BOUNDS, LOST_TIMES } from './bounds.ts'
import { differ } from './counters.ts'
import { attemptOf, type Attempt, type Evidence, type Times } from './evidence.ts'
import { emptyRun, endTook, nextRun, type Part, type RunView, type Streak } from './view.ts'

// A run has a part on each target: what this target shows of the run. A part is *inactive* while it is idle or over,
// *missing* while the target's replies lack it. A run is *absent* while no target shows it.

/** One snapshot as a target showed it. */
export interface Shown {
  readonly target: TargetId
  readonly snap: JobSnap
}

/** The streak after one more reply that reports the same. */
export function extendStreak(streak: Streak | undefined, atMs: number): Streak {
  return streak === undefined ? { sinceMs: atMs, times: 1 } : { sinceMs: streak.sinceMs, times: streak.times + 1 }
}

/**
 * Reduces a reply of the targets about one run. An empty reply reports that no target knows it.
 *
 * A run is an id and its start. If a target shows the id with a later start than before, a new run begins.
 */
export function withTargetsReply(run: RunView, shown: readonly Shown[], attempt: Attempt): RunView {
  const { atMs } = attempt
  const newest = newestOf(run, shown)
  const start = laterStart(run, newest)
  const base = start === undefined ? run : withNewRun(run, start)
  const parts = new Map<TargetId, Part>()
  for (const one of newest.values())
    if (start === undefined || !isBefore(one.snap, start))
      parts.set(one.target, partOf(one, base.parts.get(one.target), atMs))
  for (const [target, part] of base.parts) if (!parts.has(target)) parts.set(target, missingPart(part, attempt))
  const earlierStarts = start === undefined ? base.earlierStarts : earlierStartsOf(base, run, newest, start)
  const areAllOver = parts.size > 0 && [...parts.values()].every(({ snap }) => isTerminal(snap))
  // What the Information Center replied before a part appeared proves nothing about that part. But the end of a job that
  // has failed was certain without it, and stays so.
  const isNews = parts.size > base.parts.size && [...base.parts.values()].every(({ snap }) => severity(snap) === 0)
  const overSinceMs = isNews ? undefined : base.overSinceMs
  const first = newest.values().next().value
  return nextRun(base, {
    kind: run.kind ?? first?.snap.kind,
    parts,
    earlierStarts,
    snapshotsTry: attempt,
    targetsReply: attempt,
    absent: newest.size === 0 ? extendStreak(run.absent, atMs) : undefined,
    overSinceMs: areAllOver ? (overSinceMs ?? atMs) : undefined,
    endTookMs: areAllOver && base.overSinceMs === undefined ? endTook(base, attempt) : base.endTookMs,
  })
}

/** Reduces the failure of a request for the snapshots of a run. */
export function withFailedSnapshots(run: RunView, evidence: Evidence): RunView {
  const isOfTarget = isLeft(evidence.result) && mayComeFromTarget(evidence, evidence.result.left)
  return nextRun(run, {
    snapshotsTry: attemptOf(evidence, run.snapshotsTry),
    targetFailed: isOfTarget || run.targetFailed,
  })
}

/** If a request times out this much later than its limit, the machine slept. */
const SLEPT_MS = 1_000

/**
 * Whether an error may come from a target that is dead or hangs. Otherwise it comes from a proxy, from an intermediary,
 * or from a machine that slept while the request was in flight.
 */
const mayComeFromTarget = ({ sentMs, atMs }: Evidence, error: JobError): boolean =>
  error._tag === 'RequestTimeout'
    ? atMs - sentMs <= error.afterMs + SLEPT_MS
    : error._tag === 'HttpError' && error.status === 400 && error.notJson !== true

/** The part for a snapshot. `inactiveSinceMs` stays while the counters do not change. */
function partOf({ target, snap }: Shown, before: Part | undefined, atMs: number): Part {
  if (!isIdle(snap) && !isTerminal(snap)) return { target, snap }
  // If the counters of a target changed between two replies, it was at work in between.
  const stayedInactive =
    before?.inactiveSinceMs !== undefined && (isTerminal(before.snap) || !differ(before.snap.stats, snap.stats))
  return { target, snap, inactiveSinceMs: stayedInactive ? before.inactiveSinceMs : atMs }
}

/** Marks a part as missing. A part that is over stays over. */
function missingPart(part: Part, { sentMs, atMs }: Times): Part {
  const missing = extendStreak(part.missing, atMs)
  if (isTerminal(part.snap)) return { ...part, missing }
  const isGone = missing.times >= LOST_TIMES && sentMs >= missing.sinceMs + BOUNDS.lost
  return { ...part, inactiveSinceMs: undefined, missing, goneMs: part.goneMs ?? (isGone ? sentMs : undefined) }
}

/**
 * Chooses one snapshot for each target: the one of the later run. Of two snapshots of one run, it chooses the one with
 * the higher `severity`.
 */
function newestOf({ parts, earlierStarts }: RunView, shown: readonly Shown[]): Map<TargetId, Shown> {
  const newest = new Map<TargetId, Shown>()
  for (const one of shown) {
    const { target, snap } = one
    const pastStart = earlierStarts.get(target)
    if (pastStart !== undefined && (snap.startTime ?? pastStart) <= pastStart) continue
    if (isLater(parts.get(target)?.snap, snap)) continue
    const other = newest.get(target)
    if (other === undefined || supersedes(snap, other.snap)) newest.set(target, one)
  }
  return newest
}

/** Whether the first began later than the second. */
const isLater = (one: JobSnap | undefined, other: JobSnap): boolean =>
  one?.startTime !== undefined && other.startTime !== undefined && one.startTime > other.startTime

/**
 * Whether the first of two snapshots of one id on one target replaces the second: it is of a later run, or of the same
 * run and with a higher `severity`.
 */
export function supersedes(one: JobSnap, other: JobSnap): boolean {
  const [a, b] = [one.startTime ?? 0n, other.startTime ?? 0n]
  return a === b ? severity(one) > severity(other) : a > b
}

/** From 4 (at work) to 0 (finished without an error). */
function severity(snap: JobSnap): number {
  if (!isTerminal(snap)) return isIdle(snap) ? 3 : 4
  if (isAborted(snap)) return 2
  return snap.err !== '' ? 1 : 0
}

/**
 * The start of a new run under the same id, if there is one: a target whose part had ended now shows a part that began
 * later.
 */
function laterStart({ parts }: RunView, newest: ReadonlyMap<TargetId, Shown>): bigint | undefined {
  let start: bigint | undefined
  for (const { target, snap } of newest.values()) {
    const before = parts.get(target)?.snap
    const { startTime } = snap
    if (before === undefined || startTime === undefined || !isLater(snap, before) || !isTerminal(before)) continue
    if (start === undefined || startTime < start) start = startTime
  }
  return start
}

/** Whether a part ended before the new run began. */
const isBefore = (snap: JobSnap, start: bigint): boolean =>
  isTerminal(snap) && (snap.startTime ?? 0n) < start && (snap.endTime ?? 0n) <= start

function withNewRun(run: RunView, start: bigint): RunView {
  const { id, kind, earlierStarts, snapshotsTry, statusTry, statusReply } = run
  const parts = new Map([...run.parts].filter(([, { snap }]) => !isBefore(snap, start)))
  return nextRun(emptyRun(id, kind), { earlierStarts, snapshotsTry, statusTry, statusReply, parts })
}

/** The starts of the parts that a new run under the same id replaces. */
function earlierStartsOf(
  { earlierStarts }: RunView,
  { parts }: RunView,
  newest: ReadonlyMap<TargetId, Shown>,
  start: bigint,
): ReadonlyMap<TargetId, bigint> {
  const next = new Map(earlierStarts)
  for (const { target, snap } of [...parts.values(), ...newest.values()])
    if (isBefore(snap, start)) next.set(target, snap.startTime ?? 0n)
  return next
}

/**
 * Whether a part that is not over is missing. It may come back for a short time only, so each tick queries the targets.
 */
export function isPartMissing({ parts }: RunView): boolean {
  for (const { missing, snap } of parts.values()) if (missing !== undefined && !isTerminal(snap)) return true
  return false
}
