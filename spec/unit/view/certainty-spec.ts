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
  unknownToTargets,
  failedRequest,
  goalOf,
  listReply,
  waitAfter,
  mapReply,
  snapshotsReply,
  statusOf,
  statusReply,
  unknownToIc,
} from './helpers/facts.ts'
import { moments } from './helpers/moments.ts'
import { anyTape } from './helpers/tape.ts'
import { defined } from '../../../lib/common/defined.ts'
import { casesOf } from '../../fuzz/seed.ts'

// What must be certain before a job has an outcome: the end that the Information Center reports, whether all parts
// are known, and whether a job is unknown everywhere.
//
// Of a reply such as `statusReply({}, 0, 100)`, the numbers are when its request was sent and when it came, in milliseconds.

/** A source counts as silent after ten seconds if its last request failed this late or later. */
const RECENT_MS = 5_000
/** The Information Center tracks copies. */
const COPY_GOAL = goalOf({ kind: 'copy-bck' })
const SNAPSHOT_QUERY = { what: 'snapshots', id: ID } as const
const STATUS_QUERY = { what: 'status', id: ID } as const
/** A part that has ended without an error. */
const ENDED_WELL = { endTime: 50n, isIdle: true } as const

const timedOut = (query: Query, afterMs: number, sentMs: number): Evidence =>
  failedRequest(query, { _tag: 'RequestTimeout', afterMs, request: REQUEST }, sentMs, sentMs + afterMs)

/** The case and the run after this evidence, as the functions under test take them. */
function caseAfter(
  log: readonly Evidence[],
  goal: Goal = COPY_GOAL,
  nowMs: number = log.at(-1)?.atMs ?? 0,
): readonly [Case, RunView] {
  const { view, standing } = waitAfter(goal, log)
  const theCase = caseOf(view, goal, standing, nowMs)
  return [theCase, theCase.runs[0]!]
}

describe('statusOf', () => {
  it('prefers an end to an open report, and otherwise the most recently requested report', () => {
    const errorAfter = (...log: readonly Evidence[]): string => {
      const [theCase, run] = caseAfter(log)
      return statusOfRun(theCase, run)?.err ?? '-'
    }
    expect(errorAfter()).to.equal('-')
    expect(errorAfter(listReply([statusOf()], 1))).to.equal('')
    expect(errorAfter(statusReply({ err: 'full' }, 0), listReply([statusOf({ err: 'row' })], 1))).to.equal('row')
    expect(errorAfter(listReply([statusOf({ err: 'row' })], 0), statusReply({ err: 'full' }, 1))).to.equal('full')
    expect(errorAfter(statusReply({ endTime: 1n, err: 'full' }, 0), listReply([statusOf({ err: 'row' })], 1))).to.equal(
      'full',
    )
    expect(errorAfter(listReply([statusOf({ endTime: 1n, err: 'row' })], 0), statusReply({ err: 'full' }, 1))).to.equal(
      'row',
    )
    expect(errorAfter(statusReply({ kind: 'lru' }, 0))).to.equal('-')
  })
})

describe('hasFullEnd', () => {
  it('is true only for an end in the full status of a job of the selected kind', () => {
    expect(hasFullEnd(...caseAfter([statusReply({ endTime: 1n }, 0)]))).to.equal(true)
    expect(hasFullEnd(...caseAfter([statusReply({ aborted: true }, 0)]))).to.equal(true)
    for (const piece of [
      statusReply({}, 0),
      listReply([statusOf({ endTime: 1n })], 0),
      statusReply({ kind: 'lru', endTime: 1n }, 0),
    ])
      expect(hasFullEnd(...caseAfter([piece]))).to.equal(false)
  })
})

describe('useOfIc', () => {
  it('depends on the kind and on the goal', () => {
    const use = (kind: string | undefined, more: Partial<Goal> = {}): string =>
      useOfIc(caseAfter([], goalOf({ ...defined({ kind }), ...more }))[0])
    expect(use('copy-bck')).to.equal('first')
    expect(use('load-lom-cache')).to.equal('in-doubt')
    expect(use('put-copies')).to.equal('never')
    for (const until of ['kind', 'end'] as const) expect(use('download', { until })).to.equal('in-doubt')
    expect(use('blob-download')).to.equal('never')
    expect([use(undefined), use('future-kind')]).to.deep.equal(['in-doubt', 'in-doubt'])
    for (const until of ['idle', 'single', 'started', 'view'] as const)
      expect(use('copy-bck', { until })).to.equal('in-doubt')
    expect(use('copy-bck', { selection: { ...COPY_GOAL.selection, target: 't1' } })).to.equal('never')
  })
})

describe('icReportOf', () => {
  const reportAfter = (log: readonly Evidence[], goal?: Goal): string => icReportOf(...caseAfter(log, goal)).state

  it('is the latest report, from a list or from a single status', () => {
    expect(reportAfter([])).to.equal('none')
    expect(reportAfter([statusReply({}, 0)])).to.equal('open')
    expect(reportAfter([statusReply({}, 0), listReply([], 1)])).to.equal('unknown')
    expect(reportAfter([listReply([], 1), statusReply({}, 2)])).to.equal('open')
    expect(reportAfter([unknownToIc(0)])).to.equal('unknown')
    expect(reportAfter([statusReply({ endTime: 1n }, 0)])).to.equal('over')
    expect(reportAfter([failedRequest({ what: 'statuses' }, BUSY, 0)])).to.equal('failed')
    expect(reportAfter([statusReply({ kind: 'lru' }, 0)])).to.equal('unknown')
  })

  it('is `none` if the report was requested before the wait began (law 1)', () => {
    expect(reportAfter([unknownToIc(5, 20)], { ...COPY_GOAL, sinceMs: 6 })).to.equal('none')
    expect(reportAfter([unknownToIc(6, 20)], { ...COPY_GOAL, sinceMs: 6 })).to.equal('unknown')
  })
})

describe('isConfirmed', () => {
  const endReply = statusReply({ endTime: 80n }, 0, 100)
  const isConfirmedAfter = (log: readonly Evidence[], nowMs?: number, goal: Goal = COPY_GOAL): boolean =>
    isConfirmed(...caseAfter(log, goal, nowMs))

  it('needs a snapshot poll that was sent after the end was received, or one that fails permanently', () => {
    expect(isConfirmedAfter([])).to.equal(false)
    expect(isConfirmedAfter([endReply, snapshotsReply({ t1: ENDED_WELL }, 99, 150)])).to.equal(false)
    expect(isConfirmedAfter([endReply, snapshotsReply({ t1: ENDED_WELL }, 100, 150)])).to.equal(true)
    expect(isConfirmedAfter([endReply, failedRequest(SNAPSHOT_QUERY, BUSY, 100, 150)])).to.equal(false)
    expect(isConfirmedAfter([endReply, failedRequest(SNAPSHOT_QUERY, FORBIDDEN, 100, 150)])).to.equal(true)
  })

  it('becomes true when its bound expires, at the time that confirmationDeadlineMs returns', () => {
    const failure = statusReply({ endTime: 80n, err: 'no quota' }, 0, 100)
    const tried = (atMs: number): Evidence => failedRequest(SNAPSHOT_QUERY, BUSY, 100, atMs)
    for (const [log, boundMs] of [
      [[endReply], BOUNDS.settled],
      [[endReply, tried(100 + RECENT_MS - 1)], BOUNDS.settled],
      [[endReply, tried(100 + RECENT_MS)], BOUNDS.confirmed],
      [[failure], BOUNDS.cause],
    ] as const) {
      expect([-1, 0, 1].map((ms) => isConfirmedAfter(log, 100 + boundMs + ms))).to.deep.equal([false, true, true])
      expect(confirmationDeadlineMs(...caseAfter(log))).to.equal(100 + boundMs)
    }
  })

  it('does not treat a timeout as silence if the reply that reported the end took longer (law 3)', () => {
    const slow = statusReply({ endTime: 80n }, 0, 35_000)
    const tried = (afterMs: number, sentMs: number): Evidence => timedOut(SNAPSHOT_QUERY, afterMs, sentMs)
    // The time of two more replies, since the first may fail.
    const boundMs = 35_000 + 2 * 35_000 + BOUNDS.confirmed
    expect(isConfirmedAfter([slow], boundMs - 1)).to.equal(false)
    expect(isConfirmedAfter([slow], boundMs)).to.equal(true)
    const first = tried(30_000, 35_000)
    expect(isConfirmedAfter([slow, first], 1e6)).to.equal(false)
    expect(isConfirmedAfter([slow, first, tried(60_000, 70_000)])).to.equal(true)
    expect(isConfirmedAfter([slow, first, failedRequest(SNAPSHOT_QUERY, BUSY, 70_000)])).to.equal(true)
    expect(isConfirmedAfter([slow, first, snapshotsReply({ t1: ENDED_WELL }, 70_000, 105_000)])).to.equal(true)
    // A later reply does not bring the doubt back.
    expect(isConfirmedAfter([endReply, tried(30_000, 100), statusReply({ endTime: 80n }, 30_100, 65_000)])).to.equal(
      true,
    )
  })

  it('accepts the snapshot poll of the last round of a budget, which sends all requests at once', () => {
    const hurried = { ...COPY_GOAL, sinceMs: 50, isLastRound: true }
    expect(
      isConfirmedAfter(
        [statusReply({ endTime: 80n }, 50, 100), snapshotsReply({ t1: ENDED_WELL }, 50, 90)],
        100,
        hurried,
      ),
    ).to.equal(true)
    expect(
      isConfirmedAfter(
        [statusReply({ endTime: 80n }, 50, 100), snapshotsReply({ t1: ENDED_WELL }, 49, 90)],
        100,
        hurried,
      ),
    ).to.equal(false)
  })

  it('does not rely on a request that failed before the wait began: the targets may reply now (law 3)', () => {
    const refused = failedRequest(SNAPSHOT_QUERY, FORBIDDEN, 100, 150)
    const later = { ...COPY_GOAL, sinceMs: 200 }
    expect(isConfirmedAfter([endReply, refused], 200)).to.equal(true)
    expect(isConfirmedAfter([endReply, refused], 200, later)).to.equal(false)
    expect(isConfirmedAfter([endReply, refused], 200, { ...later, ofStream: true })).to.equal(true)
    expect(
      isConfirmedAfter([endReply, refused, failedRequest(SNAPSHOT_QUERY, FORBIDDEN, 200, 250)], 250, later),
    ).to.equal(true)
    expect(isConfirmedAfter([endReply, refused], 200 + BOUNDS.settled - 1, later)).to.equal(false)
    expect(isConfirmedAfter([endReply, refused], 200 + BOUNDS.settled, later)).to.equal(true)
    // A failure that the Information Center reports is certain already.
    const failure = statusReply({ endTime: 80n, err: 'no quota' }, 0, 100)
    expect(isConfirmedAfter([failure, refused], 200, later)).to.equal(true)
  })

  it('ignores an absence that was reported before the wait began, but uses what the targets had shown (laws 1, 3)', () => {
    const since = (sinceMs: number, goal: Partial<Goal> = {}): Goal => ({ ...COPY_GOAL, sinceMs, ...goal })
    const [absent, own] = [unknownToTargets(100, 150), unknownToTargets(5_000, 5_050)]
    expect(isConfirmedAfter([endReply, absent], 5_000, since(99))).to.equal(true)
    expect(isConfirmedAfter([endReply, absent], 5_000, since(5_000))).to.equal(false)
    expect(isConfirmedAfter([endReply, absent, own], 5_050, since(5_000))).to.equal(true)
    expect(isConfirmedAfter([endReply, absent], 5_000, since(5_000, { ofStream: true }))).to.equal(true)
    expect(isConfirmedAfter([endReply, snapshotsReply({ t1: ENDED_WELL }, 100, 150)], 5_000, since(5_000))).to.equal(
      true,
    )
    const half = [endReply, mapReply(['t1', 't2'], 0), snapshotsReply({ t1: ENDED_WELL }, 100, 150)]
    expect(isConfirmedAfter(half, 5_000, since(5_000))).to.equal(false)
    expect(isConfirmedAfter(half, 5_000, since(5_000, { until: 'single' }))).to.equal(true)
    // The wait itself received this reply, before its last round.
    expect(isConfirmedAfter([endReply, own], 9_000, since(9_000, { beganMs: 4_000, isLastRound: true }))).to.equal(true)
    // A failure that is already certain needs no second snapshot poll.
    const failure = statusReply({ endTime: 80n, err: 'no quota' }, 0, 100)
    expect(isConfirmedAfter([failure, absent], 5_000, since(5_000))).to.equal(true)
    // The bound, too, runs from the beginning of the wait.
    expect(confirmationDeadlineMs(...caseAfter([endReply, absent], since(5_000)))).to.equal(5_000 + BOUNDS.settled)
  })

  it('never becomes false again as time passes (law 3)', () => {
    fc.assert(
      fc.property(anyTape, fc.nat(20_000), (bytes, laterMs) => {
        for (const { view, waits, nowMs } of moments(bytes))
          for (const { goal, standing } of waits) {
            const [now, later] = [nowMs, nowMs + laterMs].map((ms) => caseOf(view, goal, standing, ms)) as [Case, Case]
            for (const run of now.runs)
              if (isConfirmed(now, run)) expect(isConfirmed(later, run)).to.equal(true)
              else if (isConfirmed(later, run)) expect(later.nowMs).to.be.at.least(confirmationDeadlineMs(later, run))
          }
      }),
      { numRuns: casesOf(50) },
    )
  })
})

describe('isFullyKnown', () => {
  const allEnded = snapshotsReply({ t1: ENDED_WELL }, 0)
  const isWholeAfter = (log: readonly Evidence[], goal?: Goal): boolean => isFullyKnown(...caseAfter(log, goal))

  it('needs all targets of the cluster map, and a report of the Information Center', () => {
    expect(isWholeAfter([allEnded])).to.equal(false)
    expect(isWholeAfter([allEnded, mapReply(['t1'], 0)])).to.equal(false)
    expect(isWholeAfter([allEnded, mapReply(['t1'], 0), statusReply({}, 0)])).to.equal(true)
    expect(isWholeAfter([allEnded, mapReply(['t1'], 0), unknownToIc(0)])).to.equal(true)
    expect(isWholeAfter([allEnded, mapReply(['t1'], 0), failedRequest({ what: 'status', id: ID }, BUSY, 0)])).to.equal(
      false,
    )
    expect(isWholeAfter([allEnded, mapReply(['t1', 't2'], 0), statusReply({}, 0)])).to.equal(false)
  })

  it('stays true if a later request for the status fails', () => {
    const answered = [allEnded, mapReply(['t1'], 0), statusReply({}, 0)]
    for (const query of [STATUS_QUERY, { what: 'statuses' }] as const)
      expect(isWholeAfter([...answered, failedRequest(query, BUSY, 1)])).to.equal(true)
    expect(isWholeAfter([...answered, failedRequest(STATUS_QUERY, BUSY, 1)], { ...COPY_GOAL, sinceMs: 1 })).to.equal(
      false,
    )
  })

  it('does not treat a timeout as silence of the Information Center if the targets took longer (law 3)', () => {
    const slow = [snapshotsReply({ t1: ENDED_WELL }, 0, 35_000), mapReply(['t1'], 35_000)]
    const tried = (afterMs: number, sentMs: number): Evidence => timedOut(STATUS_QUERY, afterMs, sentMs)
    const late = (log: readonly Evidence[], nowMs: number): boolean => isFullyKnown(...caseAfter(log, COPY_GOAL, nowMs))
    const boundMs = 35_000 + 2 * 35_000 + BOUNDS.confirmed
    expect([boundMs - 1, boundMs].map((ms) => late(slow, ms))).to.deep.equal([false, true])
    const first = [...slow, tried(30_000, 35_000)]
    expect(late(first, 1e6)).to.equal(false)
    expect(isWholeAfter([...first, tried(60_000, 70_000)])).to.equal(true)
    expect(isWholeAfter([...first, statusReply({}, 70_000, 105_000)])).to.equal(true)
    expect(isWholeAfter([allEnded, mapReply(['t1'], 0), tried(30_000, 0)])).to.equal(true)
    expect(
      isWholeAfter([allEnded, mapReply(['t1'], 0), tried(30_000, 0), snapshotsReply({ t1: ENDED_WELL }, 0, 35_000)]),
    ).to.equal(true)
  })

  it('ignores a report without an error that was requested before the wait began: the error may be newer (laws 1, 3)', () => {
    const late = (more: Partial<Goal> = {}): Goal => ({ ...COPY_GOAL, sinceMs: 11, ...more })
    for (const [open, again] of [
      [[statusReply({}, 10)], statusReply({}, 11)],
      [[unknownToIc(9), unknownToIc(10)], unknownToIc(11)],
    ] as const) {
      const log = [allEnded, mapReply(['t1'], 0), ...open]
      expect(isWholeAfter(log)).to.equal(true)
      expect(isWholeAfter(log, late())).to.equal(false)
      expect(isWholeAfter([...log, again], late())).to.equal(true)
      expect(isWholeAfter(log, late({ ofStream: true }))).to.equal(true)
      // The wait itself received this reply, before its last round.
      expect(isWholeAfter(log, late({ beganMs: 0, isLastRound: true }))).to.equal(true)
      const tried = [...log, failedRequest(STATUS_QUERY, BUSY, 11 + RECENT_MS)]
      const by = (ms: number): boolean => isFullyKnown(...caseAfter(tried, late(), 11 + ms))
      expect([BOUNDS.confirmed - 1, BOUNDS.confirmed].map(by)).to.deep.equal([false, true])
    }
    expect(
      isWholeAfter([allEnded, mapReply(['t1'], 0), statusReply({ endTime: 80n, err: 'no quota' }, 10)], late()),
    ).to.equal(true)
  })

  it('does not count the time that a machine slept as the duration of a request', () => {
    const slept = [snapshotsReply({ t1: ENDED_WELL }, 0, 9e6), mapReply(['t1'], 9e6)]
    expect(isWholeAfter([...slept, timedOut(STATUS_QUERY, 300_000, 9e6)])).to.equal(true)
  })

  it('is true for jobs with one part that the Information Center does not track, and for jobs that have failed', () => {
    expect(isWholeAfter([allEnded], { ...COPY_GOAL, until: 'single' })).to.equal(false)
    expect(isWholeAfter([allEnded, statusReply({}, 1)], { ...COPY_GOAL, until: 'single' })).to.equal(true)
    expect(
      isWholeAfter(
        [snapshotsReply({ t1: { ...ENDED_WELL, kind: 'blob-download' } }, 0)],
        goalOf({ kind: 'blob-download' }),
      ),
    ).to.equal(true)
    expect(
      isWholeAfter([snapshotsReply({ t1: { ...ENDED_WELL, kind: 'resilver' } }, 0)], goalOf({ kind: 'resilver' })),
    ).to.equal(false)
    expect(isWholeAfter([snapshotsReply({ t1: { ...ENDED_WELL, err: 'disk full' } }, 0)])).to.equal(true)
  })
})

describe('absentSince, isUnknownEverywhere and mayComeBack', () => {
  it('count from the first snapshot poll of the wait (law 1)', () => {
    expect(absentSince(...caseAfter([unknownToTargets(0), unknownToTargets(5_000)]))).to.equal(0)
    expect(
      absentSince(...caseAfter([unknownToTargets(0), unknownToTargets(5_000)], { ...COPY_GOAL, sinceMs: 4_000 })),
    ).to.equal(5_000)
    expect(absentSince(...caseAfter([snapshotsReply({ t1: {} }, 0)]))).to.equal(undefined)
    expect(absentSince(...caseAfter([snapshotsReply({ t1: { kind: 'lru' } }, 3)]))).to.equal(3)
  })

  it('need two snapshot polls two seconds apart, and a report of the Information Center', () => {
    const isUnknownAfter = (log: readonly Evidence[], goal?: Goal, notBeforeMs = 0): boolean =>
      isUnknownEverywhere(...caseAfter(log, goal), notBeforeMs)
    /** All sources deny the run at 0, and the targets once more at this time. */
    const deniedUntil = (ms: number): readonly Evidence[] => [unknownToTargets(0), unknownToIc(0), unknownToTargets(ms)]
    const onlyTargets = [unknownToTargets(0), unknownToTargets(5_000)]
    expect([-1, 0, 1].map((ms) => isUnknownAfter(deniedUntil(BOUNDS.twice + ms)))).to.deep.equal([false, true, true])
    // The wait began after the first poll.
    expect(isUnknownAfter(deniedUntil(5_000), { ...COPY_GOAL, sinceMs: 1 })).to.equal(false)
    expect(isUnknownAfter(onlyTargets)).to.equal(false)
    // The Information Center does not report on a kind that idles.
    expect(isUnknownAfter(onlyTargets, goalOf({ kind: 'put-copies' }))).to.equal(true)
    expect(isUnknownAfter(deniedUntil(5_000), COPY_GOAL, 5_001)).to.equal(false)
  })

  it('wait for a target that left the cluster map, as long as requests for the map succeed', () => {
    const log = [snapshotsReply({ t1: {} }, 0), unknownToTargets(10)]
    expect(mayComeBack(...caseAfter(log))).to.equal(true)
    expect(mayComeBack(...caseAfter([...log, mapReply(['t1'], 10)]))).to.equal(false)
    expect(mayComeBack(...caseAfter([...log, mapReply(['t2'], 10)]))).to.equal(true)
    expect(mayComeBack(...caseAfter([...log, failedRequest({ what: 'map' }, BUSY, 10)]))).to.equal(false)
    expect(
      mayComeBack(...caseAfter([snapshotsReply({ t1: ENDED_WELL }, 0), unknownToTargets(10), mapReply(['t2'], 10)])),
    ).to.equal(false)
    expect(mayComeBack(...caseAfter([unknownToTargets(10)]))).to.equal(false)
  })
})
