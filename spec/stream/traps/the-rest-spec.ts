import { expect } from 'chai'
import type { Observable } from 'rxjs'
import { constant } from '../../../lib/cadence.ts'
import { start } from '../../../lib/commands.ts'
import { isLeft } from '../../../lib/common/either.ts'
import { details } from '../../../lib/queries.ts'
import { wait, waitForIdle } from '../../../lib/wait.ts'
import { watchDetails } from '../../../lib/watch.ts'
import { ID, allShow, denied, ns, shows, snap, statusIs } from '../../helpers/fake-cluster/replies.ts'
import { observe } from '../../helpers/observe.ts'
import { clusterOf, only, scripted } from '../../helpers/scripted.ts'
import { outcomeOf, settle } from '../../helpers/settle.ts'

describe('T1: questions are GET with a body', () => {
  it('leaves it to the transport: the logical method is GET, and the body is there', () => {
    const sent = scripted(() => ({ body: '{}' }))
    only(details(clusterOf(sent), { kind: 'lru' }))
    expect(sent.requests[0]).to.include({ method: 'GET', text: '{"kind":"lru"}' })
    // On the wire: spec/live/transport/fetch-spec.ts and spec/live/browser-spec.ts.
  })
})

describe('T13: an empty selection means everything', () => {
  it('is refused where it would start something on every bucket', () => {
    const sent = scripted(() => ({ body: 'zOCwz4iJS' }))
    const result = only(start(clusterOf(sent), { kind: 'cleanup-store', buckets: [] }))
    expect(isLeft(result) && result.left).to.include({ _tag: 'InvalidArgument', argument: 'buckets' })
    expect(sent.requests).to.deep.equal([])
  })
})

describe('T14: the id of a download is no id of its xaction', () => {
  it('is waited for by its status, which calls the kind otherwise, while no target knows it', () => {
    const id = 'dnl-FH-CdapbR'
    const settled = settle(
      {
        status: (ms) => statusIs({ id, kind: 'single', ...(ms < 5000 ? {} : { endMs: 5000 }) }),
        snapshots: () => denied,
      },
      { id },
    )
    expect(outcomeOf(settled)).to.deep.include({ jobId: id, kind: 'single', outcome: 'finished', endTime: ns(5000) })
    expect(settled.atMs).to.be.at.most(7000)
  })
})

describe('T15: idle kinds are shared, and a stop hits the work of others', () => {
  for (const [name, ask] of [
    ['wait', wait],
    ['waitForIdle', waitForIdle],
    ['watchDetails', watchDetails],
  ] as const)
    it(`never stops a job by itself: ${name}, unsubscribed`, () => {
      const kind = 'archive'
      const { requests } = observe(
        { snapshots: () => allShow(snap({ kind })) },
        (c): Observable<unknown> => ask(c, { id: ID, kind }),
        {
          unsubscribeAtMs: 4500,
        },
      )
      expect(requests).not.to.deep.equal([])
      expect(requests.filter(({ method }) => method !== 'GET')).to.deep.equal([])
    })
})

describe('T16: the command line stops waiting after a minute', () => {
  it('waits for five minutes unless told otherwise, and for ever if told so', () => {
    const world = { status: () => statusIs(), snapshots: () => allShow(snap()) }
    const copy = { id: ID, kind: 'copy-bck' }
    expect(settle(world, copy, { cadence: constant(10_000) }).atMs).to.equal(300_000)
    const { values, requests } = observe(world, (c) => wait(c, copy, { timeoutMs: Infinity }), {
      cadence: constant(60_000),
      unsubscribeAtMs: 3 * 3_600_000,
    })
    expect(values).to.deep.equal([])
    expect(requests.length).to.be.above(3 * 60)
  })
})

describe('T28: a job that winds down has no end time, is not aborted, and yet does not run', () => {
  it('is not waited for to end where its kind idles: quiet is enough', () => {
    const kind = 'copy-listrange'
    const settled = settle({ snapshots: () => allShow(snap({ kind, idle: true })) }, { id: ID, kind })
    expect(outcomeOf(settled)).to.include({ outcome: 'idle', success: true })
    expect(settled.atMs).to.be.within(2000, 3000)
  })
})

describe('T29: while a shared idle job winds down, a new one of its kind is refused or begins on some targets only', () => {
  it('does not repeat the start: the refusal is for the user to see', () => {
    const busy = { status: 409, body: '{"tcode":"ErrBusy","message":"xid mismatch","status":409}' }
    const sent = scripted(() => busy)
    const result = only(start(clusterOf(sent), { kind: 'rebalance' }))
    expect(isLeft(result) && result.left).to.include({ _tag: 'HttpError', status: 409, code: 'ErrBusy' })
    expect(sent.requests).to.have.lengthOf(1)
  })

  it('expects two ids under one kind', () => {
    const kind = 'copy-listrange'
    const [old, young] = [snap({ id: 'tco-oldOne1', kind, idle: true }), { id: 'tco-young12', kind }]
    const settled = settle(
      { snapshots: (ms) => shows({ t1: [old, snap({ ...young, idle: ms >= 9000 })], t2: [old] }) },
      { kind },
      { by: waitForIdle },
    )
    expect(outcomeOf(settled)).to.include({ outcome: 'idle', jobId: 'tco-oldOne1,tco-young12' })
    expect(settled.atMs).to.be.within(11_000, 12_000)
  })
})
