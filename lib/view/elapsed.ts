import type { Part } from './view.ts'

/** What the client knows about the time of a run at one reply. */
interface Clock {
  /** The wall clock of the client, which is compared with the time stamps of the cluster. */
  readonly wallMs: number
  /** The time since the previous reply. */
  readonly sinceMs: number
  /** The longest time that the run can have lasted if this reply is the first that shows it. */
  readonly boundMs: number
  /** The elapsed time at the previous reply. Undefined if this reply is the first that shows the run. */
  readonly beforeMs: number | undefined
  /** Whether the run is over. */
  readonly isOver: boolean
  /** The end that the Information Center reports. It counts only if no target shows an end. */
  readonly endTime?: bigint | undefined
  /** Whether the elapsed time of the run still grows. */
  readonly isGrowing: boolean
}

/** Later than any start, which is a signed 64-bit number of nanoseconds. */
const NOT_BEGUN = 2n ** 64n

/** The earliest start of the parts. Undefined if none has started. */
export function startOf(parts: readonly Part[]): bigint | undefined {
  let start = NOT_BEGUN
  for (const { snap } of parts) if (snap.startTime !== undefined && snap.startTime < start) start = snap.startTime
  return start < NOT_BEGUN ? start : undefined
}

/**
 * Returns how long a run has lasted, in milliseconds. Undefined until a target has started it.
 *
 * The start is a time stamp of the cluster, whose clock differs from the client's. Once the run is over, the time
 * stamps of the cluster determine the result, even if targets have left by that time. Until then, the clock of the
 * client counts from the first reply. The age of the run at that reply is the difference between the two clocks,
 * limited by what the time stamps of the cluster prove and by what earlier replies allow. A wrong clock therefore
 * affects only a run that began before the first reply, and only until its end.
 */
export function elapsedOf(parts: readonly Part[], clock: Clock): number | undefined {
  const start = startOf(parts)
  if (start === undefined) return undefined
  const targetEnds = parts.flatMap(({ snap: { endTime } }) => (endTime === undefined ? [] : [endTime]))
  const ends = targetEnds.length === 0 && clock.endTime !== undefined ? [clock.endTime] : targetEnds
  const isKnown = ends.length > 0 && (clock.isOver || ends.length === parts.length)
  if (isKnown) return Math.max(0, ...ends.map((end) => msBetween(start, end)))
  const instants = parts.flatMap(({ snap: { startTime = start, endTime = start } }) => [startTime, endTime])
  const provenMs = Math.max(...instants.map((instant) => msBetween(start, instant)))
  const { wallMs, sinceMs, boundMs, beforeMs, isGrowing } = clock
  const ownMs =
    beforeMs === undefined ? Math.min(boundMs, wallMs - msBetween(0n, start)) : beforeMs + (isGrowing ? sinceMs : 0)
  return Math.max(provenMs, ownMs)
}

const msBetween = (from: bigint, to: bigint): number => Number(to - from) / 1e6
