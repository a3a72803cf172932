import { expect } from 'chai'
import { constant } from '../../../lib/cadence.ts'
import { wait, waitForIdle } from '../../../lib/wait.ts'
import type { World } from '../../helpers/fake-cluster.ts'
import {
  ID,
  allShow,
  empty,
  mapOf,
  shows,
  snap,
  statusIs,
  statusUnknown,
  unreachable,
} from '../../helpers/fake-cluster/replies.ts'
import { after, countOf } from '../../helpers/observe.ts'
import { silent } from '../../helpers/scripted.ts'
import { errorOf, finished, outcomeOf, settle } from '../../helpers/settle.ts'

describe('Protocol 12: also seen', () => {
  for (const kind of ['load-lom-cache', 'ec-encode']) {
    const world: World = {
      status: (ms) => statusIs({ kind, ...(ms < 30_000 ? {} : { endMs: 30_000 }) }),
      snapshots: (ms) => allShow(snap({ kind, ...(ms < 700 ? {} : { endMs: 700 }) })),
    }
    it(`${kind}: its status is 30 s late, a wait is not`, () => {
      const settled = settle(world, { id: ID, kind })
      expect(outcomeOf(settled)).to.deep.equal(finished(700, kind))
      expect(settled.atMs).to.be.within(700, 1000)
      expect(countOf(settled.asked, 'status')).to.be.at.most(1)
      expect(countOf(settled.asked, 'snapshots')).to.be.at.most(2)
      expect(countOf(settled.asked, 'map')).to.be.at.most(2)
    })

    it(`${kind}: nor where only the id is known`, () => {
      expect(settle(world, { id: ID }).atMs).to.equal(1000)
    })
  }

  describe('lru started twice: one target never runs it', () => {
    const two = { t1: [snap({ kind: 'lru', endMs: 10 })], t2: [snap({ kind: 'lru', endMs: 12 })] }
    const world: World = {
      status: (ms) =>
        statusIs({ kind: 'lru', ...(ms < 30_000 ? {} : { endMs: 30_000, aborted: true, err: 't3 does not exist' }) }),
      snapshots: () => shows(two),
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
          it(`is aborted, never success: ${title}, ${by.name} ${Object.keys(selector).join(' and ')}`, () => {
            const settled = settle(world, selector, { by, cadence: constant(cadenceMs) })
            expect(outcomeOf(settled)).to.include(aborted)
            expect(settled.atMs).to.be.at.least(30_000)
          })

    it('is aborted, never success, where the map cannot be had', () => {
      expect(outcomeOf(settle({ ...world, map: () => empty(503) }, { id: ID, kind: 'lru' }))).to.include(aborted)
    })

    it('is aborted, never success, where the IC is silent for a while after', () => {
      const status: World['status'] = (ms, ...more) =>
        ms > 5000 && ms < 60_000 ? empty(502) : world.status!(ms, ...more)
      const settled = settle({ ...world, status }, { id: ID, kind: 'lru' })
      expect(outcomeOf(settled)).to.include(aborted)
      expect(settled.atMs).to.be.within(60_000, 61_000)
    })

    it('is no success either where the IC is never heard again', () => {
      const status: World['status'] = (ms, ...more) => (ms > 5000 ? empty(502) : world.status!(ms, ...more))
      expect(errorOf(settle({ ...world, status }, { id: ID, kind: 'lru' }, { timeoutMs: 120_000 }))._tag).to.equal(
        'WaitTimeout',
      )
    })
  })

  it('a job that winds down is not over: its counters have stopped, its end is still to come', () => {
    const settled = settle(
      {
        status: (ms) => statusIs(ms < 9000 ? {} : { endMs: 8000 }),
        snapshots: (ms) => allShow(snap(ms < 8000 ? {} : { endMs: 8000 })),
      },
      { id: ID, kind: 'copy-bck' },
    )
    expect(outcomeOf(settled)).to.deep.equal(finished(8000))
    expect(settled.atMs).to.be.within(8000, 9000)
  })

  it('"aborted" of the IC wins over a snapshot that runs', () => {
    const settled = settle(
      {
        status: (ms) => statusIs(ms < 4000 ? {} : { endMs: 4000, aborted: true, err: 'user abort' }),
        snapshots: () => allShow(snap({})),
      },
      { id: ID, kind: 'copy-bck' },
    )
    expect(outcomeOf(settled)).to.include({ outcome: 'aborted', success: false, error: 'user abort' })
    expect(settled.atMs).to.be.within(4000, 5000)
  })

  it('"aborted" of the IC wins before it has an end time, too', () => {
    const settled = settle(
      { status: (ms) => statusIs({ aborted: ms >= 4000 }), snapshots: () => allShow(snap({})) },
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

  it('"finished" of the IC does not win over a snapshot that runs on', () => {
    const world: World = {
      status: (ms) => statusIs(ms < 4000 ? {} : { endMs: 4000 }),
      snapshots: (ms) => shows({ t1: [snap({ endMs: 3000 })], t2: [snap(ms < 30_000 ? {} : { endMs: 30_000 })] }),
    }
    const settled = settle(world, { id: ID, kind: 'copy-bck' })
    expect(outcomeOf(settled)).to.deep.equal(finished(30_000))
    const never = settle(
      { ...world, snapshots: () => shows({ t2: [snap({})] }) },
      { id: ID, kind: 'copy-bck' },
      { timeoutMs: 60_000 },
    )
    expect(errorOf(never)).to.include({ _tag: 'WaitTimeout' })
  })

  it('abort-err differs from target to target: the cause is told, not its echo, whatever the order', () => {
    const words = ['IC(notifications) abort', 'user abort', 'remote target aborted xaction: copy-bck']
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 0, 2],
    ]) {
      const settled = settle(
        {
          snapshots: () =>
            shows(Object.fromEntries(order.map((n, at) => [`t${at}`, [snap({ aborted: true, abortErr: words[n]! })]]))),
        },
        { id: ID, kind: 'copy-bck' },
      )
      expect(outcomeOf(settled)).to.include({ outcome: 'aborted', error: 'user abort' })
    }
  })

  it('a frozen target: the status takes 20 s, the snapshots give nothing, the end is heard all the same', () => {
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

  it('a proxy that was restarted: refused, 503, 404, and the snapshots are still there', () => {
    const settled = settle(
      {
        status: (ms) => (ms < 1000 ? statusIs() : ms < 30_000 ? empty(503) : after(2000, statusUnknown)),
        snapshots: (ms) =>
          ms < 1000 ? allShow(snap({})) : ms < 30_000 ? empty(503) : allShow(snap({ endMs: 20_000 })),
      },
      { id: ID, kind: 'copy-bck' },
    )
    expect(outcomeOf(settled)).to.deep.equal(finished(20_000))
  })

  it('no target left: an empty reply is no end, and the IC has the last word', () => {
    const settled = settle(
      {
        status: (ms) => statusIs(ms < 37_000 ? {} : { endMs: 37_000, aborted: true, err: 'smap-changed' }),
        snapshots: (ms) => (ms < 1000 ? allShow(snap({})) : ms < 10_000 ? unreachable : shows({})),
        map: () => mapOf([]),
      },
      { id: ID, kind: 'copy-bck' },
    )
    expect(outcomeOf(settled)).to.include({ outcome: 'aborted', error: 'smap-changed' })
    expect(settled.atMs).to.be.within(37_000, 38_000)
  })

  it('no target at all from the beginning: neither seen nor finished', () => {
    const settled = settle({ snapshots: () => shows({}), map: () => mapOf([]) }, { id: ID, kind: 'copy-bck' })
    expect(errorOf(settled)._tag).to.equal('NotFound')
    const lists = settle({ snapshots: () => shows({ t1: [], t2: [] }) }, { id: ID, kind: 'copy-bck' })
    expect(errorOf(lists)._tag).to.equal('NotFound')
  })
})
