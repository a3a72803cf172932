import { expect } from 'chai'
import { planOf } from './generate.ts'
import { smaller } from './arbitrary.ts'
import { PLAIN } from './plain.ts'
import { FAULT_CLASSES, type SimPlan } from './plan.ts'
import { loadAll } from './runner/corpus.ts'
import { pairCounter } from './runner/coverage.ts'
import { explore } from './runner/explore.ts'
import { texts } from './runner/texts.ts'
import type { Oracle, Truth } from './oracle.ts'
import type { Session } from './recording.ts'
import { simulate } from './simulate.ts'
import { checkEndlessStream } from './watched.ts'

// Runs the simulation for fixed seeds and for the corpus, and checks its parts. README.md in this folder explains
// its words.

const HEALTH = { type: 'health', atMs: 1_001, job: 0, leaveMs: 9_000 } as const
const HEALTHY = { state: 'connected', endpoint: 'http://p', sinceMs: 1 } as const
const NOTHING: Truth = {
  jobs: [],
  ended: false,
  err: false,
  knownErr: new Set(),
  knownAborted: new Set(),
  lost: false,
  isEndedByProxies: false,
  knownLost: new Set(),
  lateParts: new Set(),
  isPartMissing: false,
  isSeenPartMissing: false,
  fromMs: Infinity,
  toMs: Infinity,
}
const EMPTY_ORACLE: Oracle = {
  jobs: () => [],
  runningSpans: [],
  sampleRunning: () => undefined,
  record: () => undefined,
  closeSession: () => undefined,
  truthOf: () => NOTHING,
  truthOfJob: () => NOTHING,
  idOf: String,
  samplesOf: () => ({ idleRecords: new Map(), startedWithoutError: [], sawNothingRunning: false }),
}
const WAIT_PLAN: SimPlan = {
  ...PLAIN,
  users: [{ type: 'wait', atMs: 1_001, job: 0, timeoutMs: 60_000, gapMs: 1_000 }],
}

/**
 * `npm run fuzz` runs fresh seeds. These seeds show that the simulation works, and take a few seconds; with those of
 * downloads-spec.ts, they are 2,000.
 */
const SEEDS = 1_900
const PARTS = 2
/** How many plans are drawn but not run, which is cheap. */
const DRAWN = 10_000

describe('the simulation', () => {
  for (let part = 0; part < PARTS; part++) {
    const seed = 1 + (part * SEEDS) / PARTS
    it(`finds no violation in ${SEEDS / PARTS} simulations from seed ${seed}`, function () {
      this.timeout(120_000)
      const { failures, count } = explore({ seed, count: SEEDS / PARTS, maxFailures: 1 })
      expect(failures.map(texts.shrunk).join('\n')).to.equal('')
      expect(count).to.equal(SEEDS / PARTS)
    })
  }

  for (const [name, { plan, note }] of loadAll())
    it(`no longer breaks an invariant: ${name} (${note})`, () => expect(simulate(plan).violations).to.deep.equal([]))

  it('draws nearly all pairs of fault classes', () => {
    const pairs = pairCounter()
    for (let seed = 1; seed <= DRAWN; seed++) pairs.add(planOf(seed).faultClasses)
    expect(pairs.coverage().share).to.be.at.least(0.95)
  })

  it('draws the same plan for the same seed, as plain JSON', () => {
    for (let seed = -20; seed < 20; seed++) {
      const plan = planOf(seed)
      expect(planOf(seed)).to.deep.equal(plan)
      expect(JSON.parse(JSON.stringify(plan))).to.deep.equal(plan)
    }
  })

  it('draws every class of faults', () => {
    const drawn = new Set<string>()
    for (let seed = 0; seed < 2_000; seed++) for (const one of planOf(seed).faultClasses) drawn.add(one)
    expect([...drawn].sort()).to.deep.equal([...FAULT_CLASSES].sort())
  })

  it('gives the same trace twice', () => {
    for (let seed = 0; seed < 20; seed++)
      expect(simulate(planOf(seed)).trace).to.deep.equal(simulate(planOf(seed)).trace)
  })

  it('shrinks plans to smaller ones that all run', () => {
    for (const plan of [planOf(375), planOf(2030)])
      for (const one of [...smaller(plan)].slice(0, 40)) expect(simulate(one).requests).to.be.at.least(0)
  })
})

// A harness that notices nothing would also pass: the expected result of each of these plans is known in advance.
describe('the harness', () => {
  const base = WAIT_PLAN
  /** The line of the trace that says what the user received. */
  const receivedLine = (plan: SimPlan): string => simulate(plan).trace.find((line) => line.includes('receives')) ?? ''

  it('records a wait that succeeds', () => {
    expect(receivedLine(base)).to.match(/"outcome":"finished","success":true/)
    expect(simulate(base).violations).to.deep.equal([])
  })

  it('stops a job as another client would', () => {
    expect(receivedLine({ ...base, events: [{ type: 'stop', atMs: 1_200, job: 0 }] })).to.match(/"outcome":"aborted"/)
  })

  it('lets a target record an error', () => {
    const [job] = base.jobs
    expect(receivedLine({ ...base, jobs: [{ ...job!, errMs: 100 }] })).to.match(/"outcome":"failed","success":false/)
  })

  it('delays the timers of the library while its machine sleeps, and nothing else', () => {
    const plan: SimPlan = { ...base, sleeps: [{ atMs: 1_500, forMs: 600_000 }], endMs: 1e6 }
    const line = receivedLine(plan)
    expect(line).to.match(/^60\d{4}/)
    expect(line).to.match(/"outcome":"finished"/)
  })

  it('never replies to a lost request, and records that in the trace', () => {
    const plan: SimPlan = { ...base, net: [{ type: 'loss', fromMs: 0, toMs: 1e9, rate: 1 }] }
    expect(receivedLine(plan)).to.match(/^61001 .*"WaitTimeout"/)
    expect(
      simulate(plan)
        .trace.filter((line) => line.includes('requests'))
        .join(),
    ).to.match(/cut at 31001 \(loss\)/)
  })

  it('does not let a removed fault affect the others', () => {
    const late = { type: 'late', fromMs: 0, toMs: 1e9, rate: 0, value: 50 } as const
    const page = { type: 'page', fromMs: 0, toMs: 3_000, rate: 0.5, value: 502 } as const
    const faults = (net: SimPlan['net']): readonly string[] =>
      simulate({ ...base, net }).trace.filter((line) => line.includes('(page)'))
    expect(faults([page, late])).to.deep.equal(faults([page]))
  })
})

// Each spec but the first builds values that break one invariant, and expects that the check reports a violation.
describe('the invariants of endless streams', () => {
  const users = [{ type: 'progress', atMs: 1_001, job: 0, gapMs: 1_000, leaveMs: 9_000 }, HEALTH] as const
  /** The invariants that a stream breaks with these values. */
  const invariantsBrokenBy = (type: 'progress' | 'health', values: readonly unknown[]): readonly string[] => {
    const broken: string[] = []
    const user = users.find((one) => one.type === type)!
    const session: Session = {
      index: 0,
      beganMs: 1_001,
      overMs: 9_000,
      state: 'left',
      error: undefined,
      exchanges: [],
      inFlightAtStart: [],
      received: values.map((value, at) => ({ value, atMs: 2_000 + at })),
    }
    checkEndlessStream(WAIT_PLAN, { frame: 9_000 }, session, user, EMPTY_ORACLE, (invariant) => broken.push(invariant))
    return broken
  }
  const progressWith = (right: object): unknown => ({
    _tag: 'Right',
    right: { objects: 5, bytes: 50, elapsedMs: 10, state: 'running', stalled: false, targets: {}, ...right },
  })
  const healthWith = (one: string, sinceMs = 1): unknown => ({ state: one, endpoint: 'http://p', sinceMs })

  it('accept correct values', () => {
    expect(
      invariantsBrokenBy('progress', [progressWith({}), { _tag: 'Left' }, progressWith({ objects: 6, ratio: 1 })]),
    ).to.deep.equal([])
    expect(invariantsBrokenBy('health', [healthWith('connected')])).to.deep.equal([])
  })

  for (const [what, values] of [
    ['a counter that decreases', [progressWith({}), progressWith({ objects: 4 })]],
    ['a rate below zero', [progressWith({ objectsPerSecond: -1 })]],
    ['a rate that is not finite', [progressWith({ bytesPerSecond: Infinity })]],
    ['a ratio above one', [progressWith({ ratio: 1.01 })]],
    ['an ETA that is not a number', [progressWith({ etaMs: NaN })]],
  ] as const)
    it(`report ${what}`, () => expect(invariantsBrokenBy('progress', values)).to.deep.equal(['I9']))

  for (const [what, values] of [
    ['a state twice in a row', [healthWith('connected'), healthWith('connected')]],
    [
      'a state that began before the previous one',
      [healthWith('connected', 5), { ...HEALTHY, endpoint: 'http://q', sinceMs: 4 }],
    ],
    ['degraded health without a fault', [healthWith('degraded')]],
  ] as const)
    it(`report ${what}`, () => expect(invariantsBrokenBy('health', values)).to.deep.equal(['I12']))
})
