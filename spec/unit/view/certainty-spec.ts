import { expect } from 'chai'
import fc from 'fast-check'
import { BOUNDS } from '../../../lib/view/bounds.ts'
import { caseOf, type Case } from '../../../lib/view/case.ts'
import {
  confirmationDeadlineMs,
  absentSince,
  hasFullEnd,
  isConfirmed,
  isUnknownEverywhere,
  isFullyKnown,
  mayComeBack,
  statusOf as statusOfRun,
} from '../../../lib/view/certainty.ts'
import { icReportOf, useOfIc } from '../../../lib/view/ic-report.ts'
import type { Evidence, Query } from '../../../lib/view/evidence.ts'
import type { Goal } from '../../../lib/view/goal.ts'
import type { RunView } from '../../../lib/view/view.ts'
import {
  BUSY,
  FORBIDDEN,
  ID,
  REQUEST,
  denied,
  failed,
  goalOf,
  listed,
  live,
  members,
  shown,
  statusOf,
  reported,
  unknown,
} from './helpers/facts.ts'
import { moments } from './helpers/moments.ts'
import { tape } from './helpers/tape.ts'
import { defined } from '../../../lib/common/defined.ts'

const COPY = goalOf({ kind: 'copy-bck' })
const POLL = { what: 'snapshots', id: ID } as const
const STATUS = { what: 'status', id: ID } as const
const OK = { endTime: 50n, isIdle: true } as const

const timedOut = (query: Query, afterMs: number, sentMs: number): Evidence =>
  failed(query, { _tag: 'RequestTimeout', afterMs, request: REQUEST }, sentMs, sentMs + afterMs)

function known(
  log: readonly Evidence[],
  goal: Goal = COPY,
  nowMs: number = log.at(-1)?.atMs ?? 0,
): readonly [Case, RunView] {
  const { view, standing } = live(goal, log)
  const c = caseOf(view, goal, standing, nowMs)
  return [c, c.runs[0]!]
}

describe('statusOf', () => {
  it('prefers an end to an open report, and otherwise the most recently requested report', () => {
    const errorAfter = (...log: readonly Evidence[]): string => {
      const [c, run] = known(log)
      return statusOfRun(c, run)?.err ?? '-'
    }
    expect(errorAfter()).to.equal('-')
    expect(errorAfter(listed([statusOf()], 1))).to.equal('')
    expect(errorAfter(reported({ err: 'full' }, 0), listed([statusOf({ err: 'row' })], 1))).to.equal('row')
    expect(errorAfter(listed([statusOf({ err: 'row' })], 0), reported({ err: 'full' }, 1))).to.equal('full')
    expect(errorAfter(reported({ endTime: 1n, err: 'full' }, 0), listed([statusOf({ err: 'row' })], 1))).to.equal(
      'full',
    )
    expect(errorAfter(listed([statusOf({ endTime: 1n, err: 'row' })], 0), reported({ err: 'full' }, 1))).to.equal('row')
    expect(errorAfter(reported({ kind: 'lru' }, 0))).to.equal('-')
  })
})

describe('hasFullEnd', () => {
  it('is true only for an end in the full status of a job of the selected kind', () => {
    expect(hasFullEnd(...known([reported({ endTime: 1n }, 0)]))).to.equal(true)
    expect(hasFullEnd(...known([reported({ aborted: true }, 0)]))).to.equal(true)
    for (const piece of [
      reported({}, 0),
      listed([statusOf({ endTime: 1n })], 0),
      reported({ kind: 'lru', endTime: 1n }, 0),
    ])
      expect(hasFullEnd(...known([piece]))).to.equal(false)
  })
})

describe('useOfIc', () => {
  it('depends on the kind and on the goal', () => {
    const use = (kind: string | undefined, more: Partial<Goal> = {}): string =>
      useOfIc(known([], goalOf({ ...defined({ kind }), ...more }))[0])
    expect(use('copy-bck')).to.equal('first')
    expect(use('load-lom-cache')).to.equal('in-doubt')
    expect(use('put-copies')).to.equal('never')
    for (const until of ['kind', 'end'] as const) expect(use('download', { until })).to.equal('in-doubt')
    expect(use('blob-download')).to.equal('never')
    expect([use(undefined), use('future-kind')]).to.deep.equal(['in-doubt', 'in-doubt'])
    for (const until of ['idle', 'single', 'started', 'view'] as const)
      expect(use('copy-bck', { until })).to.equal('in-doubt')
    expect(use('copy-bck', { selection: { ...COPY.selection, target: 't1' } })).to.equal('never')
  })
})

describe('icReportOf', () => {
  const word = (log: readonly Evidence[], goal?: Goal): string => icReportOf(...known(log, goal)).state

  it('is the latest report, from a list or from a single status', () => {
    expect(word([])).to.equal('none')
    expect(word([reported({}, 0)])).to.equal('open')
    expect(word([reported({}, 0), listed([], 1)])).to.equal('unknown')
    expect(word([listed([], 1), reported({}, 2)])).to.equal('open')
    expect(word([unknown(0)])).to.equal('unknown')
    expect(word([reported({ endTime: 1n }, 0)])).to.equal('over')
    expect(word([failed({ what: 'statuses' }, BUSY, 0)])).to.equal('failed')
    expect(word([reported({ kind: 'lru' }, 0)])).to.equal('unknown')
  })

  it('is `nothing` if the report was requested before the wait began (law 1)', () => {
    expect(word([unknown(5, 20)], { ...COPY, sinceMs: 6 })).to.equal('none')
    expect(word([unknown(6, 20)], { ...COPY, sinceMs: 6 })).to.equal('unknown')
  })
})

describe('isConfirmed', () => {
  const end = reported({ endTime: 80n }, 0, 100)
  const confirmed = (log: readonly Evidence[], nowMs?: number, goal: Goal = COPY): boolean =>
    isConfirmed(...known(log, goal, nowMs))

  it('needs a snapshot poll that was sent after the end was received, or one that fails permanently', () => {
    expect(confirmed([])).to.equal(false)
    expect(confirmed([end, shown({ t1: OK }, 99, 150)])).to.equal(false)
    expect(confirmed([end, shown({ t1: OK }, 100, 150)])).to.equal(true)
    expect(confirmed([end, failed(POLL, BUSY, 100, 150)])).to.equal(false)
    expect(confirmed([end, failed(POLL, FORBIDDEN, 100, 150)])).to.equal(true)
  })

  it('becomes true when its bound expires, at the time that confirmationDeadlineMs returns', () => {
    const failure = reported({ endTime: 80n, err: 'no quota' }, 0, 100)
    const tried = (atMs: number): Evidence => failed(POLL, BUSY, 100, atMs)
    for (const [log, boundMs] of [
      [[end], BOUNDS.settled],
      [[end, tried(5_099)], BOUNDS.settled],
      [[end, tried(5_100)], BOUNDS.confirmed],
      [[failure], 1_000],
    ] as const) {
      expect([-1, 0, 1].map((ms) => confirmed(log, 100 + boundMs + ms))).to.deep.equal([false, true, true])
      expect(confirmationDeadlineMs(...known(log))).to.equal(100 + boundMs)
    }
  })

  it('does not treat a timeout as silence if the reply that reported the end took longer (law 3)', () => {
    const slow = reported({ endTime: 80n }, 0, 35_000)
    const tried = (afterMs: number, sentMs: number): Evidence => timedOut(POLL, afterMs, sentMs)
    // The time of two more replies, since the first may fail.
    expect(confirmed([slow], 35_000 + 79_999)).to.equal(false)
    expect(confirmed([slow], 35_000 + 80_000)).to.equal(true)
    const first = tried(30_000, 35_000)
    expect(confirmed([slow, first], 1e6)).to.equal(false)
    expect(confirmed([slow, first, tried(60_000, 70_000)])).to.equal(true)
    expect(confirmed([slow, first, failed(POLL, BUSY, 70_000)])).to.equal(true)
    expect(confirmed([slow, first, shown({ t1: OK }, 70_000, 105_000)])).to.equal(true)
    // A later reply does not bring the doubt back.
    expect(confirmed([end, tried(30_000, 100), reported({ endTime: 80n }, 30_100, 65_000)])).to.equal(true)
  })

  it('accepts the snapshot poll of the last round of a budget, which sends all requests at once', () => {
    const hurried = { ...COPY, sinceMs: 50, isLastRound: true }
    expect(confirmed([reported({ endTime: 80n }, 50, 100), shown({ t1: OK }, 50, 90)], 100, hurried)).to.equal(true)
    expect(confirmed([reported({ endTime: 80n }, 50, 100), shown({ t1: OK }, 49, 90)], 100, hurried)).to.equal(false)
  })

  it('ignores an absence that was reported before the wait began, but uses what the targets had shown (laws 1, 3)', () => {
    const since = (sinceMs: number, goal: Partial<Goal> = {}): Goal => ({ ...COPY, sinceMs, ...goal })
    const [absent, own] = [denied(100, 150), denied(5_000, 5_050)]
    expect(confirmed([end, absent], 5_000, since(99))).to.equal(true)
    expect(confirmed([end, absent], 5_000, since(5_000))).to.equal(false)
    expect(confirmed([end, absent, own], 5_050, since(5_000))).to.equal(true)
    expect(confirmed([end, absent], 5_000, since(5_000, { ofStream: true }))).to.equal(true)
    expect(confirmed([end, shown({ t1: OK }, 100, 150)], 5_000, since(5_000))).to.equal(true)
    const half = [end, members(['t1', 't2'], 0), shown({ t1: OK }, 100, 150)]
    expect(confirmed(half, 5_000, since(5_000))).to.equal(false)
    expect(confirmed(half, 5_000, since(5_000, { until: 'single' }))).to.equal(true)
    // The wait itself received this reply, before its last round.
    expect(confirmed([end, own], 9_000, since(9_000, { beganMs: 4_000, isLastRound: true }))).to.equal(true)
    // A failure that is already certain needs no second snapshot poll.
    const failure = reported({ endTime: 80n, err: 'no quota' }, 0, 100)
    expect(confirmed([failure, absent], 5_000, since(5_000))).to.equal(true)
    // The bound, too, runs from the beginning of the wait.
    expect(confirmationDeadlineMs(...known([end, absent], since(5_000)))).to.equal(5_000 + BOUNDS.settled)
  })

  it('never becomes false again as time passes (law 3)', () => {
    fc.assert(
      fc.property(tape, fc.nat(20_000), (bytes, laterMs) => {
        for (const { view, waits, nowMs } of moments(bytes))
          for (const { goal, standing } of waits) {
            const [now, later] = [nowMs, nowMs + laterMs].map((ms) => caseOf(view, goal, standing, ms)) as [Case, Case]
            for (const run of now.runs)
              if (isConfirmed(now, run)) expect(isConfirmed(later, run)).to.equal(true)
              else if (isConfirmed(later, run)) expect(later.nowMs).to.be.at.least(confirmationDeadlineMs(later, run))
          }
      }),
      { numRuns: 50 },
    )
  })
})

describe('isFullyKnown', () => {
  const allEnded = shown({ t1: OK }, 0)
  const whole = (log: readonly Evidence[], goal?: Goal): boolean => isFullyKnown(...known(log, goal))

  it('needs all targets of the cluster map, and a report of the Information Center', () => {
    expect(whole([allEnded])).to.equal(false)
    expect(whole([allEnded, members(['t1'], 0)])).to.equal(false)
    expect(whole([allEnded, members(['t1'], 0), reported({}, 0)])).to.equal(true)
    expect(whole([allEnded, members(['t1'], 0), unknown(0)])).to.equal(true)
    expect(whole([allEnded, members(['t1'], 0), failed({ what: 'status', id: ID }, BUSY, 0)])).to.equal(false)
    expect(whole([allEnded, members(['t1', 't2'], 0), reported({}, 0)])).to.equal(false)
  })

  it('stays true if a later request for the status fails', () => {
    const answered = [allEnded, members(['t1'], 0), reported({}, 0)]
    for (const query of [STATUS, { what: 'statuses' }] as const)
      expect(whole([...answered, failed(query, BUSY, 1)])).to.equal(true)
    expect(whole([...answered, failed(STATUS, BUSY, 1)], { ...COPY, sinceMs: 1 })).to.equal(false)
  })

  it('does not treat a timeout as silence of the Information Center if the targets took longer (law 3)', () => {
    const slow = [shown({ t1: OK }, 0, 35_000), members(['t1'], 35_000)]
    const tried = (afterMs: number, sentMs: number): Evidence => timedOut(STATUS, afterMs, sentMs)
    const late = (log: readonly Evidence[], nowMs: number): boolean => isFullyKnown(...known(log, COPY, nowMs))
    expect([114_999, 115_000].map((ms) => late(slow, ms))).to.deep.equal([false, true])
    const first = [...slow, tried(30_000, 35_000)]
    expect(late(first, 1e6)).to.equal(false)
    expect(whole([...first, tried(60_000, 70_000)])).to.equal(true)
    expect(whole([...first, reported({}, 70_000, 105_000)])).to.equal(true)
    expect(whole([allEnded, members(['t1'], 0), tried(30_000, 0)])).to.equal(true)
    expect(whole([allEnded, members(['t1'], 0), tried(30_000, 0), shown({ t1: OK }, 0, 35_000)])).to.equal(true)
  })

  it('ignores a report without an error that was requested before the wait began: the error may be newer (laws 1, 3)', () => {
    const late = (more: Partial<Goal> = {}): Goal => ({ ...COPY, sinceMs: 11, ...more })
    for (const [open, again] of [
      [[reported({}, 10)], reported({}, 11)],
      [[unknown(9), unknown(10)], unknown(11)],
    ] as const) {
      const log = [allEnded, members(['t1'], 0), ...open]
      expect(whole(log)).to.equal(true)
      expect(whole(log, late())).to.equal(false)
      expect(whole([...log, again], late())).to.equal(true)
      expect(whole(log, late({ ofStream: true }))).to.equal(true)
      // The wait itself received this reply, before its last round.
      expect(whole(log, late({ beganMs: 0, isLastRound: true }))).to.equal(true)
      const tried = [...log, failed(STATUS, BUSY, 11 + 5_000)]
      const by = (ms: number): boolean => isFullyKnown(...known(tried, late(), 11 + ms))
      expect([BOUNDS.confirmed - 1, BOUNDS.confirmed].map(by)).to.deep.equal([false, true])
    }
    expect(whole([allEnded, members(['t1'], 0), reported({ endTime: 80n, err: 'no quota' }, 10)], late())).to.equal(
      true,
    )
  })

  it('does not count the time that a machine slept as the duration of a request', () => {
    const slept = [shown({ t1: OK }, 0, 9e6), members(['t1'], 9e6)]
    expect(whole([...slept, timedOut(STATUS, 300_000, 9e6)])).to.equal(true)
  })

  it('is true for jobs with one part that the Information Center does not track, and for jobs that have failed', () => {
    expect(whole([allEnded], { ...COPY, until: 'single' })).to.equal(false)
    expect(whole([allEnded, reported({}, 1)], { ...COPY, until: 'single' })).to.equal(true)
    expect(whole([shown({ t1: { ...OK, kind: 'blob-download' } }, 0)], goalOf({ kind: 'blob-download' }))).to.equal(
      true,
    )
    expect(whole([shown({ t1: { ...OK, kind: 'resilver' } }, 0)], goalOf({ kind: 'resilver' }))).to.equal(false)
    expect(whole([shown({ t1: { ...OK, err: 'disk full' } }, 0)])).to.equal(true)
  })
})

describe('absentSince, isUnknownEverywhere and mayComeBack', () => {
  it('count from the first snapshot poll of the wait (law 1)', () => {
    expect(absentSince(...known([denied(0), denied(5_000)]))).to.equal(0)
    expect(absentSince(...known([denied(0), denied(5_000)], { ...COPY, sinceMs: 4_000 }))).to.equal(5_000)
    expect(absentSince(...known([shown({ t1: {} }, 0)]))).to.equal(undefined)
    expect(absentSince(...known([shown({ t1: { kind: 'lru' } }, 3)]))).to.equal(3)
  })

  it('need two snapshot polls two seconds apart, and a report of the Information Center', () => {
    const isUnknownAt = (ms: number, goal?: Goal): boolean =>
      isUnknownEverywhere(...known([denied(0), unknown(0), denied(ms)], goal), 0)
    expect([1_999, 2_000, 2_001].map((ms) => isUnknownAt(ms))).to.deep.equal([false, true, true])
    expect(isUnknownAt(5_000, { ...COPY, sinceMs: 1 })).to.equal(false)
    expect(isUnknownEverywhere(...known([denied(0), denied(5_000)]), 0)).to.equal(false)
    expect(isUnknownEverywhere(...known([denied(0), denied(5_000)], goalOf({ kind: 'put-copies' })), 0)).to.equal(true)
    expect(isUnknownEverywhere(...known([denied(0), unknown(0), denied(5_000)]), 5_001)).to.equal(false)
  })

  it('wait for a target that left the cluster map, as long as requests for the map succeed', () => {
    const log = [shown({ t1: {} }, 0), denied(10)]
    expect(mayComeBack(...known(log))).to.equal(true)
    expect(mayComeBack(...known([...log, members(['t1'], 10)]))).to.equal(false)
    expect(mayComeBack(...known([...log, members(['t2'], 10)]))).to.equal(true)
    expect(mayComeBack(...known([...log, failed({ what: 'map' }, BUSY, 10)]))).to.equal(false)
    expect(mayComeBack(...known([shown({ t1: OK }, 0), denied(10), members(['t2'], 10)]))).to.equal(false)
    expect(mayComeBack(...known([denied(10)]))).to.equal(false)
  })
})
