import { Subject, takeUntil, type Observable } from 'rxjs'
import { OverflowError, checkPull, type PullOptions } from './pull-options.ts'

/**
 * Converts a stream to an AsyncIterable.
 *
 * Read any stream of this library with `for await`. Leaving the loop unsubscribes.
 *
 * Each loop has its own subscription, which begins with its first `next()`. `break`, `return` and an exception in the
 * loop unsubscribe at once, even if the stream is silent. A Left is a value like any other; to throw it, pipe the
 * source through `orThrow()`.
 *
 * @param source the stream
 * @param options `signal` ends the loop with the signal's reason (pipe the source through `untilAborted(signal)` to end it
 * without an error); `overflow` and `limit` say what happens while the loop is slower than the stream: by default, more
 * than 1,000 waiting values are an {@link OverflowError}
 * @returns an AsyncIterable of the values. Its `next()` rejects with an error of the source (after the values that came before
 * it), with {@link OverflowError}, or with the reason of `signal`
 * @throws AisError with InvalidArgument if an argument is invalid
 * @example
 * import { createCluster, orThrow, watchJobs } from 'aistore-rx'
 * import { toAsyncIterable } from 'aistore-rx/node'
 * const tables = watchJobs(createCluster('http://localhost:8080')).pipe(orThrow())
 * for await (const jobs of toAsyncIterable(tables, { overflow: 'latest' })) {
 *   console.table(Object.values(jobs))
 *   if (Object.keys(jobs).length === 0) break
 * }
 */
export function toAsyncIterable<A>(source: Observable<A>, options: PullOptions = {}): AsyncIterable<A> {
  const checked = checkPull(source, options)
  return { [Symbol.asyncIterator]: () => new PullIterator(source, checked) }
}

type Settings = ReturnType<typeof checkPull>

interface Waiter<A> {
  readonly resolve: (result: IteratorResult<A, undefined>) => void
  readonly reject: (reason: unknown) => void
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined }

/**
 * Written by hand: an async generator queues `return()` behind a pending `next()`, so it could not unsubscribe from a
 * silent source.
 *
 * @internal
 */
export class PullIterator<A> implements AsyncIterator<A, undefined> {
  private readonly source: Observable<A>
  private readonly settings: Settings
  /** Emits when the iterator ends, and so unsubscribes from the source. */
  private readonly stop = new Subject<void>()
  private isStarted = false
  private isOver = false
  /** The values that the consumer has not read yet. */
  private values: A[] = []
  /** The reason for which the next `next()` rejects. */
  private failure: { readonly reason: unknown } | undefined
  /** The calls of `next()` that no value has answered yet. */
  private waiting: Waiter<A>[] = []

  constructor(source: Observable<A>, settings: Settings) {
    this.source = source
    this.settings = settings
  }

  next(): Promise<IteratorResult<A, undefined>> {
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject }
      if (this.values.length > 0) resolve({ done: false, value: this.values.shift() as A })
      else if (this.isOver) this.finish(waiter)
      else {
        this.waiting.push(waiter)
        if (!this.isStarted) this.start()
      }
    })
  }

  return(): Promise<IteratorResult<A, undefined>> {
    this.cancel()
    return Promise.resolve(DONE)
  }

  throw(reason: unknown): Promise<IteratorResult<A, undefined>> {
    this.cancel()
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the caller's own reason
    return Promise.reject(reason)
  }

  private start(): void {
    this.isStarted = true
    const { signal } = this.settings
    if (signal?.aborted === true) {
      this.end({ reason: signal.reason })
      return
    }
    signal?.addEventListener('abort', this.aborted)
    this.source.pipe(takeUntil(this.stop)).subscribe({
      next: (value) => this.push(value),
      error: (reason: unknown) => this.end({ reason }),
      complete: () => this.end(undefined),
    })
  }

  private readonly aborted = (): void => {
    this.values = []
    this.end({ reason: this.settings.signal?.reason })
  }

  private push(value: A): void {
    if (this.isOver) return
    const waiter = this.waiting.shift()
    if (waiter !== undefined) {
      waiter.resolve({ done: false, value })
      return
    }
    const { overflow, limit } = this.settings
    if (overflow === 'latest') this.values = [value]
    else if (overflow === 'error' && this.values.length >= limit) this.end({ reason: new OverflowError(limit) })
    else this.values.push(value)
  }

  /** Unsubscribes, and settles every pending `next()`. Only the first call counts. */
  private end(failure: { readonly reason: unknown } | undefined): void {
    if (this.isOver) return
    this.isOver = true
    this.failure = failure
    this.settings.signal?.removeEventListener('abort', this.aborted)
    this.stop.next()
    const { waiting } = this
    this.waiting = []
    for (const waiter of waiting) this.finish(waiter)
  }

  /**
   * Ends because the consumer has left its loop, even before its first `next()`: nobody reads the values or the
   * failure.
   */
  private cancel(): void {
    this.isStarted = true
    this.values = []
    this.end(undefined)
    this.failure = undefined
  }

  /** A failure rejects one `next()`. Further calls return `done: true`. */
  private finish({ resolve, reject }: Waiter<A>): void {
    const { failure } = this
    this.failure = undefined
    if (failure === undefined) resolve(DONE)
    else reject(failure.reason)
  }
}
