import { expect } from 'chai'
import { NEVER, VirtualTimeScheduler, defer, map, mergeMap, of, repeat, take, timer, type Observable } from 'rxjs'
import type { SchedulerLike } from 'rxjs'
import { isLeft } from '../../lib/either.ts'
import { internalsOf, type Internals } from '../../lib/environment.ts'
import { inLane } from '../../lib/hub/lane.ts'
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

/** One lane whose answers are counted: '0', '1', ... */
function lane(question: Observable<unknown>, scheduler: SchedulerLike) {
  const env = envOf(scheduler)
  let n = 0
  const asked = inLane(env, 'key', question.pipe(map(() => String(n++))))
  return { env, asked, left: (): readonly string[] => [...env.shared.lanes.keys()] }
}

/** Comes at a moment. */
const at = <A>(atMs: number, source: Observable<A>): Observable<A> => timer(atMs).pipe(mergeMap(() => source))

describe('inLane', () => {
  it('asks nothing and keeps nothing before it is subscribed to', () => {
    marbles(({ cold, expectSubscriptions }, scheduler) => {
      const question = cold('a|')
      const { left } = lane(question, scheduler)
      expectSubscriptions(question.subscriptions).toBe([])
      expect(left()).to.deep.equal([])
    })
  })

  it('asks one question at a time: who comes meanwhile shares the next, which goes out when the first is back', () => {
    marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
      const question = cold('-----(a|)')
      const subs = ['        ^----!', '-----^----!']
      const { asked, left } = lane(question, scheduler)
      expectObservable(asked).toBe('       -----(0|)')
      expectObservable(at(0, asked)).toBe('----------(1|)')
      expectObservable(at(1, asked)).toBe('----------(1|)')
      expectObservable(at(4, asked)).toBe('----------(1|)')
      expectSubscriptions(question.subscriptions).toBe(subs)
      flush()
      expect(left()).to.deep.equal([])
    })
  })

  it('gives nobody an answer to a question that was asked before, a third time too', () => {
    marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
      const question = cold('--(a|)')
      const { asked, left } = lane(question, scheduler)
      expectObservable(asked).toBe('       --(0|)  ')
      expectObservable(at(1, asked)).toBe('----(1|)')
      expectObservable(at(3, asked)).toBe('------(2|)')
      expectObservable(at(20, asked)).toBe('20ms --(3|)')
      expectSubscriptions(question.subscriptions).toBe(['^-!', '--^-!', '----^-!', '20ms ^-!'])
      flush()
      expect(left()).to.deep.equal([])
    })
  })

  it('does not ask for the next before all that the first says has been heard', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
      const question = cold('a-b-|')
      const { asked } = lane(question, scheduler)
      expectObservable(asked).toBe('       0-1-|')
      expectObservable(at(1, asked)).toBe('----2-3-|')
      expectSubscriptions(question.subscriptions).toBe(['^---!', '----^---!'])
    })
  })

  it('keeps lanes apart by key and by cluster', () => {
    marbles(({ cold, expectSubscriptions, expectObservable }, scheduler) => {
      const question = cold('--(a|)')
      const [env, other] = [envOf(scheduler), envOf(scheduler)]
      for (const asked of [inLane(env, 'one', question), inLane(env, 'two', question), inLane(other, 'one', question)])
        expectObservable(asked).toBe('--(a|)')
      expectSubscriptions(question.subscriptions).toBe(['^-!', '^-!', '^-!'])
    })
  })

  describe('who leaves', () => {
    it('touches nobody, and last cuts the question: then the next goes out', () => {
      marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
        const question = cold('-----(a|)')
        const { asked, left } = lane(question, scheduler)
        expectObservable(asked, '            ^--!').toBe('-')
        expectObservable(at(1, asked), '     ^-!').toBe('-')
        expectObservable(at(1, asked)).toBe('--------(0|)')
        expectSubscriptions(question.subscriptions).toBe(['^--!', '---^----!'])
        flush()
        expect(left()).to.deep.equal([])
      })
    })

    it('before its turn is never asked for, and leaves the lane to who comes after', () => {
      marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
        const question = cold('-----(a|)')
        const { asked, left } = lane(question, scheduler)
        expectObservable(asked).toBe('          -----(0|)')
        expectObservable(at(1, asked), '        ^--!').toBe('-')
        expectObservable(at(4, asked)).toBe('   ----------(1|)')
        expectSubscriptions(question.subscriptions).toBe(['^----!', '-----^----!'])
        flush()
        expect(left()).to.deep.equal([])
      })
    })

    it('of all, in the first and before the second, leaves nothing', () => {
      marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
        const question = cold('-----(a|)')
        const { asked, left } = lane(question, scheduler)
        expectObservable(asked, '       ^--!').toBe('-')
        expectObservable(at(1, asked), '^-!').toBe('-')
        expectSubscriptions(question.subscriptions).toBe('^--!')
        flush()
        expect(left()).to.deep.equal([])
      })
    })
  })

  it('tells a defect to those who share it, and asks anew for the others', () => {
    marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
      const replies = [cold('--#'), cold('--(a|)')]
      let n = 0
      const { asked, left } = lane(
        defer(() => replies[n++]!),
        scheduler,
      )
      expectObservable(asked).toBe('       --#')
      expectObservable(at(1, asked)).toBe('----(0|)')
      expectSubscriptions(replies[1]!.subscriptions).toBe('--^-!')
      flush()
      expect(left()).to.deep.equal([])
    })
  })

  describe('inside of an answer', () => {
    it('who asks again waits for the next, from its value and from its end', () => {
      marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
        const question = cold('--(a|)')
        const { asked, left } = lane(question, scheduler)
        const inValue = asked.pipe(mergeMap((n) => (n === '0' ? asked : of(n))))
        expectObservable(inValue).toBe('             ----(1|)')
        expectObservable(asked.pipe(repeat(3))).toBe('----1-2-(3|)')
        expectSubscriptions(question.subscriptions).toBe(['^-!', '--^-!', '----^-!', '------^-!'])
        flush()
        expect(left()).to.deep.equal([])
      })
    })

    it('who leaves cuts nothing of the others', () => {
      marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
        const question = cold('--a-(b|)')
        const { asked, left } = lane(question, scheduler)
        expectObservable(asked).toBe('                --0-(1|)')
        expectObservable(at(1, asked.pipe(take(1)))).toBe('------(2|)')
        expectObservable(at(1, asked)).toBe('         ------2-(3|)')
        expectSubscriptions(question.subscriptions).toBe(['^---!', '----^---!'])
        flush()
        expect(left()).to.deep.equal([])
      })
    })
  })

  it('lets a question that is answered at once go each time, and keeps nothing', () => {
    const env = envOf(new VirtualTimeScheduler())
    const seen: number[] = []
    let n = 0
    const asked = inLane(
      env,
      'key',
      defer(() => of((n += 1))),
    )
    asked.pipe(repeat(1000)).subscribe((value) => seen.push(value))
    asked.pipe(mergeMap(() => asked)).subscribe((value) => seen.push(value))
    expect(seen).to.deep.equal([...Array.from({ length: 1000 }, (_, i) => i + 1), 1002])
    expect(env.shared.lanes.size).to.equal(0)
  })
})
