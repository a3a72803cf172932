import { isObservable } from 'rxjs'
import { requireOptions } from '../common/require.ts'
import { requireArgument } from '../error.ts'

/**
 * What happens when values arrive faster than the consumer takes them.
 *
 * `error` keeps up to `limit` values, then fails with an {@link OverflowError}. `latest` keeps the newest value only: right
 * for tables and progress, wrong for events. `buffer` keeps all values, without a limit.
 */
export type Overflow = 'error' | 'latest' | 'buffer'

/** How values pass from a stream, which pushes them, to a consumer, which pulls them. */
export interface PullOptions {
  /**
   * Ends the subscription when it fires. If it has already fired, the source is not subscribed. Defaults to no signal.
   */
  readonly signal?: AbortSignal | undefined
  /** What happens when the consumer is too slow. Defaults to `error`. */
  readonly overflow?: Overflow | undefined
  /** How many values `error` keeps. Defaults to 1,000. */
  readonly limit?: number | undefined
}

/** The consumer was too slow: more values arrived than `limit` allows. */
export class OverflowError extends Error {
  /** The same for every error of this class. */
  override readonly name = 'OverflowError'
  /** The option `limit`, which was exceeded. */
  readonly limit: number

  constructor(limit: number) {
    super(
      `the consumer is too slow: ${limit} values wait for it. Raise the option limit, or set overflow to 'latest' to ` +
        `keep the newest value only, or to 'buffer' to keep all`,
    )
    this.limit = limit
  }
}

/** @internal The options with their defaults; throws AisError with InvalidArgument if one is invalid, or the source. */
export function checkPull(
  source: unknown,
  options: PullOptions,
): {
  readonly signal: AbortSignal | undefined
  readonly overflow: Overflow
  readonly limit: number
} {
  requireArgument('source', source, isObservable(source), 'an Observable')
  requireOptions(options)
  const { signal, overflow = 'error', limit = 1_000 } = options
  const isSignal =
    signal === undefined || typeof (signal as Partial<AbortSignal> | null)?.addEventListener === 'function'
  requireArgument('signal', signal, isSignal, 'an AbortSignal')
  const isKnown = ['error', 'latest', 'buffer'].includes(overflow)
  requireArgument('overflow', overflow, isKnown, "'error', 'latest' or 'buffer'")
  requireArgument('limit', limit, Number.isInteger(limit) && limit >= 1, 'a whole number from 1')
  return { signal, overflow, limit }
}
