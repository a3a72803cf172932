import { expect } from 'chai'
import type { Job, Run } from '../../lib/emulator/cluster/state.ts'
import { PLAIN } from './plain.ts'
import { knownOf, type Known } from './known.ts'
import type { SimPlan } from './plan.ts'
import type { Exchange, Stay } from './probe.ts'
import { SimTime } from './time.ts'
import { worldOf } from './world.ts'

/** A copy is stopped at 1.5 s; one of its two targets starts anew before anybody has asked it. */
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

interface Asked {
  readonly what: Exchange['what']
  readonly atMs: number
  readonly changes?: Partial<Exchange>
}

/** Whether somebody who has asked this knows of the abort of the part that is gone. */
const knows = (...asked: readonly Asked[]): boolean =>
  told(PLAN, asked, OVER_MS, (known, stay, job) => {
    const gone = job.runs.find(({ lost }) => lost) as Run
    return known.isAbortKnown(stay, job, gone, OVER_MS)
  })

/** What somebody who has asked this can know of the first job by then. */
function told(
  plan: SimPlan,
  asked: readonly Asked[],
  byMs: number,
  isKnown: (known: Known, stay: Stay, job: Job) => boolean,
): boolean {
  const time = new SimTime(plan)
  const { cluster, jobs, shownMs } = worldOf(plan, time)
  const known: Known = knownOf(cluster, shownMs)
  const stay: Stay = {
    index: 0,
    beganMs: 0,
    overMs: byMs,
    how: 'complete',
    error: undefined,
    seen: [],
    exchanges: [],
    met: [],
  }
  for (const { what, atMs, changes } of asked) {
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
    stay.exchanges.push(exchange)
    time.at(atMs, () => known.look(exchange, stay, [jobs[0]!], time.frame))
  }
  let is = false
  time.at(byMs, () => (is = isKnown(known, stay, jobs[0]!)))
  time.flush()
  return is
}

describe('what can be known of an abort of a part that is gone', () => {
  const cut = { end: 'cut' as const }

  it('is known as long as the proxies had only to be asked', () => {
    expect(knows({ what: 'snapshots', atMs: REMEMBERED_MS })).to.equal(true)
    expect(knows({ what: 'snapshots', atMs: REMEMBERED_MS }, { what: 'status', atMs: FORGOTTEN_MS })).to.equal(true)
  })

  it('is known once the proxies have told it, whatever they forget later', () => {
    const late = { what: 'status', atMs: FORGOTTEN_MS, changes: cut } as const
    expect(knows({ what: 'status', atMs: REMEMBERED_MS }, late)).to.equal(true)
    expect(knows({ what: 'list', atMs: REMEMBERED_MS }, late)).to.equal(true)
  })

  it('is not known where they had thrown the status away before the first reply', () => {
    expect(knows({ what: 'snapshots', atMs: FORGOTTEN_MS })).to.equal(false)
    const early = { what: 'snapshots', atMs: REMEMBERED_MS, changes: cut } as const
    expect(knows(early, { what: 'snapshots', atMs: FORGOTTEN_MS })).to.equal(false)
  })

  it('is not known where each request for the status ran into its limit while they knew', () => {
    const status = { what: 'status', atMs: REMEMBERED_MS, changes: cut } as const
    expect(knows({ what: 'snapshots', atMs: REMEMBERED_MS }, status, { what: 'status', atMs: FORGOTTEN_MS })).to.equal(
      false,
    )
    expect(knows({ what: 'snapshots', atMs: REMEMBERED_MS }, status)).to.equal(true)
  })
})

/** A resilver of one target ends at 1.5 s; its part, with an error that nobody else knows, shows at 4 s. */
const LATE: SimPlan = {
  ...PLAN,
  targets: 1,
  events: [],
  endMs: 20_000,
  jobs: [{ kind: 'resilver', atMs: 1_000, workMs: 500, lateMs: 3_000, errMs: 100, errKnownTo: 'target' }],
}
const SHOWN_MS = 4_000

describe('what can be known of an error in a part that shows late', () => {
  const knowsErr = (atMs: number, ...asked: readonly Asked[]): boolean =>
    told(LATE, asked, atMs, (known, stay, job) => known.isErrKnown(stay, job, atMs))
  const report = { what: 'status', atMs: 3_000 } as const
  const look = (servedMs: number, atMs: number, endMs: number, changes?: Partial<Exchange>): Asked => ({
    what: 'snapshots',
    atMs: servedMs,
    changes: { atMs, endMs, end: servedMs < SHOWN_MS ? 404 : 200, ...changes },
  })

  it('is not known where the look that confirms the end was served before: the reply was on its way', () => {
    expect(knowsErr(4_004, report, look(3_998, 3_994, 4_004))).to.equal(false)
    expect(knowsErr(4_004, report, look(4_001, 3_994, 4_004))).to.equal(true)
  })

  it('is known where nobody looked after the report of the end, or the look was no answer', () => {
    expect(knowsErr(4_004, report)).to.equal(true)
    expect(knowsErr(4_004, look(2_998, 2_994, 3_000), report)).to.equal(true)
    expect(knowsErr(4_004, report, look(3_998, 3_994, 4_004, { fault: 'page' }))).to.equal(true)
    expect(knowsErr(4_004, { ...report, changes: { end: 'cut' } }, look(3_998, 3_994, 4_004))).to.equal(true)
    expect(knowsErr(4_004, report, look(3_998, 3_994, 4_005))).to.equal(true)
  })

  it('is known once a later look has shown the part', () => {
    expect(knowsErr(4_204, report, look(3_998, 3_994, 4_004), look(4_199, 4_194, 4_204))).to.equal(true)
  })
})
