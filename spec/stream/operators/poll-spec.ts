import { expect } from 'chai'
import { expectTypeOf } from 'expect-type'
import fc from 'fast-check'
import {
  BehaviorSubject,
  EMPTY,
  NEVER,
  Subject,
  VirtualTimeScheduler,
  defer,
  filter,
  finalize,
  from,
  interval,
  map,
  merge,
  mergeMap,
  of,
  startWith,
  switchMap,
  take,
  tap,
  throwError,
  timer,
  type Observable,
  type SchedulerAction,
  type SchedulerLike,
} from 'rxjs'
import { useFakeTimers, type SinonFakeTimers } from 'sinon'
import { constant, type Cadence, type Tick } from '../../../lib/cadence.ts'
import { start } from '../../../lib/commands.ts'
import { left, right } from '../../../lib/common/either.ts'
import { asLaunch } from '../../../lib/common/launches.ts'
import type { JobError, Result } from '../../../lib/error.ts'
import { jobOf } from '../../../lib/job.ts'
import { follow } from '../../../lib/launch/follow.ts'
import { andThen } from '../../../lib/operators/and-then.ts'
import { poll, type PollOptions } from '../../../lib/operators/poll.ts'
import { rate } from '../../../lib/operators/rate.ts'
import { stalled } from '../../../lib/operators/stalled.ts'
import { untilAborted } from '../../../lib/operators/until-aborted.ts'
import { within } from '../../../lib/operators/within.ts'
import { wait } from '../../../lib/wait.ts'
import { marbles } from '../../helpers/marbles.ts'
import { clusterOf, only, scripted } from '../../helpers/scripted.ts'
import { defined } from '../../../lib/common/defined.ts'

// `poll` repeats a request: it waits for the reply, then for the interval of its cadence. Most specs are marble
// diagrams, in which a frame is a millisecond.
// An id in a title, such as K4, is a row of docs/faults.md.

const defect = new Error('defect')
const request = { method: 'GET', path: '/v1/cluster', query: 'what=status' }
const failure = (retryAfterMs?: number): JobError => ({
  _tag: 'HttpError',
  status: 503,
  message: 'busy',
  ...defined({ retryAfterMs }),
  request,
})

/** Cadences for marbles: quick, slow, paused. */
const cadences: Record<string, Cadence> = { q: constant(100), s: constant(1000), p: constant(Infinity) }

/** The virtual times of the first requests of a poll. */
function moments(
  count: number,
  cadence: Cadence | Observable<Cadence>,
  request$: Observable<unknown> = of('reply'),
): readonly number[] {
  const scheduler = new VirtualTimeScheduler()
  const seen: number[] = []
  defer(() => {
    seen.push(scheduler.now())
    return request$.pipe(startWith('sent'))
  })
    .pipe(
      poll(cadence, { scheduler }),
      filter(() => seen.length === count),
      take(1),
    )
    .subscribe()
  scheduler.flush()
  return seen
}

interface Reply<A> {
  readonly tookMs?: number
  readonly replies: readonly A[]
}

/** The ticks that the cadence gets after each of these replies. */
function ticks<A>(plan: readonly Reply<A>[], options: PollOptions<A> = {}): readonly Tick[] {
  const scheduler = new VirtualTimeScheduler()
  const seen: Tick[] = []
  const remaining = [...plan]
  defer(() => {
    const { tookMs = 0, replies } = remaining.shift() ?? { tookMs: Infinity, replies: [] }
    return tookMs === 0 ? from(replies) : timer(tookMs, scheduler).pipe(mergeMap(() => replies))
  })
    .pipe(
      poll(
        (tick) => {
          seen.push(tick)
          return 100
        },
        { scheduler, random: () => 0.25, ...options },
      ),
    )
    .subscribe()
  scheduler.flush()
  return seen
}

describe('poll', () => {
  it('does not subscribe to the source before it is subscribed to', () => {
    marbles(({ cold, expectSubscriptions }) => {
      const source = cold('  a|')

      source.pipe(poll(constant(100)))
      expectSubscriptions(source.subscriptions).toBe([])
    })
  })

  it('sends the first request immediately, and waits after each reply before the next request', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('    --a|                             ')
      const subs = [
        '                      ^--!                             ',
        '                      103ms ^--!                       ',
        '                      206ms       ^--!                 ',
      ]
      const unsub = '          ^ 299ms             !            '
      const expected = '       --a 102ms a 102ms a              '

      expectObservable(source.pipe(poll(constant(100))), unsub).toBe(expected)
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('emits a reply that takes longer than the period, unlike interval + switchMap', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('    101ms a|                         ')
      const starved = cold('   101ms a|                         ')
      const subs = [
        '                      ^ 101ms !                        ',
        '                      202ms ^ 101ms !                  ',
        '                      404ms ^ 101ms !                  ',
        '                      606ms ^ 93ms !                   ',
      ]
      const unsub = '          ^ 699ms !                        '
      const expected = '       101ms a 201ms a 201ms a          '

      expectObservable(source.pipe(poll(constant(100))), unsub).toBe(expected)
      expectSubscriptions(source.subscriptions).toBe(subs)
      expectObservable(interval(100).pipe(switchMap(() => starved)), unsub).toBe('-')
    })
  })

  it('has at most one request in flight, and cancels none', () => {
    const plan = fc.record({
      tookMs: fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 1500 })), { minLength: 1, maxLength: 20 }),
      firstMs: fc.integer({ min: 100, max: 1000 }),
      changes: fc.array(
        fc.record({
          afterMs: fc.integer({ min: 0, max: 700 }),
          ms: fc.oneof(fc.constant(Infinity), fc.integer({ min: 100, max: 1000 })),
        }),
        { maxLength: 15 },
      ),
    })
    fc.assert(
      fc.property(plan, ({ tookMs, firstMs, changes }) => {
        const scheduler = new VirtualTimeScheduler()
        const cadence = new BehaviorSubject(constant(firstMs))
        // Each change has its own fraction of a millisecond, so that none coincides with another event.
        let changeAt = 0
        const planned = changes.map(({ afterMs, ms }, i) => ({
          atMs: (changeAt += afterMs) + (i + 1) / 64,
          ms,
        }))
        for (const { atMs, ms } of planned) scheduler.schedule(() => cadence.next(constant(ms)), atMs)

        const sent: number[] = []
        const answered: number[] = []
        let inFlight = 0
        defer(() => {
          const took = tookMs[sent.length]
          sent.push(scheduler.now())
          expect((inFlight += 1), 'requests in flight').to.equal(1)
          if (took === undefined) return NEVER
          const reply: Observable<unknown> = took === 0 ? of('reply') : timer(took, scheduler)
          return reply.pipe(
            tap({ complete: () => answered.push(scheduler.now()) }),
            finalize(() => (inFlight -= 1)),
          )
        })
          .pipe(poll(cadence, { scheduler }))
          .subscribe()
        scheduler.flush()

        // The expected times: an interval starts with the reply, and starts again with each change before its end.
        const expected = [0]
        for (const took of tookMs) {
          const reply = expected.at(-1)! + took
          const before = planned.filter(({ atMs }) => atMs < reply).at(-1)
          let due = reply + (before?.ms ?? firstMs)
          for (const { atMs, ms } of planned) if (atMs > reply && atMs < due) due = atMs + ms
          if (due === Infinity) break
          expected.push(due)
        }
        expect(sent).to.deep.equal(expected)
        expect(answered).to.deep.equal(sent.map((at, i) => at + (tookMs[i] ?? NaN)).filter((at) => !Number.isNaN(at)))
      }),
    )
  })

  it('continues after a Left', () => {
    marbles(({ cold, expectObservable }) => {
      const values: Record<string, Result<string>> = { a: right('a'), l: left(failure()) }
      const replies = [cold('-l|', values), cold('-a|', values), cold('-l|', values)]
      const unsub = '         ^ 299ms !'
      const expected = '      -l 101ms a 101ms l'
      let n = 0

      expectObservable(defer(() => replies[n++]!).pipe(poll(constant(100))), unsub).toBe(expected, values)
    })
  })

  it('completes after a Left(InvalidArgument), because a repetition would return the same Left', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const invalid = left({ _tag: 'InvalidArgument', argument: 'id', message: 'no' } as const)
      const source = cold('    -(l|)', { l: invalid })
      const subs = ['          ^!']
      const expected = '       -(l|)'

      expectObservable(source.pipe(poll(constant(100)))).toBe(expected, { l: invalid })
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('continues after a request that completes without a value', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('    --|                     ')
      const subs = ['          ^-!', '102ms ^-!', '204ms ^-!']
      const unsub = '          ^ 249ms !               '
      const expected = '       -                       '

      expectObservable(source.pipe(poll(constant(100))), unsub).toBe(expected)
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
    expect(moments(4, constant(100), EMPTY)).to.deep.equal([0, 100, 200, 300])
  })

  it('emits all values of a request, and waits from its completion', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('    -a-b-|                  ')
      const subs = ['          ^----!', '105ms ^----!    ']
      const unsub = '          ^ 149ms !               '
      const expected = '       -a-b 102ms a-b          '

      expectObservable(source.pipe(poll(constant(100))), unsub).toBe(expected)
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('sends no other request while one does not complete', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('    a-b         ')
      const subs = '           ^ 10s !     '
      const unsub = '          ^ 10s !     '
      const expected = '       a-b         '

      expectObservable(source.pipe(poll(constant(100))), unsub).toBe(expected)
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('refuses a source that starts a job with each subscription, also behind operators', () => {
    const cluster = clusterOf(scripted(() => ({ body: 'oFIsIapbT' })))
    const started = start(cluster, { kind: 'lru' })
    const sources: readonly Observable<Result<unknown>>[] = [
      started,
      jobOf(cluster, { kind: 'lru' }).start(),
      started.pipe(andThen((job) => wait(cluster, job))),
      follow(cluster, started),
      started.pipe(within(60_000)),
      started.pipe(untilAborted(new AbortController().signal)),
      started.pipe(
        rate(() => 1),
        map(({ value }) => value),
      ),
      started.pipe(
        stalled(60_000),
        map((isStalled) => right(isStalled)),
      ),
    ]
    for (const source of sources)
      expect(only(source.pipe(poll(constant(1_000))))).to.nested.include({
        'left._tag': 'InvalidArgument',
        'left.argument': 'source',
      })
  })

  it('repeats a source that starts a job if `repeatsLaunch` is true', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('    -a|')
      const subs = ['          ^-!', '102ms ^-!']
      const unsub = '          ^ 149ms !'
      const expected = '       -a 101ms a'

      expectObservable(asLaunch(source).pipe(poll(constant(100), { repeatsLaunch: true })), unsub).toBe(expected)
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('propagates an error of a request, and sends no more', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const replies = [cold('--a|'), cold('-#')]
      const expected = '      --a 101ms #'
      let n = 0

      expectObservable(defer(() => replies[n++]!).pipe(poll(constant(100)))).toBe(expected)
      expectSubscriptions(replies[1]!.subscriptions).toBe('103ms ^!')
    })
  })

  it('propagates a synchronous error of the first request', () => {
    marbles(({ expectObservable }) => {
      expectObservable(throwError(() => defect).pipe(poll(constant(100)))).toBe('#', {}, defect)
    })
  })

  it('cancels the request in flight on unsubscribe', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('    ---a|                   ')
      const subs = ['          ^---!', '104ms ^-!       ']
      const unsub = '          ^ 105ms !               '
      const expected = '       ---a                    '

      expectObservable(source.pipe(poll(constant(100))), unsub).toBe(expected)
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('sends no more requests after an unsubscribe during an interval', () => {
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = cold('    ---a|         ')
      const cadence = hot('    q             ', cadences)
      const subs = '           ^---!         '
      const unsub = '          ^ 49ms !      '
      const expected = '       ---a          '

      expectObservable(source.pipe(poll(cadence)), unsub).toBe(expected)
      expectSubscriptions(source.subscriptions).toBe(subs)
      expectSubscriptions(cadence.subscriptions).toBe(unsub)
    })
  })

  it('sends no more requests after the consumer unsubscribes while it handles a value', () => {
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = cold('    --a--b|           ')
      const cadence = hot('    q                 ', cadences)
      const subs = '           ^----!            '
      const expected = '       --a--(b|)         '

      expectObservable(source.pipe(poll(cadence), take(2))).toBe(expected)
      expectSubscriptions(source.subscriptions).toBe(subs)
      expectSubscriptions(cadence.subscriptions).toBe(subs)
    })
  })

  it('sends no more requests after the consumer unsubscribes while it handles a synchronous value, the first or a later one', () => {
    for (const count of [1, 2, 3]) {
      const scheduler = new VirtualTimeScheduler()
      const cadence = new BehaviorSubject(constant(100))
      let sent = 0
      const seen: unknown[] = []
      defer(() => of((sent += 1)))
        .pipe(poll(cadence, { scheduler }), take(count))
        .subscribe({ next: (value) => seen.push(value), complete: () => seen.push('complete') })
      scheduler.flush()
      expect(seen).to.deep.equal([...[1, 2, 3].slice(0, count), 'complete'])
      expect(sent).to.equal(count)
      expect(cadence.observed).to.equal(false)
    }
  })

  it('shares nothing between two subscriptions', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const values: Record<string, Result<string>> = { l: left(failure()) }
      const source = cold('    -l|               ', values)
      // 100, 200, 300 ...: a shared count would change the intervals.
      const growing: Cadence = ({ n, failures }) => 50 * (n + failures)
      const first = '          ^ 351ms !         '
      const second = '         50ms ^ 351ms !    '
      const expected1 = '      -l 101ms l 201ms l'
      const expected2 = '      50ms -l 101ms l 201ms l'
      const result = source.pipe(poll(growing))

      expectObservable(result, first).toBe(expected1, values)
      expectObservable(result, second).toBe(expected2, values)
      expectSubscriptions(source.subscriptions).toBe([
        '^-!',
        '50ms ^-!',
        '102ms ^-!',
        '152ms ^-!',
        '304ms ^-!',
        '354ms ^-!',
      ])
    })
  })

  it('shares nothing between two sources of one operator', () => {
    const scheduler = new VirtualTimeScheduler()
    const operator = poll<string>(({ n }) => 100 * n, { scheduler })
    const seen: unknown[] = []
    merge(of('a').pipe(operator, take(3)), of('b').pipe(operator, take(3))).subscribe((value) =>
      seen.push([scheduler.now(), value]),
    )
    scheduler.flush()
    expect(seen).to.deep.equal([
      [0, 'a'],
      [0, 'b'],
      [100, 'a'],
      [100, 'b'],
      [300, 'a'],
      [300, 'b'],
    ])
  })

  describe('limits the interval of the cadence', () => {
    const longest = 2 ** 31 - 1
    const bounded: readonly (readonly [ms: number, waitMs: number])[] = [
      [NaN, 100],
      [-Infinity, 100],
      [-1, 100],
      [-0, 100],
      [0, 100],
      [Number.MIN_VALUE, 100],
      [99, 100],
      [99.9, 100],
      [100, 100],
      [100.5, 100.5],
      [101, 101],
      [longest - 1, longest - 1],
      [longest, longest],
      [2 ** 31, longest],
      [2 ** 32 + 1000, longest],
      [Number.MAX_VALUE, longest],
    ]
    for (const [ms, waitMs] of bounded)
      it(`to ${waitMs} ms if the cadence returns ${ms} ms`, () => {
        expect(moments(3, constant(ms))).to.deep.equal([0, waitMs, 2 * waitMs])
      })

    it('except Infinity, with which it sends only one request', () => {
      expect(moments(2, constant(Infinity))).to.deep.equal([0])
    })
  })

  describe('with an Observable of cadences', () => {
    it('applies a change immediately to the current interval, from the time of the change', () => {
      marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
        const source = cold('    a|                             ')
        const cadence = hot('    s 499ms q                      ', cadences)
        const subs = ['          ^!', '600ms ^!', '701ms ^!    ']
        const unsub = '          ^ 749ms !                      '
        const expected = '       a 599ms a 100ms a              '

        expectObservable(source.pipe(poll(cadence)), unsub).toBe(expected)
        expectSubscriptions(source.subscriptions).toBe(subs)
        expectSubscriptions(cadence.subscriptions).toBe(unsub)
      })
    })

    it('applies a change to a slower cadence immediately', () => {
      marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
        const source = cold('    a|                       ')
        const cadence = hot('    q 49ms s                 ', cadences)
        const subs = ['          ^!', '1050ms ^!         ']
        const unsub = '          ^ 1499ms !               '

        expectObservable(source.pipe(poll(cadence)), unsub).toBe('a 1049ms a')
        expectSubscriptions(source.subscriptions).toBe(subs)
      })
    })

    it('does not cancel a request on a change, and applies the change after the request', () => {
      marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
        const source = cold('    300ms a|                     ')
        const cadence = hot('    s 99ms q                     ', cadences)
        const subs = ['          ^ 300ms !', '401ms ^ 98ms !']
        const unsub = '          ^ 499ms !                    '
        const expected = '       300ms a                      '

        expectObservable(source.pipe(poll(cadence)), unsub).toBe(expected)
        expectSubscriptions(source.subscriptions).toBe(subs)
        expectSubscriptions(cadence.subscriptions).toBe(unsub)
      })
    })

    it('applies the last of several changes during a request', () => {
      marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
        const source = cold('    -------a|')
        const cadence = hot('    s-q-p-q  ', cadences)
        const subs = ['          ^-------!', '108ms ^-------!']
        const unsub = '          ^ 149ms !'

        expectObservable(source.pipe(poll(cadence)), unsub).toBe('-------a 107ms a')
        expectSubscriptions(source.subscriptions).toBe(subs)
      })
    })

    it('applies a change that a plain Subject emits during any request', () => {
      const scheduler = new VirtualTimeScheduler()
      const cadence = new Subject<Cadence>()
      const sent: number[] = []
      defer(() => {
        sent.push(scheduler.now())
        cadence.next(constant(sent.length * 1000))
        return timer(10, scheduler)
      })
        .pipe(poll(cadence, { scheduler }), take(4))
        .subscribe()
      scheduler.flush()
      expect(sent).to.deep.equal([0, 1010, 3020, 6030])
    })

    it('applies a change that the consumer makes while it handles a value', () => {
      for (const tookMs of [0, 10]) {
        const scheduler = new VirtualTimeScheduler()
        const cadence = new Subject<Cadence>()
        const seen: number[] = []
        defer(() => (tookMs === 0 ? of(0) : timer(tookMs, scheduler)))
          .pipe(poll(cadence, { scheduler }), take(4))
          .subscribe(() => {
            seen.push(scheduler.now())
            cadence.next(constant(seen.length * 100))
          })
        scheduler.flush()
        expect(seen).to.deep.equal([0, 100, 300, 600].map((ms, i) => ms + (i + 1) * tookMs))
      }
    })

    it('pauses with Infinity until the next cadence', () => {
      marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
        const source = cold('    a|                                 ')
        const cadence = hot('    q 149ms p 9849ms q                 ', cadences)
        const subs = ['          ^!', '101ms ^!', '10100ms ^!    ']
        const unsub = '          ^ 10149ms !                        '

        expectObservable(source.pipe(poll(cadence)), unsub).toBe('a 100ms a 9998ms a')
        expectSubscriptions(source.subscriptions).toBe(subs)
      })
    })

    it('does not cancel a request on a pause', () => {
      marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
        const source = cold('    ---a|  ')
        const cadence = hot('    q-p    ', cadences)
        const unsub = '          ^ 10s !'

        expectObservable(source.pipe(poll(cadence)), unsub).toBe('---a')
        expectSubscriptions(source.subscriptions).toBe('^---!')
      })
    })

    it('sends one request, then waits for the first cadence', () => {
      marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
        const source = cold('    a|                   ')
        const cadence = hot('    - 999ms q            ', cadences)
        const subs = ['          ^!', '1100ms ^!     ']
        const unsub = '          ^ 1149ms !           '

        expectObservable(source.pipe(poll(cadence)), unsub).toBe('a 1099ms a')
        expectSubscriptions(source.subscriptions).toBe(subs)
      })
    })

    it('keeps the last cadence after the Observable completes, during an interval or a request', () => {
      for (const at of ['(q|)', 'q|', 'q---|', 'q 49ms |', 'q 149ms |'])
        marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
          const source = cold('    ---a--|                ')
          const subs = ['          ^-----!', '106ms ^-----!', '212ms ^-----!']
          const unsub = '          ^ 299ms !              '
          const expected = '       ---a 105ms a 105ms a   '
          const cadenceSub = at.replace('(q|)', '(^!)').replace('q', '^').replace('|', '!')

          for (const cadence of [cold(at, cadences), hot(at, cadences)]) {
            expectObservable(source.pipe(poll(cadence)), unsub).toBe(expected)
            expectSubscriptions(cadence.subscriptions).toBe(cadenceSub)
          }
          expectSubscriptions(source.subscriptions).toBe(subs.flatMap((sub) => [sub, sub]))
        })
    })

    it('sends one request if the Observable completes without a cadence', () => {
      expect(moments(2, EMPTY)).to.deep.equal([0])
    })

    it('uses the last of several synchronous cadences', () => {
      expect(moments(3, of(constant(1000), constant(100)))).to.deep.equal([0, 100, 200])
    })

    it('subscribes to the Observable once, while it polls', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('    a|       ')
        const cadence = cold('   q        ', cadences)
        const unsub = '          ^ 1s !   '

        expectObservable(
          source.pipe(
            poll(cadence),
            filter(() => false),
          ),
          unsub,
        ).toBe('-')
        expectSubscriptions(cadence.subscriptions).toBe(unsub)
      })
    })

    it('propagates an error of the Observable during an interval', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('    a|        ')
        const cadence = cold('   q 49ms #  ', cadences)
        const expected = '       a 49ms #  '

        expectObservable(source.pipe(poll(cadence))).toBe(expected)
        expectSubscriptions(source.subscriptions).toBe('^!')
      })
    })

    it('propagates an error of the Observable during a request, and cancels the request', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('    a----b|')
        const cadence = cold('   q--#   ', cadences)
        const subs = '           ^--!   '
        const expected = '       a--#   '

        expectObservable(source.pipe(poll(cadence))).toBe(expected)
        expectSubscriptions(source.subscriptions).toBe(subs)
      })
    })

    it('restarts the interval on each emission, also of the same cadence', () => {
      marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
        const source = cold('    a|                          ')
        const cadence = hot('    q 79ms q 79ms q 79ms q      ', cadences)
        const subs = ['          ^!', '340ms ^!             ']
        const unsub = '          ^ 399ms !                   '

        expectObservable(source.pipe(poll(cadence)), unsub).toBe('a 339ms a')
        expectSubscriptions(source.subscriptions).toBe(subs)
      })
    })
  })

  it('emits an error if the cadence throws', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('    -a|   ')
      const expected = '       -a#   '
      const result = source.pipe(
        poll(() => {
          throw defect
        }),
      )

      expectObservable(result).toBe(expected, undefined, defect)
      expectSubscriptions(source.subscriptions).toBe('^-!')
    })
  })

  describe('passes to the cadence', () => {
    const no: Result<number> = left(failure())
    const yes: Result<number> = right(1)

    it('the number of replies, the duration of the last request, and the time since the first', () => {
      const seen = ticks([
        { tookMs: 10, replies: [0] },
        { replies: [0] },
        { replies: [] },
        { tookMs: 2000, replies: [0] },
      ])
      expect(seen.map(({ n, tookMs, elapsedMs }) => ({ n, tookMs, elapsedMs }))).to.deep.equal([
        { n: 1, tookMs: 10, elapsedMs: 10 },
        { n: 2, tookMs: 0, elapsedMs: 110 },
        { n: 3, tookMs: 0, elapsedMs: 210 },
        { n: 4, tookMs: 2000, elapsedMs: 2310 },
      ])
    })

    it('all members of a tick, without retryAfterMs if there is none', () => {
      expect(ticks([{ replies: [yes] }])).to.deep.equal([{ n: 1, elapsedMs: 0, tookMs: 0, failures: 0, random: 0.25 }])
      expectTypeOf<Tick['retryAfterMs']>().toEqualTypeOf<number | undefined>()
    })

    it('the number of consecutive Lefts', () => {
      const seen = ticks([no, no, no, yes, yes, no, yes].map((reply) => ({ replies: [reply] })))
      expect(seen.map(({ failures }) => failures)).to.deep.equal([1, 2, 3, 0, 0, 1, 0])
    })

    it('one failure for a request with several Lefts, and none for a request with a Right', () => {
      const seen = ticks([[no, no], [no, no, no], [no, yes], [no], [yes, no], [no]].map((replies) => ({ replies })))
      expect(seen.map(({ failures }) => failures)).to.deep.equal([1, 2, 0, 1, 0, 1])
    })

    it('the same number of failures after a request without a value', () => {
      const seen = ticks([[], [no], [], [], [no], [yes], []].map((replies) => ({ replies })))
      expect(seen.map(({ failures }) => failures)).to.deep.equal([0, 1, 1, 1, 2, 0, 0])
    })

    it('the Retry-After of the last request', () => {
      const replies: Result<number>[] = [left(failure(5000)), no, left(failure(0)), left(failure(7000)), yes]
      const seen = ticks(replies.map((reply) => ({ replies: [reply] })))
      expect(seen.map(({ retryAfterMs }) => retryAfterMs)).to.deep.equal([5000, undefined, 0, 7000, undefined])
    })

    it('the Retry-After of a Left also if the same request has a Right', () => {
      const both: Result<number>[][] = [[yes, left(failure(5000))], [left(failure(5000)), yes], [yes], []]
      const seen = ticks(both.map((replies) => ({ replies })))
      expect(seen.map(({ retryAfterMs }) => retryAfterMs)).to.deep.equal([5000, 5000, undefined, undefined])
    })

    it('the longest of several Retry-Afters', () => {
      const both = [[left(failure(5000)), no], [no, left(failure(5000))], [5000, 100].map((ms) => left(failure(ms)))]
      const seen = ticks<Result<number>>(
        [...both, [100, 5000].map((ms) => left(failure(ms)))].map((replies) => ({ replies })),
      )
      expect(seen.map(({ retryAfterMs }) => retryAfterMs)).to.deep.equal([5000, 5000, 5000, 5000])
    })

    it('no Retry-After that is not a valid time', () => {
      const wrong = [NaN, -1, '5', null, undefined, {}, 5n]
      const seen = ticks(wrong.map((retryAfterMs) => ({ replies: [left({ retryAfterMs })] })))
      expect(seen).to.have.lengthOf(wrong.length)
      for (const tick of seen) expect(tick).not.to.have.property('retryAfterMs')
    })

    it('a failure for a Left of any copy of fp-ts, and for nothing else', () => {
      const lefts = [{ _tag: 'Left', left: undefined }, Object.freeze(Object.assign(Object.create(null), no) as object)]
      const others = [{ _tag: 'Right', right: 1 }, { _tag: 'Left' }, 'Left', null, undefined, 0, [], { left: 1 }]
      const failures = (replies: unknown[]): readonly number[] =>
        ticks(replies.map((reply) => ({ replies: [reply] }))).map((tick) => tick.failures)
      expect(failures(lefts)).to.deep.equal([1, 2])
      expect(failures(others)).to.deep.equal(others.map(() => 0))
    })

    it('the failures of the Either that resultOf returns', () => {
      const seen = ticks(
        [left(failure(3000)), no, yes].map((result) => ({ replies: [{ result }] })),
        { resultOf: ({ result }) => result },
      )
      expect(seen.map(({ failures, retryAfterMs }) => [failures, retryAfterMs])).to.deep.equal([
        [1, 3000],
        [2, undefined],
        [0, undefined],
      ])
    })

    it('no negative time if the clock goes back', () => {
      const time: SchedulerLike & { flush(): void } = new VirtualTimeScheduler()
      const seen: Tick[] = []
      const back: SchedulerLike = {
        now: () => 1_000_000 - 10 * time.now(),
        schedule: <T>(work: (this: SchedulerAction<T>, state: T) => void, delay = 0, state?: T) =>
          time.schedule(work, delay, state as T),
      }
      timer(50, time)
        .pipe(
          poll((tick) => (seen.push(tick), 100), { scheduler: back }),
          take(3),
        )
        .subscribe()
      time.flush()
      expect(seen.map(({ tookMs, elapsedMs }) => [tookMs, elapsedMs])).to.deep.equal([
        [0, 0],
        [0, 100],
      ])
    })

    it('the elapsed time also if the clock is set back by a day (seed 602435)', () => {
      const time: SchedulerLike & { flush(): void } = new VirtualTimeScheduler()
      const seen: Tick[] = []
      const back: SchedulerLike = {
        now: () => (time.now() < 250 ? 90_000_000 : 3_600_000) + time.now(),
        schedule: <T>(work: (this: SchedulerAction<T>, state: T) => void, delay = 0, state?: T) =>
          time.schedule(work, delay, state as T),
      }
      of(1)
        .pipe(
          poll((tick) => (seen.push(tick), 100), { scheduler: back }),
          take(6),
        )
        .subscribe()
      time.flush()
      expect(seen.map(({ elapsedMs }) => elapsedMs)).to.deep.equal([0, 100, 200, 300, 400])
    })

    it('a new random number for each interval', () => {
      const numbers = [0.1, 0.2, 0.3]
      const seen = ticks([{ replies: [1] }, { replies: [2] }], { random: () => numbers.shift()! })
      expect(seen.map(({ random }) => random)).to.deep.equal([0.1, 0.2])
    })
  })

  it('emits an error if resultOf throws', () => {
    const resultOf = (): never => {
      throw defect
    }
    const errors: unknown[] = []
    of(1)
      .pipe(poll(constant(100), { scheduler: new VirtualTimeScheduler(), resultOf }))
      .subscribe({ error: (e: unknown) => errors.push(e) })
    expect(errors).to.deep.equal([defect])
  })

  it('uses only the given scheduler', () => {
    const scheduler = new VirtualTimeScheduler()
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('    a|     ')
      const unsub = '          ^ 5s ! '

      expectObservable(source.pipe(poll(constant(100), { scheduler })), unsub).toBe('a')
      expectSubscriptions(source.subscriptions).toBe('^!')
    })
    expect(moments(4, constant(250))).to.deep.equal([0, 250, 500, 750])
  })

  it('sends 10,000 requests with synchronous replies without growing the stack (K4)', () => {
    const scheduler = new VirtualTimeScheduler()
    let sent = 0
    const seen: unknown[] = []
    defer(() => of((sent += 1)))
      .pipe(
        poll(constant(100), { scheduler }),
        filter((n) => n === 10_000),
        take(1),
      )
      .subscribe({ next: (n) => seen.push(n), error: (e: unknown) => seen.push(e) })
    scheduler.flush()
    expect(seen).to.deep.equal([10_000])
    expect(scheduler.now()).to.equal(999_900)
  })

  describe('on the clock', () => {
    let clock: SinonFakeTimers
    beforeEach(() => {
      clock = useFakeTimers({
        toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
      })
    })
    afterEach(() => clock.restore())

    it('uses asyncScheduler and Math.random by default', () => {
      const seen: Tick[] = []
      const subscription = timer(50)
        .pipe(poll((tick) => (seen.push(tick), 100)))
        .subscribe()
      clock.tick(250)
      subscription.unsubscribe()
      expect(seen.map(({ elapsedMs, tookMs }) => [elapsedMs, tookMs])).to.deep.equal([
        [50, 50],
        [200, 50],
      ])
      for (const { random } of seen) expect(random).to.be.within(0, 1)
      expect(seen[0]!.random).not.to.equal(seen[1]!.random)
    })

    for (const stepMs of [70_000, -70_000])
      it(`gives the cadence the same times when the wall clock is set by ${stepMs} ms`, () => {
        const seen: Tick[] = []
        const subscription = timer(50)
          .pipe(poll((tick) => (seen.push(tick), 100)))
          .subscribe()
        clock.tick(20)
        clock.setSystemTime(Date.now() + stepMs)
        clock.tick(100)
        clock.setSystemTime(Date.now() + stepMs)
        clock.tick(130)
        subscription.unsubscribe()
        expect(seen.map(({ elapsedMs, tookMs }) => [elapsedMs, tookMs])).to.deep.equal([
          [50, 50],
          [200, 50],
        ])
      })

    it('leaves no timer after an unsubscribe during a request, an interval or a pause', () => {
      const cadence = new BehaviorSubject(constant(100))
      const subscribed = (): { unsubscribe(): void } => timer(50).pipe(poll(cadence)).subscribe()
      for (const [atMs, timers, intervalMs] of [
        [0, 1, 100],
        [49, 1, 100],
        [50, 1, 100],
        [149, 1, 100],
        [150, 1, 100],
        [1_000_000, 1, 100],
        [60, 0, Infinity],
      ] as const) {
        cadence.next(constant(intervalMs))
        const subscription = subscribed()
        clock.tick(atMs)
        expect(clock.countTimers(), `timers at ${atMs} ms`).to.equal(timers)
        subscription.unsubscribe()
        expect(clock.countTimers(), `timers after an unsubscribe at ${atMs} ms`).to.equal(0)
        expect(cadence.observed).to.equal(false)
      }
    })

    it('leaves no timer when the request or the cadence errors', () => {
      let sent = 0
      const source = defer(() => (sent++ === 2 ? throwError(() => defect) : of(1)))
      source.pipe(poll(constant(100))).subscribe({ error: () => undefined })
      clock.tick(1000)
      expect(sent).to.equal(3)
      expect(clock.countTimers()).to.equal(0)

      const cadence = new BehaviorSubject(constant(100))
      of(1)
        .pipe(poll(cadence))
        .subscribe({ error: () => undefined })
      expect(clock.countTimers()).to.equal(1)
      cadence.error(defect)
      expect(clock.countTimers()).to.equal(0)
    })

    it('sets one timer at a time, and sends one request after a long suspension', () => {
      let sent = 0
      const subscription = defer(() => of((sent += 1)))
        .pipe(poll(constant(100)))
        .subscribe()
      clock.tick(100)
      expect(sent).to.equal(2)
      // The process is suspended for an hour. Timers that are due fire once.
      clock.setSystemTime(Date.now() + 60 * 60 * 1000)
      clock.tick(100)
      expect(sent).to.equal(3)
      expect(clock.countTimers()).to.equal(1)
      subscription.unsubscribe()
    })
  })

  it('keeps the type of its source', () => {
    const source = of<Result<string>>(right('a'))
    expectTypeOf(source.pipe(poll(constant(100)))).toEqualTypeOf<Observable<Result<string>>>()
    expectTypeOf(source.pipe(poll(of(constant(100))))).toEqualTypeOf<Observable<Result<string>>>()
    const resultOf = ({ result }: { result: Result<string> }): unknown => result
    expectTypeOf(of({ result: right('a') }).pipe(poll(constant(100), { resultOf }))).toEqualTypeOf<
      Observable<{ result: Result<string> }>
    >()
    // @ts-expect-error a number is not a cadence
    source.pipe(poll(100))
  })
})
