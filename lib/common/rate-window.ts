/** The value of a counter at a time. */
interface Sample {
  readonly atMs: number
  /** The counter at that time. */
  readonly count: number
}

/** The recent samples of a counter, oldest first. */
export interface RateWindow {
  readonly windowMs: number
  /** The oldest first. */
  readonly samples: readonly Sample[]
}

/** The default length: long enough for three samples at the longest wait of the default cadence, 10 s. */
const WINDOW_MS = 30_000

// With fewer samples or a shorter time, a rate is too inexact.
const FEWEST = 3
const SHORTEST_SPAN_MS = 3000

/** A window without samples. An invalid length means the default. */
export const emptyWindow = (windowMs: number = WINDOW_MS): RateWindow => ({
  windowMs: windowMs > 0 ? windowMs : WINDOW_MS,
  samples: [],
})

/**
 * Adds a sample and removes those that are too old.
 *
 * If the counter or the clock goes back, the window starts again with this sample. The last three samples are kept even
 * if they are older than the window, so that rare samples have a rate too.
 */
export function withSample({ windowMs, samples }: RateWindow, atMs: number, count: number): RateWindow {
  if (!Number.isFinite(count) || !Number.isFinite(atMs)) return { windowMs, samples: [] }
  const last = samples.at(-1)
  if (last !== undefined && (count < last.count || atMs < last.atMs)) return { windowMs, samples: [{ atMs, count }] }
  const before = last?.atMs === atMs ? samples.slice(0, -1) : samples
  const all = [...before, { atMs, count }]
  // The newest sample that is as old as the window stays: without it, the window would cover less than its length.
  const edge = all.findLastIndex((sample) => sample.atMs <= atMs - windowMs)
  return { windowMs, samples: all.slice(Math.max(0, Math.min(edge, all.length - FEWEST))) }
}

/** The rate per second over the window; undefined while it has fewer than three samples or covers less than 3 s. */
export function rateOf({ samples }: RateWindow): number | undefined {
  const [first, last] = [samples[0], samples.at(-1)]
  if (first === undefined || last === undefined || samples.length < FEWEST) return undefined
  const spanMs = last.atMs - first.atMs
  const rate = (last.count - first.count) / (spanMs / 1000)
  return spanMs >= SHORTEST_SPAN_MS && Number.isFinite(rate) ? rate : undefined
}
