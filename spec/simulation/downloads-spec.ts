import { expect } from 'chai'
import type { WaitResult } from '../../lib/model/wait-result.ts'
import { downloadOf, hasFailedLink } from './downloads.ts'
import { DOWNLOADS_FROM } from './generate-downloads.ts'
import { planOf } from './generate.ts'
import { checkLinks } from './links.ts'
import { checkAgreement } from './agreement.ts'
import { oracleOf } from './oracle.ts'
import { PLAIN } from './plain.ts'
import type { PlannedEvent, PlannedJob, PlannedUser, SimPlan } from './plan.ts'
import type { Session } from './recording.ts'
import { texts } from './runner/texts.ts'
import { failureOf } from './runner/run.ts'
import { simulate } from './simulate.ts'
import { SimTime } from './time.ts'
import { worldOf } from './world.ts'

// Downloads in the simulation, and the rule for them (I20). README.md in this folder explains the words.

const DOWNLOAD: PlannedJob = { kind: 'multi', atMs: 1_000, workMs: 2_000, links: 10 }
const BROKEN: PlannedJob = { ...DOWNLOAD, bad: [3, 7] }
const WAIT: PlannedUser = { type: 'wait', atMs: 1_001, job: 0, timeoutMs: 90_000, gapMs: 1_000 }
/** A plan with this job, these events and one user. */
const planWith = (job: PlannedJob, events: readonly PlannedEvent[] = [], user: PlannedUser = WAIT): SimPlan => ({
  ...PLAIN,
  jobs: [job],
  events,
  users: [user],
})

const hasDownload = ({ jobs }: SimPlan): boolean => jobs.some(({ links }) => links !== undefined)

describe('a download in the simulation', () => {
  /** The line of the trace that says what the user received. */
  const receivedLine = (plan: SimPlan): string => simulate(plan).trace.find((line) => line.includes('receives')) ?? ''

  for (const { what, plan, shown } of [
    { what: 'finishes', plan: planWith(DOWNLOAD), shown: /"outcome":"finished","success":true/ },
    {
      what: 'fails if links fail',
      plan: planWith(BROKEN),
      shown: /"outcome":"failed".*"files":\[\{"name":"file-3.bad".*"file-7.bad"/,
    },
    {
      what: 'is aborted by another client',
      plan: planWith(DOWNLOAD, [{ type: 'stop', atMs: 1_500, job: 0 }]),
      shown: /"aborted"/,
    },
    {
      what: 'is lost with a target',
      plan: planWith(DOWNLOAD, [{ type: 'restart', atMs: 2_100, target: 0 }]),
      shown: /"outcome":"lost"/,
    },
    {
      what: 'is unknown after its record was removed',
      plan: planWith(DOWNLOAD, [{ type: 'remove', atMs: 9_000, job: 0 }], { ...WAIT, atMs: 9_500 }),
      shown: /"NotFound"/,
    },
    {
      what: 'keeps its record while it runs',
      plan: planWith(DOWNLOAD, [{ type: 'remove', atMs: 1_500, job: 0 }]),
      shown: /"outcome":"finished"/,
    },
  ] as const)
    it(what, () => {
      expect(receivedLine(plan)).to.match(shown)
      expect(simulate(plan).violations).to.deep.equal([])
    })

  it('knows which links have failed at each moment, but counts no link after an abort or after the death of its target', () => {
    const partsAt = (events: readonly PlannedEvent[], atMs: number): number => {
      const plan = planWith({ ...DOWNLOAD, bad: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] }, events)
      const time = new SimTime(plan)
      const { jobs } = worldOf(plan, time)
      time.flush()
      return jobs[0]!.runs.filter((run) => hasFailedLink(run, atMs)).length
    }
    expect([1_000, 60_000].map((ms) => partsAt([], ms))).to.deep.equal([0, 2])
    expect(partsAt([{ type: 'stop', atMs: 1_001, job: 0 }], 60_000)).to.equal(0)
    expect(partsAt([{ type: 'crash', atMs: 1_001, target: 1 }], 60_000)).to.equal(1)
  })
})

describe('the rule for the files of a download (I20)', () => {
  /** The download after everything in its plan has happened. */
  const jobOfPlan = (job: PlannedJob) => {
    const plan = planWith(job)
    const time = new SimTime(plan)
    const { jobs } = worldOf(plan, time)
    time.flush()
    return jobs[0]!
  }
  /** The violations that are reported if a wait returns this result. */
  const violationsOfResult = (job: PlannedJob, result: Partial<WaitResult>): readonly string[] => {
    const found: string[] = []
    const all: WaitResult = { outcome: 'failed', success: false, aborted: false, ...result }
    checkLinks(jobOfPlan(job), all, { overMs: 60_000 } as Session, (_, text) => found.push(text))
    return found
  }
  const error = 'does not exist'
  const [third, seventh] = ['file-3.bad', 'file-7.bad'].map((name) => ({ name, error }))

  it('accepts a result that names all files that failed', () => {
    expect(downloadOf(jobOfPlan(BROKEN))?.tasks).to.have.length(10)
    expect(violationsOfResult(BROKEN, { files: [third!, seventh!] })).to.deep.equal([])
    expect(violationsOfResult(DOWNLOAD, { outcome: 'finished' })).to.deep.equal([])
    expect(violationsOfResult(PLAIN.jobs[0]!, {})).to.deep.equal([])
  })

  for (const [what, job, result, text] of [
    ['a file that has not failed', BROKEN, { files: [third, seventh, { name: 'file-1', error }] }, 'file-1 has not'],
    [
      'another error',
      BROKEN,
      { files: [third, { ...seventh, error: 'gone' }] },
      'file-7.bad has not failed with "gone"',
    ],
    ['a file that failed and is not named', BROKEN, { files: [third] }, 'file-7.bad failed, but'],
    ['a failure without files', BROKEN, {}, 'names no file'],
    ['files of another job', PLAIN.jobs[0], { files: [third] }, '1 files of a copy-bck'],
  ] as const)
    it(`reports ${what}`, () => expect(violationsOfResult(job!, result as Partial<WaitResult>).join()).to.include(text))
})

describe('the rule that all streams agree about a download (I16)', () => {
  /** The violations that are reported if a wait says that the job failed while a table that began at `tableMs` shows it as running. */
  const agreementOfStreams = (events: readonly PlannedEvent[], tableMs: number): readonly string[] => {
    const users = [WAIT, { ...WAIT, type: 'watchJobs' }] as const
    const plan = { ...planWith(BROKEN, events), users }
    const time = new SimTime(plan)
    const oracle = oracleOf(plan, time, worldOf(plan, time))
    time.flush()
    const id = oracle.idOf(0)
    const sessionOf = (index: number, beganMs: number, atMs: number, value: object): Session => ({
      index,
      beganMs,
      overMs: 60_000,
      state: 'left',
      error: undefined,
      exchanges: [],
      inFlightAtStart: [],
      received: [{ atMs, value: { _tag: 'Right', right: value } }],
    })
    const failed = sessionOf(0, 1_001, 12_000, { jobId: id, kind: 'download', outcome: 'failed', success: false })
    const table = sessionOf(1, tableMs, tableMs + 10, { [id]: { id, kind: 'download', state: 'running' } })
    const violations: string[] = []
    const sessions = [{ ...failed, overMs: 12_000, state: 'complete' as const }, table]
    checkAgreement(plan, { awake: (ms) => ms }, oracle, { sessions, exchanges: [], leaks: [] }, (text) =>
      violations.push(text),
    )
    return violations
  }
  const removed: PlannedEvent = { type: 'remove', atMs: 9_000, job: 0 }

  it('lets a stream learn of a removed record later than others, but only if the stream began after the removal', () => {
    expect(agreementOfStreams([removed], 10_000)).to.deep.equal([])
    expect(agreementOfStreams([removed], 8_000).join()).to.include('failed, and running')
    expect(agreementOfStreams([], 10_000).join()).to.include('failed, and running')
  })

  it('lets a stream learn of a forgotten part later than others, but only if the stream began after that', () => {
    expect(agreementOfStreams([{ type: 'restart', atMs: 9_000, target: 0 }], 10_000)).to.deep.equal([])
    expect(agreementOfStreams([{ type: 'restart', atMs: 9_000, target: 0 }], 8_000).join()).to.include(
      'failed, and running',
    )
  })
})

describe('the generator of downloads', () => {
  const plans = Array.from({ length: 1_500 }, (_, nth) => planOf(DOWNLOADS_FROM + nth))
  const plansWithDownload = plans.filter(hasDownload)

  it('does not change the plans of earlier seeds', () => {
    for (let seed = DOWNLOADS_FROM - 500; seed < DOWNLOADS_FROM; seed++)
      expect(hasDownload(planOf(seed)), String(seed)).to.equal(false)
  })

  it('draws downloads of each sort, alone and beside other jobs', () => {
    const downloads = plansWithDownload.flatMap(({ jobs }) => jobs.filter(({ links }) => links !== undefined))
    expect(new Set(downloads.map(({ kind }) => kind))).to.deep.equal(new Set(['single', 'multi', 'range']))
    expect(downloads.filter(({ bad }) => bad !== undefined).length).to.be.within(100, downloads.length - 100)
    expect(plansWithDownload.filter(({ jobs }) => jobs.length > 1).length).to.be.within(
      100,
      plansWithDownload.length - 100,
    )
    expect(new Set(plansWithDownload.flatMap(({ events }) => events.map(({ type }) => type)))).to.include.keys(
      'stop',
      'remove',
      'crash',
      'restart',
    )
    expect(new Set(plansWithDownload.flatMap(({ users }) => users.map(({ type }) => type)))).to.include.keys(
      ...([
        'wait',
        'waitForIdle',
        'waitStarted',
        'waitNotRunning',
        'progress',
        'jobEvents',
        'watchJobs',
        'abort',
      ] as const),
    )
    for (const plan of plansWithDownload.slice(0, 40)) expect(JSON.parse(JSON.stringify(plan))).to.deep.equal(plan)
  })

  it('finds no violation in 100 simulations with downloads', function () {
    this.timeout(120_000)
    const failures = plansWithDownload.slice(0, 100).flatMap((plan) => {
      const failure = failureOf(plan, simulate(plan))
      return failure === undefined ? [] : [texts.shrunk(failure)]
    })
    expect(failures.join('\n')).to.equal('')
  })
})
