import { expect } from 'chai'
import type { Job, Run } from '../../lib/emulator/cluster/state.ts'
import { PLAIN } from './plain.ts'
import { knownOf, type Known } from './known.ts'
import type { SimPlan } from './plan.ts'
import type { Exchange, Session } from './recording.ts'
import { SimTime } from './time.ts'
import { worldOf } from './world.ts'

// What a user could know (`known.ts`), checked on small plans: `knows` builds the requests that the user sent, and
// returns whether they would have shown the fact.

/** A copy is stopped at 1.5 s; one of its two targets restarts before it gets any request. */
const PLAN: SimPlan = {
  ...PLAIN,
  jobs: [{ kind: 'copy-bck', atMs: 1_000, workMs: 5_000 }],
  events: [
    { type: 'stop', atMs: 1_500, job: 0 },
    { type: 'restart', atMs: 1_501, target: 1 },
  ],
  endMs: 1_000_000,
}
const OVER_MS = 900_000
const REMEMBERED_MS = 100_000
const FORGOTTEN_MS = 400_000

interface SentRequest {
  readonly what: Exchange['what']
  readonly atMs: number
  readonly changes?: Partial<Exchange>
}

/** Whether a user that sent these requests can know that the part that is gone was aborted. */
const knows = (...requests: readonly SentRequest[]): boolean =>
  holdsAt(PLAN, requests, OVER_MS, (known, session, job) => {
    const gone = job.runs.find(({ lost }) => lost) as Run
    return known.isAbortKnown(session, job, gone, OVER_MS)
  })

/** A user between two times, who received nothing. */
const sessionOf = (index: number, beganMs: number, overMs: number): Session => ({
  index,
  beganMs,
  overMs,
  state: 'complete',
  error: undefined,
  received: [],
  exchanges: [],
  inFlightAtStart: [],
})

/** Whether `isKnown` holds at `byMs` for a user that sent these requests, or for a newcomer. */
function holdsAt(
  plan: SimPlan,
  requests: readonly SentRequest[],
  byMs: number,
  isKnown: (known: Known, session: Session, job: Job) => boolean,
  newcomer?: 'wait' | 'stream',
): boolean {
  const time = new SimTime(plan)
  const { cluster, jobs, shownMs } = worldOf(plan, time)
  const [session, next] = [sessionOf(0, 0, byMs), sessionOf(1, byMs, byMs)]
  const known: Known = knownOf(cluster, shownMs, (one) => one === next && newcomer === 'stream')
  for (const { what, atMs, changes } of requests) {
    const exchange: Exchange = {
      user: 0,
      what,
      atMs,
      body: '',
      host: 'p',
      token: undefined,
      servedMs: atMs,
      endMs: atMs + 1,
      end: 200,
      disturbed: false,
      fault: undefined,
      ...changes,
    }
    session.exchanges.push(exchange)
    time.at(atMs, () => known.record(exchange, session, [jobs[0]!], time.frame))
  }
  let result = false
  time.at(byMs, () => (result = isKnown(known, newcomer === undefined ? session : next, jobs[0]!)))
  time.flush()
  return result
}

describe('the abort of a part that is gone', () => {
  const timedOut = { end: 'cut' as const }

  it('is known if a request to the proxies would have shown it', () => {
    expect(knows({ what: 'snapshots', atMs: REMEMBERED_MS })).to.equal(true)
    expect(knows({ what: 'snapshots', atMs: REMEMBERED_MS }, { what: 'status', atMs: FORGOTTEN_MS })).to.equal(true)
  })

  it('is known after the proxies have reported it, even if they forget it later', () => {
    const late = { what: 'status', atMs: FORGOTTEN_MS, changes: timedOut } as const
    expect(knows({ what: 'status', atMs: REMEMBERED_MS }, late)).to.equal(true)
    expect(knows({ what: 'list', atMs: REMEMBERED_MS }, late)).to.equal(true)
  })

  it('is unknown if the proxies had dropped the status before the first reply', () => {
    expect(knows({ what: 'snapshots', atMs: FORGOTTEN_MS })).to.equal(false)
    const early = { what: 'snapshots', atMs: REMEMBERED_MS, changes: timedOut } as const
    expect(knows(early, { what: 'snapshots', atMs: FORGOTTEN_MS })).to.equal(false)
  })

  it('is unknown if each request for the status timed out while the proxies knew of the abort', () => {
    const status = { what: 'status', atMs: REMEMBERED_MS, changes: timedOut } as const
    expect(knows({ what: 'snapshots', atMs: REMEMBERED_MS }, status, { what: 'status', atMs: FORGOTTEN_MS })).to.equal(
      false,
    )
    expect(knows({ what: 'snapshots', atMs: REMEMBERED_MS }, status)).to.equal(true)
  })
})

/** A resilver of one target ends at 1.5 s; its part, with an error that no other source has, appears at 4 s. */
const LATE: SimPlan = {
  ...PLAN,
  targets: 1,
  events: [],
  endMs: 20_000,
  jobs: [{ kind: 'resilver', atMs: 1_000, workMs: 500, lateMs: 3_000, errMs: 100, errKnownTo: 'target' }],
}
const SHOWN_MS = 4_000

describe('an error in a late part', () => {
  /** Whether a user knows of the error at a time, after these requests. */
  const knowsErr = (atMs: number, ...requests: readonly SentRequest[]): boolean =>
    holdsAt(LATE, requests, atMs, (known, session, job) => known.isErrKnown(session, job, atMs))
  const report = { what: 'status', atMs: 3_000 } as const
  /** A poll of the targets, which was served at one time and answered at a later one. */
  const pollServed = (servedMs: number, atMs: number, endMs: number, changes?: Partial<Exchange>): SentRequest => ({
    what: 'snapshots',
    atMs: servedMs,
    changes: { atMs, endMs, end: servedMs < SHOWN_MS ? 404 : 200, ...changes },
  })

  it('is unknown if the poll that confirms the end was served before the part appeared, even if its reply came later', () => {
    expect(knowsErr(4_004, report, pollServed(3_998, 3_994, 4_004))).to.equal(false)
    expect(knowsErr(4_004, report, pollServed(4_001, 3_994, 4_004))).to.equal(true)
  })

  it('is known if no poll followed the report of the end, or the poll was not answered', () => {
    expect(knowsErr(4_004, report)).to.equal(true)
    expect(knowsErr(4_004, pollServed(2_998, 2_994, 3_000), report)).to.equal(true)
    expect(knowsErr(4_004, report, pollServed(3_998, 3_994, 4_004, { fault: 'page' }))).to.equal(true)
    expect(knowsErr(4_004, { ...report, changes: { end: 'cut' } }, pollServed(3_998, 3_994, 4_004))).to.equal(true)
    expect(knowsErr(4_004, report, pollServed(3_998, 3_994, 4_005))).to.equal(true)
  })

  it('is known after a later poll has shown the part', () => {
    expect(knowsErr(4_204, report, pollServed(3_998, 3_994, 4_004), pollServed(4_199, 4_194, 4_204))).to.equal(true)
  })
  it('is unknown to a stream that joined after others had confirmed the end, and known to a wait', () => {
    const newcomer = (who: 'wait' | 'stream', ...requests: readonly SentRequest[]): boolean =>
      holdsAt(LATE, requests, 4_204, (known, session, job) => known.isErrKnown(session, job, 4_204), who)
    const early = pollServed(3_998, 3_994, 4_004)
    expect(newcomer('stream', report, early)).to.equal(false)
    expect(newcomer('wait', report, early)).to.equal(true)
    expect(newcomer('stream', report)).to.equal(true)
    expect(newcomer('stream', report, early, pollServed(4_199, 4_194, 4_204))).to.equal(true)
  })
})
