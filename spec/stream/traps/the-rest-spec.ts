import { expect } from 'chai'
import type { Observable } from 'rxjs'
import { constant } from '../../../lib/cadence.ts'
import { start } from '../../../lib/commands.ts'
import { isLeft } from '../../../lib/common/either.ts'
import { details } from '../../../lib/queries.ts'
import { wait, waitForIdle } from '../../../lib/wait.ts'
import { watchDetails } from '../../../lib/watch.ts'
import {
  ID,
  allTargetsShow,
  snapshotsUnknown,
  snapshotsAre,
  snap,
  statusIs,
} from '../../helpers/fake-cluster/replies.ts'
import { observe } from '../../helpers/observe.ts'
import { clusterOf, only, scripted } from '../../helpers/scripted.ts'
import { outcomeOf, settle } from '../../helpers/settle.ts'

// The traps of docs/protocol.md that need no more than a spec or two; the others have a file each.

describe('T1: queries', () => {
  it('are GET requests with a body, which the transport changes if it must', () => {
    const sent = scripted(() => ({ body: '{}' }))
    only(details(clusterOf(sent), { kind: 'lru' }))
    expect(sent.requests[0]).to.include({ method: 'GET', text: '{"kind":"lru"}' })
    // On the wire: spec/live/transport/contract-spec.ts and spec/live/browser-spec.ts.
  })
})

describe('T13: an empty selection, which means everything,', () => {
  it('is refused if it would start a job on all buckets', () => {
    const sent = scripted(() => ({ body: 'zOCwz4iJS' }))
    const result = only(start(clusterOf(sent), { kind: 'cleanup-store', buckets: [] }))
    expect(isLeft(result) && result.left).to.include({ _tag: 'InvalidArgument', argument: 'buckets' })
    expect(sent.requests).to.deep.equal([])
  })
})

describe('T14: a wait for a download, whose id is not that of its xaction,', () => {
  it('fails by the download API, although its status shows a success and no target knows the id', () => {
    const id = 'dnl-FH-CdapbR'
    const settled = settle(
      {
        downloads: [{ id, files: 3, errors: { 1: 'gone' } }],
        status: () => statusIs({ id, kind: 'range', endMs: 10 }),
        snapshots: () => snapshotsUnknown,
      },
      { id },
    )
    const error = '1 of 3 files failed; f-001: gone'
    expect(outcomeOf(settled)).to.deep.include({ jobId: id, kind: 'download', outcome: 'failed', error })
    expect(settled.atMs).to.be.at.most(4000)
  })
})

describe('T15: idle kinds are shared, so that a stop would affect the work of others:', () => {
  for (const [name, subscribe] of [
    ['wait', wait],
    ['waitForIdle', waitForIdle],
    ['watchDetails', watchDetails],
  ] as const)
    it(`an unsubscribe from ${name} does not stop the job`, () => {
      const kind = 'archive'
      const { requests } = observe(
        { snapshots: () => allTargetsShow(snap({ kind })) },
        (cluster): Observable<unknown> => subscribe(cluster, { id: ID, kind }),
        {
          unsubscribeAtMs: 4500,
        },
      )
      expect(requests).not.to.deep.equal([])
      expect(requests.filter(({ method }) => method !== 'GET')).to.deep.equal([])
    })
})

describe('T16: the command line of AIStore stops waiting after a minute:', () => {
  it('the library waits for five minutes by default, and without a limit for a timeoutMs of Infinity', () => {
    const world = { status: () => statusIs(), snapshots: () => allTargetsShow(snap()) }
    const copy = { id: ID, kind: 'copy-bck' }
    expect(settle(world, copy, { cadence: constant(10_000) }).atMs).to.equal(300_000)
    const { values, requests } = observe(world, (cluster) => wait(cluster, copy, { timeoutMs: Infinity }), {
      cadence: constant(60_000),
      unsubscribeAtMs: 3 * 3_600_000,
    })
    expect(values).to.deep.equal([])
    expect(requests.length).to.be.above(3 * 60)
  })
})

describe('T28: a job that winds down has no end time, is not aborted, but does not run', () => {
  it('ends a wait as idle if its kind idles', () => {
    const kind = 'copy-listrange'
    const settled = settle({ snapshots: () => allTargetsShow(snap({ kind, idle: true })) }, { id: ID, kind })
    expect(outcomeOf(settled)).to.include({ outcome: 'idle', success: true })
    expect(settled.atMs).to.be.within(2000, 3000)
  })
})

describe('T29: while a shared idle job winds down, a new one of its kind is refused or starts on some targets only:', () => {
  it('the start is not retried, and the user gets the error', () => {
    const busy = { status: 409, body: '{"tcode":"ErrBusy","message":"xid mismatch","status":409}' }
    const sent = scripted(() => busy)
    const result = only(start(clusterOf(sent), { kind: 'rebalance' }))
    expect(isLeft(result) && result.left).to.include({ _tag: 'HttpError', status: 409, code: 'ErrBusy' })
    expect(sent.requests).to.have.lengthOf(1)
  })

  it('a wait by kind follows both ids', () => {
    const kind = 'copy-listrange'
    const [old, young] = [snap({ id: 'tco-oldOne1', kind, idle: true }), { id: 'tco-young12', kind }]
    const settled = settle(
      { snapshots: (ms) => snapshotsAre({ t1: [old, snap({ ...young, idle: ms >= 9000 })], t2: [old] }) },
      { kind },
      { by: waitForIdle },
    )
    expect(outcomeOf(settled)).to.include({ outcome: 'idle', jobId: 'tco-oldOne1,tco-young12' })
    expect(settled.atMs).to.be.within(11_000, 12_000)
  })
})
