import { expect } from 'chai'
import { expectTypeOf } from 'expect-type'
import fc from 'fast-check'
import { adaptive, backoff, constant, probing, type Cadence, type Tick } from '../../lib/cadence.ts'
import { casesOf } from '../fuzz/seed.ts'

// A cadence returns the interval before the next poll, in milliseconds, for a tick: what the last replies were like.

const tickOf = (part: Partial<Tick> = {}): Tick => ({
  n: 1,
  elapsedMs: 0,
  tookMs: 0,
  failures: 0,
  random: 0.5,
  ...part,
})

/** Numbers that `Math.random` can return, including the smallest and the largest. */
const anyRandom = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(0, 0.5, 1 - Number.EPSILON / 2) },
  { weight: 4, arbitrary: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }) },
)
const anyCount = fc.oneof(fc.nat(60), fc.nat(1_000_000_000))
const anyDurationMs = fc.oneof(fc.nat(20_000), fc.nat(Number.MAX_SAFE_INTEGER))

/** Any tick without a Retry-After. */
const anyTick: fc.Arbitrary<Tick> = fc.record({
  n: anyCount,
  elapsedMs: anyDurationMs,
  tookMs: anyDurationMs,
  failures: anyCount,
  random: anyRandom,
})

/** The first intervals of a cadence if requests take no time and never fail. */
const intervals = (cadence: Cadence, length: number): readonly number[] =>
  Array.from({ length }, (_, i) => cadence(tickOf({ n: i + 1 })))

describe('constant', () => {
  it('always returns the same interval', () => {
    fc.assert(
      fc.property(fc.double(), anyTick, (ms, tick) => {
        expect(Object.is(constant(ms)(tick), ms)).to.equal(true)
      }),
    )
  })
})

describe('probing', () => {
  it('returns the intervals of the Python SDK', () => {
    const table = [
      [0, 0.1],
      [0.5, 0.1],
      [0.8, 0.1],
      [1, 0.125],
      [2, 0.25],
      [7.9, 0.9875],
      [8, 1],
      [30, 1],
      [64, 1],
      [300, 4.6875],
      [3600, 56.25],
    ] as const
    for (const [budget, wait] of table)
      expect(probing(budget * 1000)(tickOf()), `${budget} s`).to.be.closeTo(wait * 1000, 1e-9)
  })

  it('depends on the budget alone, by the formula of the Python SDK', () => {
    fc.assert(
      fc.property(fc.nat(10_000_000), anyTick, (budgetMs, tick) => {
        const seconds = Math.max(budgetMs / 1000 / 64, Math.min(budgetMs / 1000 / 8, 1), 0.1)
        expect(probing(budgetMs)(tick)).to.be.closeTo(seconds * 1000, 1e-6)
      }),
    )
  })

  it('returns 30 s without a budget', () => {
    expect(probing(Infinity)(tickOf())).to.equal(30_000)
  })
})

describe('backoff', () => {
  it('returns the intervals of the Go client: from 2 s, times 1.5, up to 30 s', () => {
    expect(intervals(backoff(), 10)).to.deep.equal([
      2000, 3000, 4500, 6750, 10_125, 15_187.5, 22_781.25, 30_000, 30_000, 30_000,
    ])
  })

  it('depends on the number of requests alone', () => {
    fc.assert(
      fc.property(anyTick, fc.nat(60_000), (tick, retryAfterMs) => {
        expect(backoff()({ ...tick, retryAfterMs })).to.equal(backoff()(tickOf({ n: tick.n })))
      }),
    )
  })

  it('uses the given bounds', () => {
    expect(intervals(backoff({ firstMs: 100, factor: 2, maxMs: 500 }), 5)).to.deep.equal([100, 200, 400, 500, 500])
    expect(intervals(backoff({ factor: 1 }), 3)).to.deep.equal([2000, 2000, 2000])
    expect(intervals(backoff({ firstMs: 5000, maxMs: 1000 }), 2)).to.deep.equal([1000, 1000])
  })

  it('returns a finite, non-negative number for any tick and any bounds', () => {
    const bounds = fc.record(
      {
        firstMs: fc.constantFrom(0, 1, 2000, 1e9),
        factor: fc.constantFrom(0, 0.5, 1, 1.5, 10, 1e9),
        maxMs: fc.constantFrom(0, 500, 30_000, Infinity),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(bounds, anyTick, (given, tick) => {
        const ms = backoff(given)(tick)
        expect(Number.isFinite(ms), String(ms)).to.equal(true)
        expect(ms).to.be.at.least(0)
      }),
    )
    expect(backoff()(tickOf({ n: 1e9 }))).to.equal(30_000)
  })

  it('returns the first interval also before the first reply', () => {
    expect(backoff()(tickOf({ n: 0 }))).to.equal(2000)
  })
})

describe('adaptive', () => {
  const cadence = adaptive()

  it('stays between 0.5 s and 10 s for any tick without a Retry-After', () => {
    fc.assert(
      fc.property(anyTick, (tick) => {
        expect(cadence(tick)).to.be.within(500, 10_000)
      }),
      { numRuns: casesOf(1000) },
    )
  })

  it('stays within its bounds for huge times and counts', () => {
    for (const tick of [
      { elapsedMs: 1e15 },
      { failures: 1e9 },
      { elapsedMs: 1e15, failures: 1e9, tookMs: 1e15 },
      { n: 0 },
    ])
      for (const r of [0, 0.5, 1 - Number.EPSILON / 2])
        expect(cadence(tickOf({ ...tick, random: r }))).to.be.within(500, 10_000)
    expect(cadence(tickOf({ elapsedMs: 1e15, failures: 1e9 }))).to.equal(9_000)
  })

  it('returns an eleventh of the elapsed time', () => {
    const elapsed = [0, 2_200, 5_500, 6_875, 11_000, 44_000, 88_000, 110_000, 3_600_000]
    expect(elapsed.map((elapsedMs) => cadence(tickOf({ elapsedMs })))).to.deep.equal([
      550, 550, 550, 625, 1_000, 4_000, 8_000, 9_000, 9_000,
    ])
  })

  it('doubles with each failure up to its upper bound', () => {
    expect([0, 1, 2, 3, 4, 5, 6].map((failures) => cadence(tickOf({ failures })))).to.deep.equal([
      550, 1000, 2000, 4000, 8000, 9000, 9000,
    ])
    expect(cadence(tickOf({ elapsedMs: 11_000, failures: 1 }))).to.equal(2_000)
  })

  it('is at least as long as the last reply took', () => {
    expect([0, 500, 750, 2000, 10_000, 20_000].map((tookMs) => cadence(tickOf({ tookMs })))).to.deep.equal([
      550, 550, 750, 2000, 9000, 9000,
    ])
    expect(
      cadence(tickOf({ elapsedMs: 33_000, tookMs: 2000 })),
      'an interval that is longer than the last reply took',
    ).to.equal(3_000)
  })

  it('never decreases with more time, more failures or slower replies', () => {
    fc.assert(
      fc.property(anyTick, anyDurationMs, anyCount, anyDurationMs, (tick, elapsedMs, failures, tookMs) => {
        const more = {
          ...tick,
          elapsedMs: tick.elapsedMs + elapsedMs,
          failures: tick.failures + failures,
          tookMs: tick.tookMs + tookMs,
        }
        expect(cadence(more)).to.be.at.least(cadence(tick))
      }),
    )
  })

  it('varies by up to a fifth in both directions', () => {
    const middle = tickOf({ elapsedMs: 27_500 })
    expect(cadence({ ...middle, random: 0 })).to.be.closeTo(0.8 * 2500, 1e-9)
    expect(cadence({ ...middle, random: 0.5 })).to.be.closeTo(2500, 1e-9)
    expect(cadence({ ...middle, random: 1 })).to.be.closeTo(1.2 * 2500, 1e-9)
    fc.assert(
      fc.property(anyTick, anyRandom, (tick, r) => {
        const plain = cadence({ ...tick, random: 0.5 })
        expect(cadence({ ...tick, random: r })).to.be.within(0.8 * plain - 1e-6, 1.2 * plain + 1e-6)
      }),
    )
  })

  it('also varies at its bounds: different random numbers give different intervals (seed 6200151497)', () => {
    const intervalsOf = (part: Partial<Tick>, own = cadence): readonly number[] =>
      [0, 0.25, 0.5, 0.75, 1].map((r) => own(tickOf({ ...part, random: r })))
    expect(intervalsOf({ elapsedMs: 0 })).to.deep.equal([500, 525, 550, 575, 600])
    expect(intervalsOf({ elapsedMs: 3_600_000 })).to.deep.equal([8_000, 8_500, 9_000, 9_500, 10_000])
    // Subscribers whose requests timed out at the same time.
    expect(intervalsOf({ tookMs: 30_000, failures: 1 })).to.deep.equal([8_000, 8_500, 9_000, 9_500, 10_000])
    // The bounds are closer to each other than the variation is wide.
    expect(intervalsOf({}, adaptive({ minMs: 1_000, maxMs: 1_040 }))).to.deep.equal([1_000, 1_010, 1_020, 1_030, 1_040])
    fc.assert(
      fc.property(anyTick, anyRandom, anyRandom, (tick, a, b) => {
        const apart = Math.abs(cadence({ ...tick, random: a }) - cadence({ ...tick, random: b }))
        expect(apart).to.be.at.least(100 * Math.abs(a - b) - 1e-6)
      }),
    )
  })

  it('waits for a Retry-After of up to one minute', () => {
    const retryAfters = [0, 400, 5000, 30_000, 59_999, 60_000, 60_001, 30 * 24 * 60 * 60 * 1000, Infinity]
    const cadenceOf = (retryAfterMs: number): number => cadence(tickOf({ retryAfterMs, elapsedMs: 0, random: 0 }))
    expect(retryAfters.map(cadenceOf)).to.deep.equal([500, 500, 5000, 30_000, 59_999, 60_000, 60_000, 60_000, 60_000])
    fc.assert(
      fc.property(anyTick, fc.nat(120_000), (tick, retryAfterMs) => {
        const ms = cadence({ ...tick, retryAfterMs })
        const minimum = Math.min(60_000, retryAfterMs)
        expect(ms).to.be.within(Math.max(cadence(tick), minimum), Math.max(cadence(tick), minimum * 1.1))
      }),
    )
  })

  it('varies after a Retry-After, and is never shorter than it (seed 13610)', () => {
    const at = (random: number): number => cadence(tickOf({ retryAfterMs: 20_000, random }))
    expect([at(0), at(0.5), at(0.999)].map(Math.round)).to.deep.equal([20_000, 21_000, 21_998])
  })

  it('stays within the given bounds, and the lower bound wins', () => {
    const bound = fc.nat(100_000)
    fc.assert(
      fc.property(bound, bound, anyTick, (a, b, tick) => {
        const [minMs, maxMs] = [Math.min(a, b), Math.max(a, b)]
        expect(adaptive({ minMs, maxMs })(tick)).to.be.within(minMs, maxMs)
        expect(adaptive({ minMs: maxMs, maxMs: minMs })(tick)).to.equal(maxMs)
        expect(adaptive({ minMs })(tick)).to.be.within(minMs, Math.max(10_000, minMs))
        expect(adaptive({ maxMs })(tick)).to.be.within(Math.min(500, maxMs), maxMs)
      }),
    )
  })
})

describe('adaptive with extreme bounds', () => {
  it('starts at 100 ms for a lower bound of 0, the minimum of poll', () => {
    const quick = adaptive({ minMs: 0 })
    expect([0, 1_100, 1_122, 2_200].map((elapsedMs) => quick(tickOf({ elapsedMs })))).to.deep.equal([
      100, 100, 102, 200,
    ])
    expect(adaptive({ minMs: 0 })(tickOf({ failures: 1e9 }))).to.equal(9_000)
  })

  it('returns a finite number without an upper bound', () => {
    for (const tick of [{ elapsedMs: 1e15 }, { failures: 1e9 }, { elapsedMs: 1e15, failures: 1e9 }])
      expect(Number.isFinite(adaptive({ maxMs: Infinity })(tickOf(tick)))).to.equal(true)
  })
})

describe('Cadence', () => {
  it('depends on the tick alone', () => {
    fc.assert(
      fc.property(anyTick, (tick) => {
        const frozen = Object.freeze({ ...tick })
        for (const cadence of [constant(1), probing(1000), backoff(), adaptive()])
          expect(cadence(frozen)).to.equal(cadence(frozen))
      }),
    )
  })

  it('has its documented type', () => {
    expectTypeOf<Cadence>().toEqualTypeOf<(tick: Tick) => number>()
    expectTypeOf<Tick>().toEqualTypeOf<{
      readonly n: number
      readonly elapsedMs: number
      readonly tookMs: number
      readonly failures: number
      readonly retryAfterMs?: number
      readonly random: number
    }>()
    for (const make of [constant, probing]) expectTypeOf(make).toEqualTypeOf<(ms: number) => Cadence>()
    expectTypeOf(backoff).returns.toEqualTypeOf<Cadence>()
    expectTypeOf(adaptive).returns.toEqualTypeOf<Cadence>()
  })
})
