import type { Part } from './view.ts'

/** What the client's clocks know. */
interface Clock {
  /** The wall clock, which is compared with the cluster's own stamps. */
  readonly wallMs: number
  /** Since the reply before. */
  readonly sinceMs: number
  /** The longest that a run can have lasted that is seen for the first time. */
  readonly boundMs: number
  /** What had elapsed at the reply before; undefined for a run that is seen for the first time. */
  readonly beforeMs: number | undefined
  /** Whether the run is over. */
  readonly isOver: boolean
  /** The end as the Information Center reports it; counts if no target shows one. */
  readonly endTime?: bigint | undefined
  /** Whether time goes on for the run. */
  readonly counts: boolean
}

const NOT_BEGUN = 2n ** 64n

/** The earliest start of the parts; undefined if none has begun. */
export function startOf(parts: readonly Part[]): bigint | undefined {
  let start = NOT_BEGUN
  for (const { snap } of parts) if (snap.startTime !== undefined && snap.startTime < start) start = snap.startTime
  return start < NOT_BEGUN ? start : undefined
}

/**
 * How long a run has lasted, in milliseconds; undefined until a target has begun.
 *
 * The start is an instant of the cluster's clock, which differs from ours. Once a run is over, the instants of the
 * cluster give the answer, even if targets are gone by then. Until then, our clock counts from the first reply; the age
 * of the run at that reply is the difference of the two clocks, kept between what the cluster's instants prove and what
 * earlier replies allow. So a wrong clock affects only a run that began before the first reply, and only until its end.
 */
export function elapsedOf(parts: readonly Part[], clock: Clock): number | undefined {
  const start = startOf(parts)
  if (start === undefined) return undefined
  const shownEnds = parts.flatMap(({ snap: { endTime } }) => (endTime === undefined ? [] : [endTime]))
  const ends = shownEnds.length === 0 && clock.endTime !== undefined ? [clock.endTime] : shownEnds
  const isKnown = ends.length > 0 && (clock.isOver || ends.length === parts.length)
  if (isKnown) return Math.max(0, ...ends.map((end) => msBetween(start, end)))
  const instants = parts.flatMap(({ snap: { startTime = start, endTime = start } }) => [startTime, endTime])
  const provenMs = Math.max(...instants.map((instant) => msBetween(start, instant)))
  const { wallMs, sinceMs, boundMs, beforeMs, counts } = clock
  const ownMs =
    beforeMs === undefined ? Math.min(boundMs, wallMs - msBetween(0n, start)) : beforeMs + (counts ? sinceMs : 0)
  return Math.max(provenMs, ownMs)
}

const msBetween = (from: bigint, to: bigint): number => Number(to - from) / 1e6
