import { expect } from 'chai'
import {
  BehaviorSubject,
  EMPTY,
  NEVER,
  Subject,
  VirtualTimeScheduler,
  asyncScheduler,
  catchError,
  defer,
  finalize,
  ignoreElements,
  map,
  merge,
  of,
  repeat,
  mergeMap,
  skip,
  take,
  takeUntil,
  tap,
  throwError,
  timer,
  type MonoTypeOperatorFunction,
  type Observable,
  type SchedulerAction,
  type SchedulerLike,
  type Subscription,
} from 'rxjs'
import { useFakeTimers, type SinonFakeTimers } from 'sinon'
import { constant, type Cadence, type Tick } from '../lib/cadence.ts'
import { isLeft, left, right } from '../lib/either.ts'
import { internalsOf, type Internals } from '../lib/environment.ts'
import { shared } from '../lib/hub.ts'
import { marbles } from './helpers/marbles.ts'
import { clusterOf, scripted } from './helpers/scripted.ts'

const defect = new Error('defect')
const thrower: Cadence = () => {
  throw defect
}

/** Cadences of marbles: quick, slow, very slow, pause, and one that throws. */
const cadences: Record<string, Cadence> = {
  q: constant(100),
  s: constant(1000),
  v: constant(10_000),
  p: constant(Infinity),
  x: thrower,
}

function envOf(scheduler: SchedulerLike): Internals {
  const env = internalsOf(
    clusterOf(
      scripted(() => NEVER),
      { scheduler },
    ),
  )
  if (isLeft(env)) throw new Error('no cluster')
  return env.right
}

interface Shared {
  readonly env: Internals
  /** A subscriber with this cadence. */
  by(cadence: Cadence | number | Observable<Cadence>): Observable<string>
  /** One that takes no reply to a question that was asked before it came. */
  fresh(cadence: Cadence | number | Observable<Cadence>): Observable<string>
}

/** Subscribes to another inside the first value; its replies are told as 'a', 'b', ... */
const alsoInside =
  (another: Observable<string>): MonoTypeOperatorFunction<string> =>
  (source) =>
    source.pipe(mergeMap((n, i) => (i === 0 ? merge(of(n), another.pipe(map(lettered))) : of(n))))

/** Subscribes to another inside the error; its replies are told as 'a', 'b', ... */
const againInsideError =
  (another: Observable<string>): MonoTypeOperatorFunction<string> =>
  (source) =>
    defer(() => {
      const heard = new Subject<string>()
      const over = new Subject<void>()
      const again = (): Subscription => another.pipe(map(lettered), takeUntil(over)).subscribe(heard)
      return merge(
        heard,
        source.pipe(
          tap({ error: again }),
          catchError(() => NEVER),
        ),
      ).pipe(finalize(() => over.next()))
    })

/** Comes at a moment, and stays for a while. */
const guest = <A>(source: Observable<A>, atMs: number, forMs: number): Observable<A> =>
  timer(atMs).pipe(mergeMap(() => source.pipe(takeUntil(timer(forMs)))))

const lettered = (n: string): string => 'abcdef'.charAt(Number(n))

/** One key; its replies are counted: '0', '1', ... */
function sharing(question: Observable<unknown>, scheduler: SchedulerLike): Shared {
  const env = envOf(scheduler)
  let n = 0
  const counted = question.pipe(map(() => String(n++)))
  const by =
    (fresh: boolean): Shared['by'] =>
    (cadence) =>
      shared(env, 'key', () => counted, typeof cadence === 'number' ? constant(cadence) : cadence, { fresh })
  return { env, by: by(false), fresh: by(true) }
}

const keys = ({ env }: Shared): readonly string[] => [...env.shared.polls.keys()]

describe('shared', () => {
  it('asks nothing and keeps nothing before it is subscribed to', () => {
    marbles(({ cold, expectSubscriptions }, scheduler) => {
      const question = cold('a|')
      const all = sharing(question, scheduler)
      all.by(100)
      expectSubscriptions(question.subscriptions).toBe([])
      expect(keys(all)).to.deep.equal([])
    })
  })

  it('polls as one alone does: at once, and from each reply to the next question', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
      const question = cold('--a|                               ')
      const subs = [
        '                    ^--!                               ',
        '                    103ms ^--!                         ',
        '                    206ms       ^--!                   ',
      ]
      const unsub = '        ^ 299ms             !              '
      const expected = '     --0 102ms 1 102ms 2                '
      expectObservable(sharing(question, scheduler).by(100), unsub).toBe(expected)
      expectSubscriptions(question.subscriptions).toBe(subs)
    })
  })

  it('asks once however many subscribe, in a question and in a wait', () => {
    marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
      const question = cold('--a|                               ')
      const subs = [
        '                    ^--!                               ',
        '                    103ms ^--!                         ',
        '                    206ms       ^--!                   ',
      ]
      const first = '        ^ 299ms             !              '
      const expected1 = '    --0 102ms 1 102ms 2                '
      const inQuestion = '   -^ 298ms            !              '
      const expected2 = '    --0 102ms 1 102ms 2                '
      const inWait = '       50ms ^ 249ms        !              '
      const expected3 = '    50ms 0 54ms 1 102ms 2              '
      const all = sharing(question, scheduler)
      expectObservable(all.by(100), first).toBe(expected1)
      expectObservable(all.by(100), inQuestion).toBe(expected2)
      expectObservable(all.by(100), inWait).toBe(expected3)
      expectSubscriptions(question.subscriptions).toBe(subs)
      flush()
      expect(keys(all)).to.deep.equal([])
    })
  })

  it('gives all the very same value', () => {
    const scheduler = new VirtualTimeScheduler()
    const env = envOf(scheduler)
    const seen: unknown[] = []
    const watched = shared(env, 'key', () => timer(10, scheduler).pipe(map(() => ({}))), constant(100))
    const subscription = merge(watched, watched).subscribe((value) => seen.push(value))
    subscription.add(watched.subscribe((value) => seen.push(value)))
    scheduler.schedule(() => subscription.add(watched.subscribe((value) => seen.push(value))), 20)
    scheduler.schedule(() => subscription.unsubscribe(), 30)
    scheduler.flush()
    expect(seen).to.have.lengthOf(4)
    expect(new Set(seen).size).to.equal(1)
  })

  it('keeps what has another key apart, and another cluster', () => {
    marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
      const question = cold('--(a|)')
      const env = envOf(scheduler)
      const other = envOf(scheduler)
      const open = (): Observable<string> => question
      const unsub = '^ 49ms !'
      expectObservable(shared(env, 'one', open, constant(100)), unsub).toBe('--a')
      expectObservable(shared(env, 'two', open, constant(100)), unsub).toBe('--a')
      expectObservable(shared(other, 'one', open, constant(100)), unsub).toBe('--a')
      expectSubscriptions(question.subscriptions).toBe(['^-!', '^-!', '^-!'])
      scheduler.schedule(
        () => expect([env, other].map((e) => [...e.shared.polls.keys()])).to.deep.equal([['one', 'two'], ['one']]),
        1,
      )
      flush()
      expect([env, other].map((e) => e.shared.polls.size)).to.deep.equal([0, 0])
    })
  })

  it('goes on after a Left, of which the cadence is told', () => {
    const scheduler = new VirtualTimeScheduler()
    const env = envOf(scheduler)
    const failures: number[] = []
    const replies = [left({ retryAfterMs: 5 }), left({}), right(1)]
    const seen: unknown[] = []
    let n = 0
    const cadence = (tick: Tick): number => (failures.push(tick.failures), 100)
    shared(env, 'key', () => defer(() => of(replies[n++ % 3])), cadence)
      .pipe(take(4))
      .subscribe((reply) => seen.push(reply))
    scheduler.flush()
    expect(seen).to.deep.equal([...replies, replies[0]])
    expect(failures).to.deep.equal([1, 2, 0])
  })

  describe('who joins', () => {
    it('gets the newest value at once in a wait, to its last moment', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
        const question = cold('--(a|)                  ')
        const subs = ['         ^-!', '102ms ^-!        ']
        const first = '         ^ 149ms !              '
        const expected1 = '     --0 101ms 1            '
        const early = '         3ms ^ 146ms !          '
        const expected2 = '     3ms 0 100ms 1          '
        const last = '          101ms ^ 48ms !         '
        const expected3 = '     101ms 0--1             '
        const all = sharing(question, scheduler)
        expectObservable(all.by(100), first).toBe(expected1)
        expectObservable(all.by(100), early).toBe(expected2)
        expectObservable(all.by(100), last).toBe(expected3)
        expectSubscriptions(question.subscriptions).toBe(subs)
      })
    })

    it('gets the newest of several', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
        const question = cold('--(a|)')
        const all = sharing(question, scheduler)
        expectObservable(all.by(100), '^ 299ms !').toBe('      --0 101ms 1 101ms 2')
        expectObservable(all.by(100), '250ms ^ 49ms !').toBe(' 250ms 2               ')
        expectSubscriptions(question.subscriptions).toBe(['^-!', '102ms ^-!', '204ms ^-!'])
      })
    })

    it('gets none while the first question is under way', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
        const question = cold('-----(a|)  ')
        const all = sharing(question, scheduler)
        expectObservable(all.by(100), '^ 20ms !').toBe('  -----0')
        expectObservable(all.by(100), '---^ 17ms !').toBe('-----0')
        expectSubscriptions(question.subscriptions).toBe('^----!')
      })
    })

    it('gets none that is older than one wait, since the reply to a later question is slow', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
        const replies = [cold('(a|)'), cold('500ms (a|)')]
        let n = 0
        const all = sharing(
          defer(() => replies[n++]!),
          scheduler,
        )
        expectObservable(all.by(200), '^ 719ms !     ').toBe('    0 699ms 1         ')
        // In the question the newest is as old as a wait, and then older.
        expectObservable(all.by(200), '200ms ^ 519ms !').toBe('  200ms 0 499ms 1   ')
        expectObservable(all.by(200), '201ms ^ 518ms !').toBe('  700ms 1           ')
        expectSubscriptions(replies[1]!.subscriptions).toBe('200ms ^ 499ms !')
      })
    })

    it('gets none that is older than the wait which begins with it', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
        const question = cold('(a|)')
        const subs = ['         (^!)', '500ms (^!)                 ']
        const all = sharing(question, scheduler)
        expectObservable(all.by(1000), '^ 549ms !       ').toBe(' 0 499ms 1           ')
        expectObservable(all.by(200), '400ms ^ 149ms ! ').toBe(' 500ms 1             ')
        expectSubscriptions(question.subscriptions).toBe(subs)
      })
    })

    it('gets what is younger than 100 ms under a cadence that says less', () => {
      for (const ms of [0, -1, NaN, 99])
        marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
          const question = cold('(a|)')
          const all = sharing(question, scheduler)
          expectObservable(all.by(ms), '^ 149ms !     ').toBe('     0 99ms 1      ')
          expectObservable(all.by(ms), '50ms ^ 99ms ! ').toBe('     50ms 0 49ms 1 ')
          expectSubscriptions(question.subscriptions).toBe(['(^!)', '100ms (^!)'])
        })
    })

    it('gets the newest in a pause that it joins, however old, and none if it ends the pause', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
        const question = cold('(a|)')
        const all = sharing(question, scheduler)
        expectObservable(all.by(Infinity), '^ 6s !     ').toBe(' 0 5099ms 1        ')
        expectObservable(all.by(Infinity), '4s ^ 2s !  ').toBe(' 4s 0 1099ms 1     ')
        expectObservable(all.by(1000), '5s ^ 1s !  ').toBe('     5100ms 1          ')
        expectSubscriptions(question.subscriptions).toBe(['(^!)', '5100ms (^!)'])
      })
    })

    it('inside a value gets that value once', () => {
      for (const count of [1, 9])
        marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
          const question = cold('--(a|)            ')
          const subs = ['         ^-!', '102ms ^-!  ']
          const unsub = '         ^ 149ms !         '
          const expected = count === 1 ? '--(0a) 98ms b' : '--(0a) 98ms (1b)'
          const all = sharing(question, scheduler)
          const result = all.by(100).pipe(take(count), alsoInside(all.by(100)))
          expectObservable(result, unsub).toBe(expected)
          expectSubscriptions(question.subscriptions).toBe(subs)
        })
    })
  })

  describe('of the cadences of all', () => {
    it('lets the fastest rule, from the reply on, when it joins and until it leaves', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
        const question = cold('(a|)                                       ')
        const subs = ['         (^!)                                       ', '300ms (^!)', '600ms (^!)', '1600ms (^!)']
        const slow = '          ^ 1649ms !                                 '
        const expected1 = '     0 299ms 1 299ms 2 999ms 3                  '
        const quick = '         200ms ^ 449ms !                            '
        const expected2 = '     200ms 0 99ms 1 299ms 2                     '
        const all = sharing(question, scheduler)
        expectObservable(all.by(1000), slow).toBe(expected1)
        expectObservable(all.by(300), quick).toBe(expected2)
        expectSubscriptions(question.subscriptions).toBe(subs)
      })
    })

    it('hears of one that joins or leaves during a question', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
        const question = cold('--(a|)                                     ')
        const subs = ['         ^-!', '302ms ^-!', '1304ms ^-!       ']
        const slow = '          ^ 1349ms !                                 '
        const expected1 = '     --0 301ms 1 1001ms 2                       '
        const quick = '         -^ 301ms !                                 '
        const expected2 = '     --0                                        '
        const all = sharing(question, scheduler)
        expectObservable(all.by(1000), slow).toBe(expected1)
        expectObservable(all.by(300), quick).toBe(expected2)
        expectSubscriptions(question.subscriptions).toBe(subs)
      })
    })

    it('asks 100 ms after one has joined for whom it is late, but never later than without it', () => {
      for (const [joins, due] of [
        [800, 900],
        [899, 999],
        [900, 1000],
        [950, 1000],
        [999, 1000],
      ] as const)
        marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
          const question = cold('(a|)')
          const all = sharing(question, scheduler)
          expectObservable(all.by(1000), '^ 1049ms !').toBe(`0 ${due - 1}ms 1`)
          expectObservable(all.by(500), `${joins}ms ^ ${1049 - joins}ms !`).toBe(`${due}ms 1`)
          expectSubscriptions(question.subscriptions).toBe(['(^!)', `${due}ms (^!)`])
        })
    })

    it('asks no later than the slowest would where one leaves in the last 100 ms', () => {
      for (const [leaves, due] of [
        [899, 1000],
        [900, 1000],
        [901, 990],
        [989, 990],
      ] as const)
        marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
          const question = cold('(a|)')
          const all = sharing(question, scheduler)
          expectObservable(all.by(1000), '^ 1049ms !').toBe(`0 ${due - 1}ms 1`)
          expectObservable(all.by(990), `^ ${leaves - 1}ms !`).toBe('0')
          expectSubscriptions(question.subscriptions).toBe(['(^!)', `${due}ms (^!)`])
        })
    })

    it('begins no wait anew for a crowd that joins and leaves', () => {
      marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
        const question = cold('(a|)')
        const all = sharing(question, scheduler)
        expectObservable(all.by(1000), '^ 1049ms !').toBe('0 999ms 1')
        let heard = 0
        for (let at = 0; at < 1000; at += 1)
          guest(all.by(1000), at, at % 2 === 0 ? 30 : 2000).subscribe(() => (heard += 1))
        expectSubscriptions(question.subscriptions).toBe(['(^!)', '1s (^!)', '2s (^!)'])
        flush()
        // Each hears the newest; then all who are still there hear the next, and half of them one more.
        expect(heard).to.equal(1000 + 14 + 500 + 500)
        expect(keys(all)).to.deep.equal([])
      })
    })

    it('touches no timer for those who join at the same cadence, not by a rounding', () => {
      marbles(({ cold, flush }, scheduler) => {
        const question = cold('---(a|)')
        const all = sharing(question, scheduler)
        all.by(1000.1).pipe(take(2)).subscribe()
        for (let at = 1; at < 900; at += 1) guest(all.by(1000.1), at + 1 / 3, 20).subscribe()
        flush()
        expect(question.subscriptions.map(({ subscribedFrame }) => subscribedFrame)).to.deep.equal([0, 3 + 1000.1])
      })
    })

    it('puts no question off for those who come and go quickly with another cadence', () => {
      for (const everyMs of [7, 40, 99, 130])
        marbles(({ cold, flush }, scheduler) => {
          const question = cold('(a|)')
          const all = sharing(question, scheduler)
          all.by(2000).pipe(take(2)).subscribe()
          // Each is a little faster than all before it, and stays for a moment.
          for (let at = 1; at < 2100; at += everyMs) guest(all.by(2000 - at / 100), at, 20).subscribe()
          flush()
          expect(question.subscriptions[1]?.subscribedFrame).to.be.within(1979, 2000)
        })
    })

    it('draws the jitter of a wait once', () => {
      marbles(({ cold, expectSubscriptions }, scheduler) => {
        const question = cold('(a|)')
        const draws = [0.1, 0.2, 0.3, 0.4]
        const env = { ...envOf(scheduler), random: () => draws.shift()! }
        const jittered: Cadence = ({ random }) => 10_000 * random
        const watched = (cadence: Cadence): Observable<string> => shared(env, 'key', () => question, cadence)
        watched(jittered).pipe(take(3)).subscribe()
        guest(watched(constant(600)), 300, 100).subscribe()
        // Drawn anew, the first would be 2 s or 3 s.
        expectSubscriptions(question.subscriptions).toBe(['(^!)', '1000ms (^!)', '5000ms (^!)'])
      })
    })

    it('pauses only if all do', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
        const question = cold('(a|)')
        const all = sharing(question, scheduler)
        // The one who asks leaves in a wait, and another joins much later: the wait it meets is long over.
        expectObservable(all.by(Infinity), '^ 6s !           ').toBe('0 999ms 1 4099ms 2')
        expectObservable(all.by(1000), '    ^ 1499ms !       ').toBe('0 999ms 1         ')
        expectObservable(all.by(1000), '    5s ^ 999ms !     ').toBe('5100ms 2          ')
        expectSubscriptions(question.subscriptions).toBe(['(^!)', '1000ms (^!)', '5100ms (^!)'])
      })
    })

    it('bounds a nonsense to 100 ms, for all', () => {
      for (const nonsense of [NaN, -1, 0, 99, undefined, 'soon'])
        marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
          const question = cold('(a|)')
          const all = sharing(question, scheduler)
          expectObservable(all.by(1000), '         ^ 249ms !').toBe('0 99ms 1 99ms 2')
          expectObservable(
            all.by(() => nonsense as number),
            '^ 249ms !',
          ).toBe('0 99ms 1 99ms 2')
          expectSubscriptions(question.subscriptions).toBe(['(^!)', '100ms (^!)', '200ms (^!)'])
        })
    })

    it('hears replies that take longer than any wait, whoever comes and goes', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
        const question = cold('5s (a|)')
        const all = sharing(question, scheduler)
        expectObservable(all.by(1000), '^ 11149ms !').toBe('5s 0 5099ms 1')
        expectObservable(all.by(100), ' 3s ^ 2500ms !').toBe('5s 0')
        expectSubscriptions(question.subscriptions).toBe(['^ 4999ms !', '5100ms ^ 4999ms !', '11100ms ^ 49ms !'])
      })
    })
  })

  describe('with an Observable for a cadence', () => {
    it('takes its changes at once, from the reply on', () => {
      marbles(({ cold, hot, expectObservable, expectSubscriptions }, scheduler) => {
        const question = cold('(a|)                                                   ')
        const cadence = hot('  s 299ms v 199ms s 699ms p 1s q                         ', cadences)
        const subs = ['         (^!)', '1s (^!)', '2301ms (^!)', '2401ms (^!)                  ']
        const unsub = '         ^ 2449ms !                                             '
        const expected = '      0 999ms 1 1300ms 2 99ms 3                             '
        const all = sharing(question, scheduler)
        expectObservable(all.by(cadence), unsub).toBe(expected)
        expectSubscriptions(question.subscriptions).toBe(subs)
        expectSubscriptions(cadence.subscriptions).toBe(unsub)
      })
    })

    it('begins no wait anew with an emission that says the same', () => {
      marbles(({ cold, hot, expectObservable, expectSubscriptions }, scheduler) => {
        const question = cold('(a|)')
        const cadence = hot('  s 299ms s 299ms s 299ms s', cadences)
        expectObservable(sharing(question, scheduler).by(cadence), '^ 1049ms !').toBe('0 999ms 1')
        expectSubscriptions(question.subscriptions).toBe(['(^!)', '1s (^!)'])
      })
    })

    it('changes for all who share, as far as it is the fastest', () => {
      marbles(({ cold, hot, expectObservable, expectSubscriptions }, scheduler) => {
        const question = cold('(a|)                               ')
        const cadence = hot('  v 499ms q 1s v                     ', cadences)
        const unsub = '         ^ 3s !                             '
        const all = sharing(question, scheduler)
        expectObservable(all.by(1000), unsub).toBe(
          '0 599ms 1 99ms 2 99ms 3 99ms 4 99ms 5 99ms 6 99ms 7 99ms 8 99ms 9 99ms X 999ms Y',
          {
            ...Object.fromEntries(Array.from('0123456789', (n) => [n, n])),
            ...{ X: '10', Y: '11' },
          },
        )
        cadence.subscribe()
        expectObservable(all.by(cadence).pipe(skip(100)), unsub).toBe('-')
        expectSubscriptions(question.subscriptions).toBe(
          [0, 600, 700, 800, 900, 1000, 1100, 1200, 1300, 1400, 1500, 2500].map((at) => `${at}ms (^!)`),
        )
      })
    })

    it('has no say before its first emission, which alone is a pause, and keeps the last when it completes', () => {
      marbles(({ cold, hot, expectObservable, expectSubscriptions }, scheduler) => {
        const question = cold('(a|)')
        const cadence = hot('  5s (s|)', cadences)
        const all = sharing(question, scheduler)
        expectObservable(all.by(cadence), '^ 6149ms !').toBe('0 999ms 1 4099ms 2 999ms 3')
        expectObservable(all.by(1000), '^ 1499ms !').toBe('   0 999ms 1')
        expectSubscriptions(question.subscriptions).toBe(['(^!)', '1s (^!)', '5100ms (^!)', '6100ms (^!)'])
        expectSubscriptions(cadence.subscriptions).toBe('^ 4999ms !')
      })
    })

    it('asks once where it completes without a cadence', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
        const question = cold('(a|)')
        expectObservable(sharing(question, scheduler).by(EMPTY), '^ 60m !').toBe('0')
        expectSubscriptions(question.subscriptions).toBe('(^!)')
      })
    })

    it('subscribes to it once for each subscriber', () => {
      const scheduler = new VirtualTimeScheduler()
      const cadence = new BehaviorSubject(constant(100))
      let subscribed = 0
      const counted = defer(() => ((subscribed += 1), cadence))
      const all = sharing(of(1), scheduler)
      const both = merge(all.by(counted), all.by(counted)).subscribe()
      expect([subscribed, cadence.observed]).to.deep.equal([2, true])
      both.unsubscribe()
      expect(cadence.observed).to.equal(false)
    })
  })

  describe('whose', () => {
    const failing: readonly (readonly [string, (at: string) => Observable<Cadence>])[] = [
      ['cadence throws', () => of(thrower)],
      ['cadence gives a bigint', () => of((() => 200n) as unknown as Cadence)],
      ['cadence is none', () => of(5 as unknown as Cadence)],
    ]
    for (const [what, cadence] of failing)
      it(`${what}: that stream errors with the wait, and the others go on`, () => {
        marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
          const question = cold('--(a|)')
          const all = sharing(question, scheduler)
          const error = (): Observable<string> => of('defect')
          expectObservable(all.by(200), '^ 349ms !').toBe('--0 201ms 1')
          expectObservable(all.by(cadence('').pipe(take(1))).pipe(catchError(error))).toBe('--(0d|)', {
            0: '0',
            d: 'defect',
          })
          expectObservable(all.by(300), '-^ 348ms !').toBe('--0 201ms 1')
          // In a wait its time is known: it ends with the join.
          expectObservable(all.by(cadence('')).pipe(catchError(error)), '50ms ^ 99ms !').toBe('50ms (d|)', {
            d: 'defect',
          })
          expectSubscriptions(question.subscriptions).toBe(['^-!', '202ms ^-!'])
          flush()
          expect(keys(all)).to.deep.equal([])
        })
      })

    it('cadence throws alone: asks no more, and keeps nothing', () => {
      marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
        const question = cold('--(a|)')
        const all = sharing(question, scheduler)
        expectObservable(all.by(thrower)).toBe('--(0#)', undefined, defect)
        expectSubscriptions(question.subscriptions).toBe('^-!')
        flush()
        expect(keys(all)).to.deep.equal([])
      })
    })

    it('cadence throws later: with the wait that it is asked for', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
        const question = cold('(a|)')
        const all = sharing(question, scheduler)
        const later: Cadence = (tick) => (tick.n < 2 ? 100 : thrower(tick))
        expectObservable(all.by(later)).toBe('    0 99ms (1#)', undefined, defect)
        expectObservable(all.by(500), '^ 649ms !').toBe('0 99ms 1 499ms 2')
        expectSubscriptions(question.subscriptions).toBe(['(^!)', '100ms (^!)', '600ms (^!)'])
      })
    })

    it('cadence Observable errors: in a question, in a wait, at once, and with a cadence that throws', () => {
      marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
        const question = cold('--(a|)')
        const all = sharing(question, scheduler)
        expectObservable(all.by(300), '^ 349ms !').toBe('--0 301ms 1')
        expectObservable(all.by(cold('q#', cadences))).toBe('-#')
        expectObservable(all.by(cold('s 49ms #', cadences))).toBe('--0 47ms #')
        expectObservable(all.by(cold('s 49ms x', cadences))).toBe('--0 47ms #', undefined, defect)
        expectObservable(all.by(cold('#'))).toBe('#')
        expectSubscriptions(question.subscriptions).toBe(['^-!', '302ms ^-!'])
        flush()
        expect(keys(all)).to.deep.equal([])
      })
    })

    it('cadence Observable errors at once, alone: asks nothing, and keeps nothing', () => {
      marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
        const question = cold('(a|)')
        const all = sharing(question, scheduler)
        expectObservable(all.by(throwError(() => defect))).toBe('#', undefined, defect)
        expectSubscriptions(question.subscriptions).toBe([])
        flush()
        expect(keys(all)).to.deep.equal([])
      })
    })

    it('cadence throws, and who then subscribes again inside of the error: opens one new poll alone, joins among others', () => {
      for (const alone of [true, false])
        marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
          const question = cold('--(a|)')
          const all = sharing(question, scheduler)
          const first = all.by(of(thrower)).pipe(againInsideError(all.by(300)))
          if (!alone) expectObservable(all.by(400), '^ 349ms !').toBe('--0 301ms 1')
          expectObservable(first, '^ 349ms !').toBe(alone ? '--0-b 301ms c' : '--(0a) 298ms b')
          expectSubscriptions(question.subscriptions).toBe(alone ? ['^-!', '--^-!', '304ms ^-!'] : ['^-!', '302ms ^-!'])
          flush()
          expect(keys(all)).to.deep.equal([])
        })
    })

    it('question has a defect: all hear of it, and who subscribes again inside of it shares one new poll', () => {
      marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
        const replies = [cold('-#'), cold('--(a|)'), cold('--(a|)')]
        let n = 0
        const all = sharing(
          defer(() => replies[n++]!),
          scheduler,
        )
        const again = all.by(100).pipe(againInsideError(all.by(100)))
        expectObservable(again, '^ 49ms !').toBe('---a')
        expectObservable(all.by(100), '  ^ 49ms !').toBe('-#')
        expectObservable(again, '^ 49ms !').toBe('---a')
        expectSubscriptions(replies[1]!.subscriptions).toBe('-^-!')
        flush()
        expect(n).to.equal(2)
        expect(keys(all)).to.deep.equal([])
      })
    })

    it('question has a defect: the new poll knows nothing of the old, and stays when all have left that', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
        const replies = [cold('(a|)'), cold('#'), cold('--(a|)')]
        let n = 0
        const all = sharing(
          defer(() => replies[n++]!),
          scheduler,
        )
        expectObservable(all.by(100).pipe(againInsideError(all.by(100))), '^ 149ms !').toBe('0 101ms b')
        expectObservable(all.by(100)).toBe('0 99ms #')
        expectObservable(all.by(100), '101ms ^ 48ms !').toBe('102ms 1')
        expectSubscriptions(replies[2]!.subscriptions).toBe('100ms ^-!')
      })
    })

    it('question cannot be made: all hear of it, and nothing is kept', () => {
      const env = envOf(new VirtualTimeScheduler())
      const open = (): never => {
        throw defect
      }
      const errors: unknown[] = []
      shared(env, 'key', open, constant(100)).subscribe({ error: (e: unknown) => errors.push(e) })
      expect(errors).to.deep.equal([defect])
      expect(env.shared.polls.size).to.equal(0)
    })
  })

  describe('who leaves', () => {
    it('last cuts the question', () => {
      marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
        const question = cold('---(a|) ')
        const subs = '          ^-!     '
        const all = sharing(question, scheduler)
        expectObservable(all.by(100), '^!').toBe('-')
        expectObservable(all.by(100), '^-!').toBe('-')
        expectSubscriptions(question.subscriptions).toBe(subs)
        flush()
        expect(keys(all)).to.deep.equal([])
      })
    })

    it('last in a wait ends it', () => {
      marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
        const question = cold('(a|)')
        const all = sharing(question, scheduler)
        expectObservable(all.by(100), '^ 49ms !').toBe('0')
        expectObservable(all.by(100), '^ 98ms !').toBe('0')
        expectSubscriptions(question.subscriptions).toBe('(^!)')
        flush()
        expect(keys(all)).to.deep.equal([])
      })
    })

    it('in the middle leaves the question to the others', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
        const question = cold('---(a|) ')
        const all = sharing(question, scheduler)
        expectObservable(all.by(100), '^!').toBe('-')
        expectObservable(all.by(100), '^ 20ms !').toBe('---0')
        expectSubscriptions(question.subscriptions).toBe('^--!')
      })
    })

    it('and comes again opens a new poll, which knows nothing of the old', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
        const question = cold('--(a|)')
        const env = envOf(scheduler)
        let opened = 0
        const watched = shared(
          env,
          'key',
          () => question.pipe(map(() => String(opened))),
          () => 100 * (opened += 1),
        )
        expectObservable(watched, '^ 9ms !       ').toBe('--0            ')
        expectObservable(watched, '10ms ^ 9ms !  ').toBe('10ms --1       ')
        expectSubscriptions(question.subscriptions).toBe(['^-!', '10ms ^-!'])
      })
    })

    it('inside a value, first or later, cuts nothing of the others', () => {
      for (const count of [1, 2])
        marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
          const question = cold('--(a|)')
          const all = sharing(question, scheduler)
          expectObservable(all.by(100).pipe(take(count))).toBe(count === 1 ? '--(0|)' : '--0 101ms (1|)')
          expectObservable(all.by(100), '^ 149ms !').toBe('--0 101ms 1')
          expectObservable(all.by(100).pipe(take(count))).toBe(count === 1 ? '--(0|)' : '--0 101ms (1|)')
          expectSubscriptions(question.subscriptions).toBe(['^-!', '102ms ^-!'])
          flush()
          expect(keys(all)).to.deep.equal([])
        })
    })

    it('last inside a value asks no more, also where the reply comes at once', () => {
      for (const reply of ['--(a|)', '(a|)', undefined])
        for (const count of [1, 2])
          marbles(({ cold, flush }, scheduler) => {
            let asked = 0
            const question = defer(() => ((asked += 1), reply === undefined ? of('a') : cold(reply)))
            const all = sharing(question, scheduler)
            const seen: string[] = []
            all
              .by(100)
              .pipe(take(count))
              .subscribe((n) => seen.push(n))
            flush()
            expect(seen).to.deep.equal(['0', '1'].slice(0, count))
            expect(asked).to.equal(count)
            expect(keys(all)).to.deep.equal([])
          })
    })

    it('and repeats at once opens one poll each time', () => {
      marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
        const question = cold('--(a|)')
        const all = sharing(question, scheduler)
        expectObservable(all.by(100).pipe(take(1), repeat(3))).toBe('--0-1-(2|)')
        expectSubscriptions(question.subscriptions).toBe(['^-!', '--^-!', '----^-!'])
        flush()
        expect(keys(all)).to.deep.equal([])
      })
    })

    it('because another joins leaves one poll to it, and to who joins after', () => {
      marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
        const question = cold('--(a|)')
        const all = sharing(question, scheduler)
        const joins = new Subject<void>()
        const joining = defer(() => (joins.next(), of(constant(100))))
        expectObservable(all.by(1000).pipe(takeUntil(joins))).toBe('--0 47ms |')
        // The newest is young enough still; the poll begins again.
        expectObservable(all.by(joining), '50ms ^ 149ms !').toBe('50ms 0-1 101ms 2')
        expectObservable(all.by(100), '51ms ^ 148ms !').toBe('51ms 01 101ms 2')
        expectSubscriptions(question.subscriptions).toBe(['^-!', '50ms ^-!', '152ms ^-!'])
        flush()
        expect(keys(all)).to.deep.equal([])
      })
    })
  })

  describe('who is to hear only what is fresh', () => {
    it('is asked for at once where nobody asks yet, as one alone is', () => {
      marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
        const question = cold('--(a|)')
        const all = sharing(question, scheduler)
        expectObservable(all.fresh(100), '^ 149ms !').toBe('--0 101ms 1')
        expectSubscriptions(question.subscriptions).toBe(['^-!', '102ms ^-!'])
        flush()
        expect(keys(all)).to.deep.equal([])
      })
    })

    it('takes no reply to a question that is under way when it comes, and is asked for 100 ms after that', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
        const question = cold('-----(a|)')
        const all = sharing(question, scheduler)
        expectObservable(all.by(1000), '^ 1299ms !').toBe('-----0 104ms 1 1004ms 2')
        expectObservable(all.fresh(1000), '--^ 1297ms !').toBe('110ms 1 1004ms 2')
        expectObservable(all.by(1000), '--^ 1297ms !').toBe('-----0 104ms 1 1004ms 2')
        expectSubscriptions(question.subscriptions).toBe(['^----!', '105ms ^----!', '1110ms ^----!'])
      })
    })

    it('in the very millisecond of a question hears of the next', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
        const question = cold('--(a|)')
        const all = sharing(question, scheduler)
        expectObservable(all.fresh(1000), '^ 149ms !').toBe('--0 101ms 1')
        expectObservable(all.fresh(1000), '^ 149ms !').toBe('104ms 1')
        expectSubscriptions(question.subscriptions).toBe(['^-!', '102ms ^-!'])
      })
    })

    it('in a wait takes no value that is there, and is asked for in 100 ms, or sooner if a question is due', () => {
      for (const [joins, due] of [
        [300, 400],
        [899, 999],
        [900, 1000],
        [950, 1000],
        [999, 1000],
      ] as const)
        marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
          const question = cold('(a|)')
          const all = sharing(question, scheduler)
          expectObservable(all.by(1000), '^ 1049ms !').toBe(`0 ${due - 1}ms 1`)
          expectObservable(all.fresh(1000), `${joins}ms ^ ${1049 - joins}ms !`).toBe(`${due}ms 1`)
          // Watchers have their replay all the same.
          expectObservable(all.by(1000), `${joins}ms ^ ${1049 - joins}ms !`).toBe(`${joins}ms 0 ${due - joins - 1}ms 1`)
          expectSubscriptions(question.subscriptions).toBe(['(^!)', `${due}ms (^!)`])
        })
    })

    it('in a pause is asked for once, and then no more', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
        const question = cold('(a|)')
        const all = sharing(question, scheduler)
        expectObservable(all.by(Infinity), '^ 9s !     ').toBe(' 0 4099ms 1')
        expectObservable(all.fresh(Infinity), '4s ^ 5s !').toBe('4100ms 1')
        expectSubscriptions(question.subscriptions).toBe(['(^!)', '4100ms (^!)'])
      })
    })

    it('is asked for as soon although its cadence is an Observable that has told nothing yet', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
        const question = cold('(a|)')
        const all = sharing(question, scheduler)
        expectObservable(all.by(10_000), '^ 2699ms !').toBe('0 599ms 1 1999ms 2')
        expectObservable(all.fresh(cold('2s q', cadences)), '500ms ^ 2149ms !').toBe('600ms 1 1999ms 2')
        expectSubscriptions(question.subscriptions).toBe(['(^!)', '600ms (^!)', '2600ms (^!)'])
      })
    })

    it('does not make the others wait for longer, nor be asked more often, once it has heard', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
        const question = cold('(a|)')
        const all = sharing(question, scheduler)
        expectObservable(all.by(1000), '^ 2999ms !').toBe('       0 599ms 1 999ms 2 999ms 3')
        expectObservable(all.fresh(5000), '500ms ^ 2499ms !').toBe('600ms 1 999ms 2 999ms 3')
        expectSubscriptions(question.subscriptions).toBe(['(^!)', '600ms (^!)', '1600ms (^!)', '2600ms (^!)'])
      })
    })

    it('gets its turn although the answer is a failure or a cadence throws, and its own defect ends it alone', () => {
      marbles(({ cold, expectObservable }, scheduler) => {
        const question = cold('(a|)')
        const all = sharing(question, scheduler)
        expectObservable(all.by(1000), '^ 799ms !').toBe('0 599ms 1')
        expectObservable(all.fresh(thrower), '400ms ^ 399ms !').toBe('400ms #', undefined, defect)
        expectObservable(all.fresh(1000), '500ms ^ 299ms !').toBe('600ms 1')
      })
    })

    it('in any number, come and go as they may: never puts the question off, never has it asked more than ten times a second', () => {
      for (const [every, stays] of [
        [1, 10],
        [10, 50],
        [30, 99],
        [60, 61],
        [70, 350],
        [150, 5000],
      ] as const)
        for (const took of [0, 20])
          marbles(({ expectObservable, flush }, scheduler) => {
            const asked: number[] = []
            const late: number[] = []
            const all = sharing(
              defer(() => (asked.push(scheduler.now()), took === 0 ? of(1) : timer(took))),
              scheduler,
            )
            expectObservable(all.by(1000).pipe(ignoreElements()), '^ 5s !').toBe('-')
            for (let at = 100; at < 5000; at += every)
              timer(at)
                .pipe(
                  mergeMap(() => all.fresh(1000).pipe(take(1), takeUntil(timer(Math.min(stays, 5000 - at))))),
                  tap(() => late.push(scheduler.now() - at)),
                )
                .subscribe()
            flush()
            for (const [n, ms] of asked.slice(1).entries()) {
              expect(ms - asked[n]!, `every ${every}`).to.be.at.least(100 + took)
              expect(ms - asked[n]!, `every ${every}`).to.be.at.most(1000 + took)
            }
            // Who comes in a question waits for its end, and then for as long as any question must be apart.
            for (const ms of late) expect(ms).to.be.at.most(100 + 2 * took)
            if (stays > 200) expect(late.length).to.be.above(0)
            expect(keys(all)).to.deep.equal([])
          })
    })
  })

  it('shares a reply that comes at once, also with who subscribes inside of it', () => {
    marbles(({ expectObservable }, scheduler) => {
      let asked = 0
      const all = sharing(
        defer(() => of((asked += 1))),
        scheduler,
      )
      expectObservable(all.by(100).pipe(alsoInside(all.by(100))), '^ 149ms !').toBe('(0a) 96ms (1b)')
      expectObservable(all.by(100), '^ 149ms !').toBe('0 99ms 1')
      expectObservable(timer(149).pipe(map(() => asked))).toBe('149ms (n|)', { n: 2 })
    })
  })

  describe('by the scheduler it is given', () => {
    it('and by no other', () => {
      const scheduler = new VirtualTimeScheduler()
      const env = envOf(scheduler)
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const question = cold('(a|)')
        expectObservable(
          shared(env, 'key', () => question, constant(100)),
          '^ 5s !',
        ).toBe('a')
        expectSubscriptions(question.subscriptions).toBe('(^!)')
      })
      const seen: number[] = []
      const watched = shared(env, 'key', () => of(1), constant(250))
      merge(watched, timer(100, scheduler).pipe(mergeMap(() => watched)))
        .pipe(take(6))
        .subscribe(() => seen.push(scheduler.now()))
      const start = scheduler.now()
      scheduler.flush()
      expect(seen.map((at) => at - start)).to.deep.equal([0, 100, 250, 250, 500, 500])
    })

    it('puts nothing off when its clock is set back', () => {
      const time: SchedulerLike & { flush(): void } = new VirtualTimeScheduler()
      let backMs = 0
      const scheduler: SchedulerLike = {
        now: () => time.now() - backMs,
        schedule: <T>(work: (this: SchedulerAction<T>, state: T) => void, delay = 0, state?: T) =>
          time.schedule(work, delay, state as T),
      }
      const seen: number[] = []
      const all = sharing(of(1), scheduler)
      all
        .by(1000)
        .pipe(take(2))
        .subscribe(() => seen.push(time.now()))
      time.schedule(() => (backMs = 3_600_000), 500)
      for (let at = 510; at < 3000; at += 10) time.schedule(() => all.by(900).subscribe().unsubscribe(), at)
      time.flush()
      // Half a second was lost with the clock, no more.
      expect(seen[1]).to.be.within(1400, 1510)
    })
  })

  describe('on the clock', () => {
    let clock: SinonFakeTimers
    beforeEach(() => {
      clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] })
    })
    afterEach(() => clock.restore())

    it('leaves no timer, in a question, in a wait and in a pause', () => {
      const all = sharing(timer(50), asyncScheduler)
      for (const [at, timers, cadence] of [
        [20, 1, 100],
        [60, 1, 100],
        [160, 1, 100],
        [60, 0, Infinity],
      ] as const) {
        const subscriptions = [0, 1, 2].map(() => all.by(cadence).subscribe())
        clock.tick(at)
        expect(clock.countTimers(), `at ${at}`).to.equal(timers)
        for (const subscription of subscriptions) subscription.unsubscribe()
        expect(clock.countTimers(), `left at ${at}`).to.equal(0)
        expect(keys(all)).to.deep.equal([])
      }
    })

    it('leaves no timer when a cadence throws', () => {
      const all = sharing(of(1), asyncScheduler)
      all.by(thrower).subscribe({ error: () => undefined })
      expect(clock.countTimers()).to.equal(0)
      const subject = new BehaviorSubject(constant(100))
      all.by(subject).subscribe({ error: () => undefined })
      expect(clock.countTimers()).to.equal(1)
      subject.next(thrower)
      expect(clock.countTimers()).to.equal(0)
      expect(subject.observed).to.equal(false)
    })

    it('asks once after a timer that fires ten minutes late, and gives nobody the old value', () => {
      let asked = 0
      const all = sharing(
        defer(() => of((asked += 1))),
        asyncScheduler,
      )
      const seen: string[] = []
      const first = all.by(1000).subscribe()
      clock.tick(500)
      // The process stands still; its timers have not fired yet when another joins, and a third with its own pace.
      clock.setSystemTime(Date.now() + 600_000)
      const second = all.by(1000).subscribe((n) => seen.push(`second ${n}`))
      const third = all.by(900).subscribe((n) => seen.push(`third ${n}`))
      expect(seen).to.deep.equal([])
      clock.tick(500)
      expect(seen).to.deep.equal(['second 1', 'third 1'])
      expect(asked).to.equal(2)
      expect(clock.countTimers()).to.equal(1)
      for (const one of [first, second, third]) one.unsubscribe()
      expect(clock.countTimers()).to.equal(0)
    })
  })
})
