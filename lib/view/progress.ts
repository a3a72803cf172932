import type { JobStats } from '../codec/job-snap.ts'
import type { TargetId } from '../codec/snapshots.ts'
import { isOver, stateOfAll, type JobState } from '../model/job-state.ts'
import { emptyWindow, withSample, type RateWindow } from '../common/rate-window.ts'
import { countOf, differ, sumOf, type Count } from './counters.ts'
import { elapsedOf } from './elapsed.ts'
import type { Part } from './view.ts'
import { defined } from '../common/defined.ts'

/**
 * The part of one target. Its counters are the highest that the target has shown, because progress never goes back
 * within a run.
 */
export interface Counted {
  readonly part: Part
  /** The highest value that each counter has had. */
  readonly stats: JobStats
}

/** All that a stream of progress remembers between two replies. */
export interface ProgressState {
  /** The ids of the runs, separated by commas. */
  readonly ids: string
  /** By run and target. */
  readonly parts: ReadonlyMap<string, Counted>
  readonly state: JobState
  /** When the last reply came. Absent before the first reply. */
  readonly atMs?: number
  /** Since when the job has been running without a change of any counter. */
  readonly unchangedSinceMs: number
  /** Absent until a target has started. */
  readonly elapsedMs?: number
  /** The counters over the last 30 s, for the rates. */
  readonly objects: RateWindow
  readonly bytes: RateWindow
}

export const NO_PROGRESS: ProgressState = Object.freeze({
  ids: '',
  parts: new Map<string, Counted>(),
  state: 'starting',
  unchangedSinceMs: 0,
  objects: emptyWindow(),
  bytes: emptyWindow(),
})

/** What one reply shows of the job. */
export interface Observation {
  readonly ids: string
  readonly parts: readonly Part[]
  readonly state: JobState
  readonly atMs: number
  /** The same time by the wall clock, for a job that started before the first reply. */
  readonly wallMs: number
  /** The end of the job, as the Information Center reports it. */
  readonly endTime?: bigint | undefined
}

/** Reduces a reply. A job whose counters did not change for `stallMs` has paused. */
export function reduceProgress(
  before: ProgressState,
  { ids, parts: shown, state, atMs, wallMs, endTime }: Observation,
  stallMs: number,
): ProgressState {
  // The counters of another run start at zero again.
  const isOther = before.ids !== ids || shown.some((part) => isRenewed(before.parts.get(keyOf(part)), part))
  const known: ProgressState['parts'] = isOther ? new Map() : before.parts
  const parts = new Map<string, Counted>()
  /** Whether any counter changed. */
  let hasMoved = isOther
  /** Whether a counter changed by more than the work since the last reply, so that the change gives no rate. */
  let hasJumped = isOther
  for (const part of shown) {
    const key = keyOf(part)
    const old = known.get(key)
    const stats = old === undefined ? part.snap.stats : highest(old.stats, part.snap.stats)
    parts.set(key, { part, stats })
    hasMoved ||= old === undefined || differ(part.snap.stats, old.part.snap.stats)
    // A target that appears with finished work did not do all of that work since the last reply.
    hasJumped ||= old === undefined ? hasWorked(part) : differ(stats, part.snap.stats)
  }
  const isFresh = isOther || before.parts.size === 0
  const sinceMs = before.atMs === undefined ? 0 : atMs - before.atMs
  const elapsedMs = elapsedOf(shown, {
    wallMs,
    sinceMs,
    // A run that was absent at the last reply cannot be older than that reply.
    boundMs: before.atMs === undefined ? Infinity : sinceMs,
    beforeMs: isFresh ? undefined : before.elapsedMs,
    isOver: isOver(state),
    endTime,
    isGrowing: !isOver(before.state) || !isOver(state),
  })
  const isStill = before.state === 'running' && !hasMoved
  // It is unknown what happens between two replies, so only replies without new work make a pause.
  const { atMs: beforeMs = 0, unchangedSinceMs } = before
  const hasPaused = hasMoved && before.state === 'running' && beforeMs - unchangedSinceMs >= stallMs
  return {
    ids,
    parts,
    state,
    atMs,
    unchangedSinceMs: isStill ? unchangedSinceMs : atMs,
    ...windowsOf(before, parts, { isRunning: state === 'running', hasJumped, hasPaused, atMs }),
    ...defined({ elapsedMs }),
  }
}

const keyOf = ({ target, snap: { id } }: Part): string => `${id}/${target}`

/** Whether the target shows a later run under the same id. */
const isRenewed = (before: Counted | undefined, { snap }: Part): boolean =>
  before?.part.snap.startTime !== undefined &&
  snap.startTime !== undefined &&
  snap.startTime > before.part.snap.startTime

/** How the counters of a job have changed since the last reply. */
interface Change {
  readonly isRunning: boolean
  /** Whether a counter changed by more than the work since the last reply. */
  readonly hasJumped: boolean
  readonly hasPaused: boolean
  readonly atMs: number
}

/**
 * Adds a sample of the counters. The windows start again after a jump or a pause, get no sample while a target at work
 * is missing, and are empty while the job does not run.
 */
function windowsOf(
  before: ProgressState,
  parts: ProgressState['parts'],
  { isRunning, hasJumped, hasPaused, atMs }: Change,
): Pick<ProgressState, 'objects' | 'bytes'> {
  if (!isRunning) return { objects: emptyWindow(), bytes: emptyWindow() }
  // The rate after a pause does not include the pause.
  const base = hasJumped || hasPaused ? { objects: emptyWindow(), bytes: emptyWindow() } : before
  if (isPartial(parts)) return { objects: base.objects, bytes: base.bytes }
  const { objects, bytes } = totalOf(parts)
  return {
    objects: withSample(base.objects, atMs, Number(objects)),
    bytes: withSample(base.bytes, atMs, Number(bytes)),
  }
}

/** What one target has counted, by its highest counters. */
export const countedOf = ({ part: { snap }, stats }: Counted): Count => countOf({ kind: snap.kind, stats })

/** What all targets have counted. */
export function totalOf(parts: ProgressState['parts']): { readonly objects: bigint; readonly bytes: bigint } {
  return sumOf([...parts.values()].map(countedOf))
}

/** Whether a target at work is missing. The rate of the whole job is then unknown. */
export function isPartial(parts: ProgressState['parts']): boolean {
  for (const { part } of parts.values()) if (part.missing !== undefined && part.snap.endTime === undefined) return true
  return false
}

/** The state of the parts of one target. It is `lost` if the target is gone for good. */
export function stateOfTarget(parts: readonly Part[], lost: ReadonlySet<TargetId>): JobState {
  const isLost = ({ target, missing, snap }: Part): boolean =>
    missing !== undefined && lost.has(target) && snap.endTime === undefined
  return parts.some(isLost) ? 'lost' : stateOfAll(parts.map(({ snap }) => snap))
}

/** The higher value of each counter. */
function highest(a: JobStats, b: JobStats): JobStats {
  const max = (key: keyof JobStats): bigint => (a[key] > b[key] ? a[key] : b[key])
  return {
    objects: max('objects'),
    bytes: max('bytes'),
    outObjects: max('outObjects'),
    outBytes: max('outBytes'),
    inObjects: max('inObjects'),
    inBytes: max('inBytes'),
  }
}

function hasWorked({ snap }: Part): boolean {
  const { objects, bytes, received } = countOf(snap)
  return objects > 0n || bytes > 0n || (received?.objects ?? 0n) > 0n
}
