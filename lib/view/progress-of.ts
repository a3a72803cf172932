import type { TargetId } from '../codec/snapshots.ts'
import { isOver, type JobState } from '../model/job-state.ts'
import { rateOf } from '../common/rate-window.ts'
import { sumOf } from './counters.ts'
import { countedOf, isPartial, stateOfTarget, totalOf, type Counted, type ProgressState } from './progress.ts'
import { defined } from '../common/defined.ts'
import { setOwn } from '../common/set-own.ts'

/** How much there is to do. */
export interface Total {
  readonly objects?: number | undefined
  readonly bytes?: number | undefined
}

/** How far a job is, summed over its targets. */
export interface Progress {
  /** The objects that are done. Never goes back within a run. */
  readonly objects: number
  /** The bytes that are done. Never goes back within a run. Rounded beyond 2^53. */
  readonly bytes: number
  /** Objects per second, over the last 30 s. Absent while the rate is unknown, and while no counter changes. */
  readonly objectsPerSecond?: number
  /** Bytes per second, over the last 30 s. Absent like `objectsPerSecond`. */
  readonly bytesPerSecond?: number
  /**
   * The time since the first target started, in milliseconds. Exact once the job is over; until then it is measured
   * with the clock of the client.
   */
  readonly elapsedMs: number
  /** The share of the total that is done, from 0 to 1. Absent without a total. */
  readonly ratio?: number
  /**
   * The estimated time that is left, in milliseconds. 86,400,000 (24 h) means that or longer. Absent while the job
   * winds down.
   */
  readonly etaMs?: number
  /** The state of the job. It agrees with the outcome of a wait at the same moment. */
  readonly state: JobState
  /** Whether the job runs and no counter has changed for `stallMs`. */
  readonly stalled: boolean
  /**
   * Whether the job runs and has done all of the total, but is not over yet. After its last object, a copy takes some
   * 10 s more.
   */
  readonly windingDown: boolean
  /** The counters of each target. Any text may be an id. */
  readonly targets: Readonly<
    Record<TargetId, { readonly objects: number; readonly bytes: number; readonly state: JobState }>
  >
}

const LONGEST_ETA_MS = 86_400_000

/** Returns the progress of a job, from what its stream remembers. */
export function progressOf(
  progress: ProgressState,
  {
    total = {},
    stallMs,
    lost,
  }: { readonly total?: Total; readonly stallMs: number; readonly lost: ReadonlySet<TargetId> },
): Progress {
  const { parts, state, elapsedMs = 0, atMs = 0, unchangedSinceMs } = progress
  const sum = totalOf(parts)
  const [objects, bytes] = [Number(sum.objects), Number(sum.bytes)]
  const isStill = state === 'running' && atMs > unchangedSinceMs
  const stalled = state === 'running' && atMs - unchangedSinceMs >= stallMs
  // A total of 0 bytes means empty objects, so their number is the better measure.
  const byBytes = total.bytes !== undefined && (total.bytes > 0 || total.objects === undefined)
  const [done, all] = byBytes ? [bytes, total.bytes] : [objects, total.objects]
  const windingDown = isStill && all !== undefined && done >= all
  const isKnown = state === 'running' && !stalled && !isPartial(parts)
  const objectsPerSecond = isKnown ? rateOf(progress.objects) : undefined
  const bytesPerSecond = isKnown ? rateOf(progress.bytes) : undefined
  return {
    objects,
    bytes,
    ...defined({ objectsPerSecond, bytesPerSecond }),
    elapsedMs,
    ...(all === undefined ? {} : ratioAndEta(state, done, all, byBytes ? bytesPerSecond : objectsPerSecond)),
    state,
    stalled,
    windingDown,
    targets: targetsOf(parts.values(), lost),
  }
}

/** Returns the ratio, and the time left, as far as both are known. */
export function ratioAndEta(
  state: JobState,
  done: number,
  total: number,
  perSecond: number | undefined,
): Pick<Progress, 'ratio' | 'etaMs'> {
  // A finished job is complete, whatever the total was.
  if (state === 'finished') return { ratio: 1, etaMs: 0 }
  const ratio = done >= total ? 1 : done / total
  // Beyond the total, the time that is left is unknown.
  if (isOver(state) || done >= total || perSecond === undefined || perSecond <= 0) return { ratio }
  return { ratio, etaMs: Math.min(LONGEST_ETA_MS, ((total - done) / perSecond) * 1000) }
}

function targetsOf(parts: Iterable<Counted>, lost: ReadonlySet<TargetId>): Progress['targets'] {
  const byTarget = new Map<TargetId, Counted[]>()
  for (const one of parts) {
    const own = byTarget.get(one.part.target)
    if (own === undefined) byTarget.set(one.part.target, [one])
    else own.push(one)
  }
  const targets: Record<TargetId, Progress['targets'][TargetId]> = {}
  for (const [target, own] of byTarget) {
    const { objects, bytes } = sumOf(own.map(countedOf))
    const state = stateOfTarget(
      own.map(({ part }) => part),
      lost,
    )
    setOwn(targets, target, { objects: Number(objects), bytes: Number(bytes), state })
  }
  return targets
}
