import { expect } from 'chai'
import { map, merge, tap } from 'rxjs'
import { adaptive } from '../../../lib/cadence.ts'
import { KINDS } from '../../../lib/model/kinds.ts'
import { wait, waitForIdle } from '../../../lib/wait.ts'
import type { World } from '../../helpers/fake-cluster.ts'
import {
  ID,
  allTargetsShow,
  snapshotsUnknown,
  withoutBody,
  ns,
  runningAre,
  snapshotsAre,
  snap,
  statusIs,
  statusUnknown,
  statusesAre,
} from '../../helpers/fake-cluster/replies.ts'
import { after, countOf, observe } from '../../helpers/observe.ts'
import type { Reply } from '../../helpers/scripted.ts'
import { errorOf, finished, outcomeOf, settle } from '../../helpers/settle.ts'

// A wait queries the targets or the Information Center, depending on the kind of its job.

/** Runs for five seconds, then idles, then ends at 60 s; the IC knows it. */
const life = (kind: string): World => ({
  status: (ms) => statusIs({ kind, ...(ms < 60_000 ? {} : { endMs: 60_000 }) }),
  snapshots: (ms) => allTargetsShow(snap({ kind, idle: ms >= 5000, ...(ms < 60_000 ? {} : { endMs: 60_000 }) })),
})

/** An ordinary job never idles before its end. */
const ordinary = (kind: string): World => ({
  ...life(kind),
  running: (ms) => runningAre(ms < 60_000 ? [{ id: ID, kind }] : []),
  snapshots: (ms) => allTargetsShow(snap({ kind, ...(ms < 60_000 ? {} : { endMs: 60_000 }) })),
})

describe('wait, by kind', () => {
  for (const { kind, displayName, idles, ic, icLate } of KINDS) {
    const isQueriedAtIc = ic === true && icLate !== true && idles !== true

    it(`${kind}: lasts until the job ${idles === true ? 'idles' : 'ends'}, and queries the ${isQueriedAtIc ? 'Information Center' : 'targets'}`, () => {
      const settled = settle(idles === true ? life(kind) : ordinary(kind), { id: ID, kind })
      expect(outcomeOf(settled).outcome).to.equal(idles === true ? 'idle' : 'finished')
      const fromMs = idles === true ? 7000 : 60_000
      expect(settled.atMs).to.be.within(fromMs, fromMs + 1000)
      expect(settled.requestLog).to.include(`${isQueriedAtIc ? 'status' : 'snapshots'}@0`)
      if (isQueriedAtIc) {
        // Each tick queries the Information Center; the targets are polled from time to time.
        expect(countOf(settled.requestLog, 'status')).to.be.within(55, 65)
        expect(countOf(settled.requestLog, 'snapshots')).to.be.at.most(5)
        expect(countOf(settled.requestLog, 'running')).to.be.at.most(20)
      } else if (idles === true) expect(countOf(settled.requestLog, 'status')).to.equal(ic === true ? 1 : 0)
    })

    it(`${kind}: has the same outcome if only the id is given`, () => {
      const settled = settle(idles === true ? life(kind) : ordinary(kind), { id: ID })
      expect(outcomeOf(settled)).to.include({ kind, jobId: ID, outcome: idles === true ? 'idle' : 'finished' })
      expect(settled.requests[0]?.body).to.deep.equal({ id: ID })
    })

    if (displayName !== undefined)
      it(`${kind}: accepts the display name ${displayName}`, () => {
        const settled = settle(idles === true ? life(kind) : ordinary(kind), { kind: displayName })
        expect(outcomeOf(settled)).to.include({ kind, jobId: ID })
        expect(settled.requests[0]?.body).to.deep.equal({ kind })
      })
  }

  it('uses the kinds of the user for a newer server', () => {
    const kinds = [{ kind: 'dream', displayName: 'sleep', scope: 'bucket', idles: true } as const]
    expect(outcomeOf(settle(life('dream'), { kind: 'sleep' }, { kinds })).outcome).to.equal('idle')
    expect(outcomeOf(settle(life('dream'), { id: ID }, { kinds })).outcome).to.equal('idle')
  })

  it('accepts an unknown kind with an id, and waits for the end', () => {
    const settled = settle(ordinary('dream'), { id: ID, kind: 'dream' })
    expect(outcomeOf(settled)).to.deep.equal(finished(60_000, 'dream'))
    for (const { query, body } of settled.requests) if (query === 'what=status') expect(body).to.deep.equal({ id: ID })
  })

  it('rejects an unknown kind without an id, and suggests a similar name', () => {
    const settled = settle({}, { kind: 'rebalanec' })
    expect(errorOf(settled)).to.include({ _tag: 'InvalidArgument', argument: 'kind' })
    expect((errorOf(settled) as { message: string }).message).to.contain('"rebalance"')
  })

  it('requires a kind if there is no id', () => {
    for (const by of [wait, waitForIdle]) {
      const settled = settle({}, {}, { by })
      expect(errorOf(settled)).to.include({ _tag: 'InvalidArgument', argument: 'selector' })
      expect(settled.requestLog).to.deep.equal([])
    }
  })

  it('ignores onlyRunning if both an id and a kind are given', () => {
    const settled = settle(
      { snapshots: () => allTargetsShow(snap({ endMs: 0 })) },
      { id: ID, kind: 'copy-bck', onlyRunning: true },
    )
    expect(outcomeOf(settled)).to.deep.equal(finished(0))
  })
})

describe('wait for several ids', () => {
  const ids = ['jobNumber1', 'jobNumber2', 'jobNumber3']
  const world = (ends: Readonly<Record<string, object>>): World => ({
    status: (ms, { id = '' }) =>
      ends[id] === undefined
        ? after(2000, statusUnknown)
        : statusIs({ id, ...(ms < 3000 ? {} : { endMs: 3000 + ids.indexOf(id), ...ends[id] }) }),
    statuses: (ms) =>
      statusesAre(
        Object.entries(ends).map(([one, end]) => ({
          id: one,
          ...(ms < 3000 ? {} : { endMs: 3000 + ids.indexOf(one), ...end }),
        })),
      ),
    running: (ms) => runningAre(ms < 3000 ? Object.keys(ends).map((one) => ({ id: one, kind: 'copy-bck' })) : []),
    snapshots: (ms, query) => {
      const parts = Object.keys(ends)
        .filter((one) => query.id === undefined || query.id === one)
        .map((one) => snap({ id: one, ...(ms < 3000 ? {} : { endMs: 3000 + ids.indexOf(one), ...ends[one] }) }))
      return parts.length === 0 ? snapshotsUnknown : snapshotsAre({ t1: parts, t2: parts, t3: parts })
    },
  })
  const id = ids.join(',')

  it('requests the status of all ids at once, and the end of each id alone', () => {
    const settled = settle(world({ jobNumber1: {}, jobNumber2: {}, jobNumber3: {} }), { id, kind: 'copy-bck' })
    expect(outcomeOf(settled)).to.deep.equal({ ...finished(3002), jobId: id })
    const late = settled.requests.filter(({ atMs }) => atMs >= 3000)
    const sent = late.map(({ query, body }) => [query, (body as { id?: string } | undefined)?.id])
    for (const one of ids)
      expect(sent.filter(([query, of]) => query === 'what=status' && of === one)).to.have.lengthOf(1)
    expect(sent.filter(([query]) => query === 'what=status_all')).to.have.lengthOf(1)
  })

  it('reports the outcome of each id, independently of the others', () => {
    const ends = { jobNumber1: {}, jobNumber2: { aborted: true, err: 'user abort' }, jobNumber3: { err: 'disk full' } }
    for (const [nth, outcome] of ['finished', 'aborted', 'failed'].entries()) {
      const seen: string[] = []
      observe(world(ends), (cluster) =>
        merge(
          ...ids.map((one) =>
            wait(cluster, { id: one, kind: 'copy-bck' }).pipe(map((result) => [one, result] as const)),
          ),
        ).pipe(tap(([one, result]) => seen.push(`${one} ${outcomeOf({ result }).outcome}`))),
      )
      expect(seen).to.include(`${ids[nth]} ${outcome}`)
      expect(seen).to.have.lengthOf(3)
    }
  })

  it('has the worst outcome of them', () => {
    const settled = settle(
      world({
        jobNumber1: {},
        jobNumber2: { aborted: true, abortErr: 'user abort', err: 'user abort' },
        jobNumber3: {},
      }),
      { id, kind: 'copy-bck' },
    )
    expect(outcomeOf(settled)).to.include({
      jobId: id,
      outcome: 'aborted',
      aborted: true,
      success: false,
      error: 'user abort',
    })
  })

  it('ends at once if one of them fails permanently', () => {
    const rest = world({ jobNumber1: {}, jobNumber3: {} })
    const settled = settle(
      {
        ...rest,
        status: (ms, query, reply) => (query.id === 'jobNumber2' ? withoutBody(403) : rest.status!(ms, query, reply)),
      },
      { id: 'jobNumber2,jobNumber1,jobNumber3', kind: 'copy-bck' },
    )
    expect(errorOf(settled)._tag).to.equal('Unauthorized')
    expect(settled.atMs).to.equal(0)
    const last = settled.requests.filter(({ query }) => query === 'what=status').at(-1)
    expect(last?.atMs).to.be.at.most(settled.atMs)
  })

  it('is `NotFound` if one of them is unknown', () => {
    const settled = settle(world({ jobNumber1: {}, jobNumber3: {} }), { id, kind: 'copy-bck' })
    expect(errorOf(settled)._tag).to.equal('NotFound')
    expect(settled.atMs).to.be.within(10_000, 13_000)
  })

  it('waits once for an id that is given twice', () => {
    const settled = settle(world({ jobNumber1: {} }), { id: 'jobNumber1,jobNumber1', kind: 'copy-bck' })
    expect(outcomeOf(settled)).to.include({ jobId: 'jobNumber1' })
  })

  it('leaves nothing in flight after it is unsubscribed', () => {
    const slow = (reply: Reply) => after(9000, reply)
    const { requests } = observe(
      {
        status: () => slow(statusUnknown),
        statuses: () => slow(statusesAre([])),
        snapshots: () => slow(snapshotsUnknown),
      },
      (cluster) => wait(cluster, { id, kind: 'copy-bck' }),
      { unsubscribeAtMs: 500 },
    )
    expect(requests.filter(({ state, endedAtMs }) => state === 'open' || (endedAtMs ?? 501) > 500)).to.deep.equal([])
    expect(requests.filter(({ atMs }) => atMs > 500)).to.deep.equal([])
    expect(requests.some(({ state, endedAtMs }) => state === 'cut' && endedAtMs === 500)).to.equal(true)
  })
})

describe('wait, with a bucket', () => {
  it('waits for the run under way on the bucket, and ignores runs on other buckets', () => {
    const bck = (name: string): object => ({ bck: { name, provider: 'ais', namespace: { uuid: '', name: '' } } })
    const mine = { ...snap({ kind: 'rechunk', endMs: 3000 }), ...bck('mine') }
    const theirs = { ...snap({ id: 'theirs123', kind: 'rechunk' }), ...bck('theirs') }
    const settled = settle(
      {
        status: () => statusIs({ kind: 'rechunk' }),
        snapshots: (ms) => {
          const both = ms < 3000 ? [theirs, { ...snap({ kind: 'rechunk' }), ...bck('mine') }] : [theirs, mine]
          return snapshotsAre({ t1: both, t2: both, t3: both })
        },
      },
      { kind: 'rechunk', bucket: { name: 'mine' } },
    )
    expect(outcomeOf(settled)).to.deep.include({ jobId: ID, outcome: 'finished', endTime: ns(3000) })
    expect(settled.requests[0]?.body).to.deep.equal({ kind: 'rechunk' })
  })

  it('ignores the bucket if an id is given: the snapshots of an lru name no bucket', () => {
    const kind = 'lru'
    const settled = settle(
      { snapshots: (ms) => allTargetsShow(snap({ kind, ...(ms < 3000 ? {} : { endMs: 3000 }) })) },
      { id: ID, kind, bucket: { name: 'mine' } },
    )
    expect(outcomeOf(settled)).to.deep.equal(finished(3000, kind))
  })
})

describe('a job that the cluster does not know yet', () => {
  it('is polled as often as a running one: a 404 is a reply, and does not slow the cadence', () => {
    const kind = 'evict-remote-bck'
    const settled = settle({}, { id: ID, kind }, { cadence: adaptive() })
    expect(errorOf(settled)._tag).to.equal('NotFound')
    expect(settled.atMs).to.be.within(10_000, 12_500)
  })
})
