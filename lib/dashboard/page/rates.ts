import type { Shown } from './shown.ts'

/** The rates of a job over time, in columns. An unknown rate is `null`, which leaves a gap in the chart. */
export interface Rates {
  /** The times of the points, oldest first. */
  readonly atMs: readonly number[]
  /** Objects per second at each point; null if unknown. */
  readonly objects: readonly (number | null)[]
  /** Bytes per second at each point; null if unknown. */
  readonly bytes: readonly (number | null)[]
}

/** Remembers the rates of all running jobs, so that the chart of a job does not begin when its page is opened. */
export interface RateMemory {
  /** Adds a point for each running job. */
  readonly add: (jobs: ReadonlyMap<string, Shown>, nowMs: number) => void
  /** The remembered rates of one job. */
  readonly of: (id: string) => Rates
}

const NO_RATES: Rates = { atMs: [], objects: [], bytes: [] }
/** How long a rate is remembered. */
const SPAN_MS = 900_000
/** The shortest time between two points. 450 points for each of 1,000 jobs take some megabytes. */
const EVERY_MS = 2_000
/** After a longer time without points, the rates in between are unknown. */
const GAP_MS = 10_000

/** Creates an empty memory of rates. */
export function rateMemory(): RateMemory {
  const memory = new Map<string, Rates>()
  let addedMs = -Infinity
  return {
    of: (id) => memory.get(id) ?? NO_RATES,
    add: (jobs, nowMs) => {
      if (nowMs >= addedMs && nowMs - addedMs < EVERY_MS) return
      for (const id of [...memory.keys()]) if (!jobs.has(id)) memory.delete(id)
      for (const [id, { state, objectsPerSecond, bytesPerSecond }] of jobs)
        if (state === 'running' || (state === 'idle' && memory.has(id)))
          memory.set(id, withPoint(memory.get(id), nowMs, objectsPerSecond, bytesPerSecond))
      addedMs = nowMs
    },
  }
}

/** The rates with one more point, without those that are too old. A pause of the reports leaves a gap. */
function withPoint(
  previous: Rates = NO_RATES,
  nowMs: number,
  objects: number | undefined,
  bytes: number | undefined,
): Rates {
  const last = previous.atMs.at(-1)
  // Times of a chart must increase, and the clock of a computer may go back.
  const kept = last !== undefined && last >= nowMs ? NO_RATES : previous
  const isGap = kept === previous && last !== undefined && nowMs - last > GAP_MS
  const from = kept.atMs.findIndex((atMs) => nowMs - atMs <= SPAN_MS)
  const recent = <A>(column: readonly A[]): readonly A[] => (from === -1 ? [] : column.slice(from))
  const more = (value: number | undefined): readonly (number | null)[] => [...(isGap ? [null] : []), value ?? null]
  return {
    atMs: [...recent(kept.atMs), ...(isGap ? [last + EVERY_MS] : []), nowMs],
    objects: [...recent(kept.objects), ...more(objects)],
    bytes: [...recent(kept.bytes), ...more(bytes)],
  }
}
