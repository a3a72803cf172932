import { expect } from 'chai'
import { ns, shown } from '../../helpers/parts.ts'
import { AIM, KIND, at, told, unknown } from './helpers/told.ts'

/** The server's clock is an hour and a bit away from ours. */
const AHEAD = 3_700_000
const elapsed = (readings: Parameters<typeof told>[0], aim = AIM): readonly number[] =>
  told(readings, aim).map(({ elapsedMs }) => elapsedMs)

describe('the elapsed time', () => {
  it('is 0 until somebody has begun', () => {
    expect(elapsed(at([0, shown({})], [5000, shown({ t1: { startMs: null } })]))).to.deep.equal([0, 0])
  })

  it('is, of a run that was there before, the difference of the clocks, and goes on by ours', () => {
    const one = shown({ t1: { startMs: 1000 }, t2: { startMs: 1500 } })
    expect(elapsed(at([61_000, one], [63_000, one]))).to.deep.equal([60_000, 62_000])
  })

  it('is exact once it is over, from the first start to the last end, and stays', () => {
    const over = shown({ t1: { startMs: 1000, endMs: 4000 }, t2: { startMs: 1500, endMs: 9000 } })
    expect(elapsed(at([61_000, over], [99_000, over]))).to.deep.equal([8000, 8000])
  })

  it('is to the nanosecond where it is the server that tells', () => {
    const over = shown({ t1: { more: { startTime: ns(1), endTime: ns(3) + 1n } } })
    expect(elapsed(at([0, over]))).to.deep.equal([2.000001])
  })

  for (const [clock, wallMs, first] of [
    ['behind', -AHEAD, 0],
    ['ahead of', AHEAD, 1000],
  ] as const)
    it(`is held between replies for a run that begins while we look, with our wall clock far ${clock} the server's`, () => {
      const begun = shown({ t1: { startMs: 500 } })
      for (const before of [shown({ t1: [] }), unknown, shown({ t1: { startMs: null } })])
        expect(elapsed(at([0, before], [1000, begun], [4000, begun]), { ...AIM, wallMs })).to.deep.equal([
          ...[0, first, first + 3000],
        ])
    })

  it('is never negative: a clock that is behind knows nothing of before, but what the server proves', () => {
    const one = shown({ t1: { startMs: 1000 }, t2: { startMs: 1500, endMs: 8000 } })
    expect(elapsed(at([0, one], [500, one]), { ...AIM, wallMs: -AHEAD })).to.deep.equal([7000, 7500])
  })

  it('is never negative where the end is before the start', () => {
    expect(elapsed(at([0, shown({ t1: { startMs: 1000, endMs: 500 } })]))).to.deep.equal([0])
  })

  it('begins anew with a new run', () => {
    const again = at([60_000, shown({ t1: {} })], [62_000, shown({ t1: { startMs: 61_500 } })])
    expect(elapsed(again)).to.deep.equal([60_000, 500])
    const other = at([60_000, shown({ t1: { id: 'a' } })], [62_000, shown({ t1: { id: 'b', startMs: 61_500 } })])
    expect(elapsed(other, KIND)).to.deep.equal([60_000, 500])
  })

  it('stops with an abort, though a part of it never tells its end', () => {
    const aborted = { more: { aborted: true, abortErr: 'user abort' } }
    const readings = at(
      [5000, shown({ t1: {}, t2: {} })],
      [6000, shown({ t1: { ...aborted, endMs: 5500 }, t2: aborted })],
      [7000, shown({ t1: { ...aborted, endMs: 5500 } })],
      [99_000, shown({ t1: { ...aborted, endMs: 5500 } })],
    )
    // The end that one target tells is the end of the job.
    expect(elapsed(readings)).to.deep.equal([5000, 5500, 5500, 5500])
  })

  it('goes on where a part comes that had not been seen when all others had ended', () => {
    // Of this kind, each target has a part, so that the end of one is not certain to be the end.
    const [t1, t2] = [
      { kind: 'copy-bck', endMs: 4000 },
      { kind: 'copy-bck', startMs: 3000 },
    ] as const
    const readings = at([5000, shown({ t1 })], [6000, shown({ t1, t2 })], [7000, shown({ t1, t2 })])
    expect(elapsed(readings)).to.deep.equal([4000, 5000, 6000])
  })
})
