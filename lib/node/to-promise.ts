import { Subject, take, takeUntil, throwIfEmpty, type Observable } from 'rxjs'
import { isLeft } from '../common/either.ts'
import { AisError, type Result } from '../error.ts'

/**
 * Converts a stream to a Promise of its first Right.
 *
 * Use it to `await` a wait or a query in a script.
 *
 * It subscribes at once, takes the first value and unsubscribes.
 *
 * @param source the stream, such as `wait(cluster, { id })`
 * @param options `signal` unsubscribes and rejects with the reason of the signal
 * @returns a Promise. A Right resolves it. A Left rejects it with AisError, whose `error` is the Left. A stream that completes
 * without a value rejects it with RxJS's EmptyError; an error of the stream rejects it with that error
 * @example
 * import { createCluster, wait } from 'aistore-rx'
 * import { toPromise } from 'aistore-rx/node'
 * const cluster = createCluster('http://localhost:8080')
 * const result = await toPromise(wait(cluster, { kind: 'lru' }), { signal: AbortSignal.timeout(60_000) })
 * console.log(result.outcome)
 */
export function toPromise<A>(
  source: Observable<Result<A>>,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<A> {
  const { signal } = options
  return new Promise<A>((resolve, reject) => {
    if (signal?.aborted === true) {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the caller's own reason
      reject(signal.reason)
      return
    }
    const stop = new Subject<void>()
    const aborted = (): void => {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the caller's own reason
      reject(signal?.reason)
      stop.next()
    }
    const settled = (): void => signal?.removeEventListener('abort', aborted)
    signal?.addEventListener('abort', aborted)
    source.pipe(take(1), throwIfEmpty(), takeUntil(stop)).subscribe({
      next: (result) => {
        if (isLeft(result)) reject(new AisError(result.left))
        else resolve(result.right)
      },
      error: (error: unknown) => {
        settled()
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as the stream gave it
        reject(error)
      },
      complete: settled,
    })
  })
}
