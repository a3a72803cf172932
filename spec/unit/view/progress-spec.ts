import { expect } from 'chai'
import { NO_STATS } from '../../../lib/codec/job-stats.ts'
import type { Progress } from '../../../lib/view/progress-of.ts'
import { snapshotsOf } from '../../helpers/parts.ts'
import { BY_ID, repliesAt, progressesOf, type TimedReply } from './helpers/progresses-of.ts'

// The rates, the stall and the ETA of `progress`. Its input is a list of replies with their times.

/** How many objects each target processes in a second. */
const PACE = 10
/** A reply of two targets that have worked at this pace, and perhaps of others. */
const bothAt = (seconds: number, others: Parameters<typeof snapshotsOf>[0] = {}) => {
  const one = { objects: seconds * PACE }
  return [seconds * 1000, snapshotsOf({ t1: one, t2: one, ...others })] as const
}
/** A reply of the first target only. */
const aloneAt = (seconds: number) => [seconds * 1000, snapshotsOf({ t1: { objects: seconds * PACE } })] as const
/** One reply a second, at a constant rate on each of two targets, from 0. */
const steadyReplies = (lengthSeconds: number): readonly TimedReply[] =>
  repliesAt(...Array.from({ length: lengthSeconds + 1 }, (_, seconds) => bothAt(seconds)))
/** The rate of objects after each reply, in objects per second. */
const objectRates = (replies: readonly TimedReply[]): readonly (number | undefined)[] =>
  progressesOf(replies).map(({ objectsPerSecond }) => objectsPerSecond)
const etasOf = (all: readonly Progress[]): readonly (number | undefined)[] => all.map(({ etaMs }) => etaMs)
const unknownYet = undefined

describe('the rates of a job', () => {
  it('are those of the sum, and absent before three replies and three seconds', () => {
    expect(objectRates(steadyReplies(5))).to.deep.equal([unknownYet, unknownYet, unknownYet, 20, 20, 20])
    expect(progressesOf(steadyReplies(5)).at(-1)?.bytesPerSecond).to.equal(20 * 1024)
    expect(progressesOf(steadyReplies(2))[2]).not.to.have.any.keys('objectsPerSecond', 'bytesPerSecond')
  })

  it('are unknown while a running target is missing, and correct as soon as it is back', () => {
    const replies = [...steadyReplies(5), ...repliesAt(aloneAt(6), aloneAt(7)), ...steadyReplies(9).slice(8)]
    expect(objectRates(replies).slice(5)).to.deep.equal([20, unknownYet, unknownYet, 20, 20])
  })

  it('spread the work of a missing target over the time that it was missing, however long', () => {
    const alone = Array.from({ length: 35 }, (_, i) => aloneAt(6 + i))
    const back = [41, 42, 43].map((seconds) => bothAt(seconds))
    expect(objectRates([...steadyReplies(5), ...repliesAt(...alone), ...repliesAt(...back)]).slice(41)).to.deep.equal([
      20, 20, 20,
    ])
  })

  it('do not need a target that has ended', () => {
    const t2 = { objects: 50, endMs: 5000 }
    const ended = [5, 6, 7].map(
      (seconds) =>
        [seconds * 1000, snapshotsOf({ t1: { objects: seconds * 10 }, ...(seconds === 6 ? {} : { t2 }) })] as const,
    )
    const all = objectRates([...steadyReplies(4), ...repliesAt(...ended)])
    for (const rate of all.slice(4)) expect(rate).to.be.above(14).and.at.most(20)
  })

  it('start again if a target joins with completed work, which it did not do since the last reply', () => {
    const joined = [6, 7, 8, 9].map((seconds) => bothAt(seconds, { t3: { objects: 5000 + seconds * PACE } }))
    expect(objectRates([...steadyReplies(5), ...repliesAt(...joined)]).slice(5)).to.deep.equal([
      20,
      unknownYet,
      unknownYet,
      unknownYet,
      30,
    ])
  })

  it('start again if a target joins with bytes but no objects', () => {
    const bytesOnly = (seconds: number) => ({ more: { stats: { ...NO_STATS, bytes: BigInt(5000 + seconds) } } })
    const joined = [6, 7, 8, 9].map((seconds) => bothAt(seconds, { t3: bytesOnly(seconds) }))
    expect(objectRates([...steadyReplies(5), ...repliesAt(...joined)]).slice(5)).to.deep.equal([
      20,
      unknownYet,
      unknownYet,
      unknownYet,
      20,
    ])
  })

  it('continue if a target joins without completed work', () => {
    const joined = repliesAt(bothAt(6, { t3: { startMs: 5500 } }))
    expect(objectRates([...steadyReplies(5), ...joined]).at(-1)).to.equal(20)
  })

  it('start again with a new run, and with a target that reports less', () => {
    for (const more of [{ startMs: 5500 }, {}]) {
      const less = [6, 7, 8, 9].map(
        (seconds) => [seconds * 1000, snapshotsOf({ t1: { objects: seconds, ...more } })] as const,
      )
      const replies = repliesAt(...[0, 1, 2, 3, 4, 5].map(aloneAt))
      const after = objectRates([...replies, ...repliesAt(...less)]).slice(5)
      expect(after.slice(0, 4)).to.deep.equal([10, unknownYet, unknownYet, unknownYet])
    }
  })

  it('are absent in every state but `running`, and exclude idle time when the work continues', () => {
    const idle = [6, 60, 120].map(
      (seconds) => [seconds * 1000, snapshotsOf({ t1: { objects: 50, more: { isIdle: true } } })] as const,
    )
    const woken = [121, 122, 123, 124].map(
      (seconds) => [seconds * 1000, snapshotsOf({ t1: { objects: 50 + (seconds - 121) * 7 } })] as const,
    )
    const one = [0, 1, 2, 3].map(aloneAt)
    const all = objectRates([...repliesAt(...one), ...repliesAt(...idle), ...repliesAt(...woken)])
    expect(all.slice(3)).to.deep.equal([10, ...Array<undefined>(6).fill(undefined), 7])
    for (const more of [{ endMs: 1 }, { more: { aborted: true } }]) {
      const inactive = repliesAt([6000, snapshotsOf({ t1: { objects: 60, ...more }, t2: { objects: 60, ...more } })])
      expect(progressesOf([...steadyReplies(5), ...inactive]).at(-1)).not.to.have.any.keys(
        'objectsPerSecond',
        'bytesPerSecond',
      )
    }
  })

  it('cover the whole time if a clock stood still for ten minutes, as in a paused tab', () => {
    const late = [605, 606, 607].map((seconds) => bothAt(seconds))
    expect(objectRates([...steadyReplies(5), ...repliesAt(...late)]).slice(5)).to.deep.equal([20, 20, 20, 20])
  })
})

describe('a stall', () => {
  const unchangedReplies = (seconds: readonly number[], objects = 50): readonly TimedReply[] =>
    repliesAt(...seconds.map((second) => [second * 1000, snapshotsOf({ t1: { objects }, t2: { objects } })] as const))
  const stallsOf = (replies: readonly TimedReply[], aim = BY_ID): readonly boolean[] =>
    progressesOf(replies, aim).map(({ stalled }) => stalled)

  it('is a minute in state `running` without a change of a counter, and ends with the next change', () => {
    const stallsAt = 5 + 60
    const unchanged = unchangedReplies([30, stallsAt - 1, stallsAt, 100])
    const all = [...steadyReplies(5), ...unchanged, ...unchangedReplies([101], 51)]
    expect(stallsOf(all).slice(5)).to.deep.equal([false, false, false, true, true, false])
  })

  it('is as long as the option, and never comes with `Infinity`', () => {
    expect(stallsOf(unchangedReplies([0, 4.9, 5]), { ...BY_ID, stallMs: 5000 })).to.deep.equal([false, false, true])
    expect(stallsOf(unchangedReplies([0, 1e6]), { ...BY_ID, stallMs: Infinity })).to.deep.equal([false, false])
  })

  it('has neither rates nor an ETA, and later rates exclude the time before it', () => {
    const total = { objects: 1000 }
    const moving = [101, 102, 103, 104].map((seconds) => {
      const both = { objects: 50 + (seconds - 100) * 10 }
      return [seconds * 1000, snapshotsOf({ t1: both, t2: both })] as const
    })
    const all = progressesOf([...steadyReplies(5), ...unchangedReplies([100]), ...repliesAt(...moving)], BY_ID, total)
    expect(all[6]).to.include({ stalled: true }).and.not.have.any.keys('objectsPerSecond', 'etaMs')
    expect(all.slice(7).map(({ objectsPerSecond }) => objectsPerSecond)).to.deep.equal([
      undefined,
      undefined,
      undefined,
      20,
    ])
  })

  it('does not occur if any counter changes, if a target joins, or if the job is not running', () => {
    const sent = [0, 60, 120].map((seconds) => [seconds * 1000, snapshotsOf({ t1: { out: seconds } })] as const)
    expect(stallsOf(repliesAt(...sent))).to.deep.equal([false, false, false])
    const joined = repliesAt(
      [0, snapshotsOf({ t1: {} })],
      [50_000, snapshotsOf({ t1: {}, t2: {} })],
      [100_000, snapshotsOf({ t1: {}, t2: {} })],
    )
    expect(stallsOf(joined)).to.deep.equal([false, false, false])
    for (const one of [{ more: { isIdle: true } }, { endMs: 1 }, { startMs: null }, { more: { aborted: true } }])
      expect(stallsOf(repliesAt([0, snapshotsOf({ t1: one })], [100_000, snapshotsOf({ t1: one })]))).to.deep.equal([
        false,
        false,
      ])
  })

  it('counts from the moment at which the job is running again, without earlier idle time', () => {
    const idle = snapshotsOf({ t1: { more: { isIdle: true } } })
    const runs = [101_000, 160_999, 161_000].map((atMs) => [atMs, snapshotsOf({ t1: {} })] as const)
    expect(stallsOf(repliesAt([0, idle], [100_000, idle], ...runs))).to.deep.equal([false, false, false, false, true])
  })

  it('starts again with a new run', () => {
    const replies = [...unchangedReplies([0, 100]), ...repliesAt([101_000, snapshotsOf({ t1: { startMs: 100_500 } })])]
    expect(stallsOf(replies)).to.deep.equal([false, true, false])
  })

  it('does not occur with slow requests, as long as the counters change', () => {
    const slow = [0, 1, 2, 3].map((i) => [i * 300_000, snapshotsOf({ t1: { objects: i * 300 } })] as const)
    expect(stallsOf(repliesAt(...slow))).to.deep.equal([false, false, false, false])
    expect(objectRates(repliesAt(...slow)).at(-1), 'has a rate').to.equal(1)
  })
})

describe('the ETA', () => {
  const total = { objects: 400 }

  it('follows from the rate, and decreases as time passes', () => {
    const all = progressesOf(steadyReplies(15), BY_ID, total)
    expect(etasOf(all).slice(3)).to.deep.equal(Array.from({ length: 13 }, (_, i) => (400 - (i + 3) * 20) * 50))
  })

  it('does not jump while a target is missing', () => {
    const replies = [
      ...steadyReplies(5),
      ...repliesAt(aloneAt(6), aloneAt(7), aloneAt(8)),
      ...steadyReplies(12).slice(9),
    ]
    const ends = progressesOf(replies, BY_ID, total).flatMap(({ elapsedMs, etaMs }) =>
      etaMs === undefined ? [] : [elapsedMs + etaMs],
    )
    expect(ends.length).to.be.above(5)
    for (const end of ends) expect(end).to.be.closeTo(20_000, 1)
  })

  it('is at most a day, and absent if the rate is 0', () => {
    expect(etasOf(progressesOf(steadyReplies(5), BY_ID, { objects: 1e12 })).at(-1)).to.equal(86_400_000)
    const still = repliesAt(
      [0, snapshotsOf({ t1: {} })],
      [2000, snapshotsOf({ t1: {} })],
      [4000, snapshotsOf({ t1: {} })],
    )
    expect(progressesOf(still, BY_ID, total).at(-1)).to.deep.include({ objectsPerSecond: 0, ratio: 0 })
    expect(progressesOf(still, BY_ID, total).at(-1)).not.to.have.property('etaMs')
  })
})
