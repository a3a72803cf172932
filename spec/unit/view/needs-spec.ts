import { expect } from 'chai'
import fc from 'fast-check'
import type { JobError } from '../../../lib/error.ts'
import { BOUNDS } from '../../../lib/view/bounds.ts'
import { keyOf, type Evidence } from '../../../lib/view/evidence.ts'
import type { Goal } from '../../../lib/view/goal.ts'
import { needsOf, type Need, type Pace } from '../../../lib/view/needs.ts'
import { outcomeOf } from '../../../lib/view/outcome.ts'
import { planOf } from '../../../lib/view/plan.ts'
import {
  BUSY,
  ID,
  TIMED_OUT,
  denied,
  failed,
  goalOf,
  goalOfKind,
  listed,
  live,
  members,
  running,
  shown,
  shownOfKind,
  statusOf,
  told,
  unknown,
} from './helpers/facts.ts'
import { aloneAndAmong } from './helpers/company.ts'
import { moments } from './helpers/moments.ts'
import { tape } from './helpers/tape.ts'

// The policy: what is due for a wait, and when, in each state of a run. This is the one place with exact lists.

const PACE: Pace = { waitMs: 500 }
const OK = { endTime: 50n, isIdle: true } as const
const NOW = '@now'

/** `snapshots of the run @1500`; the time is `@now` where it was due all along. */
function say(need: Need): string {
  const what =
    need.of === 'query'
      ? keyOf(need.query)
      : need.id !== undefined || need.of === 'wake' || need.of === 'map'
        ? need.of
        : `${need.of} of kind`
  return `${what} ${need.dueMs === -Infinity ? NOW : `@${need.dueMs}`}`
}

const needs = (
  goal: Goal,
  log: readonly Evidence[],
  pace: Pace = PACE,
  nowMs = log.at(-1)?.atMs ?? 0,
): readonly string[] => live(goal, log).needs(pace, nowMs).map(say).sort()

const COPY = goalOf({ kind: 'copy-bck' })
const RESTING = goalOf({ kind: 'put-copies' })
const work = { id: ID, kind: 'copy-bck' }

describe('needsOf', () => {
  describe('of a kind whose ends the Information Center hears', () => {
    it('asks it and the targets side by side, from the start', () => {
      expect(needs(COPY, [])).to.deep.equal([`ic ${NOW}`, `snapshots ${NOW}`])
    })

    it('asks it again after the wait that the cadence gives, however the targets fare', () => {
      expect(needs(COPY, [told({}, 0, 100)])).to.deep.equal(['ic @600', `snapshots ${NOW}`])
      expect(needs(COPY, [told({}, 0, 100), failed({ what: 'snapshots', id: ID }, BUSY, 0, 200)])).to.deep.equal([
        'ic @600',
        'snapshots @700',
      ])
    })

    it('asks the targets what runs every two to four seconds while its report is open', () => {
      const seen = (ms: number): readonly Evidence[] => [told({}, ms), shown({ t1: {} }, ms)]
      expect(needs(COPY, seen(0))).to.deep.equal(['ic @500', 'running @2000', 'snapshots @60000'])
      expect(needs(COPY, seen(6_000))).to.deep.equal(['ic @6500', 'running @8000', 'snapshots @66000'])
      expect(needs(COPY, seen(9_000))).to.deep.equal(['ic @9500', 'running @12000', 'snapshots @69000'])
      expect(needs(COPY, seen(90_000))).to.deep.equal(['ic @90500', 'running @94000', 'snapshots @150000'])
    })

    it('asks them with the next tick, since all clients that began together have the same times else', () => {
      const seen = (ms: number, tookMs = 0): readonly Evidence[] => [shown({ t1: {} }, 0), told({}, ms, ms + tookMs)]
      expect(needs(COPY, seen(1_499))).to.include('running @2000')
      expect(needs(COPY, seen(1_700))).to.include('running @2200')
      expect(needs(COPY, seen(1_700), { waitMs: 583 })).to.include('running @2283')
      expect(needs(COPY, seen(59_700), { waitMs: 6_100 })).to.include('snapshots @65800')
      // The tick is before that time, and its reply most likely after it.
      expect(needs(COPY, seen(900, 501))).to.include('running @2402')
      expect(needs(COPY, seen(900, 200))).to.include('running @2000')
      // No draw is longer than that.
      expect(needs(COPY, seen(1_700), { waitMs: 20_000 })).to.include('running @10000')
    })

    it('looks at the parts once a minute, or with each tick where ticks are rarer', () => {
      const seen = [told({}, 0), shown({ t1: {} }, 0)]
      const slow: Pace = { waitMs: 90_000 }
      expect(needs(COPY, seen, slow)).to.include('snapshots @90000')
      const failing = [...seen, failed({ what: 'snapshots', id: ID }, BUSY, 60_000, 61_000)]
      expect(needs(COPY, failing)).to.include('snapshots @61500')
    })

    it('looks at the run at once where they do not run it', () => {
      const seen = [told({}, 0), shown({ t1: {} }, 0)]
      expect(needs(COPY, [...seen, running([work], 2_000)])).to.deep.equal([
        'ic @500',
        'running @4000',
        'snapshots @60000',
      ])
      expect(needs(COPY, [...seen, running([], 2_000)])).to.deep.equal(['ic @500', `snapshots ${NOW}`])
    })

    it('looks at the run where what runs cannot be had', () => {
      const seen = [told({}, 0), shown({ t1: {} }, 0), failed({ what: 'running' }, BUSY, 2_000)]
      expect(needs(COPY, seen)).to.deep.equal(['ic @500', 'snapshots @2000', 'snapshots @60000'])
    })

    it('asks what runs with each tick in the last four seconds of a budget', () => {
      const goal = { ...COPY, endsMs: 60_000 }
      const seen = (ms: number): readonly Evidence[] => [told({}, ms), shown({ t1: {} }, ms)]
      expect(needs(goal, seen(53_000))).to.deep.equal(['ic @53500', 'running @56000', 'snapshots @113000'])
      expect(needs(goal, seen(56_000))).to.deep.equal(['ic @56500', 'running @56500', 'snapshots @116000'])
    })

    it('asks the targets in its place where it does not know the run, or fails', () => {
      const first = [shown({ t1: {} }, 0)]
      expect(needs(COPY, [...first, unknown(0)])).to.deep.equal(['ic @500', 'snapshots @500'])
      expect(needs(COPY, [...first, failed({ what: 'status', id: ID }, BUSY, 0)])).to.deep.equal([
        'ic @500',
        'snapshots @500',
      ])
    })

    it('asks it no more once it has forgotten a run that targets show', () => {
      expect(needs(COPY, [shown({ t1: {} }, 0), unknown(1), unknown(2)])).to.deep.equal(['snapshots @500'])
    })

    it('asks for the status in full and looks at the run at once where a list tells of the end', () => {
      const log = [told({}, 0), shown({ t1: {} }, 0), running([work], 1), listed([statusOf({ endTime: 80n })], 10)]
      expect(needs(COPY, log)).to.deep.equal([`snapshots ${NOW}`, `status ${NOW}`, `wake @${10 + BOUNDS.settled}`])
      expect(needs(COPY, [...log, failed({ what: 'status', id: ID }, BUSY, 20)])).to.include('status @520')
    })

    it('looks at the targets once more when it has told of the end in full (law 3)', () => {
      const log = [shown({ t1: {} }, 0), told({ endTime: 80n }, 10)]
      expect(needs(COPY, log)).to.deep.equal([`snapshots ${NOW}`, `wake @${10 + BOUNDS.settled}`])
      expect(needs(COPY, [...log, failed({ what: 'snapshots', id: ID }, BUSY, 10, 6_000)])).to.deep.equal([
        'snapshots @6500',
        `wake @${10 + BOUNDS.confirmed}`,
      ])
      expect(needs(COPY, [shown({ t1: {} }, 0), told({ endTime: 80n, err: 'no quota' }, 10)])).to.deep.equal([
        `snapshots ${NOW}`,
        'wake @1010',
      ])
    })

    it('looks at once where others were told of an end that a target contradicts, if only a look of its own shows more', () => {
      const log = [told({ endTime: 80n }, 0), shown({ t1: {} }, 0, 10)]
      const looks = (goal: Goal): readonly string[] => needs(goal, log).filter((need) => need.startsWith('snapshots'))
      for (const until of ['started', 'idle'] as const)
        expect(looks({ ...COPY, until, sinceMs: 100 }), until).to.deep.equal([`snapshots ${NOW}`])
      expect(looks({ ...COPY, until: 'started' })).to.deep.equal(['snapshots @510'])
      expect(looks({ ...COPY, sinceMs: 100 })).to.deep.equal(['snapshots @510'])
    })
  })

  describe('of a kind that only its targets know', () => {
    it('looks at the targets with each tick, and asks nobody else', () => {
      expect(needs(RESTING, [])).to.deep.equal([`snapshots ${NOW}`])
      expect(needs(RESTING, [shown({ t1: { kind: 'put-copies' } }, 0, 100)])).to.deep.equal(['snapshots @600'])
      expect(needs(goalOf({ kind: 'load-lom-cache' }), [])).to.deep.equal([`snapshots ${NOW}`])
    })

    it('leaves targets that hang alone for four fifths of what the request took, eight seconds at most, or longer by its cadence', () => {
      const look = { what: 'snapshots', id: ID } as const
      expect(needs(RESTING, [failed(look, BUSY, 0, 30_000)])).to.deep.equal(['snapshots @30500'])
      expect(needs(RESTING, [failed(look, TIMED_OUT, 0, 4_000)])).to.deep.equal(['snapshots @7200'])
      expect(needs(RESTING, [failed(look, TIMED_OUT, 0, 30_000)])).to.deep.equal(['snapshots @38000'])
      expect(needs(RESTING, [failed(look, TIMED_OUT, 0, 4_000)], { waitMs: 3_300 })).to.deep.equal(['snapshots @7300'])
    })

    it('asks for a run of unknown kind by whichever is the least', () => {
      expect(needs(goalOf(), [])).to.deep.equal([`any ${NOW}`])
      expect(needs(goalOf(), [shown({ t1: { kind: 'future-kind' } }, 0)])).to.deep.equal(['snapshots @500'])
      const { selection } = goalOf()
      expect(needs(goalOf({ selection: { ...selection, target: 't1' } }), [])).to.deep.equal([`snapshots ${NOW}`])
    })

    it('looks at the kind for the next run of a kind, and then at the run that it has found', () => {
      const goal = goalOfKind('copy-bck')
      expect(needs(goal, [])).to.deep.equal([`snapshots of kind ${NOW}`])
      expect(needs(goal, [shownOfKind('copy-bck', {}, 0)])).to.deep.equal(['snapshots of kind @500'])
      expect(needs(goal, [shownOfKind('copy-bck', { t1: {} }, 0)])).to.deep.equal([
        `ic ${NOW}`,
        'running @2000',
        'snapshots @60000',
      ])
      expect(
        needs(goalOfKind('put-copies'), [shownOfKind('put-copies', { t1: { kind: 'put-copies' } }, 0)]),
      ).to.deep.equal(['snapshots of kind @500'])
    })
  })

  describe('in doubt', () => {
    const over = shown({ t1: OK }, 100)

    it('asks for the map and the status once all parts are over', () => {
      expect(needs(COPY, [told({}, 0), over])).to.deep.equal([
        'ic @500',
        `map ${NOW}`,
        'running @2100',
        'snapshots @600',
        'snapshots @60100',
        `status ${NOW}`,
        `wake @${100 + BOUNDS.settled}`,
      ])
    })

    it('asks for the map after a wait, and after 10 s once it has failed three times', () => {
      const map = { what: 'map' } as const
      const failures = (times: number): readonly Evidence[] =>
        Array.from({ length: times }, (_, n) => failed(map, BUSY, 200 + n))
      expect(needs(COPY, [told({}, 0), over, ...failures(2)])).to.include('map @701')
      expect(needs(COPY, [told({}, 0), over, ...failures(3)])).to.include(`map @${202 + BOUNDS.mapAgain}`)
      expect(
        needs(COPY, [told({}, 0), over, members(['t1'], 200)]).filter((one) => one.startsWith('map')),
      ).to.deep.equal([])
    })

    it('asks for the map of its own accord, whatever failed before it began', () => {
      const failures = [0, 1, 2].map((n) => failed({ what: 'map' }, BUSY, 200 + n))
      const late = (sinceMs: number): readonly string[] => needs({ ...COPY, sinceMs }, [over, ...failures], PACE, 300)
      expect(late(203)).to.include(`map ${NOW}`)
      expect(late(201)).to.include('map @702')
      expect(late(200)).to.include(`map @${202 + BOUNDS.mapAgain}`)
    })

    it('asks for no map where an error makes it sure that the job is over', () => {
      expect(
        needs(COPY, [shown({ t1: { ...OK, err: 'disk full' } }, 0)]).filter((one) => one.startsWith('map')),
      ).to.deep.equal([])
    })

    it('asks for the status, and for no map, where a job that the Information Center keeps has no other parts', () => {
      for (const kind of ['download', 'resilver'])
        expect(needs(goalOf({ kind }), [shown({ t1: { ...OK, kind } }, 0)])).to.deep.equal([
          `ic ${NOW}`,
          'snapshots @500',
          'snapshots @500',
          `wake @${BOUNDS.settled}`,
        ])
      expect(needs(RESTING, [shown({ t1: { kind: 'put-copies' } }, 0)])).to.deep.equal(['snapshots @500'])
    })

    it('asks again within 4 s what has failed, however rare the ticks are: one failed reply is no silence (law 3)', () => {
      const [look, status] = [{ what: 'snapshots', id: ID } as const, { what: 'status', id: ID } as const]
      const end = told({ endTime: 80n }, 0, 100)
      const parts = [shown({ t1: OK }, 0), members(['t1'], 0), listed([statusOf()], 0)]
      for (const [log, query, of] of [
        [[end], look, 'snapshots'],
        [parts, status, 'status'],
        [[listed([statusOf({ endTime: 80n })], 0)], status, 'status'],
      ] as const) {
        const due = (waitMs: number, error: JobError = BUSY): readonly string[] => [
          ...new Set(
            needs(COPY, [...log, failed(query, error, 200)], { waitMs }).filter((one) => one.startsWith(`${of} `)),
          ),
        ]
        expect(due(500)).to.deep.equal([`${of} @700`])
        expect(due(4_000)).to.deep.equal([`${of} @4200`])
        expect(due(9_000)).to.deep.equal([`${of} @3200`])
        expect(due(10_000)).to.deep.equal([`${of} @${200 + 10_000 / 3}`])
        expect(due(Infinity)).to.deep.equal([`${of} @Infinity`])
      }
      const after = (atMs: number): readonly string[] =>
        needs(COPY, [end, failed(look, TIMED_OUT, 200, atMs)], { waitMs: 9_000 })
      expect(after(30_200)).to.include(`snapshots @${30_200 + 9_000}`)
      expect(after(2_200)).to.include(`snapshots @${2_200 + 3_000}`)
    })

    it('asks for the status again where only replies from before the wait began show the run open', () => {
      const kind = 'resilver'
      const log = [shown({ t1: { ...OK, kind } }, 0), told({ kind }, 10)]
      const asked = (sinceMs: number, ...more: readonly Evidence[]): readonly string[] =>
        needs(goalOf({ kind, sinceMs }), [...log, ...more]).filter((one) => /^(ic|status) /u.test(one))
      expect(asked(10)).to.deep.equal([])
      expect(asked(11)).to.deep.equal([`ic ${NOW}`])
      expect(asked(11, listed([statusOf({ kind })], 11))).to.deep.equal([`status ${NOW}`])
    })

    it('asks everybody whether no target knows the run any more', () => {
      expect(
        needs(goalOf({ kind: 'load-lom-cache' }), [shown({ t1: { kind: 'load-lom-cache' } }, 0), denied(1_000)]),
      ).to.deep.equal([`ic ${NOW}`, `map ${NOW}`, 'snapshots @1500', 'snapshots @1500'])
      expect(needs(RESTING, [denied(1_000)])).to.deep.equal(['snapshots @1500', 'snapshots @1500'])
    })

    it('asks for the map after 10 s where only the Information Center shows the run, if the map is not known', () => {
      const log = [told({}, 0), denied(1_000)]
      const map = (before: readonly Evidence[], goal = COPY): readonly string[] =>
        needs(goal, [...before, ...log]).filter((one) => one.startsWith('map'))
      expect(map([])).to.deep.equal(['map @11000'])
      expect(map([members(['t1'], 0)])).to.deep.equal([])
      expect(map([], RESTING)).to.deep.equal([])
    })

    it('looks once more for a wait that joins after no target showed the run, and asks nobody else without end (law 1)', () => {
      const joined = { ...COPY, sinceMs: 1_000 }
      const before = [denied(0), unknown(0)]
      expect(needs(joined, before, PACE, 1_000)).to.include(`snapshots ${NOW}`)
      const frozen = [...before, failed({ what: 'snapshots', id: ID }, BUSY, 1_000), listed([statusOf()], 1_000, 1_001)]
      expect(needs(joined, frozen).filter((one) => one.endsWith(NOW) && !one.startsWith('running'))).to.deep.equal([])
    })

    it('looks with each tick while a part is away', () => {
      const log = [told({}, 0), shown({ t1: {}, t2: {} }, 0), shown({ t1: {} }, 100)]
      expect(needs(COPY, log)).to.deep.equal([
        'ic @500',
        'ic @500',
        'running @2100',
        'snapshots @600',
        'snapshots @60100',
      ])
    })
  })

  describe('in the last look of a budget', () => {
    const hurried = { ...COPY, sinceMs: 1_000, isLastRound: true }

    it('asks for everything at once, and once', () => {
      const before = [shown({ t1: {} }, 0), told({}, 0)]
      expect(needs(hurried, before, PACE, 1_000)).to.deep.equal([`map ${NOW}`, `snapshots ${NOW}`, `status ${NOW}`])
      expect(needs(hurried, [...before, shown({ t1: {} }, 1_000)], PACE, 1_000)).to.deep.equal([
        `map ${NOW}`,
        'snapshots @Infinity',
        `status ${NOW}`,
      ])
      expect(needs({ ...RESTING, sinceMs: 1_000, isLastRound: true }, [], PACE, 1_000)).to.deep.equal([
        `map ${NOW}`,
        `snapshots ${NOW}`,
      ])
    })

    it('asks on time for the reply that may show that the job idles, two seconds after the first', () => {
      const last = { ...RESTING, sinceMs: 1_700, isLastRound: true }
      const at = (ms: number, isIdle = true): Evidence => shown({ t1: { kind: 'put-copies', isIdle } }, ms)
      const looks = (log: readonly Evidence[]): readonly string[] => {
        const { view, standing } = live(RESTING, log)
        const all = needsOf(view, last, standing, PACE, log.at(-1)!.atMs).map(say)
        return all.filter((one) => one.startsWith('snapshots'))
      }
      expect(looks([at(0)])).to.deep.equal([`snapshots ${NOW}`])
      expect(looks([at(0), at(1_700)])).to.deep.equal(['snapshots @2000'])
      expect(looks([at(900), at(1_700)])).to.deep.equal(['snapshots @2200'])
      expect(looks([at(0), at(1_700, false)])).to.deep.equal(['snapshots @2200'])
      // After a request that failed, the next one has its pause.
      expect(looks([at(0), failed({ what: 'snapshots', id: ID }, BUSY, 2_000)])).to.deep.equal(['snapshots @2500'])
    })

    it('asks for the status of a kind that is else not asked about, where a list has shown the end', () => {
      const row = statusOf({ kind: 'put-copies', endTime: 80n })
      expect(needs({ ...RESTING, sinceMs: 1_000, isLastRound: true }, [listed([row], 0)], PACE, 1_000)).to.include(
        `status ${NOW}`,
      )
    })
  })

  describe('of one who lives on what others ask for', () => {
    const unpaced: Pace = { waitMs: 500, unpaced: true }

    it('asks nothing about a run that goes on', () => {
      expect(needs(COPY, [told({}, 0), shown({ t1: {} }, 0)], unpaced)).to.deep.equal([])
      expect(needs(RESTING, [shown({ t1: { kind: 'put-copies' } }, 0)], unpaced)).to.deep.equal([])
    })

    it('asks about a run that does not run, and about one that ended', () => {
      expect(needs(COPY, [told({}, 0), shown({ t1: {} }, 0), running([], 1)], unpaced)).to.deep.equal([
        `snapshots ${NOW}`,
      ])
      expect(needs(COPY, [listed([statusOf({ endTime: 80n })], 0)], unpaced)).to.include(`status ${NOW}`)
      expect(needs(COPY, [shown({ t1: {} }, 0), told({ endTime: 80n }, 10)], unpaced)).to.include(`snapshots ${NOW}`)
    })
  })

  it('asks for nothing more where a cadence pauses for ever, unless in doubt', () => {
    const log = [told({}, 0), shown({ t1: {} }, 0)]
    expect(needs(COPY, log, { waitMs: Infinity })).to.deep.equal(['ic @Infinity'])
  })

  it('is the same whatever else is followed (law 2)', () => {
    fc.assert(
      fc.property(tape, (bytes) => {
        for (const { goal, pace, nowMs, alone, among } of aloneAndAmong(bytes))
          expect(needsOf(among.view, goal, among.standing, pace, nowMs)).to.deep.equal(
            needsOf(alone.view, goal, alone.standing, pace, nowMs),
          )
      }),
      { numRuns: 200 },
    )
  })

  it('always has something to come, until the answer is known', () => {
    fc.assert(
      fc.property(tape, (bytes) => {
        for (const { view, waits, nowMs } of moments(bytes))
          for (const { goal, standing, pace, needs: own } of waits) {
            if (pace.unpaced === true || pace.waitMs === Infinity || goal.isLastRound === true) continue
            if (goal.until === 'view' || outcomeOf(view, goal, standing, nowMs) !== undefined) continue
            expect(own.some(({ dueMs }) => dueMs < Infinity)).to.equal(true)
          }
      }),
      { numRuns: 100 },
    )
  })
})

describe('planOf', () => {
  it('sorts needs into those that are due, the time of the next, and when to wake', () => {
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

  it('rests until something other than the next list is due, also while a look is awaited', () => {
    const ic: Need = { of: 'ic', id: ID, dueMs: 11 }
    const rests = (...needs: readonly Need[]): number => planOf(needs, 10, []).listOnlyUntilMs
    expect(rests(ic)).to.equal(Infinity)
    expect(rests(ic, { of: 'snapshots', id: ID, dueMs: 0 }, { of: 'running', id: ID, dueMs: 70 })).to.equal(70)
    expect(rests({ ...ic, dueMs: 10 }, { of: 'running', id: ID, dueMs: 70 })).to.equal(-Infinity)
    expect(rests({ of: 'snapshots', id: ID, dueMs: 50 })).to.equal(-Infinity)
  })
})
