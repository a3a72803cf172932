import { expect } from 'chai'
import { EMPTY, NEVER, asyncScheduler, defer, map, merge, of, switchMap, takeUntil, timer, type Observable } from 'rxjs'
import { flights, type Flights } from '../../../lib/relay/flights.ts'
import { marbles } from '../../helpers/marbles.ts'

// The relay shares requests between its clients.

/** Joins the request of a key at this time; throws if the request is refused. */
const joined = (table: Flights<string>, key: string, send: () => Observable<string>): Observable<string> =>
  defer(() => {
    const flight = table.run(key, undefined, send)
    if (typeof flight === 'string') throw new Error(flight)
    return flight
  })

/** The time of the marbles. */
const now = (): number => asyncScheduler.now()

/** The size of a reply; the text `x` is a failed reply, which has none. */
const sizeOf = (value: string): number | undefined => (value === 'x' ? undefined : value.length)

describe('the requests of the relay', () => {
  it('are shared by equal queries while they are in flight, and for maxAgeMs after the reply', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('   ---(a|)')
      const subscription = '  ^--!'
      const again = '         --------^--!'
      const table = flights(4, sizeOf, now)
      const join = (ms: number): Observable<string> => timer(ms).pipe(switchMap(() => joined(table, 'k', () => source)))

      expectObservable(join(0)).toBe('---(a|)')
      expectObservable(join(2)).toBe('---(a|)')
      expectObservable(join(6)).toBe('------(a|)')
      expectObservable(join(8)).toBe('-----------(a|)')
      expectSubscriptions(source.subscriptions).toBe([subscription, again])
    })
  })

  it('are not kept if they failed', () => {
    marbles(({ cold, expectSubscriptions, expectObservable }) => {
      const source = cold('-(x|)')
      const table = flights(1_000, sizeOf, now)
      const later = timer(2).pipe(switchMap(() => joined(table, 'k', () => source)))

      expectObservable(joined(table, 'k', () => source)).toBe('-(x|)')
      expectObservable(later).toBe('---(x|)')
      expectSubscriptions(source.subscriptions).toBe(['^!', '--^!'])
    })
  })

  it('go on for the other clients when the first one leaves, and are cancelled when the last one leaves', () => {
    marbles(({ cold, expectSubscriptions, expectObservable }) => {
      const source = cold('-------a')
      const table = flights(1_000, sizeOf, now)

      expectObservable(joined(table, 'k', () => source).pipe(takeUntil(timer(2)))).toBe('--|')
      expectObservable(joined(table, 'k', () => source).pipe(takeUntil(timer(4)))).toBe('----|')
      expectSubscriptions(source.subscriptions).toBe('^---!')
    })
  })

  it('set no timer for a kept reply, which would keep the process alive', () => {
    marbles(({ flush }) => {
      const table = flights(1_000, sizeOf, now)
      joined(table, 'k', () => timer(2).pipe(map(() => 'a'))).subscribe()
      flush()
      // Virtual time stops at the last timer.
      expect(now()).to.equal(2)
    })
  })

  it('drop the replies that are too old, and no others, when the next request is sent', () => {
    marbles(() => {
      let nowMs = 0
      let sent = 0
      const table = flights(10, sizeOf, () => nowMs)
      const request = (key: string): void => {
        joined(table, key, () => of(`${++sent}`)).subscribe()
      }
      for (const key of ['a', 'b', 'c']) {
        request(key)
        nowMs += 4
      }
      request('b')
      request('c')
      expect(sent).to.equal(3)
      request('a')
      expect(sent).to.equal(4)
      nowMs = 14
      request('b')
      expect(sent).to.equal(5)
    })
  })

  it('keep 32 Mi characters of replies at most, the newest', () => {
    marbles(() => {
      const half = 'a'.repeat(2 ** 24)
      const sent: string[] = []
      const table = flights(1_000, sizeOf, () => 0)
      const request = (key: string, reply: string): void => {
        joined(table, key, () => {
          sent.push(key)
          return of(reply)
        }).subscribe()
      }
      request('a', half)
      request('b', half)
      request('a', half)
      expect(sent).to.deep.equal(['a', 'b'])
      request('c', 'one more')
      request('b', half)
      request('c', 'one more')
      expect(sent).to.deep.equal(['a', 'b', 'c'])
      request('a', half)
      expect(sent).to.deep.equal(['a', 'b', 'c', 'a'])
      request('large', half + half + 'a')
      request('large', half + half + 'a')
      expect(sent.slice(4)).to.deep.equal(['large', 'large'])
    })
  })

  it('are sent again after a cancellation', () => {
    marbles(() => {
      let sent = 0
      const table = flights(1_000, sizeOf, now)
      const send = (): Observable<string> => {
        sent++
        return NEVER
      }
      joined(table, 'k', send).subscribe().unsubscribe()
      joined(table, 'k', send).subscribe().unsubscribe()
      expect(sent).to.equal(2)
    })
  })

  it('are 64 at most, and 8 for one client; those that join another request do not count', () => {
    marbles(() => {
      const table = flights<string>(0, sizeOf, now)
      const open = (key: string, client: string) => table.run(key, client, () => NEVER)
      const subscribe = (flight: ReturnType<typeof open>) => (typeof flight === 'string' ? flight : flight.subscribe())
      for (let n = 0; n < 8; n++) subscribe(open(`a${n}`, 'a'))
      expect(open('a8', 'a')).to.equal('client')
      expect(open('a0', 'a')).not.to.be.a('string')
      for (let n = 0; n < 56; n++) subscribe(open(`b${n}`, `b${n % 10}`))
      expect(open('c', 'c')).to.equal('relay')
      expect(open('b1', 'c')).not.to.be.a('string')
    })
  })

  it('give their place back when they end', () => {
    marbles(() => {
      const table = flights<string>(0, sizeOf, now)
      for (let n = 0; n < 100; n++) {
        const flight = table.run(`k${n}`, 'a', () => (n % 2 === 0 ? of('x') : EMPTY))
        if (typeof flight === 'string') throw new Error(flight)
        flight.subscribe()
      }
      merge(
        ...Array.from({ length: 8 }, (_, n) => table.run(`l${n}`, 'a', () => NEVER) as Observable<string>),
      ).subscribe()
      expect(table.run('last', 'a', () => NEVER)).to.equal('client')
    })
  })
})
