import { expect } from 'chai'
import type { Run } from '../../lib/emulator/cluster/state.ts'
import { knownOf, type Known } from './known.ts'
import type { SimPlan } from './plan.ts'
import type { Exchange, Stay } from './probe.ts'
import { SimTime } from './time.ts'
import { worldOf } from './world.ts'

/** A copy is stopped at 1.5 s; one of its two targets starts anew before anybody has asked it. */
const PLAN: SimPlan = {
  ...{ seed: 1, mode: 'clean', faultClasses: [], targets: 2, proxies: 1, endpoints: 1, latencyMs: 2 },
  ...{ jobs: [{ kind: 'copy-bck', atMs: 1_000, workMs: 5_000 }], net: [], jumps: [], sleeps: [], users: [] },
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
function knows(...asked: readonly Asked[]): boolean {
  const time = new SimTime(PLAN)
  const { cluster, jobs, shownMs } = worldOf(PLAN, time)
  const known: Known = knownOf(cluster, shownMs)
  const stay: Stay = {
    ...{ index: 0, beganMs: 0, overMs: OVER_MS, how: 'complete', error: undefined, seen: [], exchanges: [], met: [] },
  }
  for (const { what, atMs, changes } of asked) {
    const exchange: Exchange = {
      ...{ user: 0, what, atMs, body: '', host: 'p', token: undefined, servedMs: atMs },
      ...{ endMs: atMs + 1, end: 200, disturbed: false, fault: undefined, ...changes },
    }
    stay.exchanges.push(exchange)
    time.at(atMs, () => known.look(exchange, stay, [jobs[0]!], time.frame))
  }
  let told = false
  time.at(OVER_MS, () => {
    const job = jobs[0]!
    const gone = job.runs.find(({ lost }) => lost) as Run
    told = known.isAbortKnown(stay, job, gone, OVER_MS)
  })
  time.flush()
  return told
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
