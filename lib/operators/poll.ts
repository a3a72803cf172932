import {
  NEVER,
  ReplaySubject,
  asyncScheduler,
  concat,
  defer,
  ignoreElements,
  interval,
  isObservable,
  merge,
  repeat,
  share,
  switchMap,
  take,
  tap,
  type MonoTypeOperatorFunction,
  type Observable,
  type SchedulerLike,
} from 'rxjs'
import type { Cadence } from '../cadence.ts'
import { MAX_TIMER_MS } from './long-timer.ts'
import { defined } from '../common/defined.ts'

/** Settings of {@link poll}. */
export interface PollOptions<A> {
  /** Every timer and every reading of a clock goes through it; default `asyncScheduler`. */
  readonly scheduler?: SchedulerLike | undefined
  /** For the jitter of a cadence; default `Math.random`. */
  readonly random?: (() => number) | undefined
  /** Where in a value the Either stands that tells failure; default: the value itself. */
  readonly resultOf?: ((value: A) => unknown) | undefined
}

/** No wait is shorter. */
const SHORTEST_MS = 100

/**
 * Repeats a one-shot question for ever, with a wait from each reply to the next question.
 *
 * Asks at once and then again and again; a question is never cut by the clock, and never are two under way.
 *
 * A tick cuts no request, so a reply that takes longer than the period still arrives (a plain `interval` +
 * `switchMap` would starve). A cadence given as an Observable takes effect at once on the wait that is under way: each
 * emission begins that wait anew, and `Infinity` pauses until the next one. A question that brings a Left and no Right
 * counts as a failure for the cadence, and the poll goes on.
 *
 * @param cadence how long to wait, in milliseconds, from reply to question; bounded to 100 .. 2^31-1
 * @returns an operator that emits what the questions emit and never completes; errors only if the source or the cadence does
 * @example
 * import { poll, constant, status } from 'aistore-rx'
 * status(cluster, { id }).pipe(poll(constant(1000))).subscribe(console.log)
 * @example
 * import { constant, poll } from 'aistore-rx'
 * testScheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
 *   const question = cold('    --(r|)                     ')
 *   const asked = ['           ^-!', '102ms ^-!', '204ms ^-!']
 *   const unsub = '            ^ 249ms !                  '
 *   const expected = '         --r 101ms r 101ms r        '
 *   expectObservable(question.pipe(poll(constant(100))), unsub).toBe(expected)
 *   expectSubscriptions(question.subscriptions).toBe(asked)
 * })
 */
export function poll<A>(
  cadence: Cadence | Observable<Cadence>,
  { scheduler = asyncScheduler, random = Math.random, resultOf = (value) => value }: PollOptions<A> = {},
): MonoTypeOperatorFunction<A> {
  return (source) =>
    defer(() => {
      let seenAt = scheduler.now()
      let elapsedMs = 0
      let n = 0
      let tookMs = 0
      let failures = 0
      let retryAfterMs: number | undefined

      const since = (then: number): number => Math.max(0, scheduler.now() - then)
      /** A clock that is set back stands still for one step, or a poll would be young again for as long as it was set back. */
      const elapsed = (): number => {
        elapsedMs += since(seenAt)
        seenAt = scheduler.now()
        return elapsedMs
      }
      const nextMs = (c: Cadence): number =>
        clamp(
          c({
            n,
            elapsedMs: elapsed(),
            tookMs,
            failures,
            random: random(),
            ...defined({ retryAfterMs }),
          }),
        )

      const asked = defer(() => {
        const askedAt = scheduler.now()
        let learnt = false
        let failed = false
        let longestMs: number | undefined
        return source.pipe(
          tap({
            next: (value) => {
              const failure = failureOf(resultOf(value))
              if (failure === undefined) {
                learnt = true
              } else {
                failed = true
                if (failure.retryAfterMs !== undefined) longestMs = Math.max(longestMs ?? 0, failure.retryAfterMs)
              }
            },
            complete: () => {
              n += 1
              tookMs = since(askedAt)
              failures = learnt ? 0 : failed ? failures + 1 : failures
              retryAfterMs = longestMs
            },
          }),
        )
      })
      // One subscription for the whole poll: a change that comes while a question is under way must not be lost.
      const cadences = concat(isObservable(cadence) ? cadence : [cadence], NEVER).pipe(
        share({ connector: () => new ReplaySubject<Cadence>(1) }),
      )
      const tick = cadences.pipe(
        switchMap((c) => {
          const ms = nextMs(c)
          return ms === Infinity ? NEVER : interval(ms, scheduler)
        }),
        take(1),
      )
      return merge(
        cadences.pipe(ignoreElements()),
        concat(
          asked,
          tick.pipe(
            switchMap(() => asked),
            repeat(),
          ),
        ),
      )
    })
}

const clamp = (ms: number): number =>
  ms === Infinity ? ms : ms >= SHORTEST_MS ? Math.min(ms, MAX_TIMER_MS) : SHORTEST_MS

interface Failure {
  readonly retryAfterMs: number | undefined
}

/** Told by shape, so that the Eithers of any copy of fp-ts count. */
function failureOf(value: unknown): Failure | undefined {
  if (typeof value !== 'object' || value === null || !('_tag' in value) || value._tag !== 'Left' || !('left' in value))
    return
  const { left } = value
  const ms = typeof left === 'object' && left !== null && 'retryAfterMs' in left ? left.retryAfterMs : undefined
  return { retryAfterMs: typeof ms === 'number' && ms >= 0 ? ms : undefined }
}
