import { expect } from 'chai'
import {
  ID,
  snapshotsUnknown,
  mapOf,
  snapshotsAre,
  snap,
  statusIs,
  statusUnknown,
} from '../../helpers/fake-cluster/replies.ts'
import { after, countOf } from '../../helpers/observe.ts'
import { finished, outcomeOf, settle } from '../../helpers/settle.ts'

// Trap 30 of docs/protocol.md: a job may have a part on one target only, so missing parts do not show that it still
// starts. `settle` runs one wait against scripted replies.

/** Jobs that end at this time ended a quarter of an hour before the wait began. */
const LONG_AGO_MS = -9e5
/**
 * If the Information Center knows nothing of a job, a part that no target has shown counts as absent after 10 s (`visible`
 * in docs/bounds.md).
 */
const VISIBLE_MS = 10_000

describe('T30: jobs of a single target', () => {
  for (const kind of ['resilver', 'blob-download'])
    it(`${kind} ends when its only target ends, without waiting for other targets`, () => {
      const world = {
        status: () => statusIs({ kind }),
        snapshots: (ms: number) => snapshotsAre({ t2: [snap({ kind, ...(ms < 3000 ? {} : { endMs: 3000 }) })] }),
      }
      const settled = settle(world, { id: ID, kind })
      expect(outcomeOf(settled)).to.deep.equal(finished(3000, kind))
      expect(settled.atMs).to.equal(3000)
      expect(countOf(settled.requestLog, 'map')).to.be.at.most(1)
    })

  it('are found among the empty lists of a query by kind', () => {
    const settled = settle(
      {
        snapshots: (ms) =>
          snapshotsAre({ t1: [], t2: [snap({ kind: 'resilver', ...(ms < 3000 ? {} : { endMs: 3000 }) })], t3: [] }),
        status: () => statusIs({ kind: 'resilver' }),
      },
      { kind: 'resilver' },
    )
    expect(outcomeOf(settled)).to.deep.equal(finished(3000, 'resilver'))
  })

  it('of an unknown kind end after the other targets had time to report a part', () => {
    const kind = 'future-kind'
    const settled = settle(
      { status: () => after(2000, statusUnknown), snapshots: () => snapshotsAre({ t2: [snap({ kind, endMs: -5 })] }) },
      { id: ID, kind },
    )
    expect(outcomeOf(settled)).to.deep.equal(finished(-5, kind))
    expect(settled.atMs).to.be.within(VISIBLE_MS, VISIBLE_MS + 4_000)
  })

  it('of a kind that the IC tracks end when the IC reports the end', () => {
    const kind = 'promote'
    const settled = settle(
      {
        status: (ms) => statusIs({ kind, ...(ms < 8000 ? {} : { endMs: 8000 }) }),
        snapshots: () => snapshotsAre({ t2: [snap({ kind, endMs: 100 })] }),
      },
      { id: ID, kind },
    )
    expect(outcomeOf(settled)).to.deep.equal(finished(100, kind))
    expect(settled.atMs).to.equal(8000)
  })

  it('end without a snapshot of a target that joined the cluster later', () => {
    const settled = settle(
      {
        snapshots: () => snapshotsAre({ t1: [snap({ endMs: LONG_AGO_MS })], t2: [snap({ endMs: LONG_AGO_MS })] }),
        map: () => mapOf(['t1', 't2', 'new']),
      },
      { id: ID, kind: 'copy-bck' },
    )
    expect(outcomeOf(settled)).to.deep.equal(finished(LONG_AGO_MS))
    expect(settled.atMs).to.be.within(VISIBLE_MS, VISIBLE_MS + 6_000)
  })

  it('end without a snapshot of a target under maintenance', () => {
    const settled = settle(
      {
        snapshots: () => snapshotsAre({ t1: [snap({ endMs: 0 })], t2: [snap({ endMs: 0 })] }),
        map: () => mapOf(['t1', 't2', 't3'], { t3: 4 }),
      },
      { id: ID, kind: 'copy-bck' },
    )
    expect(outcomeOf(settled)).to.deep.equal(finished(0))
    // The IC takes two seconds to reply that it does not know the job.
    expect(settled.atMs).to.be.within(2000, 2010)
  })

  it('end with the selected target, whatever the other targets report', () => {
    const settled = settle(
      { snapshots: (ms) => snapshotsAre({ t1: [snap({})], t2: [snap(ms < 3000 ? {} : { endMs: 3000 })] }) },
      { id: ID, kind: 'copy-bck', target: 't2' },
    )
    expect(outcomeOf(settled)).to.deep.equal(finished(3000))
    expect(settled.atMs).to.equal(3000)
    expect(countOf(settled.requestLog, 'status')).to.equal(0)
    expect(countOf(settled.requestLog, 'running')).to.equal(0)
  })

  it('are not lost if their target is away for a while', () => {
    const kind = 'blob-download'
    const settled = settle(
      {
        snapshots: (ms) => {
          if (ms < 2000) return snapshotsAre({ t2: [snap({ kind })] })
          return ms < 42_000 ? snapshotsUnknown : snapshotsAre({ t2: [snap({ kind, endMs: 30_000 })] })
        },
        map: (ms) => mapOf(ms < 42_000 ? ['t1', 't3'] : ['t1', 't2', 't3']),
      },
      { id: ID, kind },
    )
    expect(outcomeOf(settled)).to.deep.equal(finished(30_000, kind))
  })
})
