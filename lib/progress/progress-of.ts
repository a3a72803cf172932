import type { TargetId } from '../codec/snapshots.ts'
import { isOver, stateOfAll, type JobState } from '../job-state.ts'
import { rateOf } from '../rate-window.ts'
import { isPartial, isStalled, sumOf, type Memory, type Part } from './memory.ts'

/** How much there is to do. */
export interface Total {
  readonly objects?: number
  readonly bytes?: number
}

/** How far a job is, summed over its targets. */
export interface Progress {
  readonly objects: number
  readonly bytes: number
  /** Over the last 30 s; absent while it is not known, and while nothing moves. */
  readonly objectsPerSecond?: number
  /** As `objectsPerSecond`. */
  readonly bytesPerSecond?: number
  /** Since the first target began; exact once the job is over, by our clock before that. */
  readonly elapsedMs: number
  /** What is done of the total, 0 to 1; absent without a total. */
  readonly ratio?: number
  /** What is left to wait for; 86,400,000 (24 h) means that or longer. */
  readonly etaMs?: number
  readonly state: JobState
  /** It runs, and no counter has changed for `stallMs`. */
  readonly stalled: boolean
  /** What each target counts; has no prototype. */
  readonly targets: Readonly<
    Record<TargetId, { readonly objects: number; readonly bytes: number; readonly state: JobState }>
  >
}

const LONGEST_ETA_MS = 86_400_000

/** What can be told of a job by now. */
export function progressOf(memory: Memory, total: Total = {}): Progress {
  const { parts, state, elapsedMs = 0 } = memory
  const stalled = isStalled(memory)
  const sum = sumOf(parts.values())
  const [objects, bytes] = [Number(sum.objects), Number(sum.bytes)]
  const known = state === 'running' && !stalled && !isPartial(memory)
  const objectsPerSecond = known ? rateOf(memory.objects) : undefined
  const bytesPerSecond = known ? rateOf(memory.bytes) : undefined
  return {
    objects,
    bytes,
    ...(objectsPerSecond === undefined ? {} : { objectsPerSecond }),
    ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
    elapsedMs,
    // A total of no bytes is one of empty objects, whose number tells more.
    ...(total.bytes !== undefined && (total.bytes > 0 || total.objects === undefined)
      ? prospect(state, bytes, total.bytes, bytesPerSecond)
      : total.objects === undefined
        ? {}
        : prospect(state, objects, total.objects, objectsPerSecond)),
    state,
    stalled,
    targets: targetsOf(parts.values()),
  }
}

function prospect(
  state: JobState,
  done: number,
  total: number,
  perSecond: number | undefined,
): Pick<Progress, 'ratio' | 'etaMs'> {
  // What has finished has done what there was to do, whatever the total promised.
  if (state === 'finished') return { ratio: 1, etaMs: 0 }
  const ratio = done >= total ? 1 : done / total
  // Past the total it should be over: how long it still takes, nobody knows.
  if (isOver(state) || done >= total || perSecond === undefined || perSecond <= 0) return { ratio }
  return { ratio, etaMs: Math.min(LONGEST_ETA_MS, ((total - done) / perSecond) * 1000) }
}

function targetsOf(parts: Iterable<Part>): Progress['targets'] {
  const byTarget = new Map<TargetId, Part[]>()
  for (const part of parts) byTarget.set(part.target, [...(byTarget.get(part.target) ?? []), part])
  // Without a prototype, a target may be called `__proto__`.
  const targets = Object.create(null) as Record<TargetId, Progress['targets'][TargetId]>
  for (const [target, own] of byTarget) {
    const { objects, bytes } = sumOf(own)
    const state = stateOfAll(own.map(({ snap }) => snap))
    targets[target] = { objects: Number(objects), bytes: Number(bytes), state }
  }
  return targets
}
