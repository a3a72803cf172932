import { expect } from 'chai'
import { countsOf } from '../../lib/emulator/cluster/snapshot.ts'
import type { Job } from '../../lib/emulator/cluster/state.ts'
import { boundOf } from './bound.ts'
import { withinBudget } from './budget.ts'
import { isFalseEnd } from './claim.ts'
import { eventsHold } from './events.ts'
import { mouthsAgree } from './mouths.ts'
import { restedSinceMs, type Oracle, type Rested, type Truth } from './oracle.ts'
import { PLAIN } from './plain.ts'
import type { PlannedUser, SimPlan } from './plan.ts'
import type { Exchange, Stay } from './probe.ts'
import { rowsHold } from './rows.ts'
import { restsOf, spanOf } from './runs.ts'
import { simulate } from './simulate.ts'
import { SimTime } from './time.ts'
import { sameOutcomes, type Life } from './twice.ts'
import { mostOf, trafficOf } from './traffic.ts'
import { watched } from './watched.ts'
import { worldOf } from './world.ts'
import { defined } from '../../lib/common/defined.ts'

// Each of these breaks one rule on purpose, in the harness's own records: a rule that notices nothing would be as green.

const AT_MS = 1_001
const LEFT_MS = 30_000

/** A cluster with one copy, which ends by itself some four seconds after its start. */
function worldWith(plan: SimPlan): ReturnType<typeof worldOf> {
  const time = new SimTime(plan)
  const world = worldOf(plan, time)
  time.flush()
  return world
}

const world = worldWith(PLAIN)
const job = world.jobs[0]!
const overMs = Math.max(...job.runs.map(({ endMs }) => endMs))
const ID = job.id

const truth = (changes: Partial<Truth> = {}): Truth => ({
  ...{
    jobs: [job],
    ended: true,
    err: false,
    knownErr: new Set(),
    knownCut: new Set(),
    lost: false,
    decided: false,
    knownLost: new Set(),
  },
  gone: false,
  shownGone: false,
  fromMs: overMs,
  toMs: Infinity,
  ...changes,
})
const oracle = (changes: Partial<Truth> = {}): Oracle => ({
  jobs: () => [job],
  spans: [{ job, fromMs: 1_000, toMs: overMs - 1 }],
  instant: () => undefined,
  look: () => undefined,
  over: () => undefined,
  idOf: () => ID,
  truthOf: () => truth(changes),
  truthOfJob: () => truth(changes),
  sampledOf: () => ({ rested: new Map(), startedWell: [], nothingRan: false }),
})

const stayOf = (index: number, values: readonly (readonly [atMs: number, value: unknown])[]): Stay => ({
  index,
  beganMs: AT_MS,
  overMs: LEFT_MS,
  how: 'left',
  error: undefined,
  exchanges: [],
  met: [],
  seen: values.map(([atMs, right]) => ({ atMs, value: { _tag: 'Right', right } })),
})

const row = (state: string, more: object = {}): object => ({ [ID]: { id: ID, kind: 'copy-bck', state, ...more } })
const event = (type: string, outcome?: string): object => ({
  type,
  job: { id: ID, kind: 'copy-bck' },
  atMs: 1,
  ...(outcome === undefined ? {} : { result: { outcome, success: outcome === 'finished', aborted: false } }),
})

describe('the bound of a wait (I10)', () => {
  it('grants a part that was seen and is gone a minute, as a part that died at work; an unseen one 35 s', () => {
    const user: PlannedUser = { type: 'waitSingleNode', atMs: AT_MS, job: 0, gapMs: 1_000 }
    const bound = (changes: Partial<Truth>): number => boundOf(PLAIN, user, stayOf(0, []), truth(changes))!
    const usual = bound({})
    expect(bound({ gone: true }) - usual).to.equal(35_000 + 1_000)
    expect(bound({ gone: true, shownGone: true }) - usual).to.equal(60_000 + 1_000)
  })

  it('grants a rest of 10 s after a request that ran into its limit, and none after one that was cut before', () => {
    const user: PlannedUser = { type: 'waitStarted', atMs: AT_MS, job: 0, gapMs: 1_000 }
    const cutAfter = (ms: number): Stay => {
      const times = { atMs: AT_MS, endMs: AT_MS + ms, servedMs: AT_MS + 1 }
      const of = { user: 0, what: 'snapshots' as const, body: '{}', host: 'p', token: undefined }
      const stay = stayOf(0, [])
      stay.exchanges.push({ ...of, ...times, end: 'cut', disturbed: false, fault: undefined })
      return stay
    }
    const bound = (ms: number): number => boundOf(PLAIN, user, cutAfter(ms), truth())!
    expect(bound(30_000) - bound(29_999)).to.equal(10_000)
  })
})

describe('since when an end shows', () => {
  const sinceMs = (...events: SimPlan['events']): number =>
    spanOf('end', [worldWith({ ...PLAIN, events }).jobs[0]!], LEFT_MS, new Map())[0]
  const [freeze, thaw] = (['freeze', 'thaw'] as const).map((type) => ({ type, atMs: 1_100, target: 0 }))

  it('knows of no end that a frozen target has not come to; one that goes on comes to it later', () => {
    expect(sinceMs()).to.equal(overMs)
    expect(sinceMs(freeze!)).to.equal(Infinity)
    expect(sinceMs(freeze!, { ...thaw!, atMs: 5_100 })).to.be.within(overMs, overMs + 4_000)
    expect(sinceMs({ ...freeze!, atMs: overMs + 1 })).to.equal(overMs)
  })

  it('takes an abort that the other target tells of for the end of the job', () => {
    expect(sinceMs(freeze!, { type: 'stop', atMs: 1_200, job: 0 })).to.be.below(Infinity)
  })
})

describe('the rule of when a job has rested (I1)', () => {
  it('counts from the first reply since the job was last shown at work, and takes for a reply only what came in time', () => {
    const look = (servedMs: number, rests: boolean, changes: Partial<Exchange> = {}): Rested['looks'][0] => ({
      exchange: {
        user: 0,
        what: 'snapshots',
        atMs: servedMs - 1,
        body: '{}',
        host: 'p',
        token: undefined,
        servedMs,
        endMs: servedMs + 1,
        end: 200,
        disturbed: false,
        fault: undefined,
        ...changes,
      },
      rests,
    })
    const since = (...looks: Rested['looks']): number => restedSinceMs({ well: true, looks }, stayOf(0, []))
    expect(since(look(2_000, true), look(4_000, true))).to.equal(2_000)
    expect(since(look(2_000, true), look(3_000, false), look(4_000, true))).to.equal(4_000)
    expect(since(look(2_000, true, { end: 503 }), look(4_000, true))).to.equal(4_000)
    for (const changes of [{ end: 503 }, { end: 'cut' as const }, { fault: 'cut-text' }, { endMs: LEFT_MS + 1 }])
      expect(since(look(2_000, true), look(3_000, false, changes), look(4_000, true))).to.equal(2_000)
    expect(since(look(2_000, false))).to.equal(Infinity)
  })
})

describe('the rule of what is lost', () => {
  const [late, forth] = [
    { ...PLAIN.jobs[0]!, lateMs: 2_000 },
    { atMs: 3_000, byMs: 11_000 },
  ] as const
  const wrong = (changes: Partial<SimPlan>, end = 'vanished', atMs = 4_000): string | undefined =>
    isFalseEnd({ ...PLAIN, ...changes }, end, [job], truth(), atMs)

  it('takes a clock that was set forward for time, in which a part that shows late had to show', () => {
    for (const end of ['vanished', 'lost']) expect(wrong({ jobs: [late], jumps: [forth] }, end)).to.equal(undefined)
  })

  it('grants that to nobody whose clock was set back, or later, nor where each part shows at once', () => {
    const all = 'every part is there'
    expect(wrong({ jobs: [late] })).to.equal(all)
    expect(wrong({ jobs: [late], jumps: [{ ...forth, byMs: -11_000 }] })).to.equal(all)
    expect(wrong({ jobs: [late], jumps: [forth] }, 'lost', 2_999)).to.equal(all)
    expect(wrong({ jumps: [forth] })).to.equal(all)
    expect(wrong({ jobs: [late], jumps: [forth] }, 'failed')).to.equal('nothing failed')
  })
})

describe('the rule of what a table shows (I18)', () => {
  const user: PlannedUser = { type: 'watchJobs', atMs: AT_MS, job: 0, all: true, gapMs: 1_000 }
  const seen = (
    tables: readonly (readonly [number, unknown])[],
    changes: Partial<Truth> = {},
    plan: SimPlan = PLAIN,
  ): readonly string[] => {
    const said: string[] = []
    rowsHold({ ...plan, users: [user] }, oracle(changes), stayOf(0, tables), user, (_, text) => said.push(text))
    return said
  }

  it('lets pass what is as it must be', () => {
    expect(
      seen([
        [1_010, row('running')],
        [overMs + 10, row('finished')],
        [20_000, {}],
      ]),
    ).to.deep.equal([])
  })

  it('lets a job wait for the list of what runs that no proxy may know of, since each has died', () => {
    const killed = (...proxies: readonly number[]): readonly string[] =>
      seen(
        [[1_010, {}]],
        {},
        { ...PLAIN, proxies: 2, events: proxies.map((proxy) => ({ type: 'kill-proxy', atMs: 1, proxy })) },
      )
    expect(killed(0, 0).join()).to.include('not in the table')
    expect(killed(0, 1)).to.deep.equal([])
  })

  for (const [what, tables, changes, text] of [
    ['a job that runs and is never listed', [[1_010, {}]], {}, 'not in the table'],
    ['a success of a job that runs', [[1_010, row('finished')]], {}, 'it is not over'],
    ['a success with an error', [[6_000, row('finished')]], { knownErr: new Set([job]) }, 'with an error'],
    ['a failure of a job that did not fail', [[6_000, row('failed')]], {}, 'nothing failed'],
    ['an abort that nobody asked for', [[6_000, row('aborted')]], {}, 'nobody did'],
    [
      'a way back',
      [
        [6_000, row('ended')],
        [6_010, row('running')],
      ],
      {},
      'back from ended to running',
    ],
    [
      'a row that goes too early',
      [
        [1_010, row('running')],
        [1_020, {}],
      ],
      {},
      'is gone',
    ],
    ['a row of another kind', [[1_010, row('running', { kind: 'lru' })]], {}, 'a row of lru'],
  ] as const)
    it(`notices ${what}`, () => expect(seen(tables, changes).join('\n')).to.include(text))
})

describe('the rule of what events tell (I19)', () => {
  const all: PlannedUser = { type: 'jobEvents', atMs: AT_MS, job: 0, all: true, gapMs: 1_000 }
  const byId: PlannedUser = { type: 'jobEvents', atMs: AT_MS, job: 0, gapMs: 1_000 }
  const seen = (
    events: readonly (readonly [number, unknown])[],
    user: PlannedUser = all,
    changes: Partial<Truth> = {},
    beganMs = AT_MS,
  ): readonly string[] => {
    const said: string[] = []
    const stay = { ...stayOf(0, events), beganMs }
    eventsHold({ ...PLAIN, users: [user] }, oracle(changes), stay, user, (_, text) => said.push(text))
    return said
  }
  const [began, ended] = [
    [1_010, event('started')],
    [overMs + 10, event('finished', 'finished')],
  ] as const

  it('lets pass what is as it must be', () => {
    expect(seen([began, ended])).to.deep.equal([])
    expect(seen([], all, {}, 20_000)).to.deep.equal([])
    expect(
      seen(
        [
          [20_010, event('started')],
          [20_010, event('finished', 'finished')],
        ],
        byId,
        {},
        20_000,
      ),
    ).to.deep.equal([])
  })

  for (const [what, events, text] of [
    ['a start that is told twice', [began, began, ended], 'started, while it is running'],
    ['an end that is told twice', [began, ended, ended], 'finished, while it is over'],
    ['an end without a start', [ended], 'finished, while it is new'],
    ['a way back', [began, ended, [9_000, event('progressed')]], 'progressed, while it is over'],
    ['a start that is missed', [], 'no event'],
    ['an end that is missed', [began], 'the end of a copy-bck could be told'],
    ['an end that came too early', [began, [1_020, event('finished', 'finished')]], 'it is not over'],
    ['a result that says something else', [began, [9_000, event('finished', 'failed')]], 'with a result of failed'],
  ] as const)
    it(`notices ${what}`, () => expect(seen(events).join('\n')).to.include(text))

  it('notices a job that was over at the first look, where its id was given', () => {
    expect(seen([], byId, {}, 20_000).join('\n')).to.include('the end of a copy-bck could be told')
  })

  it('notices a success with an error', () => {
    expect(seen([began, ended], all, { knownErr: new Set([job]) }).join('\n')).to.include('with an error')
  })
})

describe('the rule that all mouths agree (I16)', () => {
  const users: readonly PlannedUser[] = [
    { type: 'wait', atMs: AT_MS, job: 0 },
    { type: 'watchJobs', atMs: AT_MS, job: 0, all: true },
    { type: 'jobEvents', atMs: AT_MS, job: 0 },
    { type: 'progress', atMs: AT_MS, job: 0 },
  ]
  const seen = (stays: readonly Stay[], changes: Partial<SimPlan> = {}): readonly string[] => {
    const said: string[] = []
    const time = { awake: (ms: number): number => ms }
    mouthsAgree(
      { ...PLAIN, users, ...changes },
      time,
      oracle(),
      { stays: [...stays], exchanges: [], leaks: [] },
      (text) => said.push(text),
    )
    return said
  }
  const waited = (atMs: number, outcome: string, error?: string): Stay =>
    stayOf(0, [[atMs, { jobId: ID, outcome, success: outcome === 'finished', error }]])

  it('gives a table a tenth of a second', () => {
    expect(
      seen([
        waited(6_000, 'finished'),
        stayOf(1, [
          [1_010, row('running')],
          [6_100, row('finished')],
        ]),
      ]),
    ).to.deep.equal([])
    expect(
      seen([
        waited(6_000, 'finished'),
        stayOf(1, [
          [1_010, row('running')],
          [6_101, row('finished')],
        ]),
      ]),
    ).to.have.lengthOf(1)
  })

  it('takes a row that tells only of an end for any end, and for one that is still to be told', () => {
    expect(seen([waited(6_000, 'failed'), stayOf(1, [[6_000, row('ended')]])])).to.deep.equal([])
    expect(seen([stayOf(1, [[6_000, row('ended')]]), stayOf(2, [[1_010, event('started')]])])).to.deep.equal([])
  })

  it('notices an event and a wait that disagree, whenever each came', () => {
    const told = stayOf(2, [
      [1_010, event('started')],
      [6_000, event('failed', 'failed')],
    ])
    expect(seen([waited(6_000, 'finished'), told]).join()).to.include('finished, and failed')
    expect(seen([waited(5_000, 'finished'), told]).join()).to.include('finished, and running')
  })

  it('lets a late part show how a job ended that was lost after a leap of the clock, and not the other way round', () => {
    const leap = { jobs: [{ ...PLAIN.jobs[0]!, lateMs: 4_500 }], jumps: [{ atMs: 1_500, byMs: 11_000 }] }
    const shown = (atMs: number, state: string): Stay =>
      stayOf(1, [
        [1_010, row('running')],
        [atMs, row(state)],
      ])
    const lost = waited(3_000, 'lost')
    expect(seen([lost, shown(6_000, 'finished')], leap)).to.deep.equal([])
    expect(seen([lost, shown(6_000, 'finished')]).join()).to.include('lost, and finished')
    expect(seen([waited(3_000, 'finished'), shown(6_000, 'lost')], leap).join()).to.include('finished, and lost')
  })

  it('notices two texts for one end', () => {
    const told = stayOf(1, [[6_000, row('failed', { error: 'disk full' })]])
    expect(seen([waited(6_000, 'failed', 'disk full'), told])).to.deep.equal([])
    expect(seen([waited(6_000, 'failed', 'no space'), told]).join()).to.include('"no space", and "disk full"')
  })

  it('notices counters that go on after the end', () => {
    const counts = (state: string): object => ({ objects: 1, state })
    expect(
      seen([
        waited(6_000, 'aborted'),
        stayOf(3, [
          [1_010, counts('running')],
          [6_000, counts('aborted')],
        ]),
      ]),
    ).to.deep.equal([])
    expect(
      seen([
        waited(6_000, 'aborted'),
        stayOf(3, [
          [1_010, counts('running')],
          [7_000, counts('aborted')],
        ]),
      ]),
    ).to.have.lengthOf(1)
  })
})

describe('the rule of what progress tells (I9)', () => {
  const user: PlannedUser = { type: 'progress', atMs: AT_MS, job: 0, gapMs: 1_000 }
  const counts = (state: string, objects: number): object => ({
    objects,
    bytes: 0,
    elapsedMs: 1,
    ratio: state === 'finished' ? 1 : 0.5,
    state,
  })
  const done = job.runs.reduce((sum, run) => sum + countsOf(run, LEFT_MS).loc, 0)
  const seen = (state: string, changes: Partial<Stay> = {}): readonly string[] => {
    const said: string[] = []
    const stay = { ...stayOf(0, [[6_000, counts(state, done)]]), ...changes }
    watched({ ...PLAIN, users: [user] }, { frame: LEFT_MS }, stay, user, oracle(), (_, text) => said.push(text))
    return said
  }
  const status = (endMs: number, atMs = AT_MS, what: Exchange['what'] = 'status'): Exchange => ({
    user: 1,
    what,
    atMs,
    body: '{}',
    host: 'p',
    token: undefined,
    endMs,
    end: 404,
    disturbed: false,
    fault: undefined,
    servedMs: endMs,
  })

  it('lets pass what is as it must be', () => expect(seen('finished')).to.deep.equal([]))

  it('notices a job that is over and still runs', () => {
    expect(seen('running')).to.deep.equal(['running, but it is over'])
    expect(seen('running', { met: [status(LEFT_MS - 101)] })).to.deep.equal(['running, but it is over'])
  })

  it('asks for no end before the Information Center has answered, whoever asked it', () => {
    expect(seen('running', { exchanges: [status(LEFT_MS + 1)] })).to.deep.equal([])
    expect(seen('running', { met: [status(LEFT_MS + 1)] })).to.deep.equal([])
    expect(seen('running', { exchanges: [status(LEFT_MS)] })).to.deep.equal([])
  })

  it('asks for no end before the list has come that carries the first question of a status in company', () => {
    expect(seen('running', { exchanges: [status(LEFT_MS + 1, 6_000, 'list')] })).to.deep.equal([])
    expect(seen('running', { exchanges: [status(LEFT_MS - 1, 6_000, 'list')] })).to.deep.equal([
      'running, but it is over',
    ])
  })

  it('asks for no end where the Information Center could not be asked again since the last look', () => {
    expect(seen('running', { exchanges: [status(LEFT_MS - 99, 5_999)] })).to.deep.equal([])
    expect(seen('running', { exchanges: [status(LEFT_MS - 99, 6_000)] })).to.deep.equal(['running, but it is over'])
  })
})

describe('the rules of what is sent', () => {
  const user: PlannedUser = { type: 'watchJobs', atMs: AT_MS, job: 0, all: true, gapMs: 1_000, leaveMs: 60_000 }
  const ask = (what: Exchange['what'], atMs: number, endMs: number, body = '{}'): Exchange => ({
    user: 0,
    what,
    atMs,
    body,
    host: 'p',
    token: undefined,
    endMs,
    end: 200,
    disturbed: false,
    fault: undefined,
    servedMs: atMs + 1,
  })
  const inFlight = (exchanges: readonly Exchange[]): readonly string[] => {
    const said: string[] = []
    const stay = { ...stayOf(0, []), exchanges: [...exchanges] }
    trafficOf({ ...PLAIN, users: [user] }, stay, user, new Set(['p']), (_, text) => said.push(text))
    return said
  }
  const budget = (
    exchanges: readonly Exchange[],
    users: readonly PlannedUser[] = [user],
    { jobs }: Pick<SimPlan, 'jobs'> = PLAIN,
  ): readonly string[] => {
    const said: string[] = []
    const stays = users.map((_, index) => stayOf(index, []))
    withinBudget({ ...PLAIN, users, jobs }, { stays, exchanges: [...exchanges], leaks: [] }, (text) => said.push(text))
    return said
  }

  it('let each source have one query in flight (I5)', () => {
    expect(inFlight([ask('list', 1_001, 1_100), ask('running', 1_001, 1_100), ask('map', 1_001, 1_100)])).to.deep.equal(
      [],
    )
    expect(
      inFlight([ask('running', 1_001, 1_100), ask('snapshots', 1_050, 1_100, '{"kind":"lru"}')]).join(),
    ).to.include('while running was in flight')
    expect(
      inFlight([ask('status', 1_001, 1_100, '{"id":"a"}'), ask('status', 1_050, 1_100, '{"id":"a"}')]).join(),
    ).to.include('twice at once')
  })

  it('let sixteen questions about one job each be in flight, and no more (I5)', () => {
    const many = (count: number): readonly Exchange[] =>
      Array.from({ length: count }, (_, at) => ask('status', 1_001, 1_100, `{"id":"${at}"}`))
    expect(inFlight(many(16))).to.deep.equal([])
    expect(inFlight(many(17)).join()).to.include('17 of status in flight')
  })

  it('let the targets be asked again at once for what the Information Center has ended, and nothing else (I5)', () => {
    const looks = [ask('snapshots', 1_001, 1_010, '{"id":"a"}'), ask('snapshots', 1_030, 1_040, '{"id":"a"}')]
    expect(inFlight(looks).join()).to.include('20 ms after the last answer')
    expect(inFlight([looks[0]!, ask('list', 1_005, 1_020), looks[1]!])).to.deep.equal([])
  })

  it('let the next member be asked at once where the reply of one cannot be read, and nothing else (I5)', () => {
    const next = { ...ask('status', 1_010, 1_020, '{"id":"a"}'), host: 'q' }
    const after = (changes: Partial<Exchange>): string =>
      inFlight([{ ...ask('status', 1_001, 1_010, '{"id":"a"}'), ...changes }, next]).join()
    for (const end of [200, 404]) {
      expect(after({ end })).to.include('0 ms after the last answer')
      expect(after({ end, fault: 'page' })).to.equal('')
    }
    expect(after({ fault: 'garble' })).to.equal('')
    expect(after({ fault: 'garble', host: 'q' })).to.include('0 ms after the last answer')
  })

  it('grant a wait that outlived its budget the four rounds of its last look, and no more (I8)', () => {
    const most = (timeoutMs?: number): number =>
      mostOf(PLAIN, stayOf(0, []), { ...user, gapMs: 10_000, ...defined({ timeoutMs }) })
    expect(most(LEFT_MS - AT_MS)).to.equal(most())
    expect(most(LEFT_MS - AT_MS - 1)).to.equal(most() + 4 * 3)
  })

  it('bound what a source is asked by the cadence, not by how many subscribe (I17)', () => {
    const every = (ms: number): readonly Exchange[] =>
      Array.from({ length: Math.floor(50_000 / ms) }, (_, at) => ask('list', 1_001 + at * ms, 1_002 + at * ms))
    expect(budget(every(1_000))).to.deep.equal([])
    expect(budget(every(500)).join()).to.include('list: ')
    const missing = every(500).map((one) => ({ ...one, end: 404 }))
    expect(budget(missing).join()).to.include('list: ')
    expect(budget(missing.map((one) => ({ ...one, fault: 'page' })))).to.deep.equal([])
    expect(
      budget(
        every(500),
        Array.from({ length: 5 }, () => user),
      ).join(),
    ).to.include('list: ')
  })

  it('count the snapshots of the kind `list` apart from the lists of the Information Center (I17)', () => {
    const lists = Array.from({ length: 40 }, (_, at) => ask('list', 1_001 + at * 1_000, 1_002 + at * 1_000))
    const looks = lists.map(({ atMs, endMs }) => ask('snapshots', atMs, endMs, '{"kind":"list"}'))
    const jobs = [{ kind: 'list', atMs: 1_000, workMs: 500 }]
    expect(budget([...lists, ...looks], [user], { jobs })).to.deep.equal([])
    expect(
      budget(
        looks.flatMap((look) => [look, look]),
        [user],
        { jobs },
      ).join(),
    ).to.include('snapshots of kind list: ')
  })
})

describe('the rule that company changes no outcome (I15)', () => {
  const user: PlannedUser = { type: 'wait', atMs: AT_MS, job: 0, gapMs: 1_000, timeoutMs: 60_000 }
  const plan: SimPlan = { ...PLAIN, users: [user, user] }
  const lifeOf = (outcome: string, endedMs: number, changes: Partial<Truth> = {}): Life => {
    const stays = [0, 1].map((index) => ({
      ...stayOf(index, [[endedMs, { outcome, success: outcome === 'finished', aborted: false }]]),
      how: 'complete' as const,
      overMs: endedMs,
    }))
    return { oracle: oracle(changes), probe: { stays, exchanges: [], leaks: [] } }
  }
  const compared = (one: Life, other: Life, changes: Partial<SimPlan> = {}): readonly string[] => {
    const said: string[] = []
    sameOutcomes({ ...plan, ...changes }, one, other, (text) => said.push(text))
    return said
  }

  it('notices another outcome', () => {
    expect(compared(lifeOf('finished', 5_000), lifeOf('finished', 7_000))).to.deep.equal([])
    expect(compared(lifeOf('finished', 5_000), lifeOf('lost', 70_000))).to.have.lengthOf(2)
  })

  it('takes an error that the Information Center has forgotten, or is silent about again and again, for a reason why only those in company fail', () => {
    const forgetful: Job = { ...job, notice: { ...job.notice!, ownErr: 'a target did not commit' } }
    const of = { user: 0, what: 'status' as const, body: JSON.stringify({ id: ID }), host: 'p', token: undefined }
    const reply = (end: number, servedMs: number, changes: Partial<Exchange> = {}): Exchange => ({
      ...of,
      atMs: servedMs,
      endMs: servedMs,
      servedMs,
      end,
      disturbed: false,
      fault: undefined,
      ...changes,
    })
    const lateMs = overMs + 200_000
    const told = reply(200, overMs + 1_000)
    const wrong = (heard: readonly Exchange[], asked: readonly Exchange[], jobs = [forgetful]): number => {
      const life = (outcome: string, exchanges: readonly Exchange[]): Life => {
        const { probe, ...rest } = lifeOf(outcome, lateMs, { jobs })
        const stays = probe.stays.map((stay) => ({ ...stay, beganMs: lateMs - 100, exchanges: [...exchanges] }))
        return { ...rest, probe: { ...probe, stays, exchanges: [...exchanges] } }
      }
      return compared(life('failed', heard), life('finished', asked)).length
    }
    expect(wrong([told], [reply(404, lateMs)])).to.equal(0)
    expect(wrong([], [reply(404, lateMs)])).to.equal(2)
    expect(wrong([told], [])).to.equal(2)
    expect(wrong([told], [reply(404, overMs + 100_000)])).to.equal(2)
    expect(wrong([told], [reply(404, lateMs, { disturbed: true })])).to.equal(2)
    expect(wrong([told], [told, reply(404, lateMs)])).to.equal(2)
    const silent = [reply(503, overMs + 1, { disturbed: true }), reply(503, overMs + 2, { disturbed: true })]
    expect(wrong([told], silent)).to.equal(0)
    expect(wrong([], silent)).to.equal(2)
    expect(wrong([told], silent.slice(1))).to.equal(2)
    expect(wrong([told], [reply(307, overMs), ...silent.slice(1)])).to.equal(2)
    expect(wrong([told], [...silent, reply(404, overMs + 3)])).to.equal(2)
    expect(wrong([told], [reply(404, lateMs)], [job])).to.equal(2)
  })

  it('takes an end that came after the budget for a reason why one was told and one timed out, and for nothing else', () => {
    const told = lifeOf('finished', overMs + 500)
    const timedOut = lifeOf('', overMs + 1_500)
    for (const stay of timedOut.probe.stays)
      stay.seen.splice(0, 1, { atMs: stay.overMs, value: { _tag: 'Left', left: { _tag: 'WaitTimeout' } } })
    const until = (ms: number): Partial<SimPlan> => ({
      users: [user, user].map((one) => ({ ...one, timeoutMs: ms - AT_MS })),
    })
    expect(compared(told, timedOut, until(overMs - 500))).to.deep.equal([])
    expect(compared(told, timedOut, until(overMs + 30_000))).to.have.lengthOf(2)
    expect(compared(told, lifeOf('idle', overMs + 1_500), until(overMs - 500))).to.have.lengthOf(2)
  })

  it('takes the rests of a job that waits for its targets to end for a reason where a look may miss them, and for none else', () => {
    const jobs = [{ kind: 'archive', atMs: 0, workMs: 500 }]
    const winding = worldWith({ ...PLAIN, jobs }).jobs[0]!
    const [first, second] = restsOf(winding.runs[0]!, 300_000, 400_000)
    const [restMs, untilMs] = first!
    expect([untilMs - restMs, second![0] - restMs].map(Math.round)).to.deep.equal([
      20_000 - Math.round(winding.runs[0]!.idleAfterMs),
      20_000,
    ])
    const told = (gapMs: number, atMs: number): readonly string[] => {
      const users = [{ ...user, type: 'waitForIdle' as const, atMs, gapMs, timeoutMs: 60_000 }]
      const life = (right: object | undefined, endedMs: number): Life => {
        const value = right === undefined ? { _tag: 'Left', left: { _tag: 'WaitTimeout' } } : { _tag: 'Right', right }
        const stay = { ...stayOf(0, []), how: 'complete' as const, beganMs: atMs, overMs: endedMs }
        const stays = [{ ...stay, seen: [{ atMs: endedMs, value }] }]
        return { oracle: oracle({ jobs: [winding], fromMs: 7_000 }), probe: { stays, exchanges: [], leaks: [] } }
      }
      const idle = { outcome: 'idle', success: true, aborted: false }
      return compared(life(idle, atMs + 50_000), life(undefined, atMs + 60_000), { jobs, users })
    }
    expect(told(10_000, restMs - 1_000)).to.deep.equal([])
    expect(told(1_000, restMs - 1_000)).to.have.lengthOf(1)
  })

  it('takes the turn of another question for a reason why a run of the kind had ended before it was looked at', () => {
    const ask = (kind: string, atMs: number, endMs: number): Exchange => ({
      ...{
        user: 1,
        what: 'snapshots',
        atMs,
        body: JSON.stringify({ kind }),
        host: 'p',
        token: undefined,
        endMs,
        end: 200,
      },
      disturbed: false,
      fault: undefined,
      servedMs: endMs - 1,
    })
    const byKind = { users: [user, user].map((one) => ({ ...one, byKind: true as const })) }
    const withLooks = (one: Life, ...exchanges: readonly Exchange[]): Life => {
      for (const stay of one.probe.stays) stay.exchanges.push(...exchanges.filter(({ atMs }) => atMs >= stay.beganMs))
      return { ...one, probe: { ...one.probe, exchanges: [...exchanges] } }
    }
    const alone = (): Life => withLooks(lifeOf('finished', 5_000), ask('copy-bck', AT_MS, AT_MS + 2))
    const late = ask('copy-bck', overMs + 10, overMs + 12)
    const unheard = (): Life => lifeOf('lost', 70_000)
    expect(compared(withLooks(unheard(), ask('lru', AT_MS, overMs + 10), late), alone(), byKind)).to.deep.equal([])
    expect(compared(withLooks(unheard(), ask('lru', AT_MS, overMs - 200), late), alone(), byKind)).to.have.lengthOf(2)
    expect(compared(withLooks(unheard(), late), alone(), byKind)).to.have.lengthOf(2)
    // A fault took the look before it.
    const failed = (kind: string, disturbed: boolean): Exchange => ({
      ...ask(kind, AT_MS, AT_MS + 2),
      end: 'failed',
      disturbed,
    })
    const retried = (look: Exchange): readonly string[] => compared(withLooks(unheard(), look, late), alone(), byKind)
    expect(retried(failed('copy-bck', true))).to.deep.equal([])
    expect(retried(failed('copy-bck', false))).to.have.lengthOf(2)
    expect(retried(failed('lru', true))).to.have.lengthOf(2)

    // The same was answered just before he came.
    const cameLate = (one: Life): Life => {
      for (const stay of one.probe.stays) stay.beganMs = overMs - 50
      return one
    }
    const inTime = (): Life => withLooks(cameLate(lifeOf('finished', 5_000)), ask('copy-bck', overMs - 50, overMs - 48))
    const after = (kind: string, endMs: number): readonly string[] =>
      compared(withLooks(cameLate(unheard()), ask(kind, overMs - 300, endMs), late), inTime(), byKind)
    expect(after('copy-bck', overMs - 90)).to.deep.equal([])
    expect(after('lru', overMs - 90)).to.have.lengthOf(2)
    expect(after('copy-bck', overMs - 200)).to.have.lengthOf(2)
  })

  it('takes what changes the world before both had to look for a reason, and what comes later for none', () => {
    const crash = (atMs: number): Partial<SimPlan> => ({ events: [{ type: 'crash', atMs, target: 0 }] })
    expect(compared(lifeOf('finished', 5_000), lifeOf('lost', 70_000), crash(overMs + 500))).to.deep.equal([])
    expect(compared(lifeOf('finished', 5_000), lifeOf('lost', 60_000), crash(overMs + 20_000))).to.have.lengthOf(2)
  })
})

describe('the errors that one side alone knows', () => {
  const users: readonly PlannedUser[] = [{ type: 'wait', atMs: AT_MS, job: 0, timeoutMs: 60_000, gapMs: 1_000 }]
  const got = (changes: Partial<SimPlan['jobs'][0]>): string =>
    simulate({ ...PLAIN, users, jobs: [{ ...PLAIN.jobs[0]!, ...changes }] }).trace.find((line) =>
      line.includes('gets'),
    ) ?? ''

  it('reach a wait from one target, and from the Information Center', () => {
    expect(got({ errMs: 100, errKnownTo: 'target' })).to.match(/"outcome":"failed".*"error":"disk full"/)
    expect(got({ errMs: 100, errKnownTo: 'ic' })).to.match(/"outcome":"failed".*"error":"a target did not commit"/)
  })

  it('leave a wait with the targets, where the Information Center never ends the job', () => {
    expect(got({ deaf: true })).to.match(/"outcome":"finished","success":true/)
  })
})
