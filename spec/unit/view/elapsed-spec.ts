import { expect } from 'chai'
import { ns, shown } from '../../helpers/parts.ts'
import { AIM, KIND, at, progressesOf, unknown } from './helpers/progresses-of.ts'

/** How far the server's clock is from ours: a bit more than an hour. */
const AHEAD = 3_700_000
const elapsed = (readings: Parameters<typeof progressesOf>[0], aim = AIM): readonly number[] =>
  progressesOf(readings, aim).map(({ elapsedMs }) => elapsedMs)

describe('the elapsed time', () => {
  it('is 0 until a part has started', () => {
    expect(elapsed(at([0, shown({})], [5000, shown({ t1: { startMs: null } })]))).to.deep.equal([0, 0])
  })

  it('is the difference of the clocks for a run that had started before the first reply, and continues by our clock', () => {
    const one = shown({ t1: { startMs: 1000 }, t2: { startMs: 1500 } })
    expect(elapsed(at([61_000, one], [63_000, one]))).to.deep.equal([60_000, 62_000])
  })

  it('is exact once the job is over, from the first start to the last end, and then constant', () => {
    const ended = shown({ t1: { startMs: 1000, endMs: 4000 }, t2: { startMs: 1500, endMs: 9000 } })
    expect(elapsed(at([61_000, ended], [99_000, ended]))).to.deep.equal([8000, 8000])
  })

  it("is exact to the nanosecond if the server's times determine it", () => {
    const ended = shown({ t1: { more: { startTime: ns(1), endTime: ns(3) + 1n } } })
    expect(elapsed(at([0, ended]))).to.deep.equal([2.000001])
  })

  for (const [clock, wallMs, first] of [
    ['behind', -AHEAD, 0],
    ['ahead of', AHEAD, 1000],
  ] as const)
    it(`counts from the previous reply for a run that starts after the first one, with our wall clock far ${clock} the server's`, () => {
      const started = shown({ t1: { startMs: 500 } })
      for (const before of [shown({ t1: [] }), unknown, shown({ t1: { startMs: null } })])
        expect(elapsed(at([0, before], [1000, started], [4000, started]), { ...AIM, wallMs })).to.deep.equal([
          0,
          first,
          first + 3000,
        ])
    })

  it("is never negative: if our clock is behind, it is the least that the server's times prove", () => {
    const one = shown({ t1: { startMs: 1000 }, t2: { startMs: 1500, endMs: 8000 } })
    expect(elapsed(at([0, one], [500, one]), { ...AIM, wallMs: -AHEAD })).to.deep.equal([7000, 7500])
  })

  it('is never negative if the end is before the start', () => {
    expect(elapsed(at([0, shown({ t1: { startMs: 1000, endMs: 500 } })]))).to.deep.equal([0])
  })

  it('starts again with a new run', () => {
    const again = at([60_000, shown({ t1: {} })], [62_000, shown({ t1: { startMs: 61_500 } })])
    expect(elapsed(again)).to.deep.equal([60_000, 500])
    const other = at([60_000, shown({ t1: { id: 'a' } })], [62_000, shown({ t1: { id: 'b', startMs: 61_500 } })])
    expect(elapsed(other, KIND)).to.deep.equal([60_000, 500])
  })

  it('stops with an abort, even if one part never reports its end', () => {
    const aborted = { more: { aborted: true, abortErr: 'user abort' } }
    const readings = at(
      [5000, shown({ t1: {}, t2: {} })],
      [6000, shown({ t1: { ...aborted, endMs: 5500 }, t2: aborted })],
      [7000, shown({ t1: { ...aborted, endMs: 5500 } })],
      [99_000, shown({ t1: { ...aborted, endMs: 5500 } })],
    )
    // The end that one target reports is the end of the job.
    expect(elapsed(readings)).to.deep.equal([5000, 5500, 5500, 5500])
  })

  it('continues if a new part appears after all others had ended', () => {
    // Each target has a part of a job of this kind, so the end of one part does not prove the end of the job.
    const [t1, t2] = [
      { kind: 'copy-bck', endMs: 4000 },
      { kind: 'copy-bck', startMs: 3000 },
    ] as const
    const readings = at([5000, shown({ t1 })], [6000, shown({ t1, t2 })], [7000, shown({ t1, t2 })])
    expect(elapsed(readings)).to.deep.equal([4000, 5000, 6000])
  })
})
