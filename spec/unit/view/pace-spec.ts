import { expect } from 'chai'
import fc from 'fast-check'
import type { Attempt } from '../../../lib/view/evidence.ts'
import type { Cadence, Tick } from '../../../lib/cadence.ts'
import {
  SHORTEST_MS,
  isTick,
  keepPace,
  pacedFrom,
  setWait,
  ticked,
  waitOf,
  type Timed,
} from '../../../lib/view/pace.ts'
import { BUSY, NOT_FOUND } from './helpers/facts.ts'

// How often one subscriber polls. A tick is a reply that counts for its cadence. Before its first tick, a subscriber waits
// for half a second.

const FIRST_WAIT_MS = 500

const attemptAt = (sentMs: number, atMs: number): Attempt => ({ sentMs, atMs, decodeFailures: [] })

describe('pacedFrom', () => {
  it('starts without a tick, and with a wait of half a second', () => {
    expect(pacedFrom(7)).to.include({ sinceMs: 7, waitMs: FIRST_WAIT_MS, n: 0, tickedMs: -Infinity, failures: 0 })
  })
})

describe('isTick', () => {
  it('is true for the first reply after the wait of this interest is over', () => {
    const pace = { ...pacedFrom(0), tickedMs: 1_000, waitMs: 500 }
    expect(isTick(pace, attemptAt(900, 1_000), 5_000)).to.equal(false)
    expect(isTick(pace, attemptAt(1_100, 1_200), 1_499)).to.equal(false)
    expect(isTick(pace, attemptAt(1_100, 1_200), 1_500)).to.equal(true)
    expect(isTick(pacedFrom(0), attemptAt(0, 0), 0)).to.equal(true)
  })

  it('is true for each reply while the cadence pauses, so that the cadence is computed again', () => {
    expect(isTick({ ...pacedFrom(0), tickedMs: 1_000, waitMs: Infinity }, attemptAt(1_000, 1_001), 1_001)).to.equal(
      true,
    )
  })
})

describe('ticked', () => {
  it('counts ticks and failures, and keeps the duration of the last request', () => {
    const pace = pacedFrom(0)
    ticked(pace, attemptAt(0, 30))
    expect(pace).to.include({ n: 1, tickedMs: 30, tookMs: 30, failures: 0 })
    ticked(pace, { ...attemptAt(500, 600), error: { ...BUSY, retryAfterMs: 2_000 } as typeof BUSY })
    ticked(pace, { ...attemptAt(1_000, 1_100), error: BUSY })
    expect(pace).to.include({ n: 3, failures: 2, retryAfterMs: undefined })
    ticked(pace, { ...attemptAt(2_000, 2_100), error: NOT_FOUND })
    expect(pace).to.include({ n: 4, failures: 0 })
  })
})

describe('ticked by a request of others', () => {
  it('counts its duration only since the interest began', () => {
    const pace = pacedFrom(20_000)
    ticked(pace, attemptAt(5_000, 20_000))
    expect(pace).to.include({ n: 1, tookMs: 0 })
    ticked(pace, attemptAt(19_000, 20_700))
    expect(pace).to.include({ n: 2, tookMs: 700 })
  })

  it('counts no duration of a reply from before the interest began', () => {
    const pace = pacedFrom(20_000)
    ticked(pace, attemptAt(18_000, 19_000))
    expect(pace.tookMs).to.equal(0)
  })
})

describe('keepPace', () => {
  const paceWith = (cadence: Cadence | undefined): Timed => ({ ...pacedFrom(0), cadence })
  const waitAfter = (pace: Timed, nowMs: number, last?: Attempt): number => {
    keepPace(pace, last, nowMs, () => 0.5)
    return pace.waitMs
  }

  it('evaluates the cadence with each tick', () => {
    const pace = paceWith(({ n }) => 1_000 * n)
    expect(waitAfter(pace, 10)).to.equal(FIRST_WAIT_MS)
    expect(waitAfter(pace, 30, attemptAt(0, 30))).to.equal(1_000)
    expect(waitAfter(pace, 1_029, attemptAt(900, 1_000))).to.equal(1_000)
    expect(waitAfter(pace, 1_030, attemptAt(900, 1_030))).to.equal(2_000)
  })

  it('also evaluates the cadence before a late first tick, and again each time the delay has doubled', () => {
    const ticks: Pick<Tick, 'n' | 'tookMs'>[] = []
    const pace = paceWith(({ n, tookMs }) => {
      ticks.push({ n, tookMs })
      return 2_500
    })
    expect(waitAfter(pace, FIRST_WAIT_MS - 1)).to.equal(FIRST_WAIT_MS)
    for (const ms of [FIRST_WAIT_MS, 501, 999, 1_100, 2_199, 2_200, 4_000]) expect(waitAfter(pace, ms)).to.equal(2_500)
    expect(waitAfter(pace, 4_100, attemptAt(0, 4_100))).to.equal(2_500)
    expect(waitAfter(pace, 9_000)).to.equal(2_500)
    expect(ticks).to.deep.equal([
      { n: 0, tookMs: 500 },
      { n: 0, tookMs: 1_100 },
      { n: 0, tookMs: 2_200 },
      { n: 1, tookMs: 4_100 },
    ])
  })

  it('pauses until an Observable emits a cadence', () => {
    const pace = paceWith(undefined)
    setWait(pace, 10, () => 0)
    expect(pace.waitMs).to.equal(FIRST_WAIT_MS)
    expect(waitAfter(pace, FIRST_WAIT_MS)).to.equal(Infinity)
    pace.cadence = () => 700
    setWait(pace, 600, () => 0)
    expect(pace.waitMs).to.equal(700)
  })
})

describe('waitOf', () => {
  it('passes the count and the times of its own interest to the cadence', () => {
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

  it('is never less than 100 ms, whatever the cadence returns, and pauses if the cadence returns Infinity', () => {
    fc.assert(
      fc.property(fc.double(), (ms) => {
        const waitMs = waitOf(pacedFrom(0), () => ms, 0, 0)
        expect(waitMs).to.be.at.least(SHORTEST_MS)
        if (ms >= SHORTEST_MS) expect(waitMs).to.equal(ms)
      }),
    )
  })
})
