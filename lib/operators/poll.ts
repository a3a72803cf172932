import {
  NEVER,
  ReplaySubject,
  asyncScheduler,
  catchError,
  concat,
  defer,
  ignoreElements,
  interval,
  isObservable,
  map,
  merge,
  of,
  repeat,
  share,
  switchMap,
  take,
  takeWhile,
  tap,
  throwError,
  type MonoTypeOperatorFunction,
  type Observable,
  type SchedulerLike,
} from 'rxjs'
import type { Cadence } from '../cadence.ts'
import { MAX_TIMER_MS } from './long-timer.ts'
import { InvalidCadence, validCadence, validInterval } from '../common/invalid-cadence.ts'
import { monotonic } from './monotonic.ts'
import { defined } from '../common/defined.ts'
import { left } from '../common/either.ts'
import { isLaunch } from '../common/launches.ts'
import { invalidArgument } from '../error.ts'

/** Settings of {@link poll}. */
export interface PollOptions<A> {
  /** The scheduler for all timers and times. Defaults to `asyncScheduler`. */
  readonly scheduler?: SchedulerLike | undefined
  /** Returns random numbers in [0, 1) for the jitter of a cadence. Defaults to `Math.random`. */
  readonly random?: (() => number) | undefined
  /** Returns the Either of a value; a Left is a failure. Defaults to the value itself. */
  readonly resultOf?: ((value: A) => unknown) | undefined
  /** Whether to poll a stream that starts a job with each subscription, such as `start`. Defaults to false. */
  readonly repeatsLaunch?: boolean | undefined
}

/** The shortest wait. */
const SHORTEST_MS = 100

/**
 * Repeats a query for ever: subscribes to the source at once, and again after a wait each time it completes.
 *
 * Only one request is in flight at a time, and a timer never cancels it. So a reply that takes longer than the wait still
 * arrives; with a plain `interval` and `switchMap`, it never would. If the cadence is an Observable, each emission
 * restarts the present wait, and `Infinity` pauses until the next emission. A query that brings a Left and no Right counts
 * as a failure for the cadence, and the poll goes on. The poll completes after a Left(InvalidArgument), which no
 * repetition can change.
 *
 * A poll of `start` or of a launch would start another job with each repetition. So it sends nothing and emits a
 * Left(InvalidArgument), unless `repeatsLaunch` is true. To follow one job, use `wait` or a watch.
 *
 * @param cadence how long to wait from a reply to the next request, in milliseconds; limited to 100 .. 2^31-1
 * @param options `scheduler`: for all timers and times (default `asyncScheduler`); `random`: for the jitter (default
 * `Math.random`); `resultOf`: returns the Either of a value (default: the value itself); `repeatsLaunch`: whether each
 * repetition may start another job (default false)
 * @returns an operator; it emits the values of all queries, and completes only after a Left(InvalidArgument); it errors only if the
 * source or the cadence does
 * @example
 * import { poll, constant, status } from 'aistore-rx'
 * status(cluster, { id }).pipe(poll(constant(1000))).subscribe(console.log)
 * @example
 * import { constant, poll } from 'aistore-rx'
 * testScheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
 *   const query = cold('       --(r|)                     ')
 *   const requests = ['        ^-!', '102ms ^-!', '204ms ^-!']
 *   const unsub = '            ^ 249ms !                  '
 *   const expected = '         --r 101ms r 101ms r        '
 *   expectObservable(query.pipe(poll(constant(100))), unsub).toBe(expected)
 *   expectSubscriptions(query.subscriptions).toBe(requests)
 * })
 */
export function poll<A>(
  cadence: Cadence | Observable<Cadence>,
  options: PollOptions<A> = {},
): MonoTypeOperatorFunction<A> {
  const {
    scheduler = asyncScheduler,
    random = Math.random,
    resultOf = (value: A): unknown => value,
    repeatsLaunch = false,
  } = options
  return (source) =>
    defer(() => {
      if (!repeatsLaunch && isLaunch(source)) return of(left(REPEATED_LAUNCH) as A)
      const { now, reached } = monotonic(scheduler)
      const beganMs = now()
      let n = 0
      let tookMs = 0
      let failures = 0
      let retryAfterMs: number | undefined

      const nextMs = (c: Cadence): number => {
        const elapsedMs = now() - beganMs
        return clamp(
          validInterval(c({ n, elapsedMs, tookMs, failures, random: random(), ...defined({ retryAfterMs }) })),
        )
      }

      const query = defer(() => {
        const sentMs = now()
        let succeeded = false
        let failed = false
        let longestMs: number | undefined
        return source.pipe(
          tap({
            next: (value) => {
              const failure = failureOf(resultOf(value))
              if (failure === undefined) {
                succeeded = true
              } else {
                failed = true
                if (failure.retryAfterMs !== undefined) longestMs = Math.max(longestMs ?? 0, failure.retryAfterMs)
              }
            },
            complete: () => {
              n += 1
              tookMs = now() - sentMs
              if (succeeded) failures = 0
              else if (failed) failures += 1
              retryAfterMs = longestMs
            },
          }),
        )
      })
      // One subscription for the whole poll: a cadence that is emitted while a request is in flight must not be lost.
      const cadences = concat(isObservable(cadence) ? cadence : [cadence], NEVER).pipe(
        map(validCadence),
        share({ connector: () => new ReplaySubject<Cadence>(1) }),
      )
      const tick = cadences.pipe(
        switchMap((c) => {
          const ms = nextMs(c)
          if (ms === Infinity) return NEVER
          const dueMs = now() + ms
          return interval(ms, scheduler).pipe(tap(() => reached(dueMs)))
        }),
        take(1),
      )
      return merge(
        cadences.pipe(ignoreElements()),
        concat(
          query,
          tick.pipe(
            switchMap(() => query),
            repeat(),
          ),
        ),
      ).pipe(
        takeWhile((value) => failureOf(resultOf(value))?.isInvalid !== true, true),
        catchError((defect: unknown) =>
          defect instanceof InvalidCadence ? of(defect.left as A) : throwError(() => defect),
        ),
      )
    })
}

const REPEATED_LAUNCH = invalidArgument(
  'source',
  'each repetition would start another job; follow one with wait(), or pass { repeatsLaunch: true }',
)

/** Limits a wait to what a timer can do. NaN counts as too short. */
function clamp(ms: number): number {
  if (ms === Infinity) return ms
  return ms >= SHORTEST_MS ? Math.min(ms, MAX_TIMER_MS) : SHORTEST_MS
}

interface Failure {
  readonly retryAfterMs: number | undefined
  /** Whether the error is an InvalidArgument. */
  readonly isInvalid: boolean
}

/** Recognizes a Left by its shape, so that the Eithers of any copy of fp-ts work. */
function failureOf(value: unknown): Failure | undefined {
  if (typeof value !== 'object' || value === null || !('_tag' in value) || value._tag !== 'Left' || !('left' in value))
    return
  const { left } = value
  const { retryAfterMs: ms, _tag } = (left ?? {}) as { readonly retryAfterMs?: unknown; readonly _tag?: unknown }
  return { retryAfterMs: typeof ms === 'number' && ms >= 0 ? ms : undefined, isInvalid: _tag === 'InvalidArgument' }
}
