import { expect } from 'chai'
import fc from 'fast-check'
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
  GARBLED,
  ID,
  NOT_JSON,
  TIMED_OUT,
  denied,
  failed,
  goalOf,
  goalOfKind,
  listed,
  live,
  members,
  shown,
  shownOfKind,
  snapOf,
  statusOf,
  reported,
  unknown,
  wordOf,
} from './helpers/facts.ts'
import { aloneAndAmong } from './helpers/company.ts'
import { moments } from './helpers/moments.ts'
import { sceneOf } from './helpers/scene.ts'
import { tape } from './helpers/tape.ts'

const word = (goal: Goal, log: readonly Evidence[], nowMs = log.at(-1)?.atMs ?? 0): string =>
  wordOf(live(goal, log).outcome(nowMs))
/** The outcomes one millisecond before a bound, at it, and one millisecond after it. */
const around = (boundMs: number, at: (ms: number) => string): readonly string[] =>
  [boundMs - 1, boundMs, boundMs + 1].map(at)

/** A source counts as silent after ten seconds if its last request failed this late or later. */
const RECENT_MS = 5_000
const COPY = goalOf({ kind: 'copy-bck' })
const RESTING = goalOf({ kind: 'put-copies' })
const OK = { endTime: 50n, isIdle: true } as const
const BAD = { endTime: 60n, err: 'disk full' } as const
const IDLE = { kind: 'put-copies', isIdle: true } as const

describe('outcomeOf', () => {
  describe('of one target', () => {
    const onT1: Goal = { ...COPY, selection: { ...COPY.selection, target: 't1' } }

    it('does not depend on a status that another stream has requested, because it may hold the error of another target', () => {
      const isDone = shown({ t1: OK, t2: BAD }, 1)
      for (const status of [{ endTime: 80n, err: 'disk full' }, { aborted: true }, { endTime: 80n }, {}]) {
        expect(word(onT1, [reported(status, 0), isDone])).to.equal('finished')
        expect(word(onT1, [listed([statusOf(status)], 0), isDone])).to.equal('finished')
        expect(word(onT1, [reported(status, 0), shown({ t1: {}, t2: BAD }, 1)])).to.equal('-')
      }
    })

    it('is `NotFound` after 10 s if this target never shows the job, even if the Information Center does', () => {
      const log = [listed([statusOf({})], 0), ...[1, 2_500, 9_000].map((ms) => shown({ t2: {} }, ms))]
      expect(word(onT1, log)).to.equal('-')
      expect(word(onT1, [...log, shown({ t2: {} }, 10_001)])).to.equal('NotFound')
    })
  })

  describe('of a job whose end the Information Center reports', () => {
    it('is open for a running job, and before any reply', () => {
      expect(word(COPY, [])).to.equal('-')
      expect(word(COPY, [reported({}, 0), shown({ t1: {} }, 0)], 1_000_000)).to.equal('-')
    })

    it('is a success after a snapshot poll that was sent after the end was received (law 3)', () => {
      const end = reported({ endTime: 80n }, 0, 100)
      expect(word(COPY, [shown({ t1: {} }, 0), end])).to.equal('-')
      expect(word(COPY, [end, shown({ t1: OK }, 99, 200)])).to.equal('-')
      expect(word(COPY, [end, shown({ t1: OK }, 100, 200)])).to.equal('finished')
      expect(word(COPY, [end, denied(100, 200)])).to.equal('finished')
    })

    it('is `failed` if only a target reports the error', () => {
      expect(word(COPY, [reported({ endTime: 80n }, 0), shown({ t1: OK, t2: BAD }, 1)])).to.equal('failed*')
    })

    it('is open while a target is still running after the end', () => {
      expect(word(COPY, [reported({ endTime: 80n }, 0), shown({ t1: OK, t2: {} }, 1)], 1_000_000)).to.equal('-')
    })

    it('does not wait for a missing target', () => {
      const log = [shown({ t1: OK, t2: {} }, 0), reported({ endTime: 80n }, 1), shown({ t1: OK }, 2)]
      expect(word(COPY, log)).to.equal('finished')
    })

    it('never follows from a row of a list, which has no error', () => {
      const log = [listed([statusOf({ endTime: 80n })], 0), shown({ t1: {} }, 1)]
      expect(word(COPY, log, 1_000_000)).to.equal('-')
      expect(word(COPY, [...log, reported({ endTime: 80n, err: 'no quota' }, 2), denied(3)])).to.equal('failed*')
    })

    it('is a success by the full report of the Information Center if requests to the targets fail for 10 s', () => {
      const log = [reported({ endTime: 80n }, 0), failed({ what: 'snapshots', id: ID }, BUSY, RECENT_MS)]
      expect(around(BOUNDS.confirmed, (ms) => word(COPY, log, ms))).to.deep.equal(['-', 'finished', 'finished'])
    })

    it('waits for the cause of a failure for 1 s, or until a request to the targets fails', () => {
      const end = reported({ endTime: 80n, err: 'no quota' }, 0)
      expect(around(1_000, (ms) => word(COPY, [end], ms))).to.deep.equal(['-', 'failed*', 'failed*'])
      expect(word(COPY, [end, failed({ what: 'snapshots', id: ID }, BUSY, 1)])).to.equal('failed*')
    })

    it('is `aborted` although targets are winding down', () => {
      const abort = reported({ aborted: true, err: 'user abort' }, 0)
      expect(word(COPY, [abort, shown({ t1: {}, t2: { aborted: true } }, 1)])).to.equal('aborted*')
      expect(around(1_000, (ms) => word(COPY, [abort], ms))).to.deep.equal(['-', 'aborted*', 'aborted*'])
    })

    it('is `aborted` by a list if requests for the status fail for 10 s, or have no reply for 35 s', () => {
      const log = [listed([statusOf({ aborted: true })], 0)]
      expect(around(BOUNDS.settled, (ms) => word(COPY, log, ms))).to.deep.equal(['-', 'aborted*', 'aborted*'])
      log.push(failed({ what: 'status', id: ID }, BUSY, RECENT_MS))
      expect(around(BOUNDS.confirmed, (ms) => word(COPY, log, ms))).to.deep.equal(['-', 'aborted*', 'aborted*'])
    })

    it('is not a success in the last round of a budget before the targets reply', () => {
      const hurried = { ...COPY, sinceMs: 0, isLastRound: true }
      const log = [reported({ endTime: 80n }, 0)]
      expect(around(BOUNDS.settled, (ms) => word(hurried, log, ms))).to.deep.equal(['-', '-', '-'])
      expect(word(hurried, [...log, shown({ t1: OK }, 1)])).to.equal('finished')
    })
  })

  describe('of a job whose parts are over', () => {
    const allEnded = shown({ t1: OK, t2: OK }, 0)

    it('is certain after each target of the map showed its part and the Information Center replied', () => {
      expect(word(COPY, [allEnded, members(['t1', 't2'], 1)])).to.equal('-')
      expect(word(COPY, [allEnded, members(['t1', 't2'], 1), reported({}, 1)])).to.equal('finished')
      expect(word(COPY, [allEnded, members(['t1', 't2', 't3'], 1), reported({}, 1)])).to.equal('-')
      expect(word(COPY, [allEnded, members(['t1', 't2'], 1, ['t3']), reported({}, 1)])).to.equal('finished')
    })

    it('needs no report of the Information Center after 1.5 s of the last round, unless a target has failed', () => {
      const hurried = { ...COPY, sinceMs: 0, isLastRound: true }
      const log = [allEnded, members(['t1', 't2'], 1)]
      expect(around(1_500, (ms) => word(hurried, log, ms))).to.deep.equal(['-', 'finished', 'finished'])
      const gone = failed({ what: 'snapshots', id: ID }, TIMED_OUT, 2)
      expect(word(hurried, [...log, gone], 10_000)).to.equal('-')
    })

    it('is open while one part is running, whatever the other sources report', () => {
      expect(word(COPY, [shown({ t1: OK, t2: {} }, 0), members(['t1', 't2'], 1), reported({}, 1)], 1e6)).to.equal('-')
    })

    it('does not need the parts to end at the same time', () => {
      const ends = shown({ t1: OK, t2: { endTime: 70n } }, 0)
      expect(live(COPY, [ends, members(['t1', 't2'], 1), reported({}, 1)]).outcome(1)).to.have.nested.property(
        'right.endTime',
        70n,
      )
    })

    it('is a failure at once if a part failed or was aborted', () => {
      expect(word(COPY, [shown({ t1: OK, t2: BAD }, 0)])).to.equal('failed*')
      expect(word(COPY, [shown({ t1: OK, t2: { aborted: true } }, 0)])).to.equal('aborted*')
    })

    it('stands if a list shows the end later, but needs the full status if a list showed the end first', () => {
      const kind = 'resilver'
      const goal = goalOf({ kind })
      const part = (ms: number): Evidence => shown({ t1: { ...OK, kind } }, ms)
      const row = (ms: number): Evidence => listed([statusOf({ kind, endTime: 50n })], ms)
      expect(word(goal, [part(0), reported({ kind }, 1)])).to.equal('finished')
      expect(word(goal, [part(0), reported({ kind }, 1), row(2)])).to.equal('finished')
      expect(word(goal, [row(0), part(1)])).to.equal('-')
      expect(word(COPY, [shown({ t1: BAD }, 0), listed([statusOf({ endTime: 50n })], 1)])).to.equal('failed*')
    })

    it('is certain after 35 s if nothing proves that these are all parts', () => {
      const at = (ms: number): string => word(COPY, [allEnded, reported({}, ms), shown({ t1: OK, t2: OK }, ms)])
      expect(around(BOUNDS.settled, at)).to.deep.equal(['-', 'finished', 'finished'])
    })

    it('is certain after 10 s if the Information Center does not know the job either', () => {
      const at = (ms: number): string => word(COPY, [allEnded, unknown(ms), shown({ t1: OK, t2: OK }, ms)])
      expect(around(BOUNDS.visible, at)).to.deep.equal(['-', 'finished', 'finished'])
    })

    it('does not count a reply after 35 s whose request was sent before: the clock may have leapt in between (law 3)', () => {
      const late = (ms: number): readonly Evidence[] => [reported({}, 1, ms), shown({ t1: OK, t2: OK }, 1, ms)]
      const [timely, after] = [BOUNDS.settled, BOUNDS.settled + 1_000]
      expect(word(COPY, [allEnded, ...late(after)])).to.equal('-')
      expect(word(COPY, [allEnded, reported({}, timely), shown({ t1: OK, t2: OK }, 1, after)])).to.equal('-')
      expect(word(COPY, [allEnded, reported({}, 1, after), shown({ t1: OK, t2: OK }, timely)])).to.equal('-')
      expect(word(COPY, [allEnded, reported({}, timely), shown({ t1: OK, t2: OK }, timely)])).to.equal('finished')
    })

    it('is certain after 10 s if the Information Center is silent and all targets have shown their part', () => {
      const log = [allEnded, members(['t1', 't2'], 1), failed({ what: 'status', id: ID }, BUSY, RECENT_MS)]
      expect(around(BOUNDS.confirmed, (ms) => word(COPY, log, ms))).to.deep.equal(['-', 'finished', 'finished'])
    })

    it('is certain after 35 s by the targets alone if the Information Center has never answered', () => {
      const failing = failed({ what: 'status', id: ID }, BUSY, 30_000)
      const at = (ms: number): string => word(COPY, [allEnded, failing, shown({ t1: OK, t2: OK }, ms)])
      expect(around(BOUNDS.settled, at)).to.deep.equal(['-', 'finished', 'finished'])
    })

    it('does not count one failed reply, long ago, as silence: no request can be sent while the clock jumps (law 3)', () => {
      const failing = (...atMs: readonly number[]): readonly Evidence[] =>
        atMs.map((ms) => failed({ what: 'status', id: ID }, BUSY, ms))
      const log = [allEnded, members(['t1', 't2'], 1)]
      expect(word(COPY, [...log, ...failing(1)], BOUNDS.confirmed + 1_000)).to.equal('-')
      expect(word(COPY, [...log, ...failing(1, 11_000)], BOUNDS.confirmed + 1_000)).to.equal('finished')
      expect(word(COPY, [...log, ...failing(1), reported({ endTime: 80n, err: 'no quota' }, 11_000)])).to.equal(
        'failed*',
      )
      // A wait that sends no further request still has an outcome.
      expect(around(BOUNDS.settled, (ms) => word(COPY, [...log, ...failing(1)], ms))).to.deep.equal([
        '-',
        'finished',
        'finished',
      ])
    })

    it('stays certain if a list shows the end later, and waits for the status if the list came first', () => {
      const end = (more: Partial<JobStatus> = {}): Evidence => listed([statusOf({ endTime: 80n, ...more })], 2)
      const whole = [allEnded, members(['t1', 't2'], 1), reported({}, 1)]
      expect(word(COPY, [...whole, end()])).to.equal('finished')
      expect(word(COPY, [shown({ t1: OK, t2: BAD }, 0), end()])).to.equal('failed*')
      const resilver = [shown({ t1: { ...OK, kind: 'resilver' } }, 0), reported({ kind: 'resilver' }, 1)]
      expect(word(goalOf({ kind: 'resilver' }), [...resilver, end({ kind: 'resilver' })])).to.equal('finished')
      expect(word(COPY, [end(), shown({ t1: OK, t2: BAD }, 3)])).to.equal('-')
      expect(word(COPY, [allEnded, reported({}, 1), end(), members(['t1', 't2'], 3)])).to.equal('-')
      expect(word(COPY, [...whole, end({ aborted: true })])).to.equal('-')
    })

    it('waits for the status of any kind whose end a list has shown, because a list has no error', () => {
      const kind = 'download'
      const goal = goalOf({ kind, until: 'end' })
      const parts = shown({ t1: { ...OK, kind } }, 1)
      const row = listed([statusOf({ kind, endTime: 80n })], 0)
      expect(word(goal, [row, parts])).to.equal('-')
      expect(word(goal, [row, parts, reported({ kind, endTime: 80n, err: 'no quota' }, 2)])).to.equal('failed*')
      expect(word({ ...goal, selection: { ...goal.selection, target: 't1' } }, [row, parts])).to.equal('finished')
    })

    it('needs a report of the Information Center from after the job began: a 404 from before proves nothing', () => {
      const early = [unknown(0), unknown(2_500), members(['t1', 't2'], 3_000)]
      const log = [...early, shown({ t1: {}, t2: {} }, 5_000), shown({ t1: OK, t2: OK }, 9_000)]
      expect(word(COPY, log)).to.equal('-')
      expect(word(COPY, [...log, reported({ endTime: 80n, err: 'no quota' }, 9_001)])).to.equal('failed*')
      expect(word(COPY, [...log, unknown(9_001)])).to.equal('finished')
      const forgotten = [unknown(6_000), unknown(8_000), shown({ t1: OK, t2: OK }, 9_000)]
      expect(word(COPY, [...early, shown({ t1: {}, t2: {} }, 5_000), ...forgotten])).to.equal('finished')
    })

    it('needs the Information Center even if the job has no other parts: it may know an error that no target shows', () => {
      for (const kind of ['download', 'resilver'])
        for (const until of ['kind', 'end'] as const) {
          const goal = goalOf({ kind, until })
          const parts = shown({ t1: { ...OK, kind } }, 0)
          expect(word(goal, [parts])).to.equal('-')
          expect(word(goal, [parts, reported({ kind, endTime: 80n, err: 'no quota' }, 1)])).to.equal('failed*')
          expect(word(goal, [parts, reported({ kind }, 1)])).to.equal('finished')
          expect(word(goal, [parts, unknown(1)])).to.equal('finished')
          const log = [parts, failed({ what: 'status', id: ID }, BUSY, RECENT_MS)]
          expect(around(BOUNDS.confirmed, (ms) => word(goal, log, ms))).to.deep.equal(['-', 'finished', 'finished'])
          expect(word({ ...goal, until: 'started' }, [parts])).to.equal('-')
          expect(word({ ...goal, selection: { ...goal.selection, target: 't1' } }, [parts])).to.equal('finished')
        }
      expect(word(RESTING, [shown({ t1: { ...OK, kind: 'put-copies' } }, 0)])).to.equal('finished')
    })

    it('needs new replies for a wait that begins later, if the earlier ones had no error (laws 1, 3)', () => {
      const late: Goal = { ...COPY, sinceMs: 40_001 }
      const row = listed([statusOf({ endTime: 50n })], 1)
      for (const log of [
        [allEnded, members(['t1', 't2'], 0), row, unknown(2)],
        [shown({ t1: OK }, 0), members(['t1', 't2'], 0), shown({ t1: OK }, 40_000), reported({}, 40_000)],
      ]) {
        expect(word(COPY, log)).to.equal('finished')
        expect(word(late, log, 40_001)).to.equal('-')
        expect(word(late, [...log, shown({ t1: OK, t2: BAD }, 40_001)])).to.equal('failed*')
        const failure = reported({ endTime: 80n, err: 'no quota' }, 40_001)
        expect(word(late, [...log, failure, shown({ t1: OK }, 40_001)])).to.equal('failed*')
        expect(word(late, [...log, shown({ t1: OK }, 40_001), reported({}, 40_001)])).to.equal('finished')
      }
    })

    it("needs the Information Center's report on each run that a wait by kind follows", () => {
      const kind = 'resilver'
      const both = (more: object, ms: number): Evidence =>
        shownOfKind(kind, { t1: [snapOf({ kind, ...more }, 'one'), snapOf({ kind, ...more }, 'two')] }, ms)
      const log = [both({}, 0), both(OK, 1), reported({ kind }, 2, 2, 'one')]
      expect(word(goalOfKind(kind), log)).to.equal('-')
      expect(word(goalOfKind(kind), [...log, reported({ kind }, 3, 3, 'two')])).to.equal('finished')
      const failure = reported({ kind, endTime: 80n, err: 'no quota' }, 3, 3, 'two')
      expect(word(goalOfKind(kind), [...log, failure])).to.equal('failed*')
    })

    it('needs no map if the goal is a single part', () => {
      expect(word({ ...COPY, until: 'single' }, [allEnded])).to.equal('-')
      expect(word({ ...COPY, until: 'single' }, [allEnded, reported({}, 1)])).to.equal('finished')
      expect(word(goalOf({ kind: 'blob-download' }), [shown({ t1: { ...OK, kind: 'blob-download' } }, 0)])).to.equal(
        'finished',
      )
    })
  })

  describe('of a job that idles', () => {
    it('needs two replies, two seconds apart, that show every part as idle or over', () => {
      const at = (ms: number): string => word(RESTING, [shown({ t1: IDLE }, 0), shown({ t1: IDLE }, ms)])
      expect(around(BOUNDS.twice, at)).to.deep.equal(['-', 'idle', 'idle'])
      expect(word(RESTING, [shown({ t1: IDLE }, 0)], 1_000_000)).to.equal('-')
    })

    it('starts again if a part worked in between, or was missing', () => {
      const works = {
        ...IDLE,
        stats: { objects: 1n, bytes: 0n, outObjects: 0n, outBytes: 0n, inObjects: 0n, inBytes: 0n },
      }
      const again = shown({ t1: IDLE }, 2_000)
      for (const between of [shown({ t1: { kind: 'put-copies' } }, 1_000), shown({ t1: works }, 1_000), denied(1_000)])
        expect(word(RESTING, [shown({ t1: IDLE }, 0), between, again])).to.equal('-')
    })

    it('is a failure if a part has an error, and only for waits that accept idleness', () => {
      const log = [shown({ t1: { ...IDLE, err: 'no quota' } }, 0), shown({ t1: { ...IDLE, err: 'no quota' } }, 2_000)]
      expect(word(RESTING, log)).to.equal('failed*')
      expect(word({ ...RESTING, until: 'end' }, log)).to.equal('-')
    })

    it('needs a reply of the Information Center if that tracks the kind: it may know of an abort', () => {
      const goal = { ...COPY, until: 'idle' } as const
      const log = [shown({ t1: { isIdle: true } }, 0), shown({ t1: { isIdle: true } }, 2_000)]
      expect(word(goal, [...log, reported({}, 2_001)])).to.equal('idle')
      expect(word(goal, [...log, listed([statusOf({})], 2_001)])).to.equal('idle')
      expect(word(goal, [...log, unknown(2_001)])).to.equal('idle')
      expect(word(goal, [...log, reported({ aborted: true, err: 'no such job' }, 2_001)], 4_000)).to.equal('aborted*')
    })

    it('is certain without the Information Center if requests to it fail for 10 s, or have no reply for 35 s', () => {
      const goal = { ...COPY, until: 'idle' } as const
      const log = [shown({ t1: { isIdle: true } }, 0), shown({ t1: { isIdle: true } }, 2_000)]
      expect(around(BOUNDS.settled, (ms) => word(goal, log, ms))).to.deep.equal(['-', 'idle', 'idle'])
      log.push(failed({ what: 'status', id: ID }, BUSY, RECENT_MS))
      expect(around(BOUNDS.confirmed, (ms) => word(goal, log, ms))).to.deep.equal(['-', 'idle', 'idle'])
    })

    it('is `aborted` at once if one part is aborted', () => {
      expect(word(RESTING, [shown({ t1: IDLE, t2: { ...IDLE, aborted: true } }, 0)])).to.equal('aborted*')
    })
  })

  describe('of a job that has disappeared', () => {
    it('is `lost` after 60 s and three replies without a part that did not end', () => {
      const at = (ms: number): string =>
        word(COPY, [shown({ t1: OK, t2: {} }, 0), ...[1_000, 2_000, 1_000 + ms].map((one) => shown({ t1: OK }, one))])
      expect(around(BOUNDS.lost, at)).to.deep.equal(['-', 'lost*', 'lost*'])
      expect(word(COPY, [shown({ t1: OK, t2: {} }, 0), shown({ t1: OK }, 1_000), shown({ t1: OK }, 61_000)])).to.equal(
        '-',
      )
    })

    it('is `lost` if two replies, two seconds apart, and the Information Center lack the job', () => {
      const at = (ms: number): string =>
        word(COPY, [
          shown({ t1: {} }, 0),
          members(['t1'], 0),
          denied(10),
          unknown(10),
          members(['t1'], 10),
          denied(10 + ms),
        ])
      expect(around(BOUNDS.twice, at)).to.deep.equal(['-', 'lost*', 'lost*'])
    })

    it('is open while a target that had a part may come back', () => {
      const log = [shown({ t1: {} }, 0), denied(10), unknown(10), members(['t2'], 10), denied(3_000)]
      expect(word(COPY, log)).to.equal('-')
    })

    it('is `lost` after 60 s if only the Information Center shows the job, as open', () => {
      const map = members(['t1'], 0)
      const at = (ms: number): string => word(COPY, [map, denied(0), reported({}, 0), denied(ms), reported({}, ms)])
      expect(around(BOUNDS.lost, at)).to.deep.equal(['-', 'lost*', 'lost*'])
      const started = { ...COPY, until: 'started' as const }
      expect(word(started, [map, denied(0), reported({}, 0), denied(60_000), reported({}, 60_000)])).to.equal('lost*')
      const rows = [denied(0), listed([statusOf()], 0), denied(60_000), listed([statusOf()], 60_001)]
      expect(word(COPY, [map, ...rows])).to.equal('lost*')
    })

    it('is open while the Information Center has shown the job for less than 60 s, or does not reply', () => {
      const log = [members(['t1'], 0), denied(0), reported({}, 1), denied(60_000)]
      expect(word(COPY, [...log, reported({}, 60_000)])).to.equal('-')
      expect(word(COPY, [...log, denied(60_001), reported({}, 60_001)])).to.equal('lost*')
      expect(word(COPY, [...log, denied(60_001), failed({ what: 'status', id: ID }, BUSY, 60_001)])).to.equal('-')
    })

    it('is open after 60 s if a target showed a part, without a map, or if targets may never show the kind', () => {
      const log = [denied(1), denied(70_000), reported({}, 70_000)]
      expect(word(COPY, [members(['t1'], 0), shown({ t1: {} }, 0), reported({}, 0), ...log])).to.equal('-')
      expect(word(COPY, [members(['t1'], 0), reported({}, 0), ...log])).to.equal('lost*')
      expect(word(COPY, [reported({}, 0), ...log])).to.equal('-')
      const kind = 'of-tomorrow'
      const young = [reported({ kind }, 0), denied(1), denied(70_000), reported({ kind }, 70_000)]
      expect(word(goalOf({ kind }), [members(['t1'], 0), ...young])).to.equal('-')
    })

    it('is `NotFound` after 10 s, if neither source knew the job in two replies', () => {
      const at = (ms: number): string => word(COPY, [denied(0), unknown(ms), denied(ms)])
      expect(around(BOUNDS.visible, at)).to.deep.equal(['-', 'NotFound', 'NotFound'])
      expect(word(COPY, [unknown(0), denied(20_000)])).to.equal('-')
    })

    it('is `NotFound` although targets show another job under the id', () => {
      const other = (ms: number): Evidence => shown({ t1: { kind: 'lru' } }, ms)
      expect(word(COPY, [other(0), unknown(20_000), other(20_000)])).to.equal('NotFound')
    })
  })

  describe('of other waits', () => {
    it('is `started` after each part has started', () => {
      const goal = { ...COPY, until: 'started' as const }
      expect(word(goal, [shown({ t1: {}, t2: { startTime: undefined } }, 0)])).to.equal('-')
      expect(word(goal, [shown({ t1: {}, t2: {} }, 0)])).to.equal('started')
      expect(word(goal, [shown({ t1: OK, t2: BAD }, 0)])).to.equal('started*')
    })

    it('is `started` with an error after a poll since the wait began, because it may be aborted; at once if the job is over', () => {
      const goal = { ...COPY, until: 'started' as const, sinceMs: 100 }
      const failing = shown({ t1: {}, t2: { err: 'disk full' } }, 0)
      expect(word(goal, [failing])).to.equal('-')
      expect(word(goal, [failing, shown({ t1: {}, t2: { err: 'disk full' } }, 100)])).to.equal('started*')
      expect(word(goal, [failing, shown({ t1: {}, t2: { aborted: true } }, 100)])).to.equal('started*')
      expect(word(goal, [shown({ t1: OK, t2: BAD }, 0)])).to.equal('started*')
      expect(word(goal, [shown({ t1: {}, t2: { aborted: true } }, 0)])).to.equal('started*')
    })

    it('is `started` at once if the end was certain before the wait began', () => {
      const goal = { ...COPY, until: 'started' as const, sinceMs: 100 }
      const end = reported({ endTime: 80n }, 0)
      expect(word(goal, [end, shown({ t1: OK, t2: OK }, 0)])).to.equal('started')
      const allEnded = [shown({ t1: OK, t2: OK }, 0), members(['t1', 't2'], 0)]
      expect(word(goal, [...allEnded, unknown(0)])).to.equal('-')
      expect(word(goal, [...allEnded, unknown(100)])).to.equal('started')
      expect(word(goal, [end, shown({ t1: {}, t2: OK }, 0)])).to.equal('-')
      expect(word(goal, [shown({ t1: OK, t2: OK }, 0), end])).to.equal('started')
      expect(word(goal, [shown({ t1: OK, t2: OK }, 0), members(['t1', 't2', 't3'], 0)])).to.equal('-')
    })

    it('is `started` after all parts are over and the Information Center, which may know of an abort, has replied', () => {
      const goal = { ...COPY, until: 'started' as const }
      const allEnded = [shown({ t1: OK, t2: OK }, 0), members(['t1', 't2', 't3'], 0)]
      expect(word(goal, allEnded)).to.equal('-')
      expect(word(goal, [...allEnded, reported({}, 1)])).to.equal('started')
      expect(word(goal, [...allEnded, unknown(1)])).to.equal('started')
      expect(word(goal, [...allEnded, reported({ aborted: true, endTime: 60n }, 1)])).to.equal('started*')
      const silent = [...allEnded, failed({ what: 'status', id: ID }, BUSY, RECENT_MS)]
      expect(around(BOUNDS.confirmed, (ms) => word(goal, silent, ms))).to.deep.equal(['-', 'started', 'started'])
      const kind = 'summary-bck'
      expect(word(goalOf({ kind, until: 'started' }), [shown({ t1: { ...OK, kind } }, 0)])).to.equal('started')
    })

    it('is `not-running` if a reply about the kind shows no run, or after its run is over', () => {
      const goal = goalOfKind('put-copies', { until: 'not-running' })
      expect(word(goal, [])).to.equal('-')
      expect(word(goal, [shownOfKind('put-copies', {}, 0)])).to.equal('not-running')
      expect(word(goal, [shownOfKind('put-copies', { t1: { kind: 'put-copies' } }, 0)])).to.equal('-')
      expect(word({ ...COPY, until: 'not-running' }, [shown({ t1: BAD }, 0)])).to.equal('not-running*')
    })

    it('is `not-running` after the end of one run only if a reply about the kind shows no other', () => {
      const goal = goalOfKind('copy-bck', { until: 'not-running' })
      const works = shownOfKind('copy-bck', { t1: {} }, 0)
      const ends = [works, shown({ t1: BAD }, 1)]
      const next = snapOf({}, 'nextJob12')
      expect(word(goal, ends)).to.equal('-')
      expect(word(goal, [...ends, shownOfKind('copy-bck', { t1: [snapOf(BAD), next] }, 2)])).to.equal('-')
      expect(word(goal, [...ends, shownOfKind('copy-bck', { t1: BAD }, 2)])).to.equal('not-running*')
      expect(word({ ...goal, sinceMs: 3 }, [...ends, shownOfKind('copy-bck', { t1: BAD }, 2)])).to.equal('-')
    })

    it('is `not-running` for an aborted run that is winding down', () => {
      const goal = goalOfKind('copy-bck', { until: 'not-running' })
      const log = [shownOfKind('copy-bck', { t1: {} }, 0), reported({ aborted: true, err: 'user abort' }, 1)]
      expect(word(goal, [...log, shown({ t1: {} }, 2)])).to.equal('-')
      expect(word(goal, [...log, shownOfKind('copy-bck', { t1: {} }, 2)])).to.equal('not-running*')
    })

    it('is open for a kind without a run', () => {
      expect(word(goalOfKind('lru'), [shownOfKind('lru', {}, 0)], 1_000_000)).to.equal('-')
    })
  })

  describe('of requests that fail', () => {
    const poll = { what: 'snapshots', id: ID } as const

    it('is the permanent error of a request that was sent after the wait began', () => {
      expect(word(COPY, [failed(poll, FORBIDDEN, 5)])).to.equal('Unauthorized')
      expect(word({ ...COPY, sinceMs: 6 }, [failed(poll, FORBIDDEN, 5)])).to.equal('-')
      expect(word(goalOfKind('lru'), [failed({ what: 'snapshots', kind: 'lru' }, FORBIDDEN, 5)])).to.equal(
        'Unauthorized',
      )
    })

    it('is the error of the third reply in a row that cannot be decoded', () => {
      const undecodable = (times: number, between: readonly Evidence[] = []): readonly Evidence[] => [
        ...Array.from({ length: times - 1 }, (_, n) => failed(poll, GARBLED, n)),
        ...between,
        failed(poll, GARBLED, 10),
      ]
      expect(word(COPY, undecodable(2))).to.equal('-')
      expect(word(COPY, undecodable(3))).to.equal('DecodeError')
      expect(word(COPY, undecodable(3, [failed(poll, NOT_JSON, 9)]))).to.equal('DecodeError')
      expect(word(COPY, undecodable(3, [shown({ t1: {} }, 9)]))).to.equal('-')
    })

    it('is open after any other error', () => {
      expect(word(COPY, [failed(poll, BUSY, 0), failed(poll, BUSY, 1), failed(poll, BUSY, 2)], 1e6)).to.equal('-')
    })

    it('is a known end, whatever failed since', () => {
      expect(word(COPY, [shown({ t1: BAD }, 0), failed({ what: 'status', id: ID }, FORBIDDEN, 1)])).to.equal('failed*')
    })
  })

  describe('laws', () => {
    it('is the same whatever else is followed (law 2)', () => {
      fc.assert(
        fc.property(tape, (bytes) => {
          for (const { goal, nowMs, alone, among } of aloneAndAmong(bytes))
            for (const lateMs of [0, 1_000, 20_000])
              expect(outcomeOf(among.view, goal, among.standing, nowMs + lateMs)).to.deep.equal(
                outcomeOf(alone.view, goal, alone.standing, nowMs + lateMs),
              )
        }),
        { numRuns: 200 },
      )
    })

    it('stays certain after a list has shown the end, also for a stream that begins then (law 7); a wait that begins then may need one more reply', () => {
      let ends = 0
      fc.assert(
        fc.property(tape, (bytes) => {
          for (const { view, waits, nowMs } of moments(bytes))
            for (const { goal, standing } of waits) {
              const run = goal.id === undefined ? undefined : runOf(view, goal.id)
              if (run === undefined || run.icEndSeenMs !== undefined || goal.isLastRound === true) continue
              // If a part is not over, the job may be lost, but only for a wait that has searched for the part long enough.
              if (![...run.parts.values()].every(({ snap }) => isTerminal(snap))) continue
              // The absence of the run from a list counts only until another list shows it.
              if ((view.listTry?.sentMs ?? -1) >= (run.overSinceMs ?? 0)) continue
              const before = wordOf(outcomeOf(view, { ...goal, until: 'end' }, standing, nowMs))
              if (!/^(?:finished|failed|aborted)/.test(before)) continue
              ends += 1
              const row = statusOf({ kind: run.kind ?? '', endTime: 80n }, run.id)
              const listedMs = nowMs + 10
              const next = reduce(view, listed([row], listedMs))
              const late = { ...goal, until: 'end' as const, sinceMs: listedMs + 10 }
              const fresh = advance(late, begin(late), next)
              const wordFor = (one: Goal): string => wordOf(outcomeOf(next, one, fresh, late.sinceMs))
              expect(wordFor({ ...late, ofStream: true })).to.equal(before)
              expect(wordFor(late)).to.be.oneOf([before, '-'])
            }
        }),
        { numRuns: 300 },
      )
      expect(ends).to.be.greaterThan(20)
    })

    it('does not use replies to earlier requests as proof of absence or idleness (law 1)', () => {
      fc.assert(
        fc.property(tape, (bytes) => {
          const { log, goals } = sceneOf(bytes)
          for (const goal of goals) {
            const { view, standing } = live(goal, log)
            const lastMs = log.at(-1)?.atMs ?? 0
            const late = { ...goal, sinceMs: lastMs + 1 }
            for (const nowMs of [late.sinceMs, late.sinceMs + 100_000]) {
              const fresh = advance(late, begin(late), view)
              const outcome = wordOf(outcomeOf(view, late, fresh, nowMs))
              expect(outcome).not.to.be.oneOf(['idle', 'lost*', 'NotFound'])
              if (goal.id === undefined) expect(outcome).not.to.equal('not-running')
            }
            // A full end counts at once if the targets replied to a request that was sent after the end was received, and
            // if each target has shown its part, since a part may appear late.
            const end = { ...goal, until: 'end' as const }
            const early = wordOf(outcomeOf(view, end, standing, late.sinceMs))
            const run = goal.id === undefined ? undefined : runOf(view, goal.id)
            const isEndConfirmed =
              run?.full?.value.endTime !== undefined &&
              (run.targetsReply?.sentMs ?? -1) >= (run.icEndSeenMs ?? 0) &&
              [...run.parts.values()].every(({ snap }) => isTerminal(snap)) &&
              hasParts(end, run) &&
              !lacksPart(caseOf(view, end, standing, late.sinceMs), run)
            if (isEndConfirmed && goal.isLastRound !== true && /^(?:finished|failed|aborted)/.test(early))
              expect(wordOf(outcomeOf(view, { ...end, sinceMs: late.sinceMs }, begin(late), late.sinceMs))).to.equal(
                early,
              )
          }
        }),
        { numRuns: 300 },
      )
    })

    it('is a success only if the targets confirm the end, are over, refuse permanently, or are silent too long (law 3)', () => {
      let successes = 0
      fc.assert(
        fc.property(tape, (bytes) => {
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
        { numRuns: 300 },
      )
      expect(successes).to.be.greaterThan(20)
    })

    it('depends neither on the order of targets nor on how often it is computed', () => {
      fc.assert(
        fc.property(tape, (bytes) => {
          for (const { view, waits, nowMs } of moments(bytes))
            for (const { goal, standing } of waits) {
              const reported = outcomeOf(view, goal, standing, nowMs)
              expect(outcomeOf(view, goal, standing, nowMs)).to.deep.equal(reported)
              const runs = [...standing.runs].reverse()
              expect(wordOf(outcomeOf(view, goal, { ...standing, runs }, nowMs))).to.equal(wordOf(reported))
            }
        }),
        { numRuns: 50 },
      )
    })
  })
})

describe('expired', () => {
  const wordAt = (log: readonly Evidence[], nowMs: number, sinceMs = COPY.sinceMs): string => {
    const { view, goal, standing } = live({ ...COPY, sinceMs }, log)
    return wordOf(expired(view, goal, standing, nowMs))
  }

  it('is nothing without the full report of the Information Center', () => {
    expect(wordAt([], 9)).to.equal('-')
    expect(wordAt([listed([statusOf({ endTime: 80n })], 0)], 100_000)).to.equal('-')
    expect(wordAt([reported({}, 0)], 100_000)).to.equal('-')
  })

  it('is a failure at once, and a success if the targets had 2 s to contradict it', () => {
    expect(wordAt([reported({ endTime: 80n, err: 'no quota' }, 0)], 0)).to.equal('failed*')
    expect(around(BOUNDS.twice, (ms) => wordAt([reported({ endTime: 80n }, 0)], ms))).to.deep.equal([
      '-',
      'finished',
      'finished',
    ])
  })

  it('does not use an absence that was reported before the wait began as a reply (laws 1, 2)', () => {
    const log = [reported({ endTime: 80n }, 0), denied(100)]
    expect(wordAt(log, 9_000)).to.equal('-')
    expect(around(BOUNDS.twice, (ms) => wordAt(log, 5_000 + ms, 5_000))).to.deep.equal(['-', 'finished', 'finished'])
    expect(wordAt([...log, denied(5_000)], 9_000, 5_000)).to.equal('-')
  })

  it('is not a success if the targets contradict it', () => {
    expect(wordAt([reported({ endTime: 80n }, 0), shown({ t1: {} }, 1)], 9_000)).to.equal('-')
  })
})
