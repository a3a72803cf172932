import { expect } from 'chai'
import { ignoreElements, merge } from 'rxjs'
import { constant, type Cadence } from '../../../lib/cadence.ts'
import { watchJobs } from '../../../lib/jobs.ts'
import { wait, waitForIdle, waitSingleNode } from '../../../lib/wait.ts'
import { crowd, outcomeOf as crowdOutcomeOf, type CrowdWait } from '../../helpers/crowd.ts'
import type { World } from '../../helpers/fake-cluster.ts'
import {
  ID,
  allTargetsShow,
  snapshotsUnknown,
  withoutBody,
  mapOf,
  runningAre,
  snapshotsAre,
  snap,
  statusesAre,
  statusIs,
  statusUnknown,
  targetUnreachable,
} from '../../helpers/fake-cluster/replies.ts'
import { after, observe } from '../../helpers/observe.ts'
import { errorOf, finished, outcomeOf, settle } from '../../helpers/settle.ts'
import { defined } from '../../../lib/common/defined.ts'

// A job is lost if parts of it disappear and nothing shows how they ended. docs/bounds.md has the times: a job that no source
// knows is lost after two replies that are 2 s apart, and one whose targets have left the map after 60 s.
// An id in a title, such as C3, is a row of docs/faults.md.

const theJob = { id: ID, kind: 'copy-bck' }
const lostResult = { jobId: ID, kind: 'copy-bck', outcome: 'lost', success: false, aborted: false }
/** The Information Center does not track this kind, so only the targets show such a job. */
const UNTRACKED_KIND = 'evict-remote-bck'
/** Two replies prove that a job is gone if they are so far apart. */
const TWICE_MS = 2000
/** A job that runs on all targets until `untilMs`; then the replies are those of `then`, by default that nobody knows it. */
const seenUntil = (untilMs: number, then: World): World => ({
  status: (ms, ...more) =>
    ms < untilMs ? statusIs() : (then.status ?? (() => after(2000, statusUnknown)))(ms, ...more),
  snapshots: (ms, ...more) =>
    ms < untilMs ? allTargetsShow(snap({})) : (then.snapshots ?? (() => snapshotsUnknown))(ms, ...more),
  ...defined({ map: then.map }),
})

describe('a job that was seen and has disappeared', () => {
  it('everywhere is lost, with all of its targets', () => {
    const settled = settle(seenUntil(5000, {}), theJob)
    expect(outcomeOf(settled)).to.deep.include({ ...lostResult, lostTargets: ['t1', 't2', 't3'] })
    expect(settled.atMs).to.be.within(7000, 15_000)
  })

  it('everywhere is lost after two replies two seconds apart if the IC does not track its kind', () => {
    const kind = UNTRACKED_KIND
    const settled = settle(
      { snapshots: (ms) => (ms < 5000 ? allTargetsShow(snap({ kind })) : snapshotsUnknown) },
      { id: ID, kind },
      { cadence: constant(500) },
    )
    expect(outcomeOf(settled)).to.deep.include({ ...lostResult, kind, lostTargets: ['t1', 't2', 't3'] })
    expect(settled.atMs).to.equal(5000 + TWICE_MS)
  })

  it('for one reply, or for less than two seconds, is not lost', () => {
    // It is polled every 0.5 s: the replies at 5 and 5.5 s lack it, or those from 5 to 6.5 s do.
    for (const backMs of [5600, 6600]) {
      const kind = UNTRACKED_KIND
      const settled = settle(
        {
          snapshots: (ms) =>
            ms >= 5000 && ms < backMs
              ? snapshotsUnknown
              : allTargetsShow(snap({ kind, ...(ms < 20_000 ? {} : { endMs: 20_000 }) })),
        },
        { id: ID, kind },
        { cadence: constant(500) },
      )
      expect(outcomeOf(settled)).to.deep.equal(finished(20_000, kind))
    }
  })

  it('with targets that restarted is lost, because all parts have gone', () => {
    const settled = settle(
      seenUntil(5000, { snapshots: (ms) => (ms < 20_000 ? targetUnreachable : snapshotsUnknown) }),
      theJob,
    )
    expect(outcomeOf(settled)).to.deep.include({ ...lostResult, lostTargets: ['t1', 't2', 't3'] })
    // After requests that time out, the cadence is slower than usual.
    expect(settled.atMs).to.be.within(20_000 + TWICE_MS, 35_000)
  })

  it('with all targets out of the map may come back within a minute', () => {
    const back = (ms: number): boolean => ms >= 45_000
    const settled = settle(
      seenUntil(5000, {
        snapshots: (ms) => (back(ms) ? allTargetsShow(snap({ endMs: 30_000 })) : snapshotsAre({})),
        map: (ms) => mapOf(back(ms) ? ['t1', 't2', 't3'] : []),
      }),
      theJob,
    )
    expect(outcomeOf(settled)).to.deep.equal(finished(30_000))
    const never = settle(seenUntil(5000, { snapshots: () => snapshotsAre({}), map: () => mapOf([]) }), theJob)
    expect(outcomeOf(never)).to.deep.include({ ...lostResult, lostTargets: ['t1', 't2', 't3'] })
    expect(never.atMs).to.be.within(65_000, 69_000)
  })

  it('is also lost if the map is unavailable', () => {
    const settled = settle(seenUntil(5000, { map: () => withoutBody(503) }), theJob)
    expect(outcomeOf(settled)).to.include(lostResult)
    expect(settled.atMs).to.be.below(15_000)
  })

  it('from the targets only has the outcome that the IC reports', () => {
    const settled = settle(
      seenUntil(5000, { status: (ms) => statusIs(ms < 30_000 ? {} : { endMs: 30_000, aborted: true, err: 'gone' }) }),
      theJob,
    )
    expect(outcomeOf(settled)).to.include({ outcome: 'aborted', error: 'gone' })
  })

  it('of which only a status was ever seen is lost without the name of a target', () => {
    const settled = settle({ status: (ms) => (ms < 5000 ? statusIs() : after(2000, statusUnknown)) }, theJob)
    expect(outcomeOf(settled)).to.include(lostResult).and.not.to.have.property('lostTargets')
  })

  it('after an error has failed, whichever targets are gone', () => {
    const settled = settle(seenUntil(5000, { snapshots: () => snapshotsUnknown }), theJob)
    expect(outcomeOf(settled).outcome).to.equal('lost')
    const kind = UNTRACKED_KIND
    const failing = settle(
      { snapshots: (ms) => (ms < 5000 ? allTargetsShow(snap({ kind, err: 'disk full' })) : snapshotsUnknown) },
      { id: ID, kind },
    )
    expect(outcomeOf(failing)).to.deep.include({
      outcome: 'failed',
      success: false,
      aborted: false,
      error: 'disk full',
      lostTargets: ['t1', 't2', 't3'],
    })
  })

  it('after an abort is aborted, and does not wait for a missing target', () => {
    const kind = UNTRACKED_KIND
    const part = snap({ kind, aborted: true, abortErr: 'user abort' })
    const settled = settle(
      { snapshots: (ms) => (ms < 2000 ? snapshotsAre({ t1: [part], t2: [snap({ kind })] }) : snapshotsUnknown) },
      { id: ID, kind },
    )
    expect(outcomeOf(settled)).to.include({ outcome: 'aborted', success: false, aborted: true, error: 'user abort' })
    expect(settled.atMs).to.be.within(2000, 3000)
  })
})

describe('a target that is missing', () => {
  const kind = 'copy-bck'
  /** t2 is missing between the two times; the other targets end at 20 s, and so does t2 if a reply shows it. */
  const world = (fromMs: number, toMs: number, status: World['status'] = () => statusIs()): World => ({
    status,
    snapshots: (ms) => {
      const part = [snap({ kind, ...(ms < 20_000 ? {} : { endMs: 20_000 }) })]
      return snapshotsAre({ t1: part, ...(ms >= fromMs && ms < toMs ? {} : { t2: part }), t3: part })
    },
  })

  it('for 60 s is lost with its part (C3)', () => {
    const settled = settle(world(10_000, Infinity), theJob)
    expect(outcomeOf(settled)).to.deep.include({ ...lostResult, lostTargets: ['t2'] })
    expect(settled.atMs).to.be.within(70_000, 76_000)
    expect(outcomeOf(settled).error).to.contain('1 of 3 targets')
  })

  describe('for 60 s', () => {
    /** The Information Center learns of the end shortly before the minute ends, and its replies take 300 ms. */
    const late = (ms: number): { endMs?: number } => (ms < 68_000 ? {} : { endMs: 20_000 })
    const endsLate: World = {
      ...world(10_000, Infinity, (ms) => after(300, statusIs(late(ms)))),
      statuses: (ms) => after(300, statusesAre([late(ms)])),
    }

    /** The outcomes of a wait beside a table, and their times. */
    function besideTable(at: World, cadence: Cadence): { outcomes: readonly string[]; times: readonly number[] } {
      const { values, times } = observe(
        at,
        (cluster) => merge(wait(cluster, theJob, { timeoutMs: Infinity }), watchJobs(cluster).pipe(ignoreElements())),
        { cadence, unsubscribeAtMs: 1_000_000 },
      )
      return { outcomes: values.map((one) => (one._tag === 'Right' ? one.right.outcome : one.left._tag)), times }
    }

    it('has the outcome that the IC reports, however late it learns of the end, whatever the cadence', () => {
      for (const cadence of [500, 1000, 7000, 9000, 15_000, 25_000].map((ms) => constant(ms)))
        expect(outcomeOf(settle(endsLate, theJob, { cadence }))).to.include({ outcome: 'finished', success: true })
    })

    it('is lost within 10 s of the minute if requests to the IC fail, within 35 s if they hang', () => {
      const failing = world(10_000, Infinity, (ms) => (ms < 60_000 ? statusIs() : withoutBody(503)))
      const settled = settle(failing, theJob, { cadence: constant(1000) })
      expect(outcomeOf(settled)).to.include(lostResult)
      expect(settled.atMs).to.be.within(80_000, 82_000)
      const hanging = world(10_000, Infinity, (ms) => (ms < 60_000 ? statusIs() : after(300_000, statusIs())))
      const slow = settle(hanging, theJob, { cadence: constant(1000) })
      expect(outcomeOf(slow)).to.include(lostResult)
      expect(slow.atMs).to.be.within(100_000, 107_000)
    })

    it('is lost without further polls, too, if the cadence ends', () => {
      const silent = world(10_000, Infinity, (ms) => (ms < 65_000 ? statusIs() : withoutBody(503)))
      const settled = settle(silent, theJob, { cadence: ({ n }) => (n < 17 ? 5000 : Infinity), timeoutMs: 1_000_000 })
      expect(outcomeOf(settled)).to.include(lostResult)
      expect(settled.atMs).to.be.at.most(110_000)
    })

    it('has the outcome that the IC reports, for each type of wait', () => {
      for (const by of [wait, waitForIdle, waitSingleNode])
        expect(outcomeOf(settle(endsLate, theJob, { cadence: constant(1000), by })), by.name).to.include({
          outcome: 'finished',
        })
    })

    it('has the outcome that the IC reports if a list showed the end long ago, and one request for the full status timed out', () => {
      const others = ['anotherA1', 'anotherB2']
      const isAbout = (id: string | undefined): boolean => id === undefined || id === ID
      const listed: World = {
        running: () => runningAre(others.map((id) => ({ id, kind }))),
        statuses: (ms) => statusesAre([ms < 25_000 ? {} : { endMs: 20_000 }, ...others.map((id) => ({ id }))]),
        status: (ms, { id = '' }) => {
          if (id !== ID) return statusIs({ id })
          if (ms < 25_000) return statusIs()
          return after(ms < 50_000 ? 400_000 : 100, statusIs({ endMs: 20_000 }))
        },
        snapshots: (ms, { id }) => {
          const also = others.filter((one) => id === undefined || id === one).map((one) => snap({ id: one, kind }))
          const own = isAbout(id) ? [snap({ kind, ...(ms < 20_000 ? {} : { endMs: 20_000 }) })] : []
          const all = [...own, ...also]
          return snapshotsAre({ t1: all, t2: ms >= 10_000 ? also : all, t3: all })
        },
      }
      const rare: CrowdWait = { selector: theJob, cadence: constant(120_000), timeoutMs: 1_000_000 }
      const often = others.map((id): CrowdWait => ({
        selector: { id, kind },
        cadence: constant(1000),
        timeoutMs: 400_000,
      }))
      expect(crowdOutcomeOf(crowd(listed, [rare, ...often]).results[0]!)).to.equal('finished')
    })

    it('is lost within 35 s of the reply that proves it if the lists hang, although ticks are rare', () => {
      const hangs = (ms: number): number => (ms < 78_000 ? 50 : 400_000)
      const silent: World = {
        ...world(30_000, Infinity, (ms) => after(hangs(ms), statusIs())),
        statuses: (ms) => after(hangs(ms), statusesAre([{}])),
        running: () => runningAre([]),
      }
      for (const laterMs of [120_000, 300_000]) {
        const seen = besideTable(silent, ({ n }) => (n < 6 ? 15_000 : laterMs))
        expect(seen.outcomes).to.deep.equal(['lost'])
        // The sixth tick, at 75 s, comes before the minute is over; the next one proves that the part is gone.
        expect(seen.times[0], String(laterMs)).to.be.at.most(75_000 + laterMs + 36_000)
      }
    })

    it('has the outcome that the IC reports, beside other waits, too', () => {
      expect(besideTable(endsLate, constant(9000)).outcomes).to.deep.equal(['finished'])
    })
  })

  it('for 40 s continues where it was (C6)', () => {
    const settled = settle(world(10_000, 50_000), theJob)
    expect(outcomeOf(settled)).to.deep.equal(finished(20_000))
    expect(settled.atMs).to.be.within(50_000, 53_000)
  })

  it('twice for 40 s does not count as missing for 60 s', () => {
    const away = (ms: number): boolean => (ms >= 5000 && ms < 45_000) || (ms >= 50_000 && ms < 90_000)
    const settled = settle(
      {
        status: () => statusIs(),
        snapshots: (ms) =>
          snapshotsAre({ t1: [snap({})], ...(away(ms) ? {} : { t2: [snap(ms < 90_000 ? {} : { endMs: 1 })] }) }),
        map: () => mapOf(['t1', 't2']),
      },
      theJob,
      { timeoutMs: 100_000 },
    )
    expect(errorOf(settled)._tag).to.equal('WaitTimeout')
  })

  it('is aborted if the IC reports an abort in the meantime', () => {
    const settled = settle(
      world(10_000, Infinity, (ms) =>
        statusIs(ms < 30_000 ? {} : { endMs: 30_000, aborted: true, err: 'node t2 not present' }),
      ),
      theJob,
    )
    expect(outcomeOf(settled)).to.include({ outcome: 'aborted', success: false, error: 'node t2 not present' })
    expect(settled.atMs).to.be.within(30_000, 31_000)
  })

  it('is irrelevant if its part had ended', () => {
    const settled = settle(
      {
        status: () => statusIs(),
        snapshots: (ms) =>
          snapshotsAre({
            t1: [snap(ms < 90_000 ? {} : { endMs: 90_000 })],
            ...(ms < 10_000 ? { t2: [snap(ms < 5000 ? {} : { endMs: 5000 })] } : {}),
          }),
        map: () => mapOf(['t1', 't2']),
      },
      theJob,
    )
    expect(outcomeOf(settled)).to.deep.equal(finished(90_000))
  })

  it('in only two replies is not lost, however long the pause', () => {
    const settled = settle(
      {
        status: () => statusIs(),
        snapshots: (ms) =>
          snapshotsAre({
            t1: [snap({ endMs: 0 })],
            ...(ms === 70_000 || ms === 140_000 ? {} : { t2: [snap(ms < 210_000 ? {} : { endMs: 130_000 })] }),
          }),
        map: () => mapOf(['t1', 't2']),
      },
      theJob,
      { cadence: constant(70_000), timeoutMs: Infinity },
    )
    expect(outcomeOf(settled)).to.deep.equal(finished(130_000))
  })
})
