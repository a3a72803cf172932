import { expect } from 'chai'
import fc from 'fast-check'
import type { JobSnap } from '../../../lib/codec/job-snap.ts'
import type { JobStatus } from '../../../lib/codec/job-status.ts'
import { isTerminal } from '../../../lib/model/snapshot.ts'
import { isPermanent } from '../../../lib/error.ts'
import { BOUNDS } from '../../../lib/view/bounds.ts'
import { caseOf } from '../../../lib/view/case.ts'
import { lacksPart } from '../../../lib/view/certainty.ts'
import type { Evidence } from '../../../lib/view/evidence.ts'
import { advance, begin, hasParts, partsOf, type Goal } from '../../../lib/view/goal.ts'
import { expired, outcomeOf } from '../../../lib/view/outcome.ts'
import { reduce } from '../../../lib/view/reduce.ts'
import { runOf } from '../../../lib/view/view.ts'
import {
  BUSY,
  FORBIDDEN,
  UNDECODABLE,
  ID,
  NOT_JSON,
  TIMED_OUT,
  unknownToTargets,
  failedRequest,
  goalOf,
  goalOfKind,
  listReply,
  waitAfter,
  mapReply,
  snapshotsReply,
  snapshotsOfKindReply,
  snapOf,
  statusOf,
  statusReply,
  unknownToIc,
  outcomeText,
} from './helpers/facts.ts'
import { aloneAndAmong } from './helpers/company.ts'
import { moments } from './helpers/moments.ts'
import { sceneOf } from './helpers/scene.ts'
import { anyTape } from './helpers/tape.ts'
import { casesOf } from '../../fuzz/seed.ts'

// The outcome of a wait, derived from the replies so far. A job runs on several targets, which show their parts of
// it in snapshots; the Information Center keeps one status of the whole job.
//
// Of a reply such as `statusReply({}, 0, 100)`, the numbers are when its request was sent and when it came, in milliseconds.

/** The outcome of a wait after this evidence, as a text. */
const outcomeAfter = (goal: Goal, log: readonly Evidence[], nowMs = log.at(-1)?.atMs ?? 0): string =>
  outcomeText(waitAfter(goal, log).outcome(nowMs))
/** The outcomes one millisecond before a bound, at it, and one millisecond after it. */
const aroundBound = (
  boundMs: number,
  outcomeAt: (ms: number) => string,
): Readonly<Record<'before' | 'at' | 'after', string>> => ({
  before: outcomeAt(boundMs - 1),
  at: outcomeAt(boundMs),
  after: outcomeAt(boundMs + 1),
})

/** In the last round of a budget, a source counts as silent after this time (`patience.ts`). */
const LAST_ROUND_MS = 1_500
/** A source counts as silent after ten seconds if its last request failed this late or later. */
const RECENT_MS = 5_000
/** The Information Center tracks copies. */
const COPY_GOAL = goalOf({ kind: 'copy-bck' })
/** Jobs of this kind idle when there is nothing to do. The Information Center does not track them. */
const IDLING_GOAL = goalOf({ kind: 'put-copies' })
/** A part that has ended without an error. */
const ENDED_WELL = { endTime: 50n, isIdle: true } as const
/** A part that has ended with an error. */
const ENDED_BADLY = { endTime: 60n, err: 'disk full' } as const
const IS_IDLE = { kind: 'put-copies', isIdle: true } as const

describe('outcomeOf', () => {
  describe('of one target', () => {
    const onT1: Goal = { ...COPY_GOAL, selection: { ...COPY_GOAL.selection, target: 't1' } }

    it('does not depend on a status that another stream has requested, because it may hold the error of another target', () => {
      const isDone = snapshotsReply({ t1: ENDED_WELL, t2: ENDED_BADLY }, 1)
      for (const status of [{ endTime: 80n, err: 'disk full' }, { aborted: true }, { endTime: 80n }, {}]) {
        expect(outcomeAfter(onT1, [statusReply(status, 0), isDone])).to.equal('finished')
        expect(outcomeAfter(onT1, [listReply([statusOf(status)], 0), isDone])).to.equal('finished')
        expect(outcomeAfter(onT1, [statusReply(status, 0), snapshotsReply({ t1: {}, t2: ENDED_BADLY }, 1)])).to.equal(
          'open',
        )
      }
    })

    it('is `NotFound` after 10 s if this target never shows the job, even if the Information Center does', () => {
      const log = [listReply([statusOf({})], 0), ...[1, 2_500, 9_000].map((ms) => snapshotsReply({ t2: {} }, ms))]
      expect(outcomeAfter(onT1, log)).to.equal('open')
      expect(outcomeAfter(onT1, [...log, snapshotsReply({ t2: {} }, BOUNDS.visible + 1)])).to.equal('NotFound')
    })
  })

  describe('of a job whose end the Information Center reports', () => {
    it('is open for a running job, and before any reply', () => {
      expect(outcomeAfter(COPY_GOAL, [])).to.equal('open')
      expect(outcomeAfter(COPY_GOAL, [statusReply({}, 0), snapshotsReply({ t1: {} }, 0)], 1_000_000)).to.equal('open')
    })

    it('is a success after a snapshot poll that was sent after the end was received (law 3)', () => {
      const end = statusReply({ endTime: 80n }, 0, 100)
      expect(outcomeAfter(COPY_GOAL, [snapshotsReply({ t1: {} }, 0), end])).to.equal('open')
      expect(outcomeAfter(COPY_GOAL, [end, snapshotsReply({ t1: ENDED_WELL }, 99, 200)])).to.equal('open')
      expect(outcomeAfter(COPY_GOAL, [end, snapshotsReply({ t1: ENDED_WELL }, 100, 200)])).to.equal('finished')
      expect(outcomeAfter(COPY_GOAL, [end, unknownToTargets(100, 200)])).to.equal('finished')
    })

    it('is `failed` if only a target reports the error', () => {
      expect(
        outcomeAfter(COPY_GOAL, [
          statusReply({ endTime: 80n }, 0),
          snapshotsReply({ t1: ENDED_WELL, t2: ENDED_BADLY }, 1),
        ]),
      ).to.equal('failed')
    })

    it('is open while a target is still running after the end', () => {
      expect(
        outcomeAfter(
          COPY_GOAL,
          [statusReply({ endTime: 80n }, 0), snapshotsReply({ t1: ENDED_WELL, t2: {} }, 1)],
          1_000_000,
        ),
      ).to.equal('open')
    })

    it('does not wait for a missing target', () => {
      const log = [
        snapshotsReply({ t1: ENDED_WELL, t2: {} }, 0),
        statusReply({ endTime: 80n }, 1),
        snapshotsReply({ t1: ENDED_WELL }, 2),
      ]
      expect(outcomeAfter(COPY_GOAL, log)).to.equal('finished')
    })

    it('never follows from a row of a list, which has no error', () => {
      const log = [listReply([statusOf({ endTime: 80n })], 0), snapshotsReply({ t1: {} }, 1)]
      expect(outcomeAfter(COPY_GOAL, log, 1_000_000)).to.equal('open')
      expect(
        outcomeAfter(COPY_GOAL, [...log, statusReply({ endTime: 80n, err: 'no quota' }, 2), unknownToTargets(3)]),
      ).to.equal('failed')
    })

    it('is a success by the full report of the Information Center if requests to the targets fail for 10 s', () => {
      const log = [statusReply({ endTime: 80n }, 0), failedRequest({ what: 'snapshots', id: ID }, BUSY, RECENT_MS)]
      expect(aroundBound(BOUNDS.confirmed, (ms) => outcomeAfter(COPY_GOAL, log, ms))).to.deep.equal({
        before: 'open',
        at: 'finished',
        after: 'finished',
      })
    })

    it('waits for the cause of a failure for 1 s, or until a request to the targets fails', () => {
      const end = statusReply({ endTime: 80n, err: 'no quota' }, 0)
      expect(aroundBound(BOUNDS.cause, (ms) => outcomeAfter(COPY_GOAL, [end], ms))).to.deep.equal({
        before: 'open',
        at: 'failed',
        after: 'failed',
      })
      expect(outcomeAfter(COPY_GOAL, [end, failedRequest({ what: 'snapshots', id: ID }, BUSY, 1)])).to.equal('failed')
    })

    it('is `aborted` although targets are winding down', () => {
      const abort = statusReply({ aborted: true, err: 'user abort' }, 0)
      expect(outcomeAfter(COPY_GOAL, [abort, snapshotsReply({ t1: {}, t2: { aborted: true } }, 1)])).to.equal('aborted')
      expect(aroundBound(BOUNDS.cause, (ms) => outcomeAfter(COPY_GOAL, [abort], ms))).to.deep.equal({
        before: 'open',
        at: 'aborted',
        after: 'aborted',
      })
    })

    it('is `aborted` by a list if requests for the status fail for 10 s, or have no reply for 35 s', () => {
      const log = [listReply([statusOf({ aborted: true })], 0)]
      expect(aroundBound(BOUNDS.settled, (ms) => outcomeAfter(COPY_GOAL, log, ms))).to.deep.equal({
        before: 'open',
        at: 'aborted',
        after: 'aborted',
      })
      log.push(failedRequest({ what: 'status', id: ID }, BUSY, RECENT_MS))
      expect(aroundBound(BOUNDS.confirmed, (ms) => outcomeAfter(COPY_GOAL, log, ms))).to.deep.equal({
        before: 'open',
        at: 'aborted',
        after: 'aborted',
      })
    })

    it('is not a success in the last round of a budget before the targets reply', () => {
      const hurried = { ...COPY_GOAL, sinceMs: 0, isLastRound: true }
      const log = [statusReply({ endTime: 80n }, 0)]
      expect(aroundBound(BOUNDS.settled, (ms) => outcomeAfter(hurried, log, ms))).to.deep.equal({
        before: 'open',
        at: 'open',
        after: 'open',
      })
      expect(outcomeAfter(hurried, [...log, snapshotsReply({ t1: ENDED_WELL }, 1)])).to.equal('finished')
    })
  })

  describe('of a job whose parts are over', () => {
    const allEnded = snapshotsReply({ t1: ENDED_WELL, t2: ENDED_WELL }, 0)

    it('is certain after each target of the map showed its part and the Information Center replied', () => {
      expect(outcomeAfter(COPY_GOAL, [allEnded, mapReply(['t1', 't2'], 1)])).to.equal('open')
      expect(outcomeAfter(COPY_GOAL, [allEnded, mapReply(['t1', 't2'], 1), statusReply({}, 1)])).to.equal('finished')
      expect(outcomeAfter(COPY_GOAL, [allEnded, mapReply(['t1', 't2', 't3'], 1), statusReply({}, 1)])).to.equal('open')
      expect(outcomeAfter(COPY_GOAL, [allEnded, mapReply(['t1', 't2'], 1, ['t3']), statusReply({}, 1)])).to.equal(
        'finished',
      )
    })

    it('needs no report of the Information Center after 1.5 s of the last round, unless a target has failed', () => {
      const hurried = { ...COPY_GOAL, sinceMs: 0, isLastRound: true }
      const log = [allEnded, mapReply(['t1', 't2'], 1)]
      expect(aroundBound(LAST_ROUND_MS, (ms) => outcomeAfter(hurried, log, ms))).to.deep.equal({
        before: 'open',
        at: 'finished',
        after: 'finished',
      })
      const gone = failedRequest({ what: 'snapshots', id: ID }, TIMED_OUT, 2)
      expect(outcomeAfter(hurried, [...log, gone], 10_000)).to.equal('open')
    })

    it('is open while one part is running, whatever the other sources report', () => {
      expect(
        outcomeAfter(
          COPY_GOAL,
          [snapshotsReply({ t1: ENDED_WELL, t2: {} }, 0), mapReply(['t1', 't2'], 1), statusReply({}, 1)],
          1e6,
        ),
      ).to.equal('open')
    })

    it('does not need the parts to end at the same time', () => {
      const ends = snapshotsReply({ t1: ENDED_WELL, t2: { endTime: 70n } }, 0)
      expect(
        waitAfter(COPY_GOAL, [ends, mapReply(['t1', 't2'], 1), statusReply({}, 1)]).outcome(1),
      ).to.have.nested.property('right.endTime', 70n)
    })

    it('is a failure at once if a part failed or was aborted', () => {
      expect(outcomeAfter(COPY_GOAL, [snapshotsReply({ t1: ENDED_WELL, t2: ENDED_BADLY }, 0)])).to.equal('failed')
      expect(outcomeAfter(COPY_GOAL, [snapshotsReply({ t1: ENDED_WELL, t2: { aborted: true } }, 0)])).to.equal(
        'aborted',
      )
    })

    it('stands if a list shows the end later, but needs the full status if a list showed the end first', () => {
      const kind = 'resilver'
      const goal = goalOf({ kind })
      const part = (ms: number): Evidence => snapshotsReply({ t1: { ...ENDED_WELL, kind } }, ms)
      const row = (ms: number): Evidence => listReply([statusOf({ kind, endTime: 50n })], ms)
      expect(outcomeAfter(goal, [part(0), statusReply({ kind }, 1)])).to.equal('finished')
      expect(outcomeAfter(goal, [part(0), statusReply({ kind }, 1), row(2)])).to.equal('finished')
      expect(outcomeAfter(goal, [row(0), part(1)])).to.equal('open')
      expect(
        outcomeAfter(COPY_GOAL, [snapshotsReply({ t1: ENDED_BADLY }, 0), listReply([statusOf({ endTime: 50n })], 1)]),
      ).to.equal('failed')
    })

    it('is certain after 35 s if nothing proves that these are all parts', () => {
      const at = (ms: number): string =>
        outcomeAfter(COPY_GOAL, [allEnded, statusReply({}, ms), snapshotsReply({ t1: ENDED_WELL, t2: ENDED_WELL }, ms)])
      expect(aroundBound(BOUNDS.settled, at)).to.deep.equal({ before: 'open', at: 'finished', after: 'finished' })
    })

    it('is certain after 10 s if the Information Center does not know the job either', () => {
      const at = (ms: number): string =>
        outcomeAfter(COPY_GOAL, [allEnded, unknownToIc(ms), snapshotsReply({ t1: ENDED_WELL, t2: ENDED_WELL }, ms)])
      expect(aroundBound(BOUNDS.visible, at)).to.deep.equal({ before: 'open', at: 'finished', after: 'finished' })
    })

    it('does not count a reply after 35 s whose request was sent before: the clock may have leapt in between (law 3)', () => {
      const late = (ms: number): readonly Evidence[] => [
        statusReply({}, 1, ms),
        snapshotsReply({ t1: ENDED_WELL, t2: ENDED_WELL }, 1, ms),
      ]
      const [timely, after] = [BOUNDS.settled, BOUNDS.settled + 1_000]
      expect(outcomeAfter(COPY_GOAL, [allEnded, ...late(after)])).to.equal('open')
      expect(
        outcomeAfter(COPY_GOAL, [
          allEnded,
          statusReply({}, timely),
          snapshotsReply({ t1: ENDED_WELL, t2: ENDED_WELL }, 1, after),
        ]),
      ).to.equal('open')
      expect(
        outcomeAfter(COPY_GOAL, [
          allEnded,
          statusReply({}, 1, after),
          snapshotsReply({ t1: ENDED_WELL, t2: ENDED_WELL }, timely),
        ]),
      ).to.equal('open')
      expect(
        outcomeAfter(COPY_GOAL, [
          allEnded,
          statusReply({}, timely),
          snapshotsReply({ t1: ENDED_WELL, t2: ENDED_WELL }, timely),
        ]),
      ).to.equal('finished')
    })

    it('is certain after 10 s if the Information Center is silent and all targets have shown their part', () => {
      const log = [allEnded, mapReply(['t1', 't2'], 1), failedRequest({ what: 'status', id: ID }, BUSY, RECENT_MS)]
      expect(aroundBound(BOUNDS.confirmed, (ms) => outcomeAfter(COPY_GOAL, log, ms))).to.deep.equal({
        before: 'open',
        at: 'finished',
        after: 'finished',
      })
    })

    it('is certain after 35 s by the targets alone if the Information Center has never answered', () => {
      const failing = failedRequest({ what: 'status', id: ID }, BUSY, 30_000)
      const at = (ms: number): string =>
        outcomeAfter(COPY_GOAL, [allEnded, failing, snapshotsReply({ t1: ENDED_WELL, t2: ENDED_WELL }, ms)])
      expect(aroundBound(BOUNDS.settled, at)).to.deep.equal({ before: 'open', at: 'finished', after: 'finished' })
    })

    it('is certain after 35 s by the targets alone if the Information Center has not answered since the parts are over', () => {
      const log = [statusReply({}, 0), snapshotsReply({ t1: ENDED_WELL, t2: ENDED_WELL }, 1)]
      const at = (goal: Goal) => (ms: number) =>
        outcomeAfter(goal, [...log, snapshotsReply({ t1: ENDED_WELL, t2: ENDED_WELL }, ms)])
      for (const goal of [COPY_GOAL, { ...COPY_GOAL, ofStream: true }])
        expect(aroundBound(BOUNDS.settled + 1, at(goal))).to.deep.equal({
          before: 'open',
          at: 'finished',
          after: 'finished',
        })
    })

    it('does not count one failed reply, long ago, as silence: no request can be sent while the clock jumps (law 3)', () => {
      const failing = (...atMs: readonly number[]): readonly Evidence[] =>
        atMs.map((ms) => failedRequest({ what: 'status', id: ID }, BUSY, ms))
      const log = [allEnded, mapReply(['t1', 't2'], 1)]
      expect(outcomeAfter(COPY_GOAL, [...log, ...failing(1)], BOUNDS.confirmed + 1_000)).to.equal('open')
      expect(outcomeAfter(COPY_GOAL, [...log, ...failing(1, 11_000)], BOUNDS.confirmed + 1_000)).to.equal('finished')
      expect(
        outcomeAfter(COPY_GOAL, [...log, ...failing(1), statusReply({ endTime: 80n, err: 'no quota' }, 11_000)]),
      ).to.equal('failed')
      // A wait that sends no further request still has an outcome.
      expect(aroundBound(BOUNDS.settled, (ms) => outcomeAfter(COPY_GOAL, [...log, ...failing(1)], ms))).to.deep.equal({
        before: 'open',
        at: 'finished',
        after: 'finished',
      })
    })

    it('stays certain by two 404 if a list shows the end later', () => {
      const ended = snapshotsReply({ t1: ENDED_WELL, t2: ENDED_WELL }, BOUNDS.visible)
      const forgotten = [allEnded, unknownToIc(BOUNDS.visible), ended]
      const row = listReply([statusOf({ endTime: 80n })], BOUNDS.visible + 1)
      expect(outcomeAfter(COPY_GOAL, forgotten)).to.equal('finished')
      expect(outcomeAfter(COPY_GOAL, [...forgotten, row])).to.equal('finished')
      expect(outcomeAfter({ ...COPY_GOAL, ofStream: true, sinceMs: 20_000 }, [...forgotten, row], 20_000)).to.equal(
        'finished',
      )
    })

    it('stays certain if a list shows the end later, and waits for the status if the list came first', () => {
      const end = (more: Partial<JobStatus> = {}): Evidence => listReply([statusOf({ endTime: 80n, ...more })], 2)
      const whole = [allEnded, mapReply(['t1', 't2'], 1), statusReply({}, 1)]
      expect(outcomeAfter(COPY_GOAL, [...whole, end()])).to.equal('finished')
      expect(outcomeAfter(COPY_GOAL, [snapshotsReply({ t1: ENDED_WELL, t2: ENDED_BADLY }, 0), end()])).to.equal(
        'failed',
      )
      const resilver = [
        snapshotsReply({ t1: { ...ENDED_WELL, kind: 'resilver' } }, 0),
        statusReply({ kind: 'resilver' }, 1),
      ]
      expect(outcomeAfter(goalOf({ kind: 'resilver' }), [...resilver, end({ kind: 'resilver' })])).to.equal('finished')
      expect(outcomeAfter(COPY_GOAL, [end(), snapshotsReply({ t1: ENDED_WELL, t2: ENDED_BADLY }, 3)])).to.equal('open')
      expect(outcomeAfter(COPY_GOAL, [allEnded, statusReply({}, 1), end(), mapReply(['t1', 't2'], 3)])).to.equal('open')
      expect(outcomeAfter(COPY_GOAL, [...whole, end({ aborted: true })])).to.equal('open')
    })

    it('waits for the status of any kind whose end a list has shown, because a list has no error', () => {
      const kind = 'download'
      const goal = goalOf({ kind, until: 'end' })
      const parts = snapshotsReply({ t1: { ...ENDED_WELL, kind } }, 1)
      const row = listReply([statusOf({ kind, endTime: 80n })], 0)
      expect(outcomeAfter(goal, [row, parts])).to.equal('open')
      expect(outcomeAfter(goal, [row, parts, statusReply({ kind, endTime: 80n, err: 'no quota' }, 2)])).to.equal(
        'failed',
      )
      expect(outcomeAfter({ ...goal, selection: { ...goal.selection, target: 't1' } }, [row, parts])).to.equal(
        'finished',
      )
    })

    it('needs a report of the Information Center from after the job began: a 404 from before proves nothing', () => {
      const early = [unknownToIc(0), unknownToIc(2_500), mapReply(['t1', 't2'], 3_000)]
      const log = [
        ...early,
        snapshotsReply({ t1: {}, t2: {} }, 5_000),
        snapshotsReply({ t1: ENDED_WELL, t2: ENDED_WELL }, 9_000),
      ]
      expect(outcomeAfter(COPY_GOAL, log)).to.equal('open')
      expect(outcomeAfter(COPY_GOAL, [...log, statusReply({ endTime: 80n, err: 'no quota' }, 9_001)])).to.equal(
        'failed',
      )
      expect(outcomeAfter(COPY_GOAL, [...log, unknownToIc(9_001)])).to.equal('finished')
      const forgotten = [
        unknownToIc(6_000),
        unknownToIc(8_000),
        snapshotsReply({ t1: ENDED_WELL, t2: ENDED_WELL }, 9_000),
      ]
      expect(outcomeAfter(COPY_GOAL, [...early, snapshotsReply({ t1: {}, t2: {} }, 5_000), ...forgotten])).to.equal(
        'finished',
      )
    })

    it('needs a report of the Information Center from after the last part appeared', () => {
      const log = [
        mapReply(['t1', 't2'], 0),
        snapshotsReply({ t1: ENDED_WELL }, 1),
        statusReply({}, 2),
        snapshotsReply({ t1: ENDED_WELL, t2: ENDED_WELL }, 9_000),
      ]
      expect(outcomeAfter(COPY_GOAL, log)).to.equal('open')
      expect(outcomeAfter(COPY_GOAL, [...log, statusReply({ endTime: 80n, err: 'no quota' }, 9_001)])).to.equal(
        'failed',
      )
      expect(outcomeAfter(COPY_GOAL, [...log, statusReply({}, 9_001)])).to.equal('finished')
    })

    it('awaits the reply of the targets if only that tells what the wait is for', () => {
      const end = statusReply({ endTime: 80n, aborted: true }, 0)
      const parts = snapshotsReply({ t1: { startTime: 1n, endTime: 50n, aborted: true } }, 1, 5_000)
      const hanging = failedRequest({ what: 'snapshots', id: ID }, TIMED_OUT, 1, 9_000)
      for (const until of ['started', 'view'] as const) {
        expect(outcomeAfter({ ...COPY_GOAL, until }, [end], 9_000)).to.equal('open')
        expect(outcomeAfter({ ...COPY_GOAL, until }, [unknownToTargets(-5_000), end], 9_000)).to.equal('open')
        expect(outcomeAfter({ ...COPY_GOAL, until }, [end, parts])).to.equal(
          until === 'started' ? 'started, no success' : 'aborted',
        )
        expect(outcomeAfter({ ...COPY_GOAL, until }, [end, hanging])).to.equal('aborted')
        expect(aroundBound(BOUNDS.settled, (ms) => outcomeAfter({ ...COPY_GOAL, until }, [end], ms))).to.deep.equal({
          before: 'open',
          at: 'aborted',
          after: 'aborted',
        })
      }
    })

    it('gives the targets 1 s from the beginning of the wait to show the cause, although other streams know the end', () => {
      const full = statusReply({ endTime: 80n, err: 'first error' }, 60_001)
      const late: Goal = { ...COPY_GOAL, sinceMs: 60_000 }
      for (const end of [{ endTime: 80n }, { endTime: 80n, aborted: true }]) {
        const log = [
          listReply([statusOf(end)], 0),
          { ...full, result: statusReply({ ...end, err: 'first error' }, 0).result },
        ]
        expect(
          aroundBound(60_000 + BOUNDS.cause, (ms) => String(outcomeAfter(late, log as Evidence[], ms) !== 'open')),
        ).to.deep.equal({ before: 'false', at: 'true', after: 'true' })
      }
    })

    it('needs the Information Center even if the job has no other parts: it may know an error that no target shows', () => {
      for (const kind of ['download', 'resilver'])
        for (const until of ['kind', 'end'] as const) {
          const goal = goalOf({ kind, until })
          const parts = snapshotsReply({ t1: { ...ENDED_WELL, kind } }, 0)
          expect(outcomeAfter(goal, [parts])).to.equal('open')
          expect(outcomeAfter(goal, [parts, statusReply({ kind, endTime: 80n, err: 'no quota' }, 1)])).to.equal(
            'failed',
          )
          expect(outcomeAfter(goal, [parts, statusReply({ kind }, 1)])).to.equal('finished')
          expect(outcomeAfter(goal, [parts, unknownToIc(1)])).to.equal('finished')
          const log = [parts, failedRequest({ what: 'status', id: ID }, BUSY, RECENT_MS)]
          expect(aroundBound(BOUNDS.confirmed, (ms) => outcomeAfter(goal, log, ms))).to.deep.equal({
            before: 'open',
            at: 'finished',
            after: 'finished',
          })
          expect(outcomeAfter({ ...goal, until: 'started' }, [parts])).to.equal('open')
          expect(outcomeAfter({ ...goal, selection: { ...goal.selection, target: 't1' } }, [parts])).to.equal(
            'finished',
          )
        }
      expect(outcomeAfter(IDLING_GOAL, [snapshotsReply({ t1: { ...ENDED_WELL, kind: 'put-copies' } }, 0)])).to.equal(
        'finished',
      )
    })

    it('needs new replies for a wait that begins later, if the earlier ones had no error (laws 1, 3)', () => {
      const late: Goal = { ...COPY_GOAL, sinceMs: 40_001 }
      const row = listReply([statusOf({ endTime: 50n })], 1)
      for (const log of [
        [allEnded, mapReply(['t1', 't2'], 0), row, unknownToIc(2)],
        [
          snapshotsReply({ t1: ENDED_WELL }, 0),
          mapReply(['t1', 't2'], 0),
          snapshotsReply({ t1: ENDED_WELL }, 40_000),
          statusReply({}, 40_000),
        ],
      ]) {
        expect(outcomeAfter(COPY_GOAL, log)).to.equal('finished')
        expect(outcomeAfter(late, log, 40_001)).to.equal('open')
        expect(outcomeAfter(late, [...log, snapshotsReply({ t1: ENDED_WELL, t2: ENDED_BADLY }, 40_001)])).to.equal(
          'failed',
        )
        const failure = statusReply({ endTime: 80n, err: 'no quota' }, 40_001)
        expect(outcomeAfter(late, [...log, failure, snapshotsReply({ t1: ENDED_WELL }, 40_001)])).to.equal('failed')
        expect(
          outcomeAfter(late, [...log, snapshotsReply({ t1: ENDED_WELL }, 40_001), statusReply({}, 40_001)]),
        ).to.equal('finished')
      }
    })

    it("needs the Information Center's report on each run that a wait by kind follows", () => {
      const kind = 'resilver'
      const both = (more: object, ms: number): Evidence =>
        snapshotsOfKindReply(kind, { t1: [snapOf({ kind, ...more }, 'one'), snapOf({ kind, ...more }, 'two')] }, ms)
      const log = [both({}, 0), both(ENDED_WELL, 1), statusReply({ kind }, 2, 2, 'one')]
      expect(outcomeAfter(goalOfKind(kind), log)).to.equal('open')
      expect(outcomeAfter(goalOfKind(kind), [...log, statusReply({ kind }, 3, 3, 'two')])).to.equal('finished')
      const failure = statusReply({ kind, endTime: 80n, err: 'no quota' }, 3, 3, 'two')
      expect(outcomeAfter(goalOfKind(kind), [...log, failure])).to.equal('failed')
    })

    it('needs no map if the goal is a single part', () => {
      expect(outcomeAfter({ ...COPY_GOAL, until: 'single' }, [allEnded])).to.equal('open')
      expect(outcomeAfter({ ...COPY_GOAL, until: 'single' }, [allEnded, statusReply({}, 1)])).to.equal('finished')
      expect(
        outcomeAfter(goalOf({ kind: 'blob-download' }), [
          snapshotsReply({ t1: { ...ENDED_WELL, kind: 'blob-download' } }, 0),
        ]),
      ).to.equal('finished')
    })
  })

  describe('of a job that idles', () => {
    it('needs two replies, two seconds apart, that show every part as idle or over', () => {
      const at = (ms: number): string =>
        outcomeAfter(IDLING_GOAL, [snapshotsReply({ t1: IS_IDLE }, 0), snapshotsReply({ t1: IS_IDLE }, ms)])
      expect(aroundBound(BOUNDS.twice, at)).to.deep.equal({ before: 'open', at: 'idle', after: 'idle' })
      expect(outcomeAfter(IDLING_GOAL, [snapshotsReply({ t1: IS_IDLE }, 0)], 1_000_000)).to.equal('open')
    })

    it('starts again if a part worked in between, or was missing', () => {
      const works = {
        ...IS_IDLE,
        stats: { objects: 1n, bytes: 0n, outObjects: 0n, outBytes: 0n, inObjects: 0n, inBytes: 0n },
      }
      const again = snapshotsReply({ t1: IS_IDLE }, BOUNDS.twice)
      for (const between of [
        snapshotsReply({ t1: { kind: 'put-copies' } }, 1_000),
        snapshotsReply({ t1: works }, 1_000),
        unknownToTargets(1_000),
      ])
        expect(outcomeAfter(IDLING_GOAL, [snapshotsReply({ t1: IS_IDLE }, 0), between, again])).to.equal('open')
    })

    it('is a failure if a part has an error, and only for waits that accept idleness', () => {
      const log = [
        snapshotsReply({ t1: { ...IS_IDLE, err: 'no quota' } }, 0),
        snapshotsReply({ t1: { ...IS_IDLE, err: 'no quota' } }, BOUNDS.twice),
      ]
      expect(outcomeAfter(IDLING_GOAL, log)).to.equal('failed')
      expect(outcomeAfter({ ...IDLING_GOAL, until: 'end' }, log)).to.equal('open')
    })

    it('needs a reply of the Information Center if that tracks the kind: it may know of an abort', () => {
      const goal = { ...COPY_GOAL, until: 'idle' } as const
      const log = [snapshotsReply({ t1: { isIdle: true } }, 0), snapshotsReply({ t1: { isIdle: true } }, BOUNDS.twice)]
      expect(outcomeAfter(goal, [...log, statusReply({}, BOUNDS.twice + 1)])).to.equal('idle')
      expect(outcomeAfter(goal, [...log, listReply([statusOf({})], BOUNDS.twice + 1)])).to.equal('idle')
      expect(outcomeAfter(goal, [...log, unknownToIc(BOUNDS.twice + 1)])).to.equal('idle')
      expect(
        outcomeAfter(
          goal,
          [...log, statusReply({ aborted: true, err: 'no such job' }, BOUNDS.twice + 1)],
          2 * BOUNDS.twice,
        ),
      ).to.equal('aborted')
    })

    it('is certain without the Information Center if requests to it fail for 10 s, or have no reply for 35 s', () => {
      const goal = { ...COPY_GOAL, until: 'idle' } as const
      const log = [snapshotsReply({ t1: { isIdle: true } }, 0), snapshotsReply({ t1: { isIdle: true } }, BOUNDS.twice)]
      expect(aroundBound(BOUNDS.settled, (ms) => outcomeAfter(goal, log, ms))).to.deep.equal({
        before: 'open',
        at: 'idle',
        after: 'idle',
      })
      log.push(failedRequest({ what: 'status', id: ID }, BUSY, RECENT_MS))
      expect(aroundBound(BOUNDS.confirmed, (ms) => outcomeAfter(goal, log, ms))).to.deep.equal({
        before: 'open',
        at: 'idle',
        after: 'idle',
      })
    })

    it('is `aborted` at once if one part is aborted', () => {
      expect(
        outcomeAfter(IDLING_GOAL, [snapshotsReply({ t1: IS_IDLE, t2: { ...IS_IDLE, aborted: true } }, 0)]),
      ).to.equal('aborted')
    })
  })

  describe('of a job that has disappeared', () => {
    describe('on one target', () => {
      const withPart = snapshotsReply({ t1: ENDED_WELL, t2: {} }, 0)
      const lacking = (ms: number): Evidence => snapshotsReply({ t1: ENDED_WELL }, ms)
      const lostMs = 1_000 + BOUNDS.lost
      /** The part is missing long enough after the last of these replies. */
      const missing = [withPart, ...[1_000, 2_000, lostMs].map(lacking)]

      it('is `lost` after 60 s and three replies without a part that did not end', () => {
        const kind = 'evict-remote-bck'
        const goal = goalOf({ kind })
        const times = (...ms: readonly number[]): string =>
          outcomeAfter(goal, [
            snapshotsReply({ t1: { ...ENDED_WELL, kind }, t2: { kind } }, 0),
            ...ms.map((one) => snapshotsReply({ t1: { ...ENDED_WELL, kind } }, one)),
          ])
        expect(aroundBound(BOUNDS.lost, (ms) => times(1_000, 2_000, 1_000 + ms))).to.deep.equal({
          before: 'open',
          at: 'lost',
          after: 'lost',
        })
        expect(times(1_000, lostMs)).to.equal('open')
      })

      it('is `lost` only after the Information Center, queried after that minute, has reported no end', () => {
        for (const denial of [
          (ms: number) => statusReply({}, ms),
          (ms: number) => listReply([statusOf()], ms),
          (ms: number) => listReply([], ms),
          (ms: number) => unknownToIc(ms),
        ]) {
          expect(outcomeAfter(COPY_GOAL, [...missing, denial(lostMs)])).to.equal('lost')
          expect(outcomeAfter(COPY_GOAL, [...missing.slice(0, -1), denial(lostMs), lacking(lostMs)])).to.equal('lost')
          expect(outcomeAfter(COPY_GOAL, [...missing.slice(0, -1), denial(lostMs - 1), lacking(lostMs)])).to.equal(
            'open',
          )
          // A failure after that reply does not undo it.
          const failed = failedRequest({ what: 'status', id: ID }, BUSY, lostMs + 1)
          expect(outcomeAfter(COPY_GOAL, [...missing, denial(lostMs), failed])).to.equal('lost')
        }
      })

      it('is `lost` without the Information Center after 35 s, or after 10 s if requests to it fail', () => {
        expect(aroundBound(BOUNDS.settled, (ms) => outcomeAfter(COPY_GOAL, missing, lostMs + ms))).to.deep.equal({
          before: 'open',
          at: 'lost',
          after: 'lost',
        })
        const failed = failedRequest({ what: 'status', id: ID }, BUSY, lostMs + RECENT_MS)
        expect(
          aroundBound(BOUNDS.confirmed, (ms) => outcomeAfter(COPY_GOAL, [...missing, failed], lostMs + ms)),
        ).to.deep.equal({ before: 'open', at: 'lost', after: 'lost' })
      })

      it('ends as the Information Center reports, after a reply of the targets to a later request', () => {
        const end = statusReply({ endTime: 80n }, lostMs + 1)
        expect(outcomeAfter(COPY_GOAL, [...missing, end], lostMs + BOUNDS.confirmed)).to.equal('open')
        expect(outcomeAfter(COPY_GOAL, [...missing, end, lacking(lostMs + 2)])).to.equal('finished')
        expect(
          outcomeAfter(COPY_GOAL, [...missing, statusReply({ endTime: 80n, err: 'no quota' }, lostMs)], 1e6),
        ).to.equal('failed')
      })

      it('waits for the full status if a list shows the end, although another member of the Information Center denies it', () => {
        const row = listReply([statusOf({ endTime: 80n })], lostMs + 1)
        const late = lostMs + 1 + BOUNDS.settled
        for (const more of [[], [unknownToIc(lostMs + 2)], [statusReply({}, lostMs + 2)]]) {
          const log = [...missing, row, ...more]
          expect(outcomeAfter(COPY_GOAL, log, late - 1)).to.equal('open')
          expect(outcomeAfter(COPY_GOAL, log, late)).to.equal('lost')
          expect(
            outcomeAfter(COPY_GOAL, [...log, statusReply({ endTime: 80n }, late - 2), lacking(late - 1)]),
          ).to.equal('finished')
        }
      })

      it('waits for a part that is still at work after the reported end', () => {
        const log = [
          snapshotsReply({ t1: {}, t2: {} }, 0),
          statusReply({ endTime: 80n }, 500),
          ...[1_000, 2_000, lostMs].map((ms) => snapshotsReply({ t1: {} }, ms)),
        ]
        expect(outcomeAfter(COPY_GOAL, log)).to.equal('open')
        expect(outcomeAfter(COPY_GOAL, [...log, lacking(lostMs + 1)])).to.equal('finished')
      })

      it('does not hold up the other runs of a kind', () => {
        const goal = goalOfKind('copy-bck', { until: 'not-running' })
        const other = (more: Partial<JobSnap>): JobSnap => snapOf(more, 'another12')
        const both = (t1: readonly JobSnap[], t2: readonly JobSnap[], ms: number): Evidence =>
          snapshotsOfKindReply('copy-bck', { t1, t2 }, ms)
        const log = [
          both([snapOf({}), other({})], [snapOf({})], 0),
          statusReply({ endTime: 80n }, 500),
          ...[1_000, 2_000, lostMs].map((ms) => both([snapOf(ENDED_WELL), other({})], [], ms)),
        ]
        expect(outcomeAfter(goal, log)).to.equal('open')
        const over = both([snapOf(ENDED_WELL), other({ ...ENDED_WELL, err: 'disk full' })], [], lostMs + 1)
        expect(waitAfter(goal, [...log, over]).outcome(lostMs + 1)).to.have.nested.property('right.success', false)
      })

      it('needs a report from after the reply that proves the loss, however long the cadence', () => {
        const rare = (...ms: readonly number[]): readonly Evidence[] => [withPart, ...ms.map(lacking)]
        const log = [...rare(50_000, 100_000), statusReply({}, 100_000), ...rare(150_000).slice(1)]
        expect(outcomeAfter(COPY_GOAL, log)).to.equal('open')
        expect(outcomeAfter(COPY_GOAL, [...log, statusReply({}, 150_000, 150_300)])).to.equal('lost')
        expect(outcomeAfter(COPY_GOAL, [...log, statusReply({ endTime: 80n, err: 'no quota' }, 150_000)])).to.equal(
          'failed',
        )
        expect(aroundBound(150_000 + BOUNDS.settled, (ms) => outcomeAfter(COPY_GOAL, log, ms))).to.deep.equal({
          before: 'open',
          at: 'lost',
          after: 'lost',
        })
      })

      it('gives the full status its time after that reply, too, if a list has shown the end before', () => {
        const row = listReply([statusOf({ endTime: 80n })], 20_000)
        const failed = [30_000, 60_000].map((ms) => failedRequest({ what: 'status', id: ID }, BUSY, ms))
        const log = [...missing.slice(0, -1), row, ...failed, lacking(lostMs)]
        expect(aroundBound(lostMs + BOUNDS.settled, (ms) => outcomeAfter(COPY_GOAL, log, ms))).to.deep.equal({
          before: 'open',
          at: 'lost',
          after: 'lost',
        })
        expect(
          outcomeAfter(COPY_GOAL, [...log, statusReply({ endTime: 80n }, lostMs + 1), lacking(lostMs + 2)]),
        ).to.equal('finished')
      })

      it('is not denied an end by a list that lacks a job which an earlier list has shown: the member may have restarted', () => {
        const log = [listReply([statusOf()], 500), ...missing, listReply([], lostMs)]
        expect(outcomeAfter(COPY_GOAL, log)).to.equal('open')
        expect(outcomeAfter(COPY_GOAL, [...log, listReply([statusOf()], lostMs + 1)])).to.equal('lost')
      })

      it('is `lost` for a wait for idleness although its end is reported, if another part idles', () => {
        const idles = (ms: number): Evidence => snapshotsReply({ t1: { isIdle: true } }, ms)
        const log = [
          snapshotsReply({ t1: { isIdle: true }, t2: {} }, 0),
          statusReply({ endTime: 80n }, 500),
          ...[1_000, 2_000, lostMs].map(idles),
        ]
        expect(outcomeAfter({ ...COPY_GOAL, until: 'idle' }, log)).to.equal('lost')
        expect(outcomeAfter(COPY_GOAL, log)).to.equal('open')
      })

      it('needs new replies in the last round of a budget, and is `lost` after 1.5 s without the Information Center', () => {
        const slept = 600_000
        const before = [...missing, failedRequest({ what: 'status', id: ID }, BUSY, lostMs)]
        const { view, standing } = waitAfter(COPY_GOAL, before)
        const goal = { ...COPY_GOAL, sinceMs: slept, beganMs: 0, isLastRound: true }
        const then = (more: readonly Evidence[], nowMs: number): string =>
          outcomeText(outcomeOf(more.reduce(reduce, view), goal, standing, nowMs))
        expect(then([], slept + LAST_ROUND_MS)).to.equal('open')
        expect(aroundBound(slept + LAST_ROUND_MS, (ms) => then([lacking(slept)], ms))).to.deep.equal({
          before: 'open',
          at: 'lost',
          after: 'lost',
        })
        expect(then([lacking(slept), statusReply({ endTime: 80n }, slept)], slept)).to.equal('finished')
        expect(then([lacking(slept), statusReply({}, slept)], slept)).to.equal('lost')
      })
    })

    it('is `lost` if two replies, two seconds apart, and the Information Center lack the job', () => {
      const at = (ms: number): string =>
        outcomeAfter(COPY_GOAL, [
          snapshotsReply({ t1: {} }, 0),
          mapReply(['t1'], 0),
          unknownToTargets(10),
          unknownToIc(10),
          mapReply(['t1'], 10),
          unknownToTargets(10 + ms),
        ])
      expect(aroundBound(BOUNDS.twice, at)).to.deep.equal({ before: 'open', at: 'lost', after: 'lost' })
    })

    it('is open while a target that had a part may come back', () => {
      const log = [
        snapshotsReply({ t1: {} }, 0),
        unknownToTargets(10),
        unknownToIc(10),
        mapReply(['t2'], 10),
        unknownToTargets(3_000),
      ]
      expect(outcomeAfter(COPY_GOAL, log)).to.equal('open')
    })

    it('is `lost` after 60 s if only the Information Center shows the job, as open', () => {
      const map = mapReply(['t1'], 0)
      const at = (ms: number): string =>
        outcomeAfter(COPY_GOAL, [
          map,
          unknownToTargets(0),
          statusReply({}, 0),
          unknownToTargets(ms),
          statusReply({}, ms),
        ])
      expect(aroundBound(BOUNDS.lost, at)).to.deep.equal({ before: 'open', at: 'lost', after: 'lost' })
      const started = { ...COPY_GOAL, until: 'started' as const }
      expect(
        outcomeAfter(started, [
          map,
          unknownToTargets(0),
          statusReply({}, 0),
          unknownToTargets(BOUNDS.lost),
          statusReply({}, BOUNDS.lost),
        ]),
      ).to.equal('lost')
      const rows = [
        unknownToTargets(0),
        listReply([statusOf()], 0),
        unknownToTargets(BOUNDS.lost),
        listReply([statusOf()], BOUNDS.lost + 1),
      ]
      expect(outcomeAfter(COPY_GOAL, [map, ...rows])).to.equal('lost')
    })

    it('is open for 10 s after the Information Center first showed it, although no source knows it', () => {
      const at = (ms: number): string =>
        outcomeAfter(COPY_GOAL, [
          statusReply({}, 1_000),
          unknownToTargets(1_000),
          statusReply({}, 6_000),
          unknownToIc(1_000 + ms),
          unknownToTargets(1_000 + ms),
        ])
      expect(aroundBound(BOUNDS.visible, at)).to.deep.equal({ before: 'open', at: 'lost', after: 'lost' })
    })

    it('is open while the Information Center has shown the job for less than 60 s, or does not reply', () => {
      const log = [mapReply(['t1'], 0), unknownToTargets(0), statusReply({}, 1), unknownToTargets(BOUNDS.lost)]
      expect(outcomeAfter(COPY_GOAL, [...log, statusReply({}, BOUNDS.lost)])).to.equal('open')
      expect(
        outcomeAfter(COPY_GOAL, [...log, unknownToTargets(BOUNDS.lost + 1), statusReply({}, BOUNDS.lost + 1)]),
      ).to.equal('lost')
      expect(
        outcomeAfter(COPY_GOAL, [
          ...log,
          unknownToTargets(BOUNDS.lost + 1),
          failedRequest({ what: 'status', id: ID }, BUSY, BOUNDS.lost + 1),
        ]),
      ).to.equal('open')
    })

    it('is open after 60 s if a target showed a part, without a map, or if targets may never show the kind', () => {
      const log = [unknownToTargets(1), unknownToTargets(10_000 + BOUNDS.lost), statusReply({}, 10_000 + BOUNDS.lost)]
      expect(
        outcomeAfter(COPY_GOAL, [mapReply(['t1'], 0), snapshotsReply({ t1: {} }, 0), statusReply({}, 0), ...log]),
      ).to.equal('open')
      expect(outcomeAfter(COPY_GOAL, [mapReply(['t1'], 0), statusReply({}, 0), ...log])).to.equal('lost')
      expect(outcomeAfter(COPY_GOAL, [statusReply({}, 0), ...log])).to.equal('open')
      const kind = 'of-tomorrow'
      const young = [
        statusReply({ kind }, 0),
        unknownToTargets(1),
        unknownToTargets(10_000 + BOUNDS.lost),
        statusReply({ kind }, 10_000 + BOUNDS.lost),
      ]
      expect(outcomeAfter(goalOf({ kind }), [mapReply(['t1'], 0), ...young])).to.equal('open')
    })

    it('is `NotFound` after 10 s, if neither source knew the job in two replies', () => {
      const at = (ms: number): string =>
        outcomeAfter(COPY_GOAL, [unknownToTargets(0), unknownToIc(ms), unknownToTargets(ms)])
      expect(aroundBound(BOUNDS.visible, at)).to.deep.equal({ before: 'open', at: 'NotFound', after: 'NotFound' })
      expect(outcomeAfter(COPY_GOAL, [unknownToIc(0), unknownToTargets(2 * BOUNDS.visible)])).to.equal('open')
    })

    it('is `NotFound` although targets show another job under the id', () => {
      const other = (ms: number): Evidence => snapshotsReply({ t1: { kind: 'lru' } }, ms)
      expect(outcomeAfter(COPY_GOAL, [other(0), unknownToIc(2 * BOUNDS.visible), other(2 * BOUNDS.visible)])).to.equal(
        'NotFound',
      )
    })
  })

  describe('of other waits', () => {
    it('is `started` after each part has started', () => {
      const goal = { ...COPY_GOAL, until: 'started' as const }
      expect(outcomeAfter(goal, [snapshotsReply({ t1: {}, t2: { startTime: undefined } }, 0)])).to.equal('open')
      expect(outcomeAfter(goal, [snapshotsReply({ t1: {}, t2: {} }, 0)])).to.equal('started')
      expect(outcomeAfter(goal, [snapshotsReply({ t1: ENDED_WELL, t2: ENDED_BADLY }, 0)])).to.equal(
        'started, no success',
      )
    })

    it('is `started` with an error after a poll since the wait began, because it may be aborted; at once if the job is over', () => {
      const goal = { ...COPY_GOAL, until: 'started' as const, sinceMs: 100 }
      const failing = snapshotsReply({ t1: {}, t2: { err: 'disk full' } }, 0)
      expect(outcomeAfter(goal, [failing])).to.equal('open')
      expect(outcomeAfter(goal, [failing, snapshotsReply({ t1: {}, t2: { err: 'disk full' } }, 100)])).to.equal(
        'started, no success',
      )
      expect(outcomeAfter(goal, [failing, snapshotsReply({ t1: {}, t2: { aborted: true } }, 100)])).to.equal(
        'started, no success',
      )
      expect(outcomeAfter(goal, [snapshotsReply({ t1: ENDED_WELL, t2: ENDED_BADLY }, 0)])).to.equal(
        'started, no success',
      )
      expect(outcomeAfter(goal, [snapshotsReply({ t1: {}, t2: { aborted: true } }, 0)])).to.equal('started, no success')
    })

    it('is `started` at once if the end was certain before the wait began', () => {
      const goal = { ...COPY_GOAL, until: 'started' as const, sinceMs: 100 }
      const end = statusReply({ endTime: 80n }, 0)
      expect(outcomeAfter(goal, [end, snapshotsReply({ t1: ENDED_WELL, t2: ENDED_WELL }, 0)])).to.equal('started')
      const allEnded = [snapshotsReply({ t1: ENDED_WELL, t2: ENDED_WELL }, 0), mapReply(['t1', 't2'], 0)]
      expect(outcomeAfter(goal, [...allEnded, unknownToIc(0)])).to.equal('open')
      expect(outcomeAfter(goal, [...allEnded, unknownToIc(100)])).to.equal('started')
      expect(outcomeAfter(goal, [end, snapshotsReply({ t1: {}, t2: ENDED_WELL }, 0)])).to.equal('open')
      expect(outcomeAfter(goal, [snapshotsReply({ t1: ENDED_WELL, t2: ENDED_WELL }, 0), end])).to.equal('started')
      expect(
        outcomeAfter(goal, [snapshotsReply({ t1: ENDED_WELL, t2: ENDED_WELL }, 0), mapReply(['t1', 't2', 't3'], 0)]),
      ).to.equal('open')
    })

    it('is `started` after all parts are over and the Information Center, which may know of an abort, has replied', () => {
      const goal = { ...COPY_GOAL, until: 'started' as const }
      const allEnded = [snapshotsReply({ t1: ENDED_WELL, t2: ENDED_WELL }, 0), mapReply(['t1', 't2', 't3'], 0)]
      expect(outcomeAfter(goal, allEnded)).to.equal('open')
      expect(outcomeAfter(goal, [...allEnded, statusReply({}, 1)])).to.equal('started')
      expect(outcomeAfter(goal, [...allEnded, unknownToIc(1)])).to.equal('started')
      expect(outcomeAfter(goal, [...allEnded, statusReply({ aborted: true, endTime: 60n }, 1)])).to.equal(
        'started, no success',
      )
      const silent = [...allEnded, failedRequest({ what: 'status', id: ID }, BUSY, RECENT_MS)]
      expect(aroundBound(BOUNDS.confirmed, (ms) => outcomeAfter(goal, silent, ms))).to.deep.equal({
        before: 'open',
        at: 'started',
        after: 'started',
      })
      const kind = 'summary-bck'
      expect(
        outcomeAfter(goalOf({ kind, until: 'started' }), [snapshotsReply({ t1: { ...ENDED_WELL, kind } }, 0)]),
      ).to.equal('started')
    })

    it('is `not-running` if a reply about the kind shows no run, or after its run is over', () => {
      const goal = goalOfKind('put-copies', { until: 'not-running' })
      expect(outcomeAfter(goal, [])).to.equal('open')
      expect(outcomeAfter(goal, [snapshotsOfKindReply('put-copies', {}, 0)])).to.equal('not-running')
      expect(outcomeAfter(goal, [snapshotsOfKindReply('put-copies', { t1: { kind: 'put-copies' } }, 0)])).to.equal(
        'open',
      )
      expect(outcomeAfter({ ...COPY_GOAL, until: 'not-running' }, [snapshotsReply({ t1: ENDED_BADLY }, 0)])).to.equal(
        'not-running, no success',
      )
    })

    it('is `not-running` after the end of one run only if a reply about the kind shows no other', () => {
      const goal = goalOfKind('copy-bck', { until: 'not-running' })
      const works = snapshotsOfKindReply('copy-bck', { t1: {} }, 0)
      const ends = [works, snapshotsReply({ t1: ENDED_BADLY }, 1)]
      const next = snapOf({}, 'nextJob12')
      expect(outcomeAfter(goal, ends)).to.equal('open')
      expect(
        outcomeAfter(goal, [...ends, snapshotsOfKindReply('copy-bck', { t1: [snapOf(ENDED_BADLY), next] }, 2)]),
      ).to.equal('open')
      expect(outcomeAfter(goal, [...ends, snapshotsOfKindReply('copy-bck', { t1: ENDED_BADLY }, 2)])).to.equal(
        'not-running, no success',
      )
      expect(
        outcomeAfter({ ...goal, sinceMs: 3 }, [...ends, snapshotsOfKindReply('copy-bck', { t1: ENDED_BADLY }, 2)]),
      ).to.equal('open')
    })

    it('is `not-running` for an aborted run that is winding down', () => {
      const goal = goalOfKind('copy-bck', { until: 'not-running' })
      const log = [
        snapshotsOfKindReply('copy-bck', { t1: {} }, 0),
        statusReply({ aborted: true, err: 'user abort' }, 1),
      ]
      expect(outcomeAfter(goal, [...log, snapshotsReply({ t1: {} }, 2)])).to.equal('open')
      expect(outcomeAfter(goal, [...log, snapshotsOfKindReply('copy-bck', { t1: {} }, 2)])).to.equal(
        'not-running, no success',
      )
    })

    it('is open for a kind without a run', () => {
      expect(outcomeAfter(goalOfKind('lru'), [snapshotsOfKindReply('lru', {}, 0)], 1_000_000)).to.equal('open')
    })
  })

  describe('of requests that fail', () => {
    const snapshotQuery = { what: 'snapshots', id: ID } as const

    it('is the permanent error of a request that was sent after the wait began', () => {
      expect(outcomeAfter(COPY_GOAL, [failedRequest(snapshotQuery, FORBIDDEN, 5)])).to.equal('Unauthorized')
      expect(outcomeAfter({ ...COPY_GOAL, sinceMs: 6 }, [failedRequest(snapshotQuery, FORBIDDEN, 5)])).to.equal('open')
      expect(
        outcomeAfter(goalOfKind('lru'), [failedRequest({ what: 'snapshots', kind: 'lru' }, FORBIDDEN, 5)]),
      ).to.equal('Unauthorized')
    })

    it('is the error of the third reply in a row that cannot be decoded', () => {
      const undecodable = (times: number, between: readonly Evidence[] = []): readonly Evidence[] => [
        ...Array.from({ length: times - 1 }, (_, n) => failedRequest(snapshotQuery, UNDECODABLE, n)),
        ...between,
        failedRequest(snapshotQuery, UNDECODABLE, 10),
      ]
      expect(outcomeAfter(COPY_GOAL, undecodable(2))).to.equal('open')
      expect(outcomeAfter(COPY_GOAL, undecodable(3))).to.equal('DecodeError')
      expect(outcomeAfter(COPY_GOAL, undecodable(3, [failedRequest(snapshotQuery, NOT_JSON, 9)]))).to.equal(
        'DecodeError',
      )
      expect(outcomeAfter(COPY_GOAL, undecodable(3, [snapshotsReply({ t1: {} }, 9)]))).to.equal('open')
    })

    it('is open after any other error', () => {
      expect(
        outcomeAfter(
          COPY_GOAL,
          [
            failedRequest(snapshotQuery, BUSY, 0),
            failedRequest(snapshotQuery, BUSY, 1),
            failedRequest(snapshotQuery, BUSY, 2),
          ],
          1e6,
        ),
      ).to.equal('open')
    })

    it('is a known end, whatever failed since', () => {
      expect(
        outcomeAfter(COPY_GOAL, [
          snapshotsReply({ t1: ENDED_BADLY }, 0),
          failedRequest({ what: 'status', id: ID }, FORBIDDEN, 1),
        ]),
      ).to.equal('failed')
    })
  })

  describe('laws', () => {
    it('is the same whatever else is followed (law 2)', () => {
      fc.assert(
        fc.property(anyTape, (bytes) => {
          for (const { goal, nowMs, alone, among } of aloneAndAmong(bytes))
            for (const lateMs of [0, 1_000, 20_000])
              expect(outcomeOf(among.view, goal, among.standing, nowMs + lateMs)).to.deep.equal(
                outcomeOf(alone.view, goal, alone.standing, nowMs + lateMs),
              )
        }),
        { numRuns: casesOf(200) },
      )
    })

    it('of a failure is certain if a list shows the end in the same millisecond as the targets; a success waits for the full status', () => {
      const outcomeWith = (part: object): string =>
        outcomeAfter(COPY_GOAL, [snapshotsReply({ t1: part }, 0), listReply([statusOf({ endTime: 80n })], 0)])
      expect(outcomeWith(ENDED_BADLY)).to.equal('failed')
      expect(outcomeWith(ENDED_WELL)).to.equal('open')
    })

    it('stays certain after a list has shown the end, also for a stream that begins then (law 7); a wait that begins then may need one more reply', () => {
      let ends = 0
      fc.assert(
        fc.property(anyTape, (bytes) => {
          for (const { view, waits, nowMs } of moments(bytes))
            for (const { goal, standing } of waits) {
              const run = goal.id === undefined ? undefined : runOf(view, goal.id)
              if (run === undefined || run.icEndSeenMs !== undefined || goal.isLastRound === true) continue
              // If a part is not over, the job may be lost, but only for a wait that has searched for the part long enough.
              if (![...run.parts.values()].every(({ snap }) => isTerminal(snap))) continue
              // The absence of the run from a list counts only until another list shows it.
              if ((view.listTry?.sentMs ?? -1) >= (run.overSinceMs ?? 0)) continue
              const before = outcomeText(outcomeOf(view, { ...goal, until: 'end' }, standing, nowMs))
              if (!/^(?:finished|failed|aborted)/.test(before)) continue
              ends += 1
              const row = statusOf({ kind: run.kind ?? '', endTime: 80n }, run.id)
              const listedMs = nowMs + 10
              const next = reduce(view, listReply([row], listedMs))
              const late = { ...goal, until: 'end' as const, sinceMs: listedMs + 10 }
              const fresh = advance(late, begin(late), next)
              const wordFor = (one: Goal): string => outcomeText(outcomeOf(next, one, fresh, late.sinceMs))
              expect(wordFor({ ...late, ofStream: true })).to.equal(before)
              expect(wordFor(late)).to.be.oneOf([before, 'open'])
            }
        }),
        { numRuns: casesOf(300) },
      )
      expect(ends).to.be.greaterThan(20)
    })

    it('does not use replies to earlier requests as proof of absence or idleness (law 1)', () => {
      fc.assert(
        fc.property(anyTape, (bytes) => {
          const { log, goals } = sceneOf(bytes)
          for (const goal of goals) {
            const { view, standing } = waitAfter(goal, log)
            const lastMs = log.at(-1)?.atMs ?? 0
            const late = { ...goal, sinceMs: lastMs + 1 }
            for (const nowMs of [late.sinceMs, late.sinceMs + 100_000]) {
              const fresh = advance(late, begin(late), view)
              const outcome = outcomeText(outcomeOf(view, late, fresh, nowMs))
              expect(outcome).not.to.be.oneOf(['idle', 'lost', 'NotFound'])
              if (goal.id === undefined) expect(outcome).not.to.equal('not-running')
            }
            // A full end counts at once if the targets replied to a request that was sent after the end was received, and
            // if each target has shown its part, since a part may appear late.
            const end = { ...goal, until: 'end' as const }
            const early = outcomeText(outcomeOf(view, end, standing, late.sinceMs))
            const run = goal.id === undefined ? undefined : runOf(view, goal.id)
            const isEndConfirmed =
              run?.full?.value.endTime !== undefined &&
              (run.targetsReply?.sentMs ?? -1) >= (run.icEndSeenMs ?? 0) &&
              [...run.parts.values()].every(({ snap }) => isTerminal(snap)) &&
              hasParts(end, run) &&
              !lacksPart(caseOf(view, end, standing, late.sinceMs), run)
            if (isEndConfirmed && goal.isLastRound !== true && /^(?:finished|failed|aborted)/.test(early))
              expect(
                outcomeText(outcomeOf(view, { ...end, sinceMs: late.sinceMs }, begin(late), late.sinceMs)),
              ).to.equal(early)
          }
        }),
        { numRuns: casesOf(300) },
      )
    })

    it('is a success only if the targets confirm the end, are over, refuse permanently, or are silent too long (law 3)', () => {
      let successes = 0
      fc.assert(
        fc.property(anyTape, (bytes) => {
          for (const { view, waits, nowMs } of moments(bytes))
            for (const { goal, standing } of waits) {
              const result = outcomeOf(view, goal, standing, nowMs)
              if (result?._tag !== 'Right' || result.right.outcome !== 'finished') continue
              successes += 1
              for (const id of standing.runs) {
                const run = runOf(view, id)!
                const { icEndSeenMs = Infinity, targetsReply, snapshotsTry } = run
                const parts = partsOf(goal, run)
                const isConfirmed =
                  (targetsReply?.sentMs ?? -Infinity) >=
                  Math.min(icEndSeenMs, goal.isLastRound === true ? goal.sinceMs : Infinity)
                const isOver = parts.length > 0 && parts.every(({ snap }) => isTerminal(snap))
                const isRefused = snapshotsTry?.error !== undefined && isPermanent(snapshotsTry.error)
                const isSilentTooLong = nowMs - icEndSeenMs >= (goal.isLastRound === true ? Infinity : BOUNDS.confirmed)
                expect(isConfirmed || isOver || isRefused || isSilentTooLong, id).to.equal(true)
                for (const { snap } of parts)
                  expect([snap.err, snap.abortErr, snap.aborted]).to.deep.equal(['', '', false])
              }
            }
        }),
        { numRuns: casesOf(300) },
      )
      expect(successes).to.be.greaterThan(20)
    })

    it('depends neither on the order of targets nor on how often it is computed', () => {
      fc.assert(
        fc.property(anyTape, (bytes) => {
          for (const { view, waits, nowMs } of moments(bytes))
            for (const { goal, standing } of waits) {
              const reported = outcomeOf(view, goal, standing, nowMs)
              expect(outcomeOf(view, goal, standing, nowMs)).to.deep.equal(reported)
              const runs = [...standing.runs].reverse()
              expect(outcomeText(outcomeOf(view, goal, { ...standing, runs }, nowMs))).to.equal(outcomeText(reported))
            }
        }),
        { numRuns: casesOf(50) },
      )
    })
  })
})

describe('expired', () => {
  const expiredAt = (log: readonly Evidence[], nowMs: number, sinceMs = COPY_GOAL.sinceMs): string => {
    const { view, goal, standing } = waitAfter({ ...COPY_GOAL, sinceMs }, log)
    return outcomeText(expired(view, goal, standing, nowMs))
  }

  it('gives no outcome without the full report of the Information Center', () => {
    expect(expiredAt([], 9)).to.equal('open')
    expect(expiredAt([listReply([statusOf({ endTime: 80n })], 0)], 100_000)).to.equal('open')
    expect(expiredAt([statusReply({}, 0)], 100_000)).to.equal('open')
  })

  it('gives a failure at once, and a success if the targets had 2 s to contradict it', () => {
    expect(expiredAt([statusReply({ endTime: 80n, err: 'no quota' }, 0)], 0)).to.equal('failed')
    expect(aroundBound(BOUNDS.twice, (ms) => expiredAt([statusReply({ endTime: 80n }, 0)], ms))).to.deep.equal({
      before: 'open',
      at: 'finished',
      after: 'finished',
    })
  })

  it('does not use an absence that was reported before the wait began as a reply (laws 1, 2)', () => {
    const log = [statusReply({ endTime: 80n }, 0), unknownToTargets(100)]
    expect(expiredAt(log, 9_000)).to.equal('open')
    expect(aroundBound(BOUNDS.twice, (ms) => expiredAt(log, 5_000 + ms, 5_000))).to.deep.equal({
      before: 'open',
      at: 'finished',
      after: 'finished',
    })
    expect(expiredAt([...log, unknownToTargets(5_000)], 9_000, 5_000)).to.equal('open')
  })

  it('depends on the goal of the wait', () => {
    const at = (wanted: Goal, log: readonly Evidence[]): string => {
      const { view, goal, standing } = waitAfter(wanted, log)
      return outcomeText(expired(view, goal, standing, 9_000))
    }
    const [good, bad] = [statusReply({ endTime: 80n }, 0), statusReply({ endTime: 80n, err: 'no quota' }, 0)]
    const stopped = statusReply({ endTime: 80n, aborted: true }, 0)
    expect([good, bad, stopped].map((end) => at({ ...COPY_GOAL, until: 'started' }, [end]))).to.deep.equal([
      'started',
      'started, no success',
      'aborted',
    ])
    expect([good, bad, stopped].map((end) => at({ ...COPY_GOAL, until: 'not-running' }, [end]))).to.deep.equal([
      'not-running',
      'not-running, no success',
      'not-running, no success',
    ])
    const ofKind = goalOfKind('copy-bck', { until: 'not-running' })
    const first = snapshotsOfKindReply('copy-bck', { t1: {} }, 0)
    expect(at(ofKind, [first, statusReply({ endTime: 80n, err: 'no quota' }, 1)])).to.equal('open')
    const last = snapshotsOfKindReply('copy-bck', { t1: ENDED_BADLY }, 2)
    expect(at(ofKind, [first, statusReply({ endTime: 80n, err: 'no quota' }, 1), last])).to.equal(
      'not-running, no success',
    )
  })

  it('is not a success if the targets contradict it', () => {
    expect(expiredAt([statusReply({ endTime: 80n }, 0), snapshotsReply({ t1: {} }, 1)], 9_000)).to.equal('open')
  })
})
