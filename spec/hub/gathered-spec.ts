import { expect } from 'chai'
import { NEVER, map, mergeMap, of, repeat, take, takeUntil, timer, type Observable } from 'rxjs'
import type { SchedulerLike } from 'rxjs'
import { constant, type Cadence } from '../../lib/cadence.ts'
import { isLeft, left, right } from '../../lib/either.ts'
import { internalsOf, type Internals } from '../../lib/environment.ts'
import type { JobError, Result } from '../../lib/error.ts'
import { gathered, gatheredOnce, type Look, type Ways } from '../../lib/hub/gathered.ts'
import { marbles } from '../helpers/marbles.ts'
import { clusterOf, scripted } from '../helpers/scripted.ts'

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

type Answer = (about: string) => Observable<Result<string>>

/** Two ways to ask that keep what they were asked: the id, or `*`. */
function crowd(scheduler: SchedulerLike, answer: Answer) {
  const env = envOf(scheduler)
  const asked: string[] = []
  const ask = (about: string): Observable<Result<string>> => {
    asked.push(`${about}@${scheduler.now()}`)
    return answer(about)
  }
  const ways: Ways<string, string> = { one: (run) => ask(run), all: () => ask('*') }
  const told = ({ about, result }: Look<string, string>): string =>
    `${about ?? '*'}${isLeft(result) ? '!' : result.right}`
  const [key, pace] = ['key', constant(1000)]
  return {
    env,
    asked,
    /** How it is told that nothing is left. */
    kept: (): readonly unknown[] => [env.shared.polls.size, env.shared.wanted.size, env.shared.lanes.size],
    by: (run: string | undefined, cadence: Cadence = pace, fresh = true): Observable<string> =>
      gathered(env, key, run, () => ways, cadence, fresh).pipe(map(told)),
    once: (run: string | undefined): Observable<string> => gatheredOnce(env, key, run, ways).pipe(map(told)),
  }
}

const after =
  (ms: number): Answer =>
  () =>
    timer(ms).pipe(map(() => right('')))
const none = [0, 0, 0]

/** Comes at a moment, and stays for a while. */
const guest = <A>(source: Observable<A>, atMs: number, forMs = Infinity): Observable<A> =>
  timer(atMs).pipe(mergeMap(() => (forMs === Infinity ? source : source.pipe(takeUntil(timer(forMs))))))

/** What each of them hears, with its time. */
function hear(scheduler: SchedulerLike, ...sources: readonly Observable<string>[]): readonly string[][] {
  return sources.map((source) => {
    const heard: string[] = []
    source.subscribe((look) => heard.push(`${look}@${scheduler.now()}`))
    return heard
  })
}

describe('gathered', () => {
  it('asks for the one job while nobody wants another, however many want that', () => {
    marbles(({ flush }, scheduler) => {
      const { by, asked, kept } = crowd(scheduler, after(2))
      const heard = hear(scheduler, guest(by('a'), 0, 2500), guest(by('a'), 0, 2500), guest(by('a'), 500, 2000))
      flush()
      // The second came when the first question was on its way already.
      expect(asked).to.deep.equal(['a@0', 'a@102', 'a@600', 'a@1602'])
      expect(heard).to.deep.equal([
        ['a@2', 'a@104', 'a@602', 'a@1604'],
        ['a@104', 'a@602', 'a@1604'],
        ['a@602', 'a@1604'],
      ])
      expect(kept()).to.deep.equal(none)
    })
  })

  it('asks for all where more than one are wanted, or somebody wants all, and for the one again', () => {
    for (const other of ['b', undefined])
      marbles(({ flush }, scheduler) => {
        const { by, asked, kept } = crowd(scheduler, after(2))
        const heard = hear(scheduler, guest(by('a'), 0, 4500), guest(by(other), 1500, 1500))
        flush()
        expect(asked).to.deep.equal(['a@0', 'a@1002', '*@1600', '*@2602', 'a@3604'])
        expect(heard).to.deep.equal([
          ['a@2', 'a@1004', '*@1602', '*@2604', 'a@3606'],
          ['*@1602', '*@2604'],
        ])
        expect(kept()).to.deep.equal(none)
      })
  })

  it('one question a tick for any number that want one job each', () => {
    marbles(({ flush }, scheduler) => {
      const { by, asked, kept } = crowd(scheduler, after(2))
      const heard = hear(scheduler, ...Array.from({ length: 300 }, (_, n) => guest(by(`job${n}`), 0, 3500)))
      flush()
      // The first has nobody beside it yet; it is cut as soon as there is another.
      expect(asked).to.deep.equal(['job0@0', '*@100', '*@1102', '*@2104', '*@3106'])
      for (const one of heard) expect(one).to.deep.equal(['*@102', '*@1104', '*@2106', '*@3108'])
      expect(kept()).to.deep.equal(none)
    })
  })

  it('cuts a question about one job that hangs, when another is wanted: that one has nothing to do with it', () => {
    marbles(({ flush }, scheduler) => {
      const { by, asked, kept } = crowd(scheduler, (about) =>
        timer(about === 'a' ? 20_000 : 2).pipe(map(() => right(''))),
      )
      const heard = hear(scheduler, guest(by('a'), 0, 7000), guest(by('b'), 5000, 1500))
      flush()
      expect(asked).to.deep.equal(['a@0', '*@5100', '*@6102'])
      expect(heard).to.deep.equal([
        ['*@5102', '*@6104'],
        ['*@5102', '*@6104'],
      ])
      expect(kept()).to.deep.equal(none)
    })
  })

  it('never cuts a question about all, nor one about the job that is wanted again', () => {
    marbles(({ flush }, scheduler) => {
      const { by, asked } = crowd(scheduler, after(500))
      const heard = hear(
        scheduler,
        guest(by('a'), 0, 2000),
        guest(by('a'), 100, 1900),
        guest(by('b'), 650, 1350),
        guest(by('c'), 800, 1200),
      )
      flush()
      expect(asked).to.deep.equal(['a@0', 'a@600', '*@750', '*@1350'])
      expect(heard).to.deep.equal([
        ['a@500', '*@1250', '*@1850'],
        ['*@1250', '*@1850'],
        ['*@1250', '*@1850'],
        ['*@1850'],
      ])
    })
  })

  it('tells nobody of an answer to a question that was asked before it came, where it is to be fresh', () => {
    for (const fresh of [true, false])
      marbles(({ flush }, scheduler) => {
        const { by } = crowd(scheduler, after(50))
        const heard = hear(scheduler, guest(by('a'), 0, 1000), guest(by('a', constant(1000), fresh), 10, 900))
        flush()
        expect(heard).to.deep.equal(fresh ? [['a@50', 'a@200'], ['a@200']] : [['a@50'], ['a@50']])
      })
  })

  it('counts a 404 as an answer for the cadence, and what else goes wrong as a failure', () => {
    const request = { method: 'GET', path: '/', query: '' }
    const errors: readonly JobError[] = [
      { _tag: 'NotFound', message: '', request },
      { _tag: 'HttpError', status: 503, message: '', request },
    ]
    const failures = errors.map((error) => {
      const told: number[] = []
      marbles(({ flush }, scheduler) => {
        const { by } = crowd(scheduler, () => of(left(error)))
        hear(
          scheduler,
          guest(
            by('a', (tick) => (told.push(tick.failures), 1000)),
            0,
            2500,
          ),
        )
        flush()
      })
      return told
    })
    expect(failures).to.deep.equal([
      [0, 0, 0],
      [1, 2, 3],
    ])
  })

  it('keeps count of who wants what when they leave and come inside of an answer', () => {
    marbles(({ flush }, scheduler) => {
      const { by, asked, kept } = crowd(scheduler, () => of(right('')))
      const heard = hear(
        scheduler,
        by('a').pipe(take(1), repeat(3)),
        by('b').pipe(take(2)),
        by('b').pipe(
          mergeMap((look) => (look === '*' ? by('c') : of(look))),
          take(1),
        ),
      )
      flush()
      expect(heard.map((one) => one.length)).to.deep.equal([3, 2, 1])
      expect(asked.length).to.be.at.most(6)
      expect(kept()).to.deep.equal(none)
    })
  })
})

describe('gatheredOnce', () => {
  it('asks for one where one is wanted, and for all where more are, once for those who come meanwhile', () => {
    marbles(({ flush }, scheduler) => {
      const { once, asked, kept } = crowd(scheduler, after(50))
      const heard = hear(
        scheduler,
        once('a'),
        ...Array.from({ length: 100 }, (_, n) => guest(once(`job${n}`), 10 + (n % 20))),
        guest(once('z'), 500),
        guest(once(undefined), 600),
      )
      flush()
      expect(asked).to.deep.equal(['a@0', '*@50', 'z@500', '*@600'])
      expect(heard[0]).to.deep.equal(['a@50'])
      for (const one of heard.slice(1, 101)) expect(one).to.deep.equal(['*@100'])
      expect(heard.slice(101)).to.deep.equal([['z@550'], ['*@650']])
      expect(kept()).to.deep.equal(none)
    })
  })

  it('does not ask for all because of who has left', () => {
    marbles(({ flush }, scheduler) => {
      const { once, asked, kept } = crowd(scheduler, after(50))
      hear(scheduler, once('a'), guest(once('b'), 10), guest(once('c'), 10, 20))
      flush()
      expect(asked).to.deep.equal(['a@0', 'b@50'])
      expect(kept()).to.deep.equal(none)
    })
  })

  it('is apart from the poll of the same key: who lives on that wants nothing here', () => {
    marbles(({ flush }, scheduler) => {
      const { by, once, asked, kept } = crowd(scheduler, after(2))
      hear(scheduler, guest(by('a'), 0, 900), guest(by('b'), 0, 900), guest(once('c'), 500))
      flush()
      expect(asked).to.deep.equal(['a@0', '*@100', 'c@500'])
      expect(kept()).to.deep.equal(none)
    })
  })
})
