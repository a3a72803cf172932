import { expect } from 'chai'
import { constant } from '../../../lib/cadence.ts'
import { wait, waitForIdle } from '../../../lib/wait.ts'
import type { World } from '../../helpers/fake-cluster.ts'
import {
  ID,
  allTargetsShow,
  withoutBody,
  mapOf,
  snapshotsAre,
  snap,
  statusIs,
  statusUnknown,
  targetUnreachable,
} from '../../helpers/fake-cluster/replies.ts'
import { after, countOf } from '../../helpers/observe.ts'
import { silent } from '../../helpers/scripted.ts'
import { errorOf, finished, outcomeOf, settle } from '../../helpers/settle.ts'

// What section 12 of docs/protocol.md describes: kinds whose status is late, jobs without all targets, contradictory
// reports.
// An id in a title, such as C7, is a row of docs/faults.md.

describe('Protocol 12: other observed behaviour', () => {
  for (const kind of ['load-lom-cache', 'ec-encode']) {
    const world: World = {
      status: (ms) => statusIs({ kind, ...(ms < 30_000 ? {} : { endMs: 30_000 }) }),
      snapshots: (ms) => allTargetsShow(snap({ kind, ...(ms < 700 ? {} : { endMs: 700 }) })),
    }
    it(`${kind}: a wait ends on time although the status is 30 s late`, () => {
      const settled = settle(world, { id: ID, kind })
      expect(outcomeOf(settled)).to.deep.equal(finished(700, kind))
      expect(settled.atMs).to.be.within(700, 1000)
      expect(countOf(settled.requestLog, 'status')).to.be.at.most(1)
      expect(countOf(settled.requestLog, 'snapshots')).to.be.at.most(2)
      expect(countOf(settled.requestLog, 'map')).to.be.at.most(2)
    })

    it(`${kind}: a wait by id alone ends on time, too`, () => {
      expect(settle(world, { id: ID }).atMs).to.equal(1000)
    })
  }

  describe('lru started twice, so that one target never runs the second run', () => {
    const two = { t1: [snap({ kind: 'lru', endMs: 10 })], t2: [snap({ kind: 'lru', endMs: 12 })] }
    const world: World = {
      status: (ms) =>
        statusIs({ kind: 'lru', ...(ms < 30_000 ? {} : { endMs: 30_000, aborted: true, err: 't3 does not exist' }) }),
      snapshots: () => snapshotsAre(two),
    }
    const aborted = {
      jobId: ID,
      kind: 'lru',
      outcome: 'aborted',
      success: false,
      aborted: true,
      error: 't3 does not exist',
    }

    for (const [title, cadenceMs] of [
      ['polled each second', 1000],
      ['polled twice a second', 500],
      ['polled twice a minute', 33_000],
      ['polled once a minute', 60_000],
    ] as const)
      for (const by of [wait, waitForIdle])
        for (const selector of [{ id: ID, kind: 'lru' }, { id: ID }])
          it(`is aborted and never a success: ${title}, ${by.name} by ${Object.keys(selector).join(' and ')}`, () => {
            const settled = settle(world, selector, { by, cadence: constant(cadenceMs) })
            expect(outcomeOf(settled)).to.include(aborted)
            expect(settled.atMs).to.be.at.least(30_000)
          })

    it('is aborted and never a success if the cluster map is not available', () => {
      expect(outcomeOf(settle({ ...world, map: () => withoutBody(503) }, { id: ID, kind: 'lru' }))).to.include(aborted)
    })

    it('is aborted and never a success if the IC does not reply for a while', () => {
      const status: World['status'] = (ms, ...more) =>
        ms > 5000 && ms < 60_000 ? withoutBody(502) : world.status!(ms, ...more)
      const settled = settle({ ...world, status }, { id: ID, kind: 'lru' })
      expect(outcomeOf(settled)).to.include(aborted)
      expect(settled.atMs).to.be.within(60_000, 61_000)
    })

    it('is a timeout and never a success if the IC does not reply any more', () => {
      const status: World['status'] = (ms, ...more) => (ms > 5000 ? withoutBody(502) : world.status!(ms, ...more))
      expect(errorOf(settle({ ...world, status }, { id: ID, kind: 'lru' }, { timeoutMs: 120_000 }))._tag).to.equal(
        'WaitTimeout',
      )
    })
  })

  it('a job that winds down has not ended, although its counters have stopped', () => {
    const settled = settle(
      {
        status: (ms) => statusIs(ms < 9000 ? {} : { endMs: 8000 }),
        snapshots: (ms) => allTargetsShow(snap(ms < 8000 ? {} : { endMs: 8000 })),
      },
      { id: ID, kind: 'copy-bck' },
    )
    expect(outcomeOf(settled)).to.deep.equal(finished(8000))
    expect(settled.atMs).to.be.within(8000, 9000)
  })

  it('an abort that the IC reports wins over a running snapshot (C7)', () => {
    const settled = settle(
      {
        status: (ms) => statusIs(ms < 4000 ? {} : { endMs: 4000, aborted: true, err: 'user abort' }),
        snapshots: () => allTargetsShow(snap({})),
      },
      { id: ID, kind: 'copy-bck' },
    )
    expect(outcomeOf(settled)).to.include({ outcome: 'aborted', success: false, error: 'user abort' })
    expect(settled.atMs).to.be.within(4000, 5000)
  })

  it('an abort that the IC reports wins before it has an end time, too', () => {
    const settled = settle(
      { status: (ms) => statusIs({ aborted: ms >= 4000 }), snapshots: () => allTargetsShow(snap({})) },
      { id: ID, kind: 'copy-bck' },
    )
    expect(outcomeOf(settled)).to.deep.equal({
      jobId: ID,
      kind: 'copy-bck',
      outcome: 'aborted',
      success: false,
      aborted: true,
      error: 'aborted',
    })
    expect(settled.atMs).to.be.within(4000, 5000)
  })

  it('an end that the IC reports does not win over a running snapshot', () => {
    const world: World = {
      status: (ms) => statusIs(ms < 4000 ? {} : { endMs: 4000 }),
      snapshots: (ms) =>
        snapshotsAre({ t1: [snap({ endMs: 3000 })], t2: [snap(ms < 30_000 ? {} : { endMs: 30_000 })] }),
    }
    const settled = settle(world, { id: ID, kind: 'copy-bck' })
    expect(outcomeOf(settled)).to.deep.equal(finished(30_000))
    const never = settle(
      { ...world, snapshots: () => snapshotsAre({ t2: [snap({})] }) },
      { id: ID, kind: 'copy-bck' },
      { timeoutMs: 60_000 },
    )
    expect(errorOf(never)).to.include({ _tag: 'WaitTimeout' })
  })

  it('if the abort-err differs between targets, the result has the original cause, in any order of targets', () => {
    const causes = ['IC(notifications) abort', 'user abort', 'remote target aborted xaction: copy-bck']
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 0, 2],
    ]) {
      const settled = settle(
        {
          snapshots: () =>
            snapshotsAre(
              Object.fromEntries(order.map((n, at) => [`t${at}`, [snap({ aborted: true, abortErr: causes[n]! })]])),
            ),
        },
        { id: ID, kind: 'copy-bck' },
      )
      expect(outcomeOf(settled)).to.include({ outcome: 'aborted', error: 'user abort' })
    }
  })

  it('with a frozen target, the status still reports the end, although it takes 20 s and the snapshots time out', () => {
    const settled = settle(
      {
        status: (ms) =>
          after(20_000, statusIs(ms < 100_000 ? {} : { endMs: 100_000, aborted: true, err: 'smap-changed' })),
        snapshots: () => silent,
      },
      { id: ID, kind: 'copy-bck' },
    )
    expect(outcomeOf(settled)).to.include({ outcome: 'aborted', error: 'smap-changed' })
    expect(settled.atMs).to.be.below(250_000)
  })

  it('a restarted proxy replies 503 and 404, but the snapshots still report the end', () => {
    const settled = settle(
      {
        status: (ms) => {
          if (ms < 1000) return statusIs()
          return ms < 30_000 ? withoutBody(503) : after(2000, statusUnknown)
        },
        snapshots: (ms) => {
          if (ms < 1000) return allTargetsShow(snap({}))
          return ms < 30_000 ? withoutBody(503) : allTargetsShow(snap({ endMs: 20_000 }))
        },
      },
      { id: ID, kind: 'copy-bck' },
    )
    expect(outcomeOf(settled)).to.deep.equal(finished(20_000))
  })

  it('an empty snapshot reply without targets is not an end; the IC reports the end (J14)', () => {
    const settled = settle(
      {
        status: (ms) => statusIs(ms < 37_000 ? {} : { endMs: 37_000, aborted: true, err: 'smap-changed' }),
        snapshots: (ms) => {
          if (ms < 1000) return allTargetsShow(snap({}))
          return ms < 10_000 ? targetUnreachable : snapshotsAre({})
        },
        map: () => mapOf([]),
      },
      { id: ID, kind: 'copy-bck' },
    )
    expect(outcomeOf(settled)).to.include({ outcome: 'aborted', error: 'smap-changed' })
    expect(settled.atMs).to.be.within(37_000, 38_000)
  })

  it('a job that no target has from the beginning is NotFound, not finished', () => {
    const settled = settle({ snapshots: () => snapshotsAre({}), map: () => mapOf([]) }, { id: ID, kind: 'copy-bck' })
    expect(errorOf(settled)._tag).to.equal('NotFound')
    const lists = settle({ snapshots: () => snapshotsAre({ t1: [], t2: [] }) }, { id: ID, kind: 'copy-bck' })
    expect(errorOf(lists)._tag).to.equal('NotFound')
  })
})
