import { expect } from 'chai'
import { NO_STATS } from '../../../lib/codec/job-stats.ts'
import type { Progress } from '../../../lib/view/progress-of.ts'
import { shown } from '../../helpers/parts.ts'
import { AIM, at, progressesOf, type TimedReply } from './helpers/progresses-of.ts'

/** One reply a second, at a constant rate on each of two targets, from 0. */
const steady = (seconds: number, pace = 10): readonly TimedReply[] =>
  at(
    ...Array.from({ length: seconds + 1 }, (_, s) => {
      const both = { objects: s * pace, startMs: 0 }
      return [s * 1000, shown({ t1: both, t2: both })] as const
    }),
  )
const rates = (replies: readonly TimedReply[]): readonly (number | undefined)[] =>
  progressesOf(replies).map(({ objectsPerSecond }) => objectsPerSecond)
const etas = (all: readonly Progress[]): readonly (number | undefined)[] => all.map(({ etaMs }) => etaMs)
const [unknownYet] = [undefined]

describe('the rates of a job', () => {
  it('are those of the sum, and absent before three replies and three seconds', () => {
    expect(rates(steady(5))).to.deep.equal([unknownYet, unknownYet, unknownYet, 20, 20, 20])
    expect(progressesOf(steady(5)).at(-1)?.bytesPerSecond).to.equal(20 * 1024)
    expect(progressesOf(steady(2))[2]).not.to.have.any.keys('objectsPerSecond', 'bytesPerSecond')
  })

  it('are unknown while a running target is missing, and correct as soon as it is back', () => {
    const alone = (s: number): readonly [number, ReturnType<typeof shown>] => [s * 1000, shown({ t1: { objects: s * 10 } })] // prettier-ignore
    const replies = [...steady(5), ...at(alone(6), alone(7)), ...steady(9).slice(8)]
    expect(rates(replies).slice(5)).to.deep.equal([20, unknownYet, unknownYet, 20, 20])
  })

  it('spread the work of a missing target over the time that it was missing, however long', () => {
    const alone = Array.from(
      { length: 35 },
      (_, i) => [(6 + i) * 1000, shown({ t1: { objects: (6 + i) * 10 } })] as const,
    )
    const back = [41, 42, 43].map((s) => {
      const both = { objects: s * 10 }
      return [s * 1000, shown({ t1: both, t2: both })] as const
    })
    expect(rates([...steady(5), ...at(...alone), ...at(...back)]).slice(41)).to.deep.equal([20, 20, 20])
  })

  it('do not need a target that has ended', () => {
    const t2 = { objects: 50, endMs: 5000 }
    const ended = [5, 6, 7].map((s) => [s * 1000, shown({ t1: { objects: s * 10 }, ...(s === 6 ? {} : { t2 }) })] as const) // prettier-ignore
    const all = rates([...steady(4), ...at(...ended)])
    for (const rate of all.slice(4)) expect(rate).to.be.above(14).and.at.most(20)
  })

  it('start again if a target joins with completed work, which it did not do since the last reply', () => {
    const joined = [6, 7, 8, 9].map((s) => {
      const both = { objects: s * 10 }
      return [s * 1000, shown({ t1: both, t2: both, t3: { objects: 5000 + s * 10 } })] as const
    })
    expect(rates([...steady(5), ...at(...joined)]).slice(5)).to.deep.equal([20, unknownYet, unknownYet, unknownYet, 30])
  })

  it('start again if a target joins with bytes but no objects', () => {
    const bytesOnly = (s: number) => ({ more: { stats: { ...NO_STATS, bytes: BigInt(5000 + s) } } })
    const joined = [6, 7, 8, 9].map((s) => {
      const both = { objects: s * 10 }
      return [s * 1000, shown({ t1: both, t2: both, t3: bytesOnly(s) })] as const
    })
    expect(rates([...steady(5), ...at(...joined)]).slice(5)).to.deep.equal([20, unknownYet, unknownYet, unknownYet, 20])
  })

  it('continue if a target joins without completed work', () => {
    const joined = at([6000, shown({ t1: { objects: 60 }, t2: { objects: 60 }, t3: { startMs: 5500 } })])
    expect(rates([...steady(5), ...joined]).at(-1)).to.equal(20)
  })

  it('start again with a new run, and with a target that reports less', () => {
    for (const more of [{ startMs: 5500 }, {}]) {
      const less = [6, 7, 8, 9].map((s) => [s * 1000, shown({ t1: { objects: s, ...more } })] as const)
      const replies = [...at(...[0, 1, 2, 3, 4, 5].map((s) => [s * 1000, shown({ t1: { objects: s * 10 } })] as const))]
      const after = rates([...replies, ...at(...less)]).slice(5)
      expect(after.slice(0, 4)).to.deep.equal([10, unknownYet, unknownYet, unknownYet])
    }
  })

  it('are absent in every state but `running`, and exclude idle time when the work continues', () => {
    const idle = [6, 60, 120].map((s) => [s * 1000, shown({ t1: { objects: 50, more: { isIdle: true } } })] as const)
    const woken = [121, 122, 123, 124].map((s) => [s * 1000, shown({ t1: { objects: 50 + (s - 121) * 7 } })] as const)
    const one = [0, 1, 2, 3].map((s) => [s * 1000, shown({ t1: { objects: s * 10 } })] as const)
    const all = rates([...at(...one), ...at(...idle), ...at(...woken)])
    expect(all.slice(3)).to.deep.equal([10, ...Array<undefined>(6).fill(undefined), 7])
    for (const more of [{ endMs: 1 }, { more: { aborted: true } }]) {
      const inactive = at([6000, shown({ t1: { objects: 60, ...more }, t2: { objects: 60, ...more } })])
      expect(progressesOf([...steady(5), ...inactive]).at(-1)).not.to.have.any.keys(
        'objectsPerSecond',
        'bytesPerSecond',
      )
    }
  })

  it('cover the whole time if a clock stood still for ten minutes, as in a paused tab', () => {
    const late = [605, 606, 607].map((s) => {
      const both = { objects: s * 10 }
      return [s * 1000, shown({ t1: both, t2: both })] as const
    })
    expect(rates([...steady(5), ...at(...late)]).slice(5)).to.deep.equal([20, 20, 20, 20])
  })
})

describe('a stall', () => {
  const still = (seconds: readonly number[], objects = 50): readonly TimedReply[] =>
    at(...seconds.map((s) => [s * 1000, shown({ t1: { objects }, t2: { objects } })] as const))
  const stalls = (replies: readonly TimedReply[], aim = AIM): readonly boolean[] =>
    progressesOf(replies, aim).map(({ stalled }) => stalled)

  it('is a minute in state `running` without a change of a counter, and ends with the next change', () => {
    const all = [...steady(5), ...still([30, 64, 65, 100]), ...still([101], 51)]
    expect(stalls(all).slice(5)).to.deep.equal([false, false, false, true, true, false])
  })

  it('is as long as the option, and never comes with `Infinity`', () => {
    expect(stalls(still([0, 4.9, 5]), { ...AIM, stallMs: 5000 })).to.deep.equal([false, false, true])
    expect(stalls(still([0, 1e6]), { ...AIM, stallMs: Infinity })).to.deep.equal([false, false])
  })

  it('has neither rates nor an ETA, and later rates exclude the time before it', () => {
    const total = { objects: 1000 }
    const moving = [101, 102, 103, 104].map((s) => {
      const both = { objects: 50 + (s - 100) * 10 }
      return [s * 1000, shown({ t1: both, t2: both })] as const
    })
    const all = progressesOf([...steady(5), ...still([100]), ...at(...moving)], AIM, total)
    expect(all[6]).to.include({ stalled: true }).and.not.have.any.keys('objectsPerSecond', 'etaMs')
    expect(all.slice(7).map(({ objectsPerSecond }) => objectsPerSecond)).to.deep.equal([
      undefined,
      undefined,
      undefined,
      20,
    ])
  })

  it('does not occur if any counter changes, if a target joins, or if the job is not running', () => {
    const sent = [0, 60, 120].map((s) => [s * 1000, shown({ t1: { out: s } })] as const)
    expect(stalls(at(...sent))).to.deep.equal([false, false, false])
    const joined = at([0, shown({ t1: {} })], [50_000, shown({ t1: {}, t2: {} })], [100_000, shown({ t1: {}, t2: {} })])
    expect(stalls(joined)).to.deep.equal([false, false, false])
    for (const one of [{ more: { isIdle: true } }, { endMs: 1 }, { startMs: null }, { more: { aborted: true } }])
      expect(stalls(at([0, shown({ t1: one })], [100_000, shown({ t1: one })]))).to.deep.equal([false, false])
  })

  it('counts from the moment at which the job is running again, without earlier idle time', () => {
    const idle = shown({ t1: { more: { isIdle: true } } })
    const runs = [101_000, 160_999, 161_000].map((atMs) => [atMs, shown({ t1: {} })] as const)
    expect(stalls(at([0, idle], [100_000, idle], ...runs))).to.deep.equal([false, false, false, false, true])
  })

  it('starts again with a new run', () => {
    const replies = [...still([0, 100]), ...at([101_000, shown({ t1: { startMs: 100_500 } })])]
    expect(stalls(replies)).to.deep.equal([false, true, false])
  })

  it('does not occur with slow requests, as long as the counters change', () => {
    const slow = [0, 1, 2, 3].map((i) => [i * 300_000, shown({ t1: { objects: i * 300 } })] as const)
    expect(stalls(at(...slow))).to.deep.equal([false, false, false, false])
    expect(rates(at(...slow)).at(-1), 'has a rate').to.equal(1)
  })
})

describe('the ETA', () => {
  const total = { objects: 400 }

  it('follows from the rate, and decreases as time passes', () => {
    const all = progressesOf(steady(15), AIM, total)
    expect(etas(all).slice(3)).to.deep.equal(Array.from({ length: 13 }, (_, i) => (400 - (i + 3) * 20) * 50))
  })

  it('does not jump while a target is missing', () => {
    const alone = (s: number): readonly [number, ReturnType<typeof shown>] => [s * 1000, shown({ t1: { objects: s * 10 } })] // prettier-ignore
    const replies = [...steady(5), ...at(alone(6), alone(7), alone(8)), ...steady(12).slice(9)]
    const ends = progressesOf(replies, AIM, total).flatMap(({ elapsedMs, etaMs }) => (etaMs === undefined ? [] : [elapsedMs + etaMs])) // prettier-ignore
    expect(ends.length).to.be.above(5)
    for (const end of ends) expect(end).to.be.closeTo(20_000, 1)
  })

  it('is at most a day, and absent if the rate is 0', () => {
    expect(etas(progressesOf(steady(5), AIM, { objects: 1e12 })).at(-1)).to.equal(86_400_000)
    const still = at([0, shown({ t1: {} })], [2000, shown({ t1: {} })], [4000, shown({ t1: {} })])
    expect(progressesOf(still, AIM, total).at(-1)).to.deep.include({ objectsPerSecond: 0, ratio: 0 })
    expect(progressesOf(still, AIM, total).at(-1)).not.to.have.property('etaMs')
  })
})
