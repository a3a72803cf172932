import { expect } from 'chai'
import fc from 'fast-check'
import type { Attempt } from '../../lib/view/evidence.ts'
import { SHORTEST_MS, isTick, pacedFrom, ticked, waitOf } from '../../lib/view/pace.ts'
import { BUSY, NOT_FOUND } from './helpers/facts.ts'

const attempt = (askedMs: number, atMs: number): Attempt => ({ askedMs, atMs, garbled: [] })

describe('pacedFrom', () => {
  it('has had no tick, and asks again in doubt after half a second', () => {
    expect(pacedFrom(7)).to.include({ sinceMs: 7, waitMs: 500, n: 0, tickedMs: -Infinity, failures: 0 })
  })
})

describe('isTick', () => {
  it('is true of the first reply after the own wait is over', () => {
    const pace = { ...pacedFrom(0), tickedMs: 1_000, waitMs: 500 }
    expect(isTick(pace, attempt(900, 1_000), 5_000)).to.equal(false)
    expect(isTick(pace, attempt(1_100, 1_200), 1_499)).to.equal(false)
    expect(isTick(pace, attempt(1_100, 1_200), 1_500)).to.equal(true)
    expect(isTick(pacedFrom(0), attempt(0, 0), 0)).to.equal(true)
  })

  it('is true of each reply while the cadence pauses, so that it is asked again', () => {
    expect(isTick({ ...pacedFrom(0), tickedMs: 1_000, waitMs: Infinity }, attempt(1_000, 1_001), 1_001)).to.equal(true)
  })
})

describe('ticked', () => {
  it('counts ticks and failures, and keeps how long a reply took', () => {
    const pace = pacedFrom(0)
    ticked(pace, attempt(0, 30))
    expect(pace).to.include({ n: 1, tickedMs: 30, tookMs: 30, failures: 0 })
    ticked(pace, { ...attempt(500, 600), error: { ...BUSY, retryAfterMs: 2_000 } as typeof BUSY })
    ticked(pace, { ...attempt(1_000, 1_100), error: BUSY })
    expect(pace).to.include({ n: 3, failures: 2, retryAfterMs: undefined })
    ticked(pace, { ...attempt(2_000, 2_100), error: NOT_FOUND })
    expect(pace).to.include({ n: 4, failures: 0 })
  })
})

describe('waitOf', () => {
  it('gives a cadence its own count and its own time', () => {
    const pace = { ...pacedFrom(100), n: 3, tookMs: 20, failures: 1, retryAfterMs: 2_000 }
    waitOf(
      pace,
      (tick) => {
        expect(tick).to.deep.equal({ n: 3, elapsedMs: 900, tookMs: 20, failures: 1, retryAfterMs: 2_000, random: 0.5 })
        return 700
      },
      1_000,
      0.5,
    )
    expect(waitOf(pacedFrom(0), (tick) => ('retryAfterMs' in tick ? 1 : 700), 0, 0)).to.equal(700)
  })

  it('never waits less than 100 ms, whatever the cadence says, and pauses where it says so', () => {
    fc.assert(
      fc.property(fc.double(), (ms) => {
        const waitMs = waitOf(pacedFrom(0), () => ms, 0, 0)
        expect(waitMs).to.be.at.least(SHORTEST_MS)
        if (ms >= SHORTEST_MS) expect(waitMs).to.equal(ms)
      }),
    )
  })
})
