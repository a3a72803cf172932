import { runInNewContext } from 'node:vm'
import { setFlagsFromString } from 'node:v8'
import { expect } from 'chai'
import { BehaviorSubject, defer, of } from 'rxjs'
import { useFakeTimers, type SinonFakeTimers } from 'sinon'
import { constant } from '../../../lib/cadence.ts'
import { right } from '../../../lib/common/either.ts'
import { poll } from '../../../lib/operators/poll.ts'

// An id in a title, such as K10, is a row of docs/faults.md.

describe('poll, in months of polling', () => {
  let clock: SinonFakeTimers
  beforeEach(() => void (clock = useFakeTimers()))
  afterEach(() => clock.restore())

  it('does not grow the heap with 50,000 requests (K10)', () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const heap = (): number => {
      collect()
      return process.memoryUsage().heapUsed
    }
    let sent = 0
    const subscription = defer(() => of(right((sent += 1))))
      .pipe(poll(new BehaviorSubject(constant(100))))
      .subscribe()
    clock.tick(100 * 10_000)
    const before = heap()
    clock.tick(100 * 50_000)
    const grown = heap() - before
    expect(sent).to.equal(60_001)
    expect(grown).to.be.below(500_000)
    expect(clock.countTimers()).to.equal(1)
    subscription.unsubscribe()
    expect(clock.countTimers()).to.equal(0)
  })
})
