import { lastOf } from '../codec/instant.ts'
import { hasBegun, startOf } from './follow.ts'
import type { Memory } from './memory.ts'

/** What the client's clock knows. */
interface Clock {
  readonly atMs: number
  /** Since the reading before. */
  readonly sinceMs: number
  /** The most that a run can have lasted that is seen for the first time. */
  readonly boundMs: number
  /** What had elapsed at the reading before; undefined for a run that is seen for the first time. */
  readonly beforeMs: number | undefined
  /** Whether time goes on for the run. */
  readonly counts: boolean
}

/**
 * How long a run has lasted; undefined until somebody has begun.
 *
 * The start is an instant of the server's clock, which is not ours: when a run is over, the server's own instants tell.
 * Before that, ours runs on from the first look; how old the run was then is estimated by the difference of the two
 * clocks, and held between what the server's instants prove and what our looks before leave open. So a wrong clock does
 * harm only to a run that was there before the first look, and none once it is over.
 */
export function elapsedOf(parts: Memory['parts'], clock: Clock): number | undefined {
  const all = [...parts.values()]
  const start = startOf(all)
  if (!hasBegun(start)) return undefined
  const end = lastOf(all.map(({ snap }) => snap.endTime))
  if (end !== undefined) return Math.max(0, msBetween(start, end))
  const instants = all.flatMap(({ snap: { startTime = start, endTime = start } }) => [startTime, endTime])
  const provenMs = Math.max(...instants.map((instant) => msBetween(start, instant)))
  const { atMs, sinceMs, boundMs, beforeMs, counts } = clock
  const ownMs =
    beforeMs === undefined ? Math.min(boundMs, atMs - msBetween(0n, start)) : beforeMs + (counts ? sinceMs : 0)
  return Math.max(provenMs, ownMs)
}

const msBetween = (from: bigint, to: bigint): number => Number(to - from) / 1e6
