import { expect } from 'chai'
import fc from 'fast-check'
import { emptyWindow, rateOf, withSample, type RateWindow } from '../../../lib/common/rate-window.ts'

// A window over the last samples of a counter, from which the rate is computed.

/** When a count was read, and the count. */
type Sample = readonly [atMs: number, count: number]
const at = (atMs: number, count: number): Sample => [atMs, count]
/** A window after these samples: pairs of milliseconds and a count. */
const windowOf = (samples: readonly Sample[], windowMs?: number): RateWindow =>
  samples.reduce((window, [atMs, count]) => withSample(window, atMs, count), emptyWindow(windowMs))
/** The rate after these samples, in counts per second. */
const rateAfter = (samples: readonly Sample[], windowMs?: number): number | undefined =>
  rateOf(windowOf(samples, windowMs))

describe('RateWindow', () => {
  it('has no rate before it has three samples, however far apart they are', () => {
    expect(rateAfter([])).to.equal(undefined)
    expect(rateAfter([at(0, 0)])).to.equal(undefined)
    expect(rateAfter([at(0, 0), at(60_000, 600)])).to.equal(undefined)
    expect(rateAfter([at(0, 0), at(30_000, 300), at(60_000, 600)])).to.equal(10)
  })

  it('has no rate before three seconds, however many samples there are', () => {
    const samples = Array.from({ length: 31 }, (_, i): Sample => [i * 100, i])
    expect(rateAfter(samples.slice(0, 30))).to.equal(undefined)
    expect(rateAfter(samples)).to.equal(10)
  })

  it('drops samples that are older than its length', () => {
    const quick = Array.from({ length: 10 }, (_, i): Sample => [i * 1000, i * 100])
    const slow = Array.from({ length: 10 }, (_, i): Sample => [10_000 + i * 1000, 900 + i])
    expect(rateAfter([...quick, ...slow], 9000)).to.equal(1)
    // A sample exactly as old as the window still counts.
    expect(rateAfter([...quick, ...slow], 10_000)).to.equal(0.9)
    expect(rateAfter([...quick, ...slow])).to.be.above(40)
  })

  it('keeps the last three samples if samples are rare', () => {
    expect(rateAfter([at(0, 0), at(100_000, 0), at(200_000, 100), at(300_000, 200)], 1000)).to.equal(1)
  })

  it('has the rate 0 if the count does not change', () => {
    expect(rateAfter([at(0, 5), at(2000, 5), at(4000, 5)])).to.equal(0)
  })

  it('starts again if the counter or the clock goes back', () => {
    const good: readonly Sample[] = [at(0, 0), at(2000, 20), at(4000, 40)]
    for (const back of [
      [5000, 39],
      [3999, 40],
    ] as const) {
      const [atMs, count] = back
      expect(rateAfter([...good, back])).to.equal(undefined)
      expect(rateAfter([...good, back, [atMs + 2000, count + 2]])).to.equal(undefined)
      expect(rateAfter([...good, back, [atMs + 2000, count + 2], [atMs + 4000, count + 4]])).to.equal(1)
    }
  })

  it('keeps only the later of two samples with the same time', () => {
    expect(rateAfter([at(0, 0), at(4000, 0), at(4000, 40)])).to.equal(undefined)
    expect(rateAfter([at(0, 0), at(2000, 0), at(4000, 0), at(4000, 40)])).to.equal(10)
  })

  it('has no rate if a count or the difference of counts is not finite', () => {
    for (const count of [NaN, Infinity, -Infinity])
      expect(rateAfter([at(0, 0), at(2000, 20), at(4000, 40), at(6000, count)])).to.equal(undefined)
    expect(rateAfter([at(0, -1e308), at(2000, 0), at(4000, 1e308)])).to.equal(undefined)
  })

  it('has a length of 30 s if the given length is missing, not a number or not positive', () => {
    for (const length of [undefined, NaN, 0, -1]) expect(emptyWindow(length).windowMs).to.equal(30_000)
    expect(emptyWindow(Infinity).windowMs).to.equal(Infinity)
  })

  const anySamples = fc.array(fc.tuple(fc.integer({ min: -5000, max: 100_000 }), fc.double({ min: -1e6 })), {
    maxLength: 30,
  })

  it('never has a rate that is negative, infinite or NaN', () => {
    fc.assert(
      fc.property(anySamples, fc.double(), (steps, windowMs) => {
        let window = emptyWindow(windowMs)
        let atMs = 0
        for (const [sinceMs, count] of steps) {
          window = withSample(window, (atMs += sinceMs), count)
          const rate = rateOf(window)
          if (rate !== undefined) expect(rate >= 0 && rate < Infinity, String(rate)).to.equal(true)
        }
      }),
    )
  })

  it('reports a constant rate exactly, at any sample times', () => {
    const steps = fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 3, maxLength: 40 })
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 1000 }), (since, pace) => {
        let atMs = 0
        const rate = rateAfter(since.map((ms): Sample => [(atMs += ms), atMs * pace]))
        if (atMs - since[0]! >= 3000) expect(rate).to.be.closeTo(pace * 1000, 1e-6)
        else expect(rate).to.equal(undefined)
      }),
    )
  })

  it('keeps no more samples than its length needs', () => {
    const samples = Array.from({ length: 2000 }, (_, i): Sample => [i * 100, i])
    expect(windowOf(samples, 3000).samples.length).to.be.at.most(32)
  })
})
