import { expect } from 'chai'
import { advance } from '../../lib/emulator/cluster/advance.ts'
import { countsOf } from '../../lib/emulator/cluster/snapshot.ts'
import type { Job } from '../../lib/emulator/cluster/state.ts'
import { boundOf } from './bound.ts'
import { checkBudget } from './budget.ts'
import { whyEndIsFalse } from './claim.ts'
import { checkEvents } from './events.ts'
import { checkAgreement } from './agreement.ts'
import { oracleOf, idleSinceMs, type Oracle, type IdleRecord, type Truth } from './oracle.ts'
import { PLAIN } from './plain.ts'
import type { PlannedUser, SimPlan } from './plan.ts'
import type { Exchange, Session } from './recording.ts'
import { checkTables } from './rows.ts'
import { idleSpansOf, observableSpan } from './runs.ts'
import { simulate } from './simulate.ts'
import { SimTime } from './time.ts'
import { checkSameOutcomes, type Simulation } from './apart.ts'
import { maxRequests, checkRequests } from './traffic.ts'
import { checkEndlessStream } from './watched.ts'
import { worldOf } from './world.ts'
import { defined } from '../../lib/common/defined.ts'

// Most specs here build records that break one invariant, and expect that its check reports a violation. A simulation alone
// cannot show that: it would also pass if the check never reported anything.

const AT_MS = 1_001
/** When each user unsubscribes, in milliseconds. */
const SESSION_END_MS = 30_000

/** A cluster with one copy, which ends by itself some four seconds after its start. */
function worldWith(plan: SimPlan): ReturnType<typeof worldOf> {
  const time = new SimTime(plan)
  const world = worldOf(plan, time)
  time.flush()
  return world
}

const world = worldWith(PLAIN)
const job = world.jobs[0]!
/** When the last target ends the job. */
const jobEndMs = Math.max(...job.runs.map(({ endMs }) => endMs))
const ID = job.id

/** The truth about the only job, which has finished. */
const truthWith = (changes: Partial<Truth> = {}): Truth => ({
  jobs: [job],
  ended: true,
  err: false,
  knownErr: new Set(),
  knownAborted: new Set(),
  lost: false,
  isEndedByProxies: false,
  knownLost: new Set(),
  lateParts: new Set(),
  isPartMissing: false,
  isSeenPartMissing: false,
  fromMs: jobEndMs,
  toMs: Infinity,
  ...changes,
})
/** An oracle that knows this truth. */
const oracleWith = (changes: Partial<Truth> = {}): Oracle => ({
  jobs: () => [job],
  runningSpans: [{ job, fromMs: 1_000, toMs: jobEndMs - 1 }],
  sampleRunning: () => undefined,
  record: () => undefined,
  closeSession: () => undefined,
  idOf: () => ID,
  truthOf: () => truthWith(changes),
  truthOfJob: () => truthWith(changes),
  samplesOf: () => ({ idleRecords: new Map(), startedWithoutError: [], sawNothingRunning: false }),
})

/** What one user received, with times, from `AT_MS` to `SESSION_END_MS`. */
const sessionOf = (index: number, values: readonly (readonly [atMs: number, value: unknown])[]): Session => ({
  index,
  beganMs: AT_MS,
  overMs: SESSION_END_MS,
  state: 'left',
  error: undefined,
  exchanges: [],
  inFlightAtStart: [],
  received: values.map(([atMs, right]) => ({ atMs, value: { _tag: 'Right', right } })),
})

/** A request of the first user that a proxy served and answered with 200. Its times are 0 unless they are given. */
const exchangeWith = (changes: Partial<Exchange>): Exchange => ({
  user: 0,
  what: 'snapshots',
  atMs: 0,
  body: '{}',
  host: 'p',
  token: undefined,
  servedMs: 0,
  endMs: 0,
  end: 200,
  disturbed: false,
  fault: undefined,
  ...changes,
})

/** A table with one row. */
const tableOfRow = (state: string, more: object = {}): object => ({
  [ID]: { id: ID, kind: 'copy-bck', state, ...more },
})
/** An event of the job, with its result if an outcome is given. */
const eventOf = (type: string, outcome?: string): object => ({
  type,
  job: { id: ID, kind: 'copy-bck' },
  atMs: 1,
  ...(outcome === undefined ? {} : { result: { outcome, success: outcome === 'finished', aborted: false } }),
})

describe('the bound of a wait (I10)', () => {
  it('allows 60 s if a part that was seen is gone, and 35 s if the part was never seen', () => {
    const user: PlannedUser = { type: 'waitSingleNode', atMs: AT_MS, job: 0, gapMs: 1_000 }
    const bound = (changes: Partial<Truth>): number => boundOf(PLAIN, user, sessionOf(0, []), truthWith(changes))!
    const usual = bound({})
    expect(bound({ isPartMissing: true }) - usual).to.equal(35_000 + 1_000)
    expect(bound({ isPartMissing: true, isSeenPartMissing: true }) - usual).to.equal(60_000 + 1_000)
  })

  it('allows a pause of 10 s after a request that timed out, and none after one that was cancelled earlier', () => {
    const user: PlannedUser = { type: 'waitStarted', atMs: AT_MS, job: 0, gapMs: 1_000 }
    const cutAfter = (ms: number): Session => {
      const session = sessionOf(0, [])
      session.exchanges.push(exchangeWith({ atMs: AT_MS, endMs: AT_MS + ms, servedMs: AT_MS + 1, end: 'cut' }))
      return session
    }
    const bound = (ms: number): number => boundOf(PLAIN, user, cutAfter(ms), truthWith())!
    expect(bound(30_000) - bound(29_999)).to.equal(10_000)
  })
})

describe('the time from which an end is observable', () => {
  /** From when on a user can observe the end of the job, if these events happen. */
  const sinceMs = (...events: SimPlan['events']): number =>
    observableSpan('end', [worldWith({ ...PLAIN, events }).jobs[0]!], SESSION_END_MS, new Map())[0]
  const [freeze, thaw] = (['freeze', 'thaw'] as const).map((type) => ({ type, atMs: 1_100, target: 0 }))

  it('is Infinity if a target freezes before its end, and is later if the target continues', () => {
    expect(sinceMs()).to.equal(jobEndMs)
    expect(sinceMs(freeze!)).to.equal(Infinity)
    expect(sinceMs(freeze!, { ...thaw!, atMs: 5_100 })).to.be.within(jobEndMs, jobEndMs + 4_000)
    expect(sinceMs({ ...freeze!, atMs: jobEndMs + 1 })).to.equal(jobEndMs)
  })

  it('is the time of an abort that another target reports', () => {
    expect(sinceMs(freeze!, { type: 'stop', atMs: 1_200, job: 0 })).to.be.below(Infinity)
  })
})

describe('the rule for when a job has become idle (I1)', () => {
  it('counts from the first idle reply after the last running one, and ignores replies that failed or came too late', () => {
    const poll = (servedMs: number, isIdle: boolean, changes: Partial<Exchange> = {}): IdleRecord['polls'][0] => ({
      exchange: exchangeWith({ atMs: servedMs - 1, servedMs, endMs: servedMs + 1, ...changes }),
      isIdle,
    })
    const since = (...polls: IdleRecord['polls']): number =>
      idleSinceMs({ wasIdleWithoutError: true, polls }, sessionOf(0, []))
    expect(since(poll(2_000, true), poll(4_000, true))).to.equal(2_000)
    expect(since(poll(2_000, true), poll(3_000, false), poll(4_000, true))).to.equal(4_000)
    expect(since(poll(2_000, true, { end: 503 }), poll(4_000, true))).to.equal(4_000)
    for (const changes of [{ end: 503 }, { end: 'cut' as const }, { fault: 'cut-text' }, { endMs: SESSION_END_MS + 1 }])
      expect(since(poll(2_000, true), poll(3_000, false, changes), poll(4_000, true))).to.equal(2_000)
    expect(since(poll(2_000, false))).to.equal(Infinity)
  })

  it('counts only replies about this very job, or about its kind', () => {
    const listrange = { kind: 'copy-listrange', atMs: 1_000, workMs: 500 }
    const user: PlannedUser = { type: 'waitForIdle', atMs: AT_MS, job: 0 }
    const plan: SimPlan = { ...PLAIN, jobs: [listrange, listrange], users: [user] }
    const { idOf } = worldOf(plan, new SimTime(plan))
    const bodies = [`{"id":"${idOf(0)}"}`, `{"id":"${idOf(1)}"}`, '{"kind":"copy-listrange"}', '{"kind":"list"}']
    const { polls } = idleRecordOf(
      plan,
      bodies.map((body) => [1_100, body]),
    )
    expect(polls.map(({ exchange, isIdle }) => [exchange.body, isIdle])).to.deep.equal([
      [bodies[0], false],
      [bodies[2], false],
    ])
  })

  it('counts the abort of a part that its target has dropped only if an earlier reply has shown the part', () => {
    const events: SimPlan['events'] = [
      ...(['freeze', 'thaw'] as const).map((type, at) => ({ type, atMs: 1_000 + at, target: 0 })),
      { type: 'stop', atMs: 1_000, job: 0 },
    ]
    const users: SimPlan['users'] = [{ type: 'waitForIdle', atMs: AT_MS, job: 0 }]
    const plan = { ...PLAIN, jobs: [{ kind: 'get-batch', atMs: 1_000, workMs: 0 }], events, users }
    const wasIdleWithoutError = (...statusMs: readonly number[]): boolean =>
      idleRecordOf(
        plan,
        statusMs.map((ms) => [ms, '{}']),
      ).wasIdleWithoutError
    expect(wasIdleWithoutError(10_000)).to.equal(false)
    expect(wasIdleWithoutError(62_000)).to.equal(true)
    expect(wasIdleWithoutError(10_000, 62_000)).to.equal(false)
  })
})

/** Whether the first job of a plan is idle in polls of the targets by its first user, sent at these times. */
function idleRecordOf(plan: SimPlan, requests: readonly (readonly [atMs: number, body: string])[]): IdleRecord {
  const time = new SimTime(plan)
  const it = worldOf(plan, time)
  const oracle = oracleOf(plan, time, it)
  const session = { ...sessionOf(0, []), overMs: 100_000 }
  for (const [atMs, body] of requests)
    time.at(atMs, () => {
      advance(it.cluster, atMs)
      oracle.record(exchangeWith({ atMs: atMs - 1, body, servedMs: atMs, endMs: atMs + 1 }), session)
    })
  time.flush()
  return oracle.samplesOf(session).idleRecords.get(it.jobs[0]!)!
}

describe('the truth about a job that a user has started', () => {
  it('is kept after the cluster has forgotten the job', () => {
    const user: PlannedUser = { type: 'start', atMs: AT_MS, job: 0 }
    const plan: SimPlan = { ...PLAIN, users: [user] }
    const time = new SimTime(plan)
    const it = worldOf(plan, time)
    const oracle = oracleOf(plan, time, it)
    const session = sessionOf(0, [[AT_MS, { jobId: ID }]])
    time.at(1_100, () => {
      oracle.record(exchangeWith({ what: 'start', atMs: 1_099, servedMs: 1_100, endMs: 1_101 }), session)
      it.cluster.jobs.clear()
    })
    time.flush()
    expect(oracle.truthOf(session).jobs.map(({ id }) => id)).to.deep.equal([ID])
  })
})

describe('the rule for lost jobs', () => {
  const [lateJob, forwardJump] = [
    { ...PLAIN.jobs[0]!, lateMs: 2_000 },
    { atMs: 3_000, byMs: 11_000 },
  ] as const
  /** Why the reported end is false; undefined if it is right. */
  const whyFalse = (changes: Partial<SimPlan>, end = 'vanished', atMs = 4_000): string | undefined =>
    whyEndIsFalse({ ...PLAIN, ...changes }, end, [job], truthWith(), atMs)

  it('counts a clock that was set forward as time in which a late part should have appeared', () => {
    for (const end of ['vanished', 'lost'])
      expect(whyFalse({ jobs: [lateJob], jumps: [forwardJump] }, end)).to.equal(undefined)
  })

  it('accepts that a part is unknown only if it appeared after the clock jumped', () => {
    const ended = (unshown: readonly Job['runs'][0][], changes: Partial<SimPlan>, atMs = 3_500): string | undefined =>
      whyEndIsFalse({ ...PLAIN, ...changes }, 'finished', [job], truthWith({ lateParts: new Set(unshown) }), atMs)
    const withJump = { jobs: [lateJob], jumps: [forwardJump] }
    const atWork = job.runs.filter(({ endMs }) => endMs > 3_500)
    expect(ended(atWork, withJump)).to.equal(undefined)
    for (const one of [ended([], withJump), ended(atWork, { jobs: [lateJob] }), ended(atWork, withJump, 2_999)])
      expect(one).to.equal('the job is not over')
  })

  it('does not accept a lost job without a jump, after a backward jump, before the jump, or if each part appears at once', () => {
    const all = 'no part is missing'
    expect(whyFalse({ jobs: [lateJob] })).to.equal(all)
    expect(whyFalse({ jobs: [lateJob], jumps: [{ ...forwardJump, byMs: -11_000 }] })).to.equal(all)
    expect(whyFalse({ jobs: [lateJob], jumps: [forwardJump] }, 'lost', 2_999)).to.equal(all)
    expect(whyFalse({ jumps: [forwardJump] })).to.equal(all)
    expect(whyFalse({ jobs: [lateJob], jumps: [forwardJump] }, 'failed')).to.equal('nothing failed')
  })
})

describe('the rule for tables (I18)', () => {
  const user: PlannedUser = { type: 'watchJobs', atMs: AT_MS, job: 0, all: true, gapMs: 1_000 }
  const violationsOf = (
    tables: readonly (readonly [number, unknown])[],
    changes: Partial<Truth> = {},
    plan: SimPlan = PLAIN,
  ): readonly string[] => {
    const texts: string[] = []
    checkTables({ ...plan, users: [user] }, oracleWith(changes), sessionOf(0, tables), user, (_, text) =>
      texts.push(text),
    )
    return texts
  }

  it('accepts correct tables', () => {
    expect(
      violationsOf([
        [1_010, tableOfRow('running')],
        [jobEndMs + 10, tableOfRow('finished')],
        [20_000, {}],
      ]),
    ).to.deep.equal([])
  })

  it('allows more time if every proxy has died, because then only the list of running jobs has the job', () => {
    const killed = (...proxies: readonly number[]): readonly string[] =>
      violationsOf(
        [[1_010, {}]],
        {},
        { ...PLAIN, proxies: 2, events: proxies.map((proxy) => ({ type: 'kill-proxy', atMs: 1, proxy })) },
      )
    expect(killed(0, 0).join()).to.include('not in the table')
    expect(killed(0, 1)).to.deep.equal([])
  })

  for (const { what, tables, changes, text } of [
    { what: 'a running job that is never listed', tables: [[1_010, {}]], changes: {}, text: 'not in the table' },
    {
      what: 'a success of a running job',
      tables: [[1_010, tableOfRow('finished')]],
      changes: {},
      text: 'the job is not over',
    },
    {
      what: 'a success despite an error',
      tables: [[6_000, tableOfRow('finished')]],
      changes: { knownErr: new Set([job]) },
      text: 'the job has an error',
    },
    {
      what: 'a failure of a job that has not failed',
      tables: [[6_000, tableOfRow('failed')]],
      changes: {},
      text: 'nothing failed',
    },
    {
      what: 'an abort that nobody requested',
      tables: [[6_000, tableOfRow('aborted')]],
      changes: {},
      text: 'nobody aborted it',
    },
    {
      what: 'a row that reopens',
      tables: [
        [6_000, tableOfRow('ended')],
        [6_010, tableOfRow('running')],
      ],
      changes: {},
      text: 'back from ended to running',
    },
    {
      what: 'a row that disappears too early',
      tables: [
        [1_010, tableOfRow('running')],
        [1_020, {}],
      ],
      changes: {},
      text: 'is missing',
    },
    {
      what: 'a row of another kind',
      tables: [[1_010, tableOfRow('running', { kind: 'lru' })]],
      changes: {},
      text: 'unexpected row of lru',
    },
  ] as const)
    it(`reports ${what}`, () => expect(violationsOf(tables, changes).join('\n')).to.include(text))
})

describe('the rule for events (I19)', () => {
  const all: PlannedUser = { type: 'jobEvents', atMs: AT_MS, job: 0, all: true, gapMs: 1_000 }
  const byId: PlannedUser = { type: 'jobEvents', atMs: AT_MS, job: 0, gapMs: 1_000 }
  const violationsOf = (
    events: readonly (readonly [number, unknown])[],
    user: PlannedUser = all,
    changes: Partial<Truth> = {},
    beganMs = AT_MS,
  ): readonly string[] => {
    const texts: string[] = []
    const session = { ...sessionOf(0, events), beganMs }
    checkEvents({ ...PLAIN, users: [user] }, oracleWith(changes), session, user, (_, text) => texts.push(text))
    return texts
  }
  const [startEvent, endEvent] = [
    [1_010, eventOf('started')],
    [jobEndMs + 10, eventOf('finished', 'finished')],
  ] as const

  it('accepts correct events', () => {
    expect(violationsOf([startEvent, endEvent])).to.deep.equal([])
    expect(violationsOf([], all, {}, 20_000)).to.deep.equal([])
    expect(
      violationsOf(
        [
          [20_010, eventOf('started')],
          [20_010, eventOf('finished', 'finished')],
        ],
        byId,
        {},
        20_000,
      ),
    ).to.deep.equal([])
  })

  for (const [what, events, text] of [
    ['a repeated start', [startEvent, startEvent, endEvent], 'started, in phase running'],
    ['a repeated end', [startEvent, endEvent, endEvent], 'finished, in phase over'],
    ['an end without a start', [endEvent], 'finished, in phase new'],
    ['an event after the end', [startEvent, endEvent, [9_000, eventOf('progressed')]], 'progressed, in phase over'],
    ['a missing start', [], 'without an event'],
    ['a missing end', [startEvent], 'the end of a copy-bck was observable'],
    ['an early end', [startEvent, [1_020, eventOf('finished', 'finished')]], 'the job is not over'],
    [
      'a result that contradicts its event',
      [startEvent, [9_000, eventOf('finished', 'failed')]],
      'with a result of failed',
    ],
  ] as const)
    it(`reports ${what}`, () => expect(violationsOf(events).join('\n')).to.include(text))

  it('reports a missing end for a job that was over in the first reply, if its id was given', () => {
    expect(violationsOf([], byId, {}, 20_000).join('\n')).to.include('the end of a copy-bck was observable')
  })

  it('reports a success despite an error', () => {
    expect(violationsOf([startEvent, endEvent], all, { knownErr: new Set([job]) }).join('\n')).to.include(
      'the job has an error',
    )
  })
})

describe('the rule that all streams agree (I16)', () => {
  const users: readonly PlannedUser[] = [
    { type: 'wait', atMs: AT_MS, job: 0 },
    { type: 'watchJobs', atMs: AT_MS, job: 0, all: true },
    { type: 'jobEvents', atMs: AT_MS, job: 0 },
    { type: 'progress', atMs: AT_MS, job: 0 },
  ]
  const violationsOf = (
    sessions: readonly Session[],
    changes: Partial<SimPlan> = {},
    jobs: readonly Job[] = [job],
    exchanges: readonly Exchange[] = [],
  ): readonly string[] => {
    const texts: string[] = []
    const time = { awake: (ms: number): number => ms }
    checkAgreement(
      { ...PLAIN, users, ...changes },
      time,
      { ...oracleWith(), jobs: () => jobs },
      { sessions: [...sessions], exchanges: [...exchanges], leaks: [] },
      (text) => texts.push(text),
    )
    return texts
  }
  const sessionOfWait = (atMs: number, outcome: string, error?: string): Session =>
    sessionOf(0, [[atMs, { jobId: ID, outcome, success: outcome === 'finished', error }]])

  it('allows a table to be 100 ms late', () => {
    expect(
      violationsOf([
        sessionOfWait(6_000, 'finished'),
        sessionOf(1, [
          [1_010, tableOfRow('running')],
          [6_100, tableOfRow('finished')],
        ]),
      ]),
    ).to.deep.equal([])
    expect(
      violationsOf([
        sessionOfWait(6_000, 'finished'),
        sessionOf(1, [
          [1_010, tableOfRow('running')],
          [6_101, tableOfRow('finished')],
        ]),
      ]),
    ).to.have.lengthOf(1)
  })

  it('accepts an earlier table that contradicts a wait only if an error that the Information Center alone knows came between them', () => {
    const table = (atMs: number): Session =>
      sessionOf(1, [
        [1_010, tableOfRow('running')],
        [atMs, tableOfRow('finished')],
      ])
    const failed = sessionOfWait(6_000, 'failed')
    expect(violationsOf([failed, table(5_950)]).join()).to.include('failed, and finished')
    const withErr: Job = { ...job, notice: { ...job.notice!, ownErr: 'a target did not commit' } }
    expect(violationsOf([failed, table(5_950)], {}, [withErr])).to.deep.equal([])
    expect(violationsOf([failed, table(6_000)], {}, [withErr]).join()).to.include('failed, and finished')
  })

  it('accepts the state `ended` beside any end, and before an end is reported', () => {
    expect(violationsOf([sessionOfWait(6_000, 'failed'), sessionOf(1, [[6_000, tableOfRow('ended')]])])).to.deep.equal(
      [],
    )
    expect(
      violationsOf([sessionOf(1, [[6_000, tableOfRow('ended')]]), sessionOf(2, [[1_010, eventOf('started')]])]),
    ).to.deep.equal([])
  })

  it('reports an event and a wait that disagree, whichever came first', () => {
    const emitted = sessionOf(2, [
      [1_010, eventOf('started')],
      [6_000, eventOf('failed', 'failed')],
    ])
    expect(violationsOf([sessionOfWait(6_000, 'finished'), emitted]).join()).to.include('finished, and failed')
    expect(violationsOf([sessionOfWait(5_000, 'finished'), emitted]).join()).to.include('finished, and running')
  })

  it('accepts the outcome of a late part after the job became lost because the clock jumped, but not the opposite order', () => {
    const withJump = { jobs: [{ ...PLAIN.jobs[0]!, lateMs: 4_500 }], jumps: [{ atMs: 1_500, byMs: 11_000 }] }
    const shown = (atMs: number, state: string): Session =>
      sessionOf(1, [
        [1_010, tableOfRow('running')],
        [atMs, tableOfRow(state)],
      ])
    const lost = sessionOfWait(3_000, 'lost')
    expect(violationsOf([lost, shown(6_000, 'finished')], withJump)).to.deep.equal([])
    expect(violationsOf([lost, shown(6_000, 'finished')]).join()).to.include('lost, and finished')
    expect(violationsOf([sessionOfWait(3_000, 'finished'), shown(6_000, 'lost')], withJump).join()).to.include(
      'finished, and lost',
    )
  })

  it('lets rows and a wait for idleness report an abort before the events only if a frozen target has missed the abort', () => {
    const events: SimPlan['events'] = [
      { type: 'freeze', atMs: 1_010, target: 0 },
      { type: 'stop', atMs: 1_020, job: 0 },
      { type: 'thaw', atMs: 1_030, target: 0 },
    ]
    const plan = { ...PLAIN, jobs: [{ kind: 'put-copies', atMs: 1_000, workMs: 500 }], events }
    const [abortedInPart] = worldWith(plan).jobs as [Job]
    const disagree = (first: Session, of = abortedInPart): readonly string[] => {
      const texts: string[] = []
      const emitted = sessionOf(2, [
        [1_010, eventOf('started')],
        [2_000, eventOf('idle')],
      ])
      const recording = { sessions: [first, emitted], exchanges: [], leaks: [] }
      const jobs = (): readonly Job[] => [of]
      checkAgreement(
        { ...plan, users },
        { awake: (ms) => ms },
        { ...oracleWith(), jobs, idOf: () => of.id },
        recording,
        (text) => texts.push(text),
      )
      return texts
    }
    expect(abortedInPart.id).to.equal(ID)
    const aborted = sessionOf(1, [[2_000, tableOfRow('aborted')]])
    expect(disagree(aborted)).to.deep.equal([])
    expect(disagree(sessionOfWait(2_000, 'aborted'))).to.deep.equal([])
    expect(disagree(sessionOf(1, [[2_000, tableOfRow('failed')]])).join()).to.include('failed, and idle')
    // All targets know of the abort, so the job is over everywhere.
    const [abortedEverywhere] = worldWith({ ...plan, events: events.slice(1, 2) }).jobs as [Job]
    expect(disagree(aborted, abortedEverywhere).join()).to.include('aborted, and idle')
    // A wait for the end must not report the abort earlier.
    expect(disagree(sessionOfWait(2_000, 'aborted'), { ...abortedInPart, kind: 'copy-bck' }).join()).to.include(
      'aborted, and idle',
    )
  })

  it('reports two error texts for one end', () => {
    const emitted = sessionOf(1, [[6_000, tableOfRow('failed', { error: 'disk full' })]])
    expect(violationsOf([sessionOfWait(6_000, 'failed', 'disk full'), emitted])).to.deep.equal([])
    expect(violationsOf([sessionOfWait(6_000, 'failed', 'no space'), emitted]).join()).to.include(
      '"no space", and "disk full"',
    )
  })

  it('accepts another text of a row if two replies about the job came in the millisecond in which a wait answered the first', () => {
    const emitted = (atMs: number): Session => sessionOf(1, [[atMs, tableOfRow('failed', { error: 'disk full' })]])
    const waited = sessionOfWait(6_000, 'failed', 'no space')
    const replies = (...endMs: readonly number[]): readonly Exchange[] =>
      endMs.map((ms, n) => exchangeWith({ what: n === 0 ? 'status' : 'snapshots', endMs: ms }))
    expect(violationsOf([waited, emitted(6_000)], {}, [job], replies(6_000, 6_000))).to.deep.equal([])
    expect(violationsOf([waited, emitted(6_000)], {}, [job], replies(6_000)).join()).to.include('"no space"')
    expect(violationsOf([waited, emitted(6_000)], {}, [job], replies(5_999, 6_000)).join()).to.include('"no space"')
    expect(violationsOf([waited, emitted(6_001)], {}, [job], replies(6_000, 6_000)).join()).to.include('"no space"')
    const failed = replies(6_000, 6_000).map((one) => ({ ...one, end: 'failed' as const }))
    expect(violationsOf([waited, emitted(6_000)], {}, [job], failed).join()).to.include('"no space"')
  })

  it('accepts a failure after a success only if the targets had refused the poll that confirms the end', () => {
    const table = sessionOf(1, [[6_000, tableOfRow('finished')]])
    const failed = sessionOfWait(7_000, 'failed', 'disk full')
    const poll = (changes: Partial<Exchange>): readonly Exchange[] => [exchangeWith({ endMs: 5_990, ...changes })]
    for (const fault of ['permanent', 'foreign'])
      expect(violationsOf([failed, table], {}, [job], poll({ fault }))).to.deep.equal([])
    for (const changes of [
      {},
      { fault: 'late' },
      { fault: 'permanent', endMs: 6_001 },
      { fault: 'permanent', what: 'status' as const },
    ])
      expect(violationsOf([failed, table], {}, [job], poll(changes)).join()).to.include('failed, and finished')
    const early = sessionOf(1, [[6_000, tableOfRow('failed')]])
    expect(
      violationsOf([sessionOfWait(7_000, 'finished'), early], {}, [job], poll({ fault: 'permanent' })).join(),
    ).to.include('finished, and failed')
  })

  it('reports counters that change after the end', () => {
    const counts = (state: string): object => ({ objects: 1, state })
    expect(
      violationsOf([
        sessionOfWait(6_000, 'aborted'),
        sessionOf(3, [
          [1_010, counts('running')],
          [6_000, counts('aborted')],
        ]),
      ]),
    ).to.deep.equal([])
    expect(
      violationsOf([
        sessionOfWait(6_000, 'aborted'),
        sessionOf(3, [
          [1_010, counts('running')],
          [7_000, counts('aborted')],
        ]),
      ]),
    ).to.have.lengthOf(1)
  })
})

describe('the rule for progress (I9)', () => {
  const user: PlannedUser = { type: 'progress', atMs: AT_MS, job: 0, gapMs: 1_000 }
  /** A value of `progress`. */
  const progressOf = (state: string, objects: number): object => ({
    objects,
    bytes: 0,
    elapsedMs: 1,
    ratio: state === 'finished' ? 1 : 0.5,
    state,
  })
  /** The objects that the job has processed at its end. */
  const allObjects = job.runs.reduce((sum, run) => sum + countsOf(run, SESSION_END_MS).loc, 0)
  const violationsOf = (state: string, changes: Partial<Session> = {}): readonly string[] => {
    const texts: string[] = []
    const session = { ...sessionOf(0, [[6_000, progressOf(state, allObjects)]]), ...changes }
    checkEndlessStream({ ...PLAIN, users: [user] }, { frame: SESSION_END_MS }, session, user, oracleWith(), (_, text) =>
      texts.push(text),
    )
    return texts
  }
  /** A request of another user for the status, to which the Information Center replied that it does not know the job. */
  const statusExchange = (endMs: number, atMs = AT_MS, what: Exchange['what'] = 'status'): Exchange =>
    exchangeWith({ user: 1, what, atMs, endMs, end: 404, servedMs: endMs })

  it('accepts correct progress', () => expect(violationsOf('finished')).to.deep.equal([]))

  it('expects the last counters unless the targets permanently refuse the poll for them at that moment', () => {
    const counted = (exchanges: readonly Exchange[]): readonly string[] =>
      violationsOf('finished', {
        ...sessionOf(0, [[6_000, progressOf('finished', allObjects - 1)]]),
        exchanges: [...exchanges],
      })
    const refused = (endMs: number): Exchange => ({
      ...statusExchange(endMs, AT_MS, 'snapshots'),
      end: 501,
      disturbed: true,
      fault: 'permanent',
    })
    const missing = [`${allObjects - 1} objects instead of ${allObjects}`]
    expect(counted([refused(6_000)])).to.deep.equal([])
    expect(counted([])).to.deep.equal(missing)
    expect(counted([refused(5_999)])).to.deep.equal(missing)
    expect(counted([{ ...refused(6_000), fault: 'http-error' }])).to.deep.equal(missing)
  })

  it('reports progress that is still `running` although the job is over', () => {
    expect(violationsOf('running')).to.deep.equal(['running, but the job is over'])
    expect(violationsOf('running', { inFlightAtStart: [statusExchange(SESSION_END_MS - 101)] })).to.deep.equal([
      'running, but the job is over',
    ])
  })

  it('expects no end before the Information Center has replied to a request of any user', () => {
    expect(violationsOf('running', { exchanges: [statusExchange(SESSION_END_MS + 1)] })).to.deep.equal([])
    expect(violationsOf('running', { inFlightAtStart: [statusExchange(SESSION_END_MS + 1)] })).to.deep.equal([])
    expect(violationsOf('running', { exchanges: [statusExchange(SESSION_END_MS)] })).to.deep.equal([])
  })

  it('expects no end before the reply with the list, which replaces the first status request of several users', () => {
    expect(violationsOf('running', { exchanges: [statusExchange(SESSION_END_MS + 1, 6_000, 'list')] })).to.deep.equal(
      [],
    )
    expect(violationsOf('running', { exchanges: [statusExchange(SESSION_END_MS - 1, 6_000, 'list')] })).to.deep.equal([
      'running, but the job is over',
    ])
  })

  it('expects no end if the Information Center could not be queried again since the last poll', () => {
    expect(violationsOf('running', { exchanges: [statusExchange(SESSION_END_MS - 99, 5_999)] })).to.deep.equal([])
    expect(violationsOf('running', { exchanges: [statusExchange(SESSION_END_MS - 99, 6_000)] })).to.deep.equal([
      'running, but the job is over',
    ])
  })
})

describe('the rules for requests', () => {
  const user: PlannedUser = { type: 'watchJobs', atMs: AT_MS, job: 0, all: true, gapMs: 1_000, leaveMs: 60_000 }
  /** A request of the user and when it was answered. */
  const requestOf = (what: Exchange['what'], atMs: number, endMs: number, body = '{}'): Exchange =>
    exchangeWith({ what, atMs, body, endMs, servedMs: atMs + 1 })
  /** The violations that these requests of one user are. */
  const violationsOfRequests = (exchanges: readonly Exchange[]): readonly string[] => {
    const texts: string[] = []
    const session = { ...sessionOf(0, []), exchanges: [...exchanges] }
    checkRequests({ ...PLAIN, users: [user] }, session, user, new Set(['p']), (_, text) => texts.push(text))
    return texts
  }
  /** The violations of the number of requests, of all users together. */
  const violationsOfBudget = (
    exchanges: readonly Exchange[],
    users: readonly PlannedUser[] = [user],
    { jobs }: Pick<SimPlan, 'jobs'> = PLAIN,
  ): readonly string[] => {
    const texts: string[] = []
    const sessions = users.map((_, index) => sessionOf(index, []))
    checkBudget({ ...PLAIN, users, jobs }, { sessions, exchanges: [...exchanges], leaks: [] }, (text) =>
      texts.push(text),
    )
    return texts
  }

  it('allow one query in flight for each source (I5)', () => {
    expect(
      violationsOfRequests([
        requestOf('list', 1_001, 1_100),
        requestOf('running', 1_001, 1_100),
        requestOf('map', 1_001, 1_100),
      ]),
    ).to.deep.equal([])
    expect(
      violationsOfRequests([
        requestOf('running', 1_001, 1_100),
        requestOf('snapshots', 1_050, 1_100, '{"kind":"lru"}'),
      ]).join(),
    ).to.include('while running was in flight')
    expect(
      violationsOfRequests([
        requestOf('status', 1_001, 1_100, '{"id":"a"}'),
        requestOf('status', 1_050, 1_100, '{"id":"a"}'),
      ]).join(),
    ).to.include('twice at once')
  })

  it('allow sixteen requests about single jobs in flight, and no more (I5)', () => {
    const many = (count: number): readonly Exchange[] =>
      Array.from({ length: count }, (_, at) => requestOf('status', 1_001, 1_100, `{"id":"${at}"}`))
    expect(violationsOfRequests(many(16))).to.deep.equal([])
    expect(violationsOfRequests(many(17)).join()).to.include('17 of status in flight')
  })

  it('allow another poll of the targets at once after the Information Center reported an end, and not otherwise (I5)', () => {
    const polls = [
      requestOf('snapshots', 1_001, 1_010, '{"id":"a"}'),
      requestOf('snapshots', 1_030, 1_040, '{"id":"a"}'),
    ]
    expect(violationsOfRequests(polls).join()).to.include('20 ms after the last reply')
    expect(violationsOfRequests([polls[0]!, requestOf('list', 1_005, 1_020), polls[1]!])).to.deep.equal([])
  })

  it('allow a request to the next member at once if a reply cannot be decoded, and not otherwise (I5)', () => {
    const next = { ...requestOf('status', 1_010, 1_020, '{"id":"a"}'), host: 'q' }
    const after = (changes: Partial<Exchange>): string =>
      violationsOfRequests([{ ...requestOf('status', 1_001, 1_010, '{"id":"a"}'), ...changes }, next]).join()
    for (const end of [200, 404]) {
      expect(after({ end })).to.include('0 ms after the last reply')
      expect(after({ end, fault: 'page' })).to.equal('')
    }
    expect(after({ fault: 'garble' })).to.equal('')
    expect(after({ fault: 'garble', host: 'q' })).to.include('0 ms after the last reply')
  })

  it('allow the same query to another endpoint at once if a reply is not JSON, and not otherwise (I5)', () => {
    const after = (changes: Partial<Exchange>, host = 'q'): string =>
      violationsOfRequests([
        { ...requestOf('snapshots', 1_001, 1_010, '{"id":"a"}'), ...changes },
        { ...requestOf('snapshots', 1_010, 1_020, '{"id":"a"}'), host },
      ]).join()
    for (const fault of ['page', 'cut-text'] as const) {
      expect(after({ fault })).to.equal('')
      expect(after({ fault, host: 'q' })).to.include('0 ms after the last reply')
    }
    expect(after({})).to.include('0 ms after the last reply')
    expect(after({ fault: 'garble' })).to.include('0 ms after the last reply')
    const redirect = { ...requestOf('snapshots', 1_000, 1_001, '{"id":"a"}'), host: 'r', end: 307 }
    const page = { ...requestOf('snapshots', 1_001, 1_010, '{"id":"a"}'), fault: 'page' }
    const again = requestOf('snapshots', 1_010, 1_020, '{"id":"a"}')
    expect(violationsOfRequests([redirect, page, again])).to.deep.equal([])
    expect(violationsOfRequests([page, again]).join()).to.include('0 ms after the last reply')
  })

  it('do not count a query that is repeated elsewhere after a reply that is not JSON (I17)', () => {
    const twice = (changes: Partial<Exchange>, host = 'q'): readonly Exchange[] =>
      Array.from({ length: 40 }, (_, at) => [
        { ...requestOf('running', 1_001 + at * 1_000, 1_002 + at * 1_000), ...changes },
        { ...requestOf('running', 1_002 + at * 1_000, 1_003 + at * 1_000), host },
      ]).flat()
    expect(violationsOfBudget(twice({ fault: 'page' }))).to.deep.equal([])
    expect(violationsOfBudget(twice({ fault: 'cut-text' }))).to.deep.equal([])
    expect(violationsOfBudget(twice({})).join()).to.include('running: ')
    expect(violationsOfBudget(twice({ fault: 'page', host: 'q' })).join()).to.include('running: ')
  })

  it('do not count a query that goes on elsewhere after its repetition has failed, but count the next poll (I17)', () => {
    const thrice = (pauseMs: number, host = 'r'): readonly Exchange[] =>
      Array.from({ length: 40 }, (_, round) => {
        const at = 1_001 + round * 1_000
        return [
          { ...requestOf('running', at, at + 1), fault: 'page' },
          { ...requestOf('running', at + 1, at + 2), host: 'q', end: 'failed' as const },
          { ...requestOf('running', at + 2 + pauseMs, at + 3 + pauseMs), host },
        ]
      }).flat()
    expect(violationsOfBudget(thrice(0))).to.deep.equal([])
    expect(violationsOfBudget(thrice(100)).join()).to.include('running: ')
    expect(violationsOfBudget(thrice(0, 'q')).join()).to.include('running: ')
  })

  it('allow another check of a proxy at once if no reply of it could be decoded, and not otherwise (I5)', () => {
    const proof = (atMs: number, changes: Partial<Exchange> = {}): Exchange => ({
      ...requestOf('map', atMs, atMs + 2),
      host: 'q',
      ...changes,
    })
    expect(violationsOfRequests([proof(1_001, { fault: 'cut-text' }), proof(1_202), proof(1_204)])).to.deep.equal([])
    expect(violationsOfRequests([proof(1_001), proof(1_202), proof(1_204)]).join()).to.include(
      '0 ms after the last reply',
    )
  })

  it('allow four more polls to a wait whose machine slept beyond the end of its budget, and no fifth (I8)', () => {
    /** Four more polls of each of the three sources. */
    const fourPolls = 4 * 3
    const most = (timeoutMs?: number): number =>
      maxRequests(PLAIN, sessionOf(0, []), { ...user, gapMs: 10_000, ...defined({ timeoutMs }) })
    expect(most(SESSION_END_MS - AT_MS)).to.equal(most())
    expect(most(SESSION_END_MS - AT_MS - 1)).to.equal(most() + fourPolls)
    // The wait that confirms an abort has a budget of a minute by default.
    const ofAbort = (durationMs: number): number =>
      maxRequests(
        { ...PLAIN, endMs: AT_MS + durationMs },
        { ...sessionOf(0, []), overMs: AT_MS + durationMs },
        { ...user, type: 'abort', confirm: true },
      )
    expect(ofAbort(60_001)).to.equal(ofAbort(60_000) + fourPolls)
  })

  it('bound the requests to a source by the cadence, not by the number of subscribers (I17)', () => {
    const every = (ms: number): readonly Exchange[] =>
      Array.from({ length: Math.floor(50_000 / ms) }, (_, at) => requestOf('list', 1_001 + at * ms, 1_002 + at * ms))
    expect(violationsOfBudget(every(1_000))).to.deep.equal([])
    expect(violationsOfBudget(every(500)).join()).to.include('list: ')
    const missing = every(500).map((one) => ({ ...one, end: 404 }))
    expect(violationsOfBudget(missing).join()).to.include('list: ')
    expect(violationsOfBudget(missing.map((one) => ({ ...one, fault: 'page' })))).to.deep.equal([])
    expect(
      violationsOfBudget(
        every(500),
        Array.from({ length: 5 }, () => user),
      ).join(),
    ).to.include('list: ')
  })

  it('do not count a list that was redirected to a proxy that may list nothing, but count the next list (I17)', () => {
    const [sent, follow, next] = [
      { ...requestOf('list', 0, 0), end: 307, fault: 'redirect' },
      { ...requestOf('list', 0, 0), host: 'q' },
      { ...requestOf('list', 0, 0), host: 'r' },
    ]
    const rounds = (...of: readonly Exchange[]): readonly Exchange[] =>
      Array.from({ length: 40 }, (_, at) =>
        of.map((one, n) => ({ ...one, atMs: 1_001 + at * 1_000 + 2 * n, endMs: 1_002 + at * 1_000 + 2 * n })),
      ).flat()
    expect(violationsOfBudget(rounds(sent, follow, next))).to.deep.equal([])
    expect(violationsOfBudget(rounds(sent, follow, next, next)).join()).to.include('list: ')
    expect(violationsOfBudget(rounds(follow, next)).join()).to.include('list: ')
  })

  it('count the snapshots of the kind `list` apart from the lists of the Information Center (I17)', () => {
    const lists = Array.from({ length: 40 }, (_, at) => requestOf('list', 1_001 + at * 1_000, 1_002 + at * 1_000))
    const polls = lists.map(({ atMs, endMs }) => requestOf('snapshots', atMs, endMs, '{"kind":"list"}'))
    const jobs = [{ kind: 'list', atMs: 1_000, workMs: 500 }]
    expect(violationsOfBudget([...lists, ...polls], [user], { jobs })).to.deep.equal([])
    expect(
      violationsOfBudget(
        polls.flatMap((poll) => [poll, poll]),
        [user],
        { jobs },
      ).join(),
    ).to.include('snapshots of kind list: ')
  })
})

describe('the rule that other users change no outcome (I15)', () => {
  const user: PlannedUser = { type: 'wait', atMs: AT_MS, job: 0, gapMs: 1_000, timeoutMs: 60_000 }
  const plan: SimPlan = { ...PLAIN, users: [user, user] }
  /** A simulation in which both users received this outcome. */
  const simulationOf = (outcome: string, endedMs: number, changes: Partial<Truth> = {}): Simulation => {
    const sessions = [0, 1].map((index) => ({
      ...sessionOf(index, [[endedMs, { outcome, success: outcome === 'finished', aborted: false }]]),
      state: 'complete' as const,
      overMs: endedMs,
    }))
    return { oracle: oracleWith(changes), recording: { sessions, exchanges: [], leaks: [] } }
  }
  /** The differences that are reported between two simulations of the same plan. */
  const violationsOfPair = (one: Simulation, other: Simulation, changes: Partial<SimPlan> = {}): readonly string[] => {
    const texts: string[] = []
    checkSameOutcomes({ ...plan, ...changes }, one, other, (text) => texts.push(text))
    return texts
  }

  it('reports a different outcome', () => {
    expect(violationsOfPair(simulationOf('finished', 5_000), simulationOf('finished', 7_000))).to.deep.equal([])
    expect(violationsOfPair(simulationOf('finished', 5_000), simulationOf('lost', 70_000))).to.have.lengthOf(2)
  })

  it('accepts a failure in only one simulation if the Information Center has forgotten the error or never replied in the other', () => {
    const forgetful: Job = { ...job, notice: { ...job.notice!, ownErr: 'a target did not commit' } }
    const body = JSON.stringify({ id: ID })
    const reply = (end: number, servedMs: number, changes: Partial<Exchange> = {}): Exchange =>
      exchangeWith({ what: 'status', body, atMs: servedMs, endMs: servedMs, servedMs, end, ...changes })
    const lateMs = jobEndMs + 200_000
    /** The reply with the error. */
    const reported = reply(200, jobEndMs + 1_000)
    /** How many differences are reported if the wait with others fails, and the one alone finishes, after these replies. */
    const differences = (received: readonly Exchange[], requests: readonly Exchange[], jobs = [forgetful]): number => {
      const simulated = (outcome: string, exchanges: readonly Exchange[]): Simulation => {
        const { recording, ...rest } = simulationOf(outcome, lateMs, { jobs })
        const sessions = recording.sessions.map((session) => ({
          ...session,
          beganMs: lateMs - 100,
          exchanges: [...exchanges],
        }))
        return { ...rest, recording: { ...recording, sessions, exchanges: [...exchanges] } }
      }
      return violationsOfPair(simulated('failed', received), simulated('finished', requests)).length
    }
    expect(differences([reported], [reply(404, lateMs)])).to.equal(0)
    expect(differences([], [reply(404, lateMs)])).to.equal(2)
    expect(differences([reported], [])).to.equal(2)
    expect(differences([reported], [reply(404, jobEndMs + 100_000)])).to.equal(2)
    expect(differences([reported], [reply(404, lateMs, { disturbed: true })])).to.equal(2)
    expect(differences([reported], [reported, reply(404, lateMs)])).to.equal(2)
    const silent = [reply(503, jobEndMs + 1, { disturbed: true }), reply(503, jobEndMs + 2, { disturbed: true })]
    expect(differences([reported], silent)).to.equal(0)
    expect(differences([], silent)).to.equal(2)
    expect(differences([reported], silent.slice(1))).to.equal(2)
    expect(differences([reported], [reply(307, jobEndMs), ...silent.slice(1)])).to.equal(2)
    expect(differences([reported], [...silent, reply(404, jobEndMs + 3)])).to.equal(2)
    expect(differences([reported], [reply(404, lateMs)], [job])).to.equal(2)
  })

  it('accepts an outcome in one simulation and a timeout in the other if the end came after the budget, and not otherwise', () => {
    const emitted = simulationOf('finished', jobEndMs + 500)
    const timedOut = simulationOf('', jobEndMs + 1_500)
    for (const session of timedOut.recording.sessions)
      session.received.splice(0, 1, { atMs: session.overMs, value: { _tag: 'Left', left: { _tag: 'WaitTimeout' } } })
    const until = (ms: number): Partial<SimPlan> => ({
      users: [user, user].map((one) => ({ ...one, timeoutMs: ms - AT_MS })),
    })
    expect(violationsOfPair(emitted, timedOut, until(jobEndMs - 500))).to.deep.equal([])
    expect(violationsOfPair(emitted, timedOut, until(jobEndMs + 30_000))).to.have.lengthOf(2)
    expect(violationsOfPair(emitted, simulationOf('idle', jobEndMs + 1_500), until(jobEndMs - 500))).to.have.lengthOf(2)
  })

  it('accepts that one simulation misses the idle spans of a job that waits for its targets to end, if its polls are rare enough', () => {
    const jobs = [{ kind: 'archive', atMs: 0, workMs: 500 }]
    const winding = worldWith({ ...PLAIN, jobs }).jobs[0]!
    const [first, second] = idleSpansOf(winding.runs[0]!, 300_000, 400_000)
    const [restMs, untilMs] = first!
    expect([untilMs - restMs, second![0] - restMs].map(Math.round)).to.deep.equal([
      20_000 - Math.round(winding.runs[0]!.idleAfterMs),
      20_000,
    ])
    const emitted = (gapMs: number, atMs: number): readonly string[] => {
      const users = [{ ...user, type: 'waitForIdle' as const, atMs, gapMs, timeoutMs: 60_000 }]
      const simulated = (right: object | undefined, endedMs: number): Simulation => {
        const value = right === undefined ? { _tag: 'Left', left: { _tag: 'WaitTimeout' } } : { _tag: 'Right', right }
        const session = { ...sessionOf(0, []), state: 'complete' as const, beganMs: atMs, overMs: endedMs }
        const sessions = [{ ...session, received: [{ atMs: endedMs, value }] }]
        return {
          oracle: oracleWith({ jobs: [winding], fromMs: 7_000 }),
          recording: { sessions, exchanges: [], leaks: [] },
        }
      }
      const idle = { outcome: 'idle', success: true, aborted: false }
      return violationsOfPair(simulated(idle, atMs + 50_000), simulated(undefined, atMs + 60_000), { jobs, users })
    }
    expect(emitted(10_000, restMs - 1_000)).to.deep.equal([])
    expect(emitted(1_000, restMs - 1_000)).to.have.lengthOf(1)
  })

  it('accepts that a run of the kind had ended before its first poll if the poll had to wait for another request', () => {
    const pollOf = (kind: string, atMs: number, endMs: number): Exchange =>
      exchangeWith({ user: 1, atMs, body: JSON.stringify({ kind }), endMs, servedMs: endMs - 1 })
    const byKind = { users: [user, user].map((one) => ({ ...one, byKind: true as const })) }
    const withPolls = (one: Simulation, ...exchanges: readonly Exchange[]): Simulation => {
      for (const session of one.recording.sessions)
        session.exchanges.push(...exchanges.filter(({ atMs }) => atMs >= session.beganMs))
      return { ...one, recording: { ...one.recording, exchanges: [...exchanges] } }
    }
    const alone = (): Simulation => withPolls(simulationOf('finished', 5_000), pollOf('copy-bck', AT_MS, AT_MS + 2))
    const late = pollOf('copy-bck', jobEndMs + 10, jobEndMs + 12)
    const unanswered = (): Simulation => simulationOf('lost', 70_000)
    expect(
      violationsOfPair(withPolls(unanswered(), pollOf('lru', AT_MS, jobEndMs + 10), late), alone(), byKind),
    ).to.deep.equal([])
    expect(
      violationsOfPair(withPolls(unanswered(), pollOf('lru', AT_MS, jobEndMs - 200), late), alone(), byKind),
    ).to.have.lengthOf(2)
    expect(violationsOfPair(withPolls(unanswered(), late), alone(), byKind)).to.have.lengthOf(2)
    // The previous poll met a fault.
    const failed = (kind: string, disturbed: boolean): Exchange => ({
      ...pollOf(kind, AT_MS, AT_MS + 2),
      end: 'failed',
      disturbed,
    })
    const retried = (poll: Exchange): readonly string[] =>
      violationsOfPair(withPolls(unanswered(), poll, late), alone(), byKind)
    expect(retried(failed('copy-bck', true))).to.deep.equal([])
    expect(retried(failed('copy-bck', false))).to.have.lengthOf(2)
    expect(retried(failed('lru', true))).to.have.lengthOf(2)

    // The same request got its reply just before the user started.
    const cameLate = (one: Simulation): Simulation => {
      for (const session of one.recording.sessions) session.beganMs = jobEndMs - 50
      return one
    }
    const inTime = (): Simulation =>
      withPolls(cameLate(simulationOf('finished', 5_000)), pollOf('copy-bck', jobEndMs - 50, jobEndMs - 48))
    const after = (kind: string, endMs: number): readonly string[] =>
      violationsOfPair(withPolls(cameLate(unanswered()), pollOf(kind, jobEndMs - 300, endMs), late), inTime(), byKind)
    expect(after('copy-bck', jobEndMs - 90)).to.deep.equal([])
    expect(after('lru', jobEndMs - 90)).to.have.lengthOf(2)
    expect(after('copy-bck', jobEndMs - 200)).to.have.lengthOf(2)
  })

  it('accepts a different outcome if the cluster changed before both simulations had to poll, but not after a later change', () => {
    const crash = (atMs: number): Partial<SimPlan> => ({ events: [{ type: 'crash', atMs, target: 0 }] })
    expect(
      violationsOfPair(simulationOf('finished', 5_000), simulationOf('lost', 70_000), crash(jobEndMs + 500)),
    ).to.deep.equal([])
    expect(
      violationsOfPair(simulationOf('finished', 5_000), simulationOf('lost', 60_000), crash(jobEndMs + 20_000)),
    ).to.have.lengthOf(2)
  })
})

describe('an error that only one side knows', () => {
  const users: readonly PlannedUser[] = [{ type: 'wait', atMs: AT_MS, job: 0, timeoutMs: 60_000, gapMs: 1_000 }]
  /** The line of the trace that says what the user received. */
  const receivedLine = (changes: Partial<SimPlan['jobs'][0]>): string =>
    simulate({ ...PLAIN, users, jobs: [{ ...PLAIN.jobs[0]!, ...changes }] }).trace.find((line) =>
      line.includes('receives'),
    ) ?? ''

  it('reaches a wait, from one target and from the Information Center', () => {
    expect(receivedLine({ errMs: 100, errKnownTo: 'target' })).to.match(/"outcome":"failed".*"error":"disk full"/)
    expect(receivedLine({ errMs: 100, errKnownTo: 'ic' })).to.match(
      /"outcome":"failed".*"error":"a target did not commit"/,
    )
  })

  it('does not prevent the outcome if the Information Center never ends the job and the targets do', () => {
    expect(receivedLine({ deaf: true })).to.match(/"outcome":"finished","success":true/)
  })
})
