import type { TargetId } from '../codec/snapshots.ts'
import { isOver, type JobState } from '../model/job-state.ts'
import { rateOf } from '../common/rate-window.ts'
import { sumOf } from './counters.ts'
import { countedOf, isPartial, stateOfTarget, totalOf, type Counted, type ProgressState } from './progress.ts'
import { defined } from '../common/defined.ts'

/** How much there is to do. */
export interface Total {
  readonly objects?: number | undefined
  readonly bytes?: number | undefined
}

/** How far a job is, summed over its targets. */
export interface Progress {
  /** Never goes back within a run. */
  readonly objects: number
  /** Never goes back within a run; rounded beyond 2^53. */
  readonly bytes: number
  /** Over the last 30 s; absent while it is not known, and while nothing moves. */
  readonly objectsPerSecond?: number
  /** As `objectsPerSecond`. */
  readonly bytesPerSecond?: number
  /** Since the first target began, in milliseconds; exact once the job is over, by our clock before that. */
  readonly elapsedMs: number
  /** What is done of the total, 0 to 1; absent without a total. */
  readonly ratio?: number
  /** What is left to wait for, in milliseconds; 86,400,000 (24 h) means that or longer; absent while it winds down. */
  readonly etaMs?: number
  /** Agrees with what a wait would say now. */
  readonly state: JobState
  /** It runs, and no counter has changed for `stallMs`. */
  readonly stalled: boolean
  /** It runs, has done all that there is to do, and is not over yet: a copy takes some ten seconds more. */
  readonly windingDown: boolean
  /** What each target counts; has no prototype. */
  readonly targets: Readonly<
    Record<TargetId, { readonly objects: number; readonly bytes: number; readonly state: JobState }>
  >
}

const LONGEST_ETA_MS = 86_400_000

/** The progress of a job, from what is known of it. */
export function progressOf(
  pace: ProgressState,
  {
    total = {},
    stallMs,
    lost,
  }: { readonly total?: Total; readonly stallMs: number; readonly lost: ReadonlySet<TargetId> },
): Progress {
  const { parts, state, elapsedMs = 0, atMs = 0, unchangedSinceMs } = pace
  const sum = totalOf(parts)
  const [objects, bytes] = [Number(sum.objects), Number(sum.bytes)]
  const isStill = state === 'running' && atMs > unchangedSinceMs
  const stalled = state === 'running' && atMs - unchangedSinceMs >= stallMs
  // A total of no bytes is one of empty objects, whose number tells more.
  const byBytes = total.bytes !== undefined && (total.bytes > 0 || total.objects === undefined)
  const [done, all] = byBytes ? [bytes, total.bytes] : [objects, total.objects]
  const windingDown = isStill && all !== undefined && done >= all
  const isKnown = state === 'running' && !stalled && !isPartial(parts)
  const objectsPerSecond = isKnown ? rateOf(pace.objects) : undefined
  const bytesPerSecond = isKnown ? rateOf(pace.bytes) : undefined
  return {
    objects,
    bytes,
    ...defined({ objectsPerSecond, bytesPerSecond }),
    elapsedMs,
    ...(all === undefined ? {} : prospect(state, done, all, byBytes ? bytesPerSecond : objectsPerSecond)),
    state,
    stalled,
    windingDown,
    targets: targetsOf(parts.values(), lost),
  }
}

function prospect(
  state: JobState,
  done: number,
  total: number,
  perSecond: number | undefined,
): Pick<Progress, 'ratio' | 'etaMs'> {
  // A finished job is complete, whatever the total said.
  if (state === 'finished') return { ratio: 1, etaMs: 0 }
  const ratio = done >= total ? 1 : done / total
  // Past the total, the time that is left is unknown.
  if (isOver(state) || done >= total || perSecond === undefined || perSecond <= 0) return { ratio }
  return { ratio, etaMs: Math.min(LONGEST_ETA_MS, ((total - done) / perSecond) * 1000) }
}

function targetsOf(parts: Iterable<Counted>, lost: ReadonlySet<TargetId>): Progress['targets'] {
  const byTarget = new Map<TargetId, Counted[]>()
  for (const one of parts) byTarget.set(one.part.target, [...(byTarget.get(one.part.target) ?? []), one])
  // Without a prototype, a target may be called `__proto__`.
  const targets = Object.create(null) as Record<TargetId, Progress['targets'][TargetId]>
  for (const [target, own] of byTarget) {
    const { objects, bytes } = sumOf(own.map(countedOf))
    const state = stateOfTarget(
      own.map(({ part }) => part),
      lost,
    )
    targets[target] = { objects: Number(objects), bytes: Number(bytes), state }
  }
  return targets
}
