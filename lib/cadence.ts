/** What a cadence may decide by; all of it belongs to one poll, which several may share. */
export interface Tick {
  /** How many questions have been answered. */
  readonly n: number
  /** Since the first question, in milliseconds. */
  readonly elapsedMs: number
  /** How long the last question took, in milliseconds. */
  readonly tookMs: number
  /** How many questions in a row failed: brought a Left and no Right. */
  readonly failures: number
  /** The longest Retry-After among the failing replies to the last question. */
  readonly retryAfterMs?: number
  /** In [0, 1). */
  readonly random: number
}

/**
 * How long to wait after a reply before the next question, in milliseconds; pure.
 *
 * `Infinity` pauses. `poll` bounds the rest: NaN, negative and below 100 mean 100; above 2^31-1 means 2^31-1.
 *
 * @example
 * const quickThenSlow: Cadence = ({ elapsedMs }) => (elapsedMs < 10_000 ? 250 : 5_000)
 */
export type Cadence = (t: Tick) => number

/** Always the same wait. */
export const constant =
  (ms: number): Cadence =>
  () =>
    ms

/**
 * The Python SDK's rule: a fixed wait that grows with the budget.
 *
 * Mirrors `probing_frequency` (protocol: section 5.2): max(budget/64, min(budget/8, 1 s), 100 ms). A wait without a
 * budget, of which that rule would make a pause, asks each 30 s.
 *
 * @param budgetMs the total time of the wait in milliseconds, or `Infinity`
 * @example
 * wait(c, { id }, { timeoutMs: 300_000, cadence: probing(300_000) }) // a question each 4,687.5 ms
 */
export const probing = (budgetMs: number): Cadence =>
  constant(budgetMs === Infinity ? 30_000 : Math.max(budgetMs / 64, Math.min(budgetMs / 8, 1000), 100))

/** Bounds of {@link backoff}, in milliseconds. */
export interface BackoffOptions {
  /** The first wait; default 2,000. */
  readonly firstMs?: number
  /** Each wait is so many times the one before; default 1.5. */
  readonly factor?: number
  /** The longest wait; default 30,000. */
  readonly maxMs?: number
}

/**
 * The Go client's rule: waits that grow from two seconds by half to thirty seconds.
 *
 * Mirrors the sleeps of `api.xaction` waits (protocol: section 5.1).
 */
export function backoff({ firstMs = 2000, factor = 1.5, maxMs = 30_000 }: BackoffOptions = {}): Cadence {
  // Never Infinity, which would pause, and never 0 * Infinity.
  return ({ n }) =>
    Math.min(maxMs, Number.MAX_VALUE, firstMs * Math.min(Number.MAX_VALUE, factor ** Math.max(0, n - 1)))
}

/** Bounds of {@link adaptive}, in milliseconds. */
export interface AdaptiveOptions {
  /** The shortest wait; default 500, or `maxMs` if that is less. */
  readonly minMs?: number
  /** The longest wait that is not asked for by a Retry-After; default 10,000; a greater `minMs` wins. */
  readonly maxMs?: number
}

const LONGEST_RETRY_AFTER_MS = 60_000
/** Never sooner than was asked for, and up to this part later. */
const LATER_THAN_TOLD = 0.1

/** A job that took a while may take a while longer: the answer may come late by this part of the time waited so far. */
const PART_OF_ELAPSED = 1 / 5

/**
 * The default: quick while a job is young, slower for long ones and when the cluster is slow or failing.
 *
 * Waits a fifth of the time waited so far, from `minMs` (100 at least) to `maxMs`; keeps pace with replies that take
 * longer, doubles with each failure, spreads by 20 % to either side within these bounds, and honours a Retry-After of up
 * to a minute (with up to a tenth more, so that those who were sent away together do not come back together). The default ceiling of 10 s stays below the 30 s after which AIStore closes idle sockets and the 3 min
 * after which it forgets statuses.
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
    const spread = bounded(bounded(Math.max(grown, tookMs)) * (0.8 + 0.4 * random))
    // All who were sent away together were told the same time.
    return Math.max(spread, Math.min(LONGEST_RETRY_AFTER_MS, retryAfterMs) * (1 + LATER_THAN_TOLD * random))
  }
}
