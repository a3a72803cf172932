/** What a cadence may decide by. It belongs to one stream; other streams do not change it. */
export interface Tick {
  /** How many of its requests have been answered. */
  readonly n: number
  /** Since it began, in milliseconds. */
  readonly elapsedMs: number
  /** How long the last request took, in milliseconds; before the first reply, how long that has been in flight. */
  readonly tookMs: number
  /** How many requests in a row failed: gave a Left and no Right. */
  readonly failures: number
  /** The longest Retry-After among the failed replies to the last request. */
  readonly retryAfterMs?: number
  /** In [0, 1). */
  readonly random: number
}

/**
 * How long to wait after a reply before the next request, in milliseconds; pure.
 *
 * `Infinity` pauses. `poll` bounds the rest: NaN, negative and below 100 mean 100; above 2^31-1 means 2^31-1.
 *
 * @example
 * const quickThenSlow: Cadence = ({ elapsedMs }) => (elapsedMs < 10_000 ? 250 : 5_000)
 */
export type Cadence = (t: Tick) => number

/** Always the same wait, in milliseconds. */
export function constant(ms: number): Cadence {
  return Object.assign(() => ms, { constantMs: ms })
}

/** The wait of a constant cadence; a stream that has one needs no new evaluation in each tick. */
export function constantOf(cadence: Cadence | undefined): number | undefined {
  return (cadence as { readonly constantMs?: number } | undefined)?.constantMs
}

/**
 * The Python SDK's rule: a fixed wait that grows with the budget.
 *
 * Mirrors `probing_frequency` (protocol 5.2): max(budget/64, min(budget/8, 1 s), 100 ms). For a wait without a budget,
 * that rule would never ask; here it asks every 30 s.
 *
 * @param budgetMs the total time of the wait in milliseconds, or `Infinity`
 * @example
 * wait(c, { id }, { timeoutMs: 300_000, cadence: probing(300_000) }) // a question each 4,687.5 ms
 */
export function probing(budgetMs: number): Cadence {
  return constant(budgetMs === Infinity ? 30_000 : Math.max(budgetMs / 64, Math.min(budgetMs / 8, 1000), 100))
}

/** Bounds of {@link backoff}, in milliseconds. */
export interface BackoffOptions {
  /** The first wait; default 2,000. */
  readonly firstMs?: number | undefined
  /** Each wait is so many times the one before; default 1.5. */
  readonly factor?: number | undefined
  /** The longest wait; default 30,000. */
  readonly maxMs?: number | undefined
}

/**
 * The Go client's rule: waits that grow from two seconds by half to thirty seconds.
 *
 * Mirrors the sleeps of `api.xaction` waits (protocol 5.1).
 */
export function backoff({ firstMs = 2000, factor = 1.5, maxMs = 30_000 }: BackoffOptions = {}): Cadence {
  // Never Infinity, which would pause, and never 0 * Infinity.
  return ({ n }) =>
    Math.min(maxMs, Number.MAX_VALUE, firstMs * Math.min(Number.MAX_VALUE, factor ** Math.max(0, n - 1)))
}

/** Bounds of {@link adaptive}, in milliseconds. */
export interface AdaptiveOptions {
  /** The shortest wait; default 500, or `maxMs` if that is less. */
  readonly minMs?: number | undefined
  /** The longest wait that is not asked for by a Retry-After; default 10,000; a greater `minMs` wins. */
  readonly maxMs?: number | undefined
}

const LONGEST_RETRY_AFTER_MS = 60_000
/** Never sooner than was asked for, and up to this part later. */
const LATER_THAN_TOLD = 0.1

/** The answer may come late by this part of the time waited so far. */
const PART_OF_ELAPSED = 1 / 10

/**
 * The default: quick while a job is young, slower for long ones and when the cluster is slow or failing.
 *
 * Waits a tenth of the time since it began, from `minMs` (100 at least) to `maxMs`. It waits at least as long as the
 * last reply took, doubles with each failure, and spreads by 20 % to either side, at a bound to its one side. It honours a
 * Retry-After of up to a minute, with up to a tenth more, so that many clients do not come back at once. The default
 * ceiling of 10 s stays below the 30 s after which AIStore closes idle sockets and the 3 min after which it forgets
 * statuses.
 *
 * @example
 * const cluster = createCluster('http://localhost:8080', { cadence: adaptive({ maxMs: 5_000 }) })
 */
export function adaptive({ maxMs = 10_000, minMs = Math.min(500, maxMs) }: AdaptiveOptions = {}): Cadence {
  const bounded = (ms: number): number => Math.max(minMs, Math.min(maxMs, ms))
  // From 0 nothing would grow.
  const firstMs = Math.max(minMs, 100)
  return ({ elapsedMs, tookMs, failures, retryAfterMs = 0, random }) => {
    // The exponent is capped: 2 ** 1e4 is Infinity, which would pause.
    const grown = Math.max(firstMs, elapsedMs * PART_OF_ELAPSED) * 2 ** Math.min(failures, 20)
    const middle = bounded(Math.max(grown, tookMs))
    // Within the bounds, not cut off at them: half of all clients would wait for exactly as long as a bound.
    const [least, most] = [bounded(middle * 0.8), bounded(middle * 1.2)]
    const spread = least + (most - least) * random
    // Clients that were refused together got the same time.
    return Math.max(spread, Math.min(LONGEST_RETRY_AFTER_MS, retryAfterMs) * (1 + LATER_THAN_TOLD * random))
  }
}
