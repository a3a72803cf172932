import { expect } from 'chai'
import fc from 'fast-check'
import type { JobError } from '../../../lib/error.ts'
import { BOUNDS } from '../../../lib/view/bounds.ts'
import { keyOf, type Evidence } from '../../../lib/view/evidence.ts'
import type { Goal } from '../../../lib/view/goal.ts'
import type { Need, Pace } from '../../../lib/view/need.ts'
import { needsOf } from '../../../lib/view/needs.ts'
import { outcomeOf } from '../../../lib/view/outcome.ts'
import { planOf } from '../../../lib/view/plan.ts'
import {
  BUSY,
  ID,
  TIMED_OUT,
  unknownToTargets,
  failedRequest,
  goalOf,
  goalOfKind,
  listReply,
  waitAfter,
  mapReply,
  runningReply,
  snapshotsReply,
  snapshotsOfKindReply,
  statusOf,
  statusReply,
  unknownToIc,
} from './helpers/facts.ts'
import { aloneAndAmong } from './helpers/company.ts'
import { moments } from './helpers/moments.ts'
import { anyTape } from './helpers/tape.ts'
import { casesOf } from '../../fuzz/seed.ts'

// What a wait must learn next, and from when on: from the targets (snapshots), from the Information Center (statuses
// and lists) or from the cluster map. Only this spec has exact lists of needs and due times.
//
// Of a reply such as `statusReply({}, 0, 100)`, the numbers are when its request was sent and when it came, in
// milliseconds. A need is a text such as `snapshots @1500`: it is due at 1,500 ms.

/** The wait of the cadence between two ticks. */
const TICK_MS = 500
const PACE: Pace = { waitMs: TICK_MS }
/** In the last round, a request is repeated this long after each reply. */
const RETRY_MS = 500
/** A part that has ended without an error. */
const ENDED_WELL = { endTime: 50n, isIdle: true } as const
const DUE_NOW = '@now'

/** For example `snapshots of kind @1500`. The time is `@now` if the need has always been due. */
const textOf = (need: Need): string => `${whatOf(need)} ${need.dueMs === -Infinity ? DUE_NOW : `@${need.dueMs}`}`

function whatOf(need: Need): string {
  if (need.of === 'query') return keyOf(need.query)
  const isOfKind = need.id === undefined && need.of !== 'wake' && need.of !== 'map'
  return isOfKind ? `${need.of} of kind` : need.of
}

/** The needs of a wait after this evidence, as texts; see `textOf`. */
const needsAfter = (
  goal: Goal,
  log: readonly Evidence[],
  pace: Pace = PACE,
  nowMs = log.at(-1)?.atMs ?? 0,
): readonly string[] => waitAfter(goal, log).needs(pace, nowMs).map(textOf).sort()

/** The Information Center tracks copies. */
const COPY_GOAL = goalOf({ kind: 'copy-bck' })
/** Jobs of this kind idle when there is nothing to do. The Information Center does not track them. */
const IDLING_GOAL = goalOf({ kind: 'put-copies' })
const RUNNING_COPY = { id: ID, kind: 'copy-bck' }

describe('needsOf', () => {
  describe('of a kind that the Information Center tracks', () => {
    it('needs a report of the Information Center and of the targets, from the start', () => {
      expect(needsAfter(COPY_GOAL, [])).to.deep.equal([`ic ${DUE_NOW}`, `snapshots ${DUE_NOW}`])
    })

    it('needs the next report of the Information Center after the wait of the cadence, whether or not requests to targets fail', () => {
      expect(needsAfter(COPY_GOAL, [statusReply({}, 0, 100)])).to.deep.equal([
        `ic @${100 + TICK_MS}`,
        `snapshots ${DUE_NOW}`,
      ])
      expect(
        needsAfter(COPY_GOAL, [statusReply({}, 0, 100), failedRequest({ what: 'snapshots', id: ID }, BUSY, 0, 200)]),
      ).to.deep.equal([`ic @${100 + TICK_MS}`, `snapshots @${200 + TICK_MS}`])
    })

    it('needs the list of running jobs every two to four seconds while the Information Center reports the job as open', () => {
      const seen = (ms: number): readonly Evidence[] => [statusReply({}, ms), snapshotsReply({ t1: {} }, ms)]
      expect(needsAfter(COPY_GOAL, seen(0))).to.deep.equal([
        `ic @${TICK_MS}`,
        `running @${BOUNDS.workAtLeast}`,
        `snapshots @${BOUNDS.partsAtMost}`,
      ])
      expect(needsAfter(COPY_GOAL, seen(6_000))).to.deep.equal([
        `ic @${6_000 + TICK_MS}`,
        `running @${6_000 + 6_000 / 3}`,
        `snapshots @${6_000 + BOUNDS.partsAtMost}`,
      ])
      expect(needsAfter(COPY_GOAL, seen(9_000))).to.deep.equal([
        `ic @${9_000 + TICK_MS}`,
        `running @${9_000 + 9_000 / 3}`,
        `snapshots @${9_000 + BOUNDS.partsAtMost}`,
      ])
      expect(needsAfter(COPY_GOAL, seen(90_000))).to.deep.equal([
        `ic @${90_000 + TICK_MS}`,
        `running @${90_000 + BOUNDS.workAtMost}`,
        `snapshots @${90_000 + BOUNDS.partsAtMost}`,
      ])
    })

    it('needs a report of the Information Center on an idle job, and does not repeat a failed request at once, whether that was a list or not', () => {
      const goal = { ...COPY_GOAL, until: 'idle' } as const
      const idle = snapshotsReply({ t1: { isIdle: true } }, 0)
      const rest = [`snapshots @${TICK_MS}`, `wake @${BOUNDS.settled}`]
      expect(needsAfter(goal, [idle])).to.deep.equal([`ic ${DUE_NOW}`, ...rest])
      for (const query of [{ what: 'statuses' }, { what: 'status', id: ID }] as const)
        expect(needsAfter(goal, [idle, failedRequest(query, BUSY, 100)])).to.deep.equal([
          `ic @${100 + TICK_MS}`,
          ...rest,
        ])
    })

    it('needs the list of running jobs with a tick, so that clients that started together do not all send at the same time', () => {
      const seen = (ms: number, tookMs = 0): readonly Evidence[] => [
        snapshotsReply({ t1: {} }, 0),
        statusReply({}, ms, ms + tookMs),
      ]
      expect(needsAfter(COPY_GOAL, seen(1_499))).to.include(`running @${BOUNDS.workAtLeast}`)
      expect(needsAfter(COPY_GOAL, seen(1_700))).to.include(`running @${1_700 + TICK_MS}`)
      expect(needsAfter(COPY_GOAL, seen(1_700), { waitMs: 583 })).to.include(`running @${1_700 + 583}`)
      expect(needsAfter(COPY_GOAL, seen(59_700), { waitMs: 6_100 })).to.include(`snapshots @${59_700 + 6_100}`)
      // The tick is before that time, and its reply most likely after it.
      expect(needsAfter(COPY_GOAL, seen(900, 501))).to.include(`running @${900 + 501 + TICK_MS + 501}`)
      expect(needsAfter(COPY_GOAL, seen(900, 200))).to.include(`running @${BOUNDS.workAtLeast}`)
      // Never sooner than the cadence wants.
      expect(needsAfter(COPY_GOAL, seen(1_700), { waitMs: 20_000 })).to.include('running @20000')
      expect(needsAfter(COPY_GOAL, seen(1_700), { waitMs: 86_400_000 })).to.include('running @86400000')
    })

    it('needs the parts once a minute, or with each tick if ticks are rarer', () => {
      const seen = [statusReply({}, 0), snapshotsReply({ t1: {} }, 0)]
      const slow: Pace = { waitMs: 90_000 }
      expect(needsAfter(COPY_GOAL, seen, slow)).to.include(`snapshots @${slow.waitMs}`)
      const failing = [...seen, failedRequest({ what: 'snapshots', id: ID }, BUSY, 60_000, 61_000)]
      expect(needsAfter(COPY_GOAL, failing)).to.include(`snapshots @${61_000 + TICK_MS}`)
    })

    it('needs a snapshot poll of the run at once if the targets do not list it as running', () => {
      const seen = [statusReply({}, 0), snapshotsReply({ t1: {} }, 0)]
      expect(needsAfter(COPY_GOAL, [...seen, runningReply([RUNNING_COPY], 2_000)])).to.deep.equal([
        `ic @${TICK_MS}`,
        `running @${2_000 + BOUNDS.workAtLeast}`,
        `snapshots @${BOUNDS.partsAtMost}`,
      ])
      expect(needsAfter(COPY_GOAL, [...seen, runningReply([], 2_000)])).to.deep.equal([
        `ic @${TICK_MS}`,
        `snapshots ${DUE_NOW}`,
      ])
    })

    it('needs a snapshot poll of the run if the list of running jobs cannot be fetched', () => {
      const seen = [statusReply({}, 0), snapshotsReply({ t1: {} }, 0), failedRequest({ what: 'running' }, BUSY, 2_000)]
      expect(needsAfter(COPY_GOAL, seen)).to.deep.equal([
        `ic @${TICK_MS}`,
        `snapshots @${BOUNDS.workAtLeast}`,
        `snapshots @${BOUNDS.partsAtMost}`,
      ])
    })

    it('needs the list of running jobs with each tick in the last four seconds of a budget', () => {
      const goal = { ...COPY_GOAL, endsMs: 60_000 }
      const seen = (ms: number): readonly Evidence[] => [statusReply({}, ms), snapshotsReply({ t1: {} }, ms)]
      expect(needsAfter(goal, seen(53_000))).to.deep.equal([
        `ic @${53_000 + TICK_MS}`,
        `running @${60_000 - BOUNDS.workAtMost}`,
        `snapshots @${53_000 + BOUNDS.partsAtMost}`,
      ])
      expect(needsAfter(goal, seen(56_000))).to.deep.equal([
        `ic @${56_000 + TICK_MS}`,
        `running @${56_000 + TICK_MS}`,
        `snapshots @${56_000 + BOUNDS.partsAtMost}`,
      ])
    })

    it('needs the targets instead of an Information Center that does not know the run, or that fails', () => {
      const first = [snapshotsReply({ t1: {} }, 0)]
      expect(needsAfter(COPY_GOAL, [...first, unknownToIc(0)])).to.deep.equal([
        `ic @${TICK_MS}`,
        `snapshots @${TICK_MS}`,
      ])
      expect(needsAfter(COPY_GOAL, [...first, failedRequest({ what: 'status', id: ID }, BUSY, 0)])).to.deep.equal([
        `ic @${TICK_MS}`,
        `snapshots @${TICK_MS}`,
      ])
    })

    it('stops requesting the status after the Information Center forgot a run that targets show', () => {
      expect(needsAfter(COPY_GOAL, [snapshotsReply({ t1: {} }, 0), unknownToIc(1), unknownToIc(2)])).to.deep.equal([
        `snapshots @${TICK_MS}`,
      ])
    })

    it('needs the full status and a snapshot poll at once if a list reports the end', () => {
      const log = [
        statusReply({}, 0),
        snapshotsReply({ t1: {} }, 0),
        runningReply([RUNNING_COPY], 1),
        listReply([statusOf({ endTime: 80n })], 10),
      ]
      expect(needsAfter(COPY_GOAL, log)).to.deep.equal([
        `snapshots ${DUE_NOW}`,
        `status ${DUE_NOW}`,
        `wake @${10 + BOUNDS.settled}`,
      ])
      expect(needsAfter(COPY_GOAL, [...log, failedRequest({ what: 'status', id: ID }, BUSY, 20)])).to.include(
        `status @${20 + TICK_MS}`,
      )
    })

    it('needs one more snapshot poll after the full status has reported the end (law 3)', () => {
      const log = [snapshotsReply({ t1: {} }, 0), statusReply({ endTime: 80n }, 10)]
      expect(needsAfter(COPY_GOAL, log)).to.deep.equal([`snapshots ${DUE_NOW}`, `wake @${10 + BOUNDS.settled}`])
      expect(
        needsAfter(COPY_GOAL, [...log, failedRequest({ what: 'snapshots', id: ID }, BUSY, 10, 6_000)]),
      ).to.deep.equal([`snapshots @${6_000 + TICK_MS}`, `wake @${10 + BOUNDS.confirmed}`])
      expect(
        needsAfter(COPY_GOAL, [snapshotsReply({ t1: {} }, 0), statusReply({ endTime: 80n, err: 'no quota' }, 10)]),
      ).to.deep.equal([`snapshots ${DUE_NOW}`, `wake @${10 + BOUNDS.cause}`])
    })

    it('needs a poll at once if a target contradicts an earlier report of an end, and only its own poll can decide', () => {
      const log = [statusReply({ endTime: 80n }, 0), snapshotsReply({ t1: {} }, 0, 10)]
      const pollsOf = (goal: Goal): readonly string[] =>
        needsAfter(goal, log).filter((need) => need.startsWith('snapshots'))
      for (const until of ['started', 'idle'] as const)
        expect(pollsOf({ ...COPY_GOAL, until, sinceMs: 100 }), until).to.deep.equal([`snapshots ${DUE_NOW}`])
      expect(pollsOf({ ...COPY_GOAL, until: 'started' })).to.deep.equal([`snapshots @${10 + TICK_MS}`])
      expect(pollsOf({ ...COPY_GOAL, sinceMs: 100 })).to.deep.equal([`snapshots @${10 + TICK_MS}`])
    })
  })

  describe('of a kind that only its targets know', () => {
    it('needs a snapshot poll with each tick, and no other source', () => {
      expect(needsAfter(IDLING_GOAL, [])).to.deep.equal([`snapshots ${DUE_NOW}`])
      expect(needsAfter(IDLING_GOAL, [snapshotsReply({ t1: { kind: 'put-copies' } }, 0, 100)])).to.deep.equal([
        `snapshots @${100 + TICK_MS}`,
      ])
      expect(needsAfter(goalOf({ kind: 'load-lom-cache' }), [])).to.deep.equal([`snapshots ${DUE_NOW}`])
    })

    it('waits four fifths of the duration of the last request to the targets, at most 8 s, or longer if its cadence does', () => {
      const poll = { what: 'snapshots', id: ID } as const
      expect(needsAfter(IDLING_GOAL, [failedRequest(poll, BUSY, 0, 30_000)])).to.deep.equal([
        `snapshots @${30_000 + TICK_MS}`,
      ])
      expect(needsAfter(IDLING_GOAL, [failedRequest(poll, TIMED_OUT, 0, 4_000)])).to.deep.equal([
        `snapshots @${4_000 + (4 / 5) * 4_000}`,
      ])
      expect(needsAfter(IDLING_GOAL, [failedRequest(poll, TIMED_OUT, 0, 30_000)])).to.deep.equal([
        `snapshots @${30_000 + 8_000}`,
      ])
      expect(needsAfter(IDLING_GOAL, [failedRequest(poll, TIMED_OUT, 0, 4_000)], { waitMs: 3_300 })).to.deep.equal([
        `snapshots @${4_000 + 3_300}`,
      ])
    })

    it('needs the cheapest query about a run of unknown kind', () => {
      expect(needsAfter(goalOf(), [])).to.deep.equal([`any ${DUE_NOW}`])
      expect(needsAfter(goalOf(), [snapshotsReply({ t1: { kind: 'future-kind' } }, 0)])).to.deep.equal([
        `snapshots @${TICK_MS}`,
      ])
      const { selection } = goalOf()
      expect(needsAfter(goalOf({ selection: { ...selection, target: 't1' } }), [])).to.deep.equal([
        `snapshots ${DUE_NOW}`,
      ])
    })

    it('needs the snapshots of the kind for the next run of a kind, and then those of the run that it has found', () => {
      const goal = goalOfKind('copy-bck')
      expect(needsAfter(goal, [])).to.deep.equal([`snapshots of kind ${DUE_NOW}`])
      expect(needsAfter(goal, [snapshotsOfKindReply('copy-bck', {}, 0)])).to.deep.equal([
        `snapshots of kind @${TICK_MS}`,
      ])
      expect(needsAfter(goal, [snapshotsOfKindReply('copy-bck', { t1: {} }, 0)])).to.deep.equal([
        `ic ${DUE_NOW}`,
        `running @${BOUNDS.workAtLeast}`,
        `snapshots @${BOUNDS.partsAtMost}`,
      ])
      expect(
        needsAfter(goalOfKind('put-copies'), [snapshotsOfKindReply('put-copies', { t1: { kind: 'put-copies' } }, 0)]),
      ).to.deep.equal([`snapshots of kind @${TICK_MS}`])
    })
  })

  describe('in doubt', () => {
    const allEnded = snapshotsReply({ t1: ENDED_WELL }, 100)

    it('needs the map and the status after all parts are over', () => {
      expect(needsAfter(COPY_GOAL, [statusReply({}, 0), allEnded])).to.deep.equal([
        `ic @${TICK_MS}`,
        `map ${DUE_NOW}`,
        `running @${100 + BOUNDS.workAtLeast}`,
        `snapshots @${100 + TICK_MS}`,
        `snapshots @${100 + BOUNDS.partsAtMost}`,
        `status ${DUE_NOW}`,
        `wake @${100 + BOUNDS.settled}`,
      ])
    })

    it('needs the map after the wait of the cadence, and after 10 s if it has failed three times', () => {
      const map = { what: 'map' } as const
      const failures = (times: number): readonly Evidence[] =>
        Array.from({ length: times }, (_, n) => failedRequest(map, BUSY, 200 + n))
      expect(needsAfter(COPY_GOAL, [statusReply({}, 0), allEnded, ...failures(2)])).to.include(`map @${201 + TICK_MS}`)
      expect(needsAfter(COPY_GOAL, [statusReply({}, 0), allEnded, ...failures(3)])).to.include(
        `map @${202 + BOUNDS.mapAgain}`,
      )
      expect(
        needsAfter(COPY_GOAL, [statusReply({}, 0), allEnded, mapReply(['t1'], 200)]).filter((one) =>
          one.startsWith('map'),
        ),
      ).to.deep.equal([])
    })

    it('needs the map at a time that depends on failures since the wait began, not on earlier ones', () => {
      const failures = [0, 1, 2].map((n) => failedRequest({ what: 'map' }, BUSY, 200 + n))
      const late = (sinceMs: number): readonly string[] =>
        needsAfter({ ...COPY_GOAL, sinceMs }, [allEnded, ...failures], PACE, 300)
      expect(late(203)).to.include(`map ${DUE_NOW}`)
      expect(late(201)).to.include(`map @${202 + TICK_MS}`)
      expect(late(200)).to.include(`map @${202 + BOUNDS.mapAgain}`)
    })

    it('needs no map if an error makes it certain that the job is over', () => {
      expect(
        needsAfter(COPY_GOAL, [snapshotsReply({ t1: { ...ENDED_WELL, err: 'disk full' } }, 0)]).filter((one) =>
          one.startsWith('map'),
        ),
      ).to.deep.equal([])
    })

    it('needs the status but no map if a job that the Information Center tracks has no other parts', () => {
      for (const kind of ['download', 'resilver'])
        expect(needsAfter(goalOf({ kind }), [snapshotsReply({ t1: { ...ENDED_WELL, kind } }, 0)])).to.deep.equal([
          `ic ${DUE_NOW}`,
          `snapshots @${TICK_MS}`,
          `snapshots @${TICK_MS}`,
          `wake @${BOUNDS.settled}`,
        ])
      expect(needsAfter(IDLING_GOAL, [snapshotsReply({ t1: { kind: 'put-copies' } }, 0)])).to.deep.equal([
        `snapshots @${TICK_MS}`,
      ])
    })

    it('repeats a failed request within 4 s, however rare the ticks are: one failed reply is not silence (law 3)', () => {
      const [poll, status] = [{ what: 'snapshots', id: ID } as const, { what: 'status', id: ID } as const]
      const end = statusReply({ endTime: 80n }, 0, 100)
      const parts = [snapshotsReply({ t1: ENDED_WELL }, 0), mapReply(['t1'], 0), listReply([statusOf()], 0)]
      for (const [log, query, of] of [
        [[end], poll, 'snapshots'],
        [parts, status, 'status'],
        [[listReply([statusOf({ endTime: 80n })], 0)], status, 'status'],
      ] as const) {
        const due = (waitMs: number, error: JobError = BUSY): readonly string[] => [
          ...new Set(
            needsAfter(COPY_GOAL, [...log, failedRequest(query, error, 200)], { waitMs }).filter((one) =>
              one.startsWith(`${of} `),
            ),
          ),
        ]
        expect(due(500)).to.deep.equal([`${of} @700`])
        expect(due(4_000)).to.deep.equal([`${of} @4200`])
        expect(due(9_000)).to.deep.equal([`${of} @3200`])
        expect(due(10_000)).to.deep.equal([`${of} @${200 + 10_000 / 3}`])
        expect(due(Infinity)).to.deep.equal([`${of} @Infinity`])
      }
      const after = (atMs: number): readonly string[] =>
        needsAfter(COPY_GOAL, [end, failedRequest(poll, TIMED_OUT, 200, atMs)], { waitMs: 9_000 })
      expect(after(30_200)).to.include(`snapshots @${30_200 + 9_000}`)
      expect(after(2_200)).to.include(`snapshots @${2_200 + 3_000}`)
    })

    it('needs the status again if only replies from before the wait began show the run open', () => {
      const kind = 'resilver'
      const log = [snapshotsReply({ t1: { ...ENDED_WELL, kind } }, 0), statusReply({ kind }, 10)]
      const ownNeeds = (sinceMs: number, ...more: readonly Evidence[]): readonly string[] =>
        needsAfter(goalOf({ kind, sinceMs }), [...log, ...more]).filter((one) => /^(ic|status) /u.test(one))
      expect(ownNeeds(10)).to.deep.equal([])
      expect(ownNeeds(11)).to.deep.equal([`ic ${DUE_NOW}`])
      expect(ownNeeds(11, listReply([statusOf({ kind })], 11))).to.deep.equal([`status ${DUE_NOW}`])
    })

    it('needs every source if the targets no longer know the run', () => {
      expect(
        needsAfter(goalOf({ kind: 'load-lom-cache' }), [
          snapshotsReply({ t1: { kind: 'load-lom-cache' } }, 0),
          unknownToTargets(1_000),
        ]),
      ).to.deep.equal([
        `ic ${DUE_NOW}`,
        `map ${DUE_NOW}`,
        `snapshots @${1_000 + TICK_MS}`,
        `snapshots @${1_000 + TICK_MS}`,
      ])
      expect(needsAfter(IDLING_GOAL, [unknownToTargets(1_000)])).to.deep.equal([
        `snapshots @${1_000 + TICK_MS}`,
        `snapshots @${1_000 + TICK_MS}`,
      ])
    })

    it('needs an unknown map after 10 s if only the Information Center shows the run', () => {
      const log = [statusReply({}, 0), unknownToTargets(1_000)]
      const map = (before: readonly Evidence[], goal = COPY_GOAL): readonly string[] =>
        needsAfter(goal, [...before, ...log]).filter((one) => one.startsWith('map'))
      expect(map([])).to.deep.equal([`map @${1_000 + BOUNDS.visible}`])
      expect(map([mapReply(['t1'], 0)])).to.deep.equal([])
      expect(map([], IDLING_GOAL)).to.deep.equal([])
    })

    it('needs one more poll for a wait that joins after no target showed the run, without endless requests elsewhere (law 1)', () => {
      const joined = { ...COPY_GOAL, sinceMs: 1_000 }
      const before = [unknownToTargets(0), unknownToIc(0)]
      expect(needsAfter(joined, before, PACE, 1_000)).to.include(`snapshots ${DUE_NOW}`)
      const frozen = [
        ...before,
        failedRequest({ what: 'snapshots', id: ID }, BUSY, 1_000),
        listReply([statusOf()], 1_000, 1_001),
      ]
      expect(
        needsAfter(joined, frozen).filter((one) => one.endsWith(DUE_NOW) && !one.startsWith('running')),
      ).to.deep.equal([])
    })

    it('needs a snapshot poll with each tick while a part is missing', () => {
      const log = [statusReply({}, 0), snapshotsReply({ t1: {}, t2: {} }, 0), snapshotsReply({ t1: {} }, 100)]
      expect(needsAfter(COPY_GOAL, log)).to.deep.equal([
        `ic @${TICK_MS}`,
        `ic @${TICK_MS}`,
        `running @${100 + BOUNDS.workAtLeast}`,
        `snapshots @${100 + TICK_MS}`,
        `snapshots @${100 + BOUNDS.partsAtMost}`,
      ])
    })

    describe('while a part is gone', () => {
      const rare = { ...PACE, waitMs: 60_000 }
      const goneMs = 100 + BOUNDS.lost
      const replies = (t1: object | undefined): readonly Evidence[] => [
        statusReply({}, 0),
        snapshotsReply({ t1: {}, t2: {} }, 0),
        ...[100, 200, goneMs].map((ms) => snapshotsReply(t1 === undefined ? {} : { t1 }, ms)),
      ]
      const icNeeds = (log: readonly Evidence[], pace: Pace, nowMs?: number): readonly string[] =>
        needsAfter(COPY_GOAL, log, pace, nowMs).filter((one) => /^(?:ic|wake)/.test(one))
      const wake = `wake @${goneMs + BOUNDS.settled}`

      for (const { what, t1 } of [
        { what: 'one part', t1: {} },
        { what: 'every part', t1: undefined },
      ]) {
        it(`needs a report of the Information Center at once, and repeats a failed request soon: ${what}`, () => {
          const log = replies(t1)
          expect(icNeeds(log, rare)).to.include.members([`ic ${DUE_NOW}`, wake])
          expect(icNeeds(log, { ...PACE, waitMs: Infinity })).to.include.members([`ic ${DUE_NOW}`, wake])
          const failed = [...log, failedRequest({ what: 'statuses' }, BUSY, goneMs)]
          expect(icNeeds(failed, rare)).to.include.members([`ic @${goneMs + 4_000}`, wake])
        })
      }

      it('needs no report before, and no more than one a tick after the time for it is over', () => {
        const log = replies({})
        const polls = [`ic @${rare.waitMs}`, `ic @${rare.waitMs}`]
        expect(icNeeds(log.slice(0, -1), rare)).to.deep.equal(polls)
        const failed = failedRequest({ what: 'status', id: ID }, BUSY, goneMs + 5_000)
        const late = icNeeds([...log, failed], rare, goneMs + BOUNDS.confirmed)
        expect(late.filter((one) => one.startsWith('ic'))).to.deep.equal(
          polls.map(() => `ic @${goneMs + 5_000 + rare.waitMs}`),
        )
      })
    })
  })

  describe('in the last round of a budget', () => {
    const lastRoundGoal = { ...COPY_GOAL, sinceMs: 1_000, isLastRound: true }

    it('needs everything at once, and only once', () => {
      const before = [snapshotsReply({ t1: {} }, 0), statusReply({}, 0)]
      expect(needsAfter(lastRoundGoal, before, PACE, 1_000)).to.deep.equal([
        `map ${DUE_NOW}`,
        `snapshots ${DUE_NOW}`,
        `status ${DUE_NOW}`,
      ])
      expect(needsAfter(lastRoundGoal, [...before, snapshotsReply({ t1: {} }, 1_000)], PACE, 1_000)).to.deep.equal([
        `map ${DUE_NOW}`,
        'snapshots @Infinity',
        `status ${DUE_NOW}`,
      ])
      expect(needsAfter({ ...IDLING_GOAL, sinceMs: 1_000, isLastRound: true }, [], PACE, 1_000)).to.deep.equal([
        `map ${DUE_NOW}`,
        `snapshots ${DUE_NOW}`,
      ])
    })

    it('needs the reply that may show idleness on time, two seconds after the first one', () => {
      const last = { ...IDLING_GOAL, sinceMs: 1_700, isLastRound: true }
      const at = (ms: number, isIdle = true): Evidence => snapshotsReply({ t1: { kind: 'put-copies', isIdle } }, ms)
      const pollsOf = (log: readonly Evidence[]): readonly string[] => {
        const { view, standing } = waitAfter(IDLING_GOAL, log)
        const all = needsOf(view, last, standing, PACE, log.at(-1)!.atMs).map(textOf)
        return all.filter((one) => one.startsWith('snapshots'))
      }
      expect(pollsOf([at(0)])).to.deep.equal([`snapshots ${DUE_NOW}`])
      expect(pollsOf([at(0), at(1_700)])).to.deep.equal([`snapshots @${BOUNDS.twice}`])
      expect(pollsOf([at(900), at(1_700)])).to.deep.equal([`snapshots @${1_700 + RETRY_MS}`])
      expect(pollsOf([at(0), at(1_700, false)])).to.deep.equal([`snapshots @${1_700 + RETRY_MS}`])
      // The pause after a failed request still applies.
      expect(pollsOf([at(0), failedRequest({ what: 'snapshots', id: ID }, BUSY, 2_000)])).to.deep.equal([
        `snapshots @${2_000 + RETRY_MS}`,
      ])
    })

    it('needs the status if a list has shown the end, even for a kind whose status is otherwise never requested', () => {
      const row = statusOf({ kind: 'put-copies', endTime: 80n })
      expect(
        needsAfter({ ...IDLING_GOAL, sinceMs: 1_000, isLastRound: true }, [listReply([row], 0)], PACE, 1_000),
      ).to.include(`status ${DUE_NOW}`)
    })
  })

  describe('of an interest that sends no requests of its own while a run is in progress', () => {
    const unpaced: Pace = { waitMs: TICK_MS, unpaced: true }

    it('needs nothing about a run that is in progress', () => {
      expect(needsAfter(COPY_GOAL, [statusReply({}, 0), snapshotsReply({ t1: {} }, 0)], unpaced)).to.deep.equal([])
      expect(needsAfter(IDLING_GOAL, [snapshotsReply({ t1: { kind: 'put-copies' } }, 0)], unpaced)).to.deep.equal([])
    })

    it('needs reports about a run that is not running, and about one that has ended', () => {
      expect(
        needsAfter(COPY_GOAL, [statusReply({}, 0), snapshotsReply({ t1: {} }, 0), runningReply([], 1)], unpaced),
      ).to.deep.equal([`snapshots ${DUE_NOW}`])
      expect(needsAfter(COPY_GOAL, [listReply([statusOf({ endTime: 80n })], 0)], unpaced)).to.include(
        `status ${DUE_NOW}`,
      )
      expect(
        needsAfter(COPY_GOAL, [snapshotsReply({ t1: {} }, 0), statusReply({ endTime: 80n }, 10)], unpaced),
      ).to.include(`snapshots ${DUE_NOW}`)
    })
  })

  it('needs nothing more if a cadence pauses forever, unless there is a doubt', () => {
    const log = [statusReply({}, 0), snapshotsReply({ t1: {} }, 0)]
    expect(needsAfter(COPY_GOAL, log, { waitMs: Infinity })).to.deep.equal(['ic @Infinity'])
  })

  it('returns the same needs whatever else is followed (law 2)', () => {
    fc.assert(
      fc.property(anyTape, (bytes) => {
        for (const { goal, pace, nowMs, alone, among } of aloneAndAmong(bytes))
          expect(needsOf(among.view, goal, among.standing, pace, nowMs)).to.deep.equal(
            needsOf(alone.view, goal, alone.standing, pace, nowMs),
          )
      }),
      { numRuns: casesOf(200) },
    )
  })

  it('always has a need that will become due, until the outcome is known', () => {
    fc.assert(
      fc.property(anyTape, (bytes) => {
        for (const { view, waits, nowMs } of moments(bytes))
          for (const { goal, standing, pace, needs: own } of waits) {
            if (pace.unpaced === true || pace.waitMs === Infinity || goal.isLastRound === true) continue
            if (goal.until === 'view' || outcomeOf(view, goal, standing, nowMs) !== undefined) continue
            expect(own.some(({ dueMs }) => dueMs < Infinity)).to.equal(true)
          }
      }),
      { numRuns: casesOf(100) },
    )
  })
})

describe('planOf', () => {
  it('sorts needs into those that are due, the time of the next one, and the time to wake', () => {
    const due: Need[] = []
    const all: readonly Need[] = [
      { of: 'map', dueMs: -Infinity },
      { of: 'ic', id: ID, dueMs: 10 },
      { of: 'snapshots', id: ID, dueMs: 11 },
      { of: 'wake', dueMs: 20 },
    ]
    expect(planOf(all, 10, due)).to.deep.equal({
      earliestMs: 11,
      wakeMs: 20,
      awaitedSources: 0b11001,
      listOnlyUntilMs: -Infinity,
    })
    expect(due.map(({ of }) => of)).to.deep.equal(['map', 'ic'])
    expect(due).to.have.length(2)
    expect(planOf([{ of: 'wake', dueMs: 5 }], 10, due)).to.deep.equal({
      earliestMs: Infinity,
      wakeMs: 5,
      awaitedSources: 0,
      listOnlyUntilMs: -Infinity,
    })
  })

  it('is due when something other than the next list is due, also while a snapshot poll is in flight', () => {
    const ic: Need = { of: 'ic', id: ID, dueMs: 11 }
    const rests = (...needs: readonly Need[]): number => planOf(needs, 10, []).listOnlyUntilMs
    expect(rests(ic)).to.equal(Infinity)
    expect(rests(ic, { of: 'snapshots', id: ID, dueMs: 0 }, { of: 'running', id: ID, dueMs: 70 })).to.equal(70)
    expect(rests({ ...ic, dueMs: 10 }, { of: 'running', id: ID, dueMs: 70 })).to.equal(-Infinity)
    expect(rests({ of: 'snapshots', id: ID, dueMs: 50 })).to.equal(-Infinity)
  })
})
