import { EMPTY, Observable, defer, share, takeUntil, type MonoTypeOperatorFunction } from 'rxjs'
import { markedLike } from '../common/launches.ts'

/** One listener for each signal, shared by all streams that the signal ends. */
const listeners = new WeakMap<AbortSignal, Observable<void>>()

/**
 * Ends a stream when an AbortSignal fires.
 *
 * The stream completes, and unsubscribes from its source. If the signal has fired before, the stream completes at once
 * and does not subscribe to its source; `takeUntil(fromEvent(signal, 'abort'))` would never end.
 *
 * @param signal the signal
 * @returns an operator that emits what the source emits, and completes when the signal fires
 * @example
 * import { createCluster, untilAborted, wait } from 'aistore-rx'
 * const controller = new AbortController()
 * wait(createCluster('http://localhost:8080'), { kind: 'lru' })
 *   .pipe(untilAborted(controller.signal))
 *   .subscribe({ next: console.log, complete: () => console.log('over, or given up') })
 * controller.abort()
 * @example
 * import { timer } from 'rxjs'
 * import { untilAborted } from 'aistore-rx'
 * testScheduler.run(({ cold, expectObservable }) => {
 *   const controller = new AbortController()
 *   const source = cold('-a--b--c')
 *   timer(5).subscribe(() => controller.abort())
 *   const expected = '   -a--b|  '
 *   expectObservable(source.pipe(untilAborted(controller.signal))).toBe(expected)
 * })
 */
export const untilAborted =
  <A>(signal: AbortSignal): MonoTypeOperatorFunction<A> =>
  (source) =>
    markedLike(
      source,
      defer(() => (signal.aborted ? EMPTY : source.pipe(takeUntil(firing(signal))))),
    )

function firing(signal: AbortSignal): Observable<void> {
  const known = listeners.get(signal)
  if (known !== undefined) return known
  const fired = new Observable<void>((subscriber) => {
    const listener = (): void => subscriber.next()
    signal.addEventListener('abort', listener)
    return () => signal.removeEventListener('abort', listener)
  }).pipe(share())
  listeners.set(signal, fired)
  return fired
}
