/** What had been counted at a moment. */
interface Sample {
  readonly atMs: number
  readonly count: number
}

/** The last samples of a counter, oldest first. */
export interface RateWindow {
  readonly windowMs: number
  readonly samples: readonly Sample[]
}

/** Long enough for three samples of the slowest default cadence, which is 12 s with its jitter. */
const WINDOW_MS = 30_000

// A rate of fewer samples, or of a shorter time, is noise.
const FEWEST = 3
const SHORTEST_SPAN_MS = 3000

/** A window without samples; a length that is none means the default. */
export const emptyWindow = (windowMs: number = WINDOW_MS): RateWindow => ({
  windowMs: windowMs > 0 ? windowMs : WINDOW_MS,
  samples: [],
})

/**
 * Adds a sample and drops those that are too old.
 *
 * If the counter or the clock goes back, the window starts again with this sample. Three samples are kept however old
 * they are, since the change over a long time is still a rate.
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

/** Per second over the window; undefined while it holds fewer than three samples or less than three seconds. */
export function rateOf({ samples }: RateWindow): number | undefined {
  const [first, last] = [samples[0], samples.at(-1)]
  if (first === undefined || last === undefined || samples.length < FEWEST) return undefined
  const spanMs = last.atMs - first.atMs
  const rate = (last.count - first.count) / (spanMs / 1000)
  return spanMs >= SHORTEST_SPAN_MS && Number.isFinite(rate) ? rate : undefined
}
