import { expect } from 'chai'
import { FAULT_CLASSES } from '../plan.ts'
import { DOWNLOADS_FROM } from '../generate-downloads.ts'
import { planOf } from '../generate.ts'
import { pairCounter } from './coverage.ts'
import { explore, nth } from './explore.ts'

// `explore` simulates one seed after the other, and counts which pairs of fault classes occurred.

describe('explore', () => {
  it('runs the given number of seeds, in order', () => {
    const { count, seed, requests, coverage } = explore({ seed: 5, count: 20 })
    const pairs = pairCounter()
    for (let at = 5; at < 25; at++) pairs.add(planOf(at).faultClasses)

    expect({ count, seed }).to.deep.equal({ count: 20, seed: 5 })
    expect(requests).to.be.above(0)
    expect(coverage).to.deep.equal(pairs.coverage())
  })

  it('ends when its time is over', () => {
    const { count, tookMs } = explore({ seed: 1, forMs: 100 })

    expect(count).to.be.above(0)
    expect(tookMs).to.be.within(100, 2000)
  })

  it('rejects a run without an end', () => {
    expect(() => explore({ seed: 1 })).to.throw(RangeError)
  })

  it('continues with the first seed after the last one', () => {
    expect([nth(2 ** 31 - 1, 0), nth(2 ** 31 - 1, 1)]).to.deep.equal([2 ** 31 - 1, -(2 ** 31)])
    expect(nth(DOWNLOADS_FROM, 3)).to.equal(DOWNLOADS_FROM + 3)
  })
})

describe('the pairs of fault classes', () => {
  const [a, b, c] = FAULT_CLASSES
  const all = (FAULT_CLASSES.length * (FAULT_CLASSES.length - 1)) / 2

  it('counts each pair once, whatever its order and however often it occurs', () => {
    const pairs = pairCounter()
    pairs.add([b, a])
    pairs.add([b, a, c])
    const { drawn, possible, share, missing } = pairs.coverage()

    expect({ drawn, possible, share }).to.deep.equal({ drawn: 3, possible: all, share: 3 / all })
    expect(missing).to.have.lengthOf(all - 3)
    expect(missing).to.not.include(`${a} + ${b}`)
  })

  it('counts no pair in a plan of one class, and rejects an unknown class', () => {
    const pairs = pairCounter()
    pairs.add([a])
    expect(pairs.coverage().drawn).to.equal(0)
    expect(() => pairs.add(['no-such-class' as typeof a])).to.throw(RangeError, 'no-such-class')
  })
})
