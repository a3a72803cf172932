import { show } from './common/text.ts'

/** The input of a cadence: the state of one stream. Other streams do not affect it. */
export interface Tick {
  /** How many requests of the stream have been answered. */
  readonly n: number
  /** The time since the stream began, in milliseconds. */
  readonly elapsedMs: number
  /**
   * How long the last request took, in milliseconds. Before the first reply: how long the request has been in flight.
   */
  readonly tookMs: number
  /** How many requests in a row have failed. A request fails if it brings a Left and no Right. */
  readonly failures: number
  /** The longest Retry-After among the failed replies to the last request, in milliseconds. */
  readonly retryAfterMs?: number
  /** A random number in [0, 1), for jitter. */
  readonly random: number
}

/**
 * A pure function that returns how long to wait after a reply before the next request, in milliseconds.
 *
 * `Infinity` pauses the stream. Every other value is limited to 100 .. 2^31-1; NaN and negative values count as 100.
 *
 * @example
 * const quickThenSlow: Cadence = ({ elapsedMs }) => (elapsedMs < 10_000 ? 250 : 5_000)
 */
export type Cadence = (t: Tick) => number

/**
 * Returns a cadence that always waits for the same time.
 *
 * @param ms the wait, in milliseconds
 */
export const constant: (ms: number) => Cadence = factory('constant', (ms: number) =>
  Object.assign(() => ms, { constantMs: ms, ...misuse('constant', { ms }) }),
)

/**
 * The wait of a constant cadence, or undefined for any other one. A stream does not need to evaluate a constant cadence
 * in each tick.
 */
export function constantOf(cadence: Cadence | undefined): number | undefined {
  return (cadence as { readonly constantMs?: number } | undefined)?.constantMs
}

/**
 * Returns the cadence of the Python SDK: a constant wait that is longer for a larger budget.
 *
 * Mirrors `probing_frequency` (protocol 5.2): max(budget/64, min(budget/8, 1 s), 100 ms). Without a budget, the SDK
 * would never send a request; this cadence sends one every 30 s.
 *
 * @param budgetMs the total time of the wait in milliseconds, or `Infinity`
 * @example
 * wait(cluster, { id }, { timeoutMs: 300_000, cadence: probing(300_000) }) // a request every 4,687.5 ms
 */
export const probing: (budgetMs: number) => Cadence = factory('probing', (budgetMs: number) => {
  // A budget that is no number, such as a bigint, is reported when the cadence is used.
  const given: unknown = budgetMs
  const budget = typeof given === 'number' ? given : NaN
  const ms = budget === Infinity ? 30_000 : Math.max(budget / 64, Math.min(budget / 8, 1000), 100)
  return Object.assign(constant(ms), misuse('probing', { budgetMs }))
})

/** Settings of {@link backoff}. */
export interface BackoffOptions {
  /** The first wait, in milliseconds. Defaults to 2,000. */
  readonly firstMs?: number | undefined
  /** The factor from each wait to the next. Defaults to 1.5. */
  readonly factor?: number | undefined
  /** The longest wait, in milliseconds. Defaults to 30,000. */
  readonly maxMs?: number | undefined
}

/**
 * Returns the cadence of the Go client: each wait is 1.5 times the previous one, from 2 s up to 30 s.
 *
 * Mirrors the sleeps between the polls of `api.xaction` (protocol 5.1).
 *
 * @param options `firstMs`: the first wait in milliseconds (default 2,000); `factor`: the factor from each wait to the
 * next (default 1.5); `maxMs`: the longest wait in milliseconds (default 30,000)
 */
export const backoff: (options?: BackoffOptions) => Cadence = factory('backoff', (options: BackoffOptions = {}) => {
  const { firstMs = 2000, factor = 1.5, maxMs = 30_000 } = options
  // The caps avoid Infinity, which would pause the stream, and 0 * Infinity, which is NaN.
  const cadence: Cadence = ({ n }) =>
    Math.min(maxMs, Number.MAX_VALUE, firstMs * Math.min(Number.MAX_VALUE, factor ** Math.max(0, n - 1)))
  return Object.assign(cadence, misuse('backoff', { firstMs, factor, maxMs }))
})

/** Settings of {@link adaptive}. */
export interface AdaptiveOptions {
  /** The shortest wait, in milliseconds. Defaults to 500, or to `maxMs` if that is less. */
  readonly minMs?: number | undefined
  /** The longest wait without a Retry-After, in milliseconds. Defaults to 10,000. A greater `minMs` wins. */
  readonly maxMs?: number | undefined
}

const LONGEST_RETRY_AFTER_MS = 60_000
/** The jitter that is added to a Retry-After, as a fraction of it. */
const RETRY_AFTER_JITTER = 0.1

/**
 * Each wait is this fraction of the time since the stream began. An answer is therefore late by at most this fraction,
 * plus the jitter.
 */
const PART_OF_ELAPSED = 1 / 11

/**
 * Returns the default cadence: short waits at first, longer ones later and while the cluster is slow or failing.
 *
 * Each wait is an eleventh of the time since the stream began, at least `minMs` (and 100 ms) and at most `maxMs`. It is at
 * least as long as the last request took, and doubles with each failure in a row. A jitter of up to 20 % in both
 * directions stays within these bounds. The cadence honours a Retry-After of up to a minute and adds up to 10 % to it,
 * so that many clients do not return at the same time. The default maximum of 10 s is less than the 30 s after which
 * AIStore closes idle sockets, and less than the 3 min after which it forgets statuses.
 *
 * @param options `minMs`: the shortest wait in milliseconds (default 500); `maxMs`: the longest wait in milliseconds
 * (default 10,000)
 * @example
 * const cluster = createCluster('http://localhost:8080', { cadence: adaptive({ maxMs: 5_000 }) })
 */
export const adaptive: (options?: AdaptiveOptions) => Cadence = factory('adaptive', (options: AdaptiveOptions = {}) => {
  const { maxMs = 10_000, minMs = maxMs < 500 ? maxMs : 500 } = options
  const bounded = (ms: number): number => Math.max(minMs, Math.min(maxMs, ms))
  // A `minMs` of 0 would stay 0 when it is doubled.
  const firstMs = minMs < 100 ? 100 : minMs
  const cadence: Cadence = ({ elapsedMs, tookMs, failures, retryAfterMs = 0, random }) => {
    // The exponent is capped: 2 ** 1e4 is Infinity, which would pause the stream.
    const grown = Math.max(firstMs, elapsedMs * PART_OF_ELAPSED) * 2 ** Math.min(failures, 20)
    const middle = bounded(Math.max(grown, tookMs))
    // The jitter covers the range within the bounds. If it were clipped, half of all clients would wait for exactly a
    // bound.
    const [least, most] = [bounded(middle * 0.8), bounded(middle * 1.2)]
    const spread = least + (most - least) * random
    // Clients that were refused together got the same Retry-After, so it needs a jitter too.
    return Math.max(spread, Math.min(LONGEST_RETRY_AFTER_MS, retryAfterMs) * (1 + RETRY_AFTER_JITTER * random))
  }
  return Object.assign(cadence, misuse('adaptive', { maxMs, minMs }))
})

/** @internal The cadence of waits and live streams, if neither the stream nor the cluster has a cadence of its own. */
export const DEFAULT_CADENCE: Cadence = adaptive()

/**
 * Marks a function that creates cadences with its name. If a user passes the function itself as a cadence, without
 * calling it, the error can then name it.
 */
function factory<A extends readonly unknown[]>(name: string, create: (...given: A) => Cadence): typeof create {
  return Object.assign(create, { factoryName: name })
}

/**
 * Returns a member `misuse` with the text for the error, if an argument of the factory is not a number. Otherwise
 * returns an empty object.
 */
function misuse(name: string, given: Readonly<Record<string, unknown>>): { readonly misuse?: string } {
  const [wrong] = Object.entries(given).filter(([, value]) => typeof value !== 'number')
  return wrong === undefined ? {} : { misuse: `${name}() with ${show(wrong[1])} as its ${wrong[0]}` }
}

/**
 * Returns why a function cannot be a cadence; undefined if it can. It does not call the function, because a call may
 * change the state of a user's cadence.
 */
export function misuseOf(cadence: Cadence): string | undefined {
  const { factoryName, misuse } = cadence as { readonly factoryName?: string; readonly misuse?: string }
  if (factoryName !== undefined) return `${factoryName} itself, which must be called: ${factoryName}(...)`
  return cadence.constructor.name === 'AsyncFunction' ? 'an async function' : misuse
}
