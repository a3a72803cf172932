import { expect } from 'chai'
import { waitNotRunning, waitSingleNode, waitStarted } from '../../../lib/wait.ts'
import {
  ID,
  allTargetsShow,
  snapshotsUnknown,
  ns,
  snapshotsAre,
  snap,
  statusIs,
  targetUnreachable,
} from '../../helpers/fake-cluster/replies.ts'
import { countOf } from '../../helpers/observe.ts'
import { errorOf, outcomeOf, settle } from '../../helpers/settle.ts'

// `waitSingleNode`, `waitStarted` and `waitNotRunning`.

const copy = { id: ID, kind: 'copy-bck' }

describe('waitSingleNode', () => {
  const by = waitSingleNode

  const resilver = { id: ID, kind: 'resilver' }
  const snapshotsOfT2 = (ms: number) =>
    snapshotsAre({ t2: [snap({ ...resilver, ...(ms < 3000 ? {} : { endMs: 3000 }) })] })

  it('ends with the only target that has a part, and queries the Information Center once, when the part is over', () => {
    const settled = settle({ status: () => statusIs(resilver), snapshots: snapshotsOfT2 }, resilver, { by })
    expect(outcomeOf(settled)).to.include({ outcome: 'finished', endTime: ns(3000) })
    expect(settled.atMs).to.equal(3000)
    expect(countOf(settled.requestLog, 'status')).to.equal(1)
    for (const query of ['statuses', 'running'] as const) expect(countOf(settled.requestLog, query), query).to.equal(0)
    expect(countOf(settled.requestLog, 'map')).to.be.at.most(1)
  })

  it('reports an error that only the Information Center knows, and sends no status request if the kind is not tracked', () => {
    const status = () => statusIs({ ...resilver, endMs: 3000, err: 'a target did not commit' })
    for (const one of [by, undefined])
      expect(
        outcomeOf(settle({ status, snapshots: snapshotsOfT2 }, resilver, one === undefined ? {} : { by: one })),
      ).to.include({
        outcome: 'failed',
        success: false,
        error: 'a target did not commit',
      })
    const blob = { id: ID, kind: 'blob-download' }
    const settled = settle({ snapshots: () => snapshotsAre({ t2: [snap({ ...blob, endMs: 0 })] }) }, blob, { by })
    expect(settled.atMs).to.equal(0)
    expect(countOf(settled.requestLog, 'status')).to.equal(0)
  })

  it('expects no other target, whatever the kind, while `wait` would wait for all targets', () => {
    const world = { status: () => statusIs(), snapshots: () => snapshotsAre({ t1: [snap({ endMs: 0 })] }) }
    expect(settle(world, copy, { by }).atMs).to.equal(0)
    expect(settle(world, copy).atMs).to.be.at.least(10_000)
  })

  it('does not end with the first of two known targets, unlike the Python SDK', () => {
    const world = {
      status: () => statusIs(),
      snapshots: (ms: number) =>
        snapshotsAre({ t1: [snap({ endMs: 0 })], t2: [snap(ms < 5000 ? {} : { endMs: 5000 })] }),
    }
    expect(settle(world, copy, { by }).atMs).to.equal(5000)
  })

  it('reports an error and an abort', () => {
    const failing = { snapshots: () => snapshotsAre({ t1: [snap({ endMs: 0, err: 'disk full' })] }) }
    expect(outcomeOf(settle(failing, copy, { by }))).to.include({
      outcome: 'failed',
      success: false,
      error: 'disk full',
    })
    const aborted = { snapshots: () => snapshotsAre({ t1: [snap({ aborted: true, abortErr: 'user abort' })] }) }
    expect(outcomeOf(settle(aborted, copy, { by }))).to.include({ outcome: 'aborted', aborted: true })
  })
})

describe('waitStarted', () => {
  const by = waitStarted

  it('waits until all known parts have started', () => {
    const world = {
      snapshots: (ms: number) =>
        ms < 2000
          ? snapshotsUnknown
          : snapshotsAre({ t1: [snap()], t2: [snap(ms < 4000 ? { startMs: null } : { startMs: 4000 })] }),
    }
    const settled = settle(world, copy, { by })
    expect(outcomeOf(settled)).to.deep.equal({
      jobId: ID,
      kind: 'copy-bck',
      outcome: 'started',
      success: true,
      aborted: false,
    })
    expect(settled.atMs).to.be.within(4000, 7000)
  })

  it('counts a job that has ended since as started, and reports its error', () => {
    const ended = (more: object) => ({ snapshots: () => allTargetsShow(snap({ endMs: 0, ...more })) })
    expect(outcomeOf(settle(ended({}), copy, { by }))).to.include({ outcome: 'started', success: true })
    expect(outcomeOf(settle(ended({ err: 'disk full' }), copy, { by }))).to.include({
      outcome: 'started',
      success: false,
      error: 'disk full',
    })
    expect(outcomeOf(settle(ended({ aborted: true }), copy, { by }))).to.include({ success: false, aborted: true })
  })

  it('by kind waits for a run that had not ended before (T7)', () => {
    const old = snap({ id: 'oldOne123', endMs: 0 })
    const world = { snapshots: (ms: number) => snapshotsAre({ t1: ms < 3000 ? [old] : [old, snap()] }) }
    const settled = settle(world, { kind: 'copy-bck' }, { by })
    expect(outcomeOf(settled)).to.include({ jobId: ID, outcome: 'started' })
    expect(settled.atMs).to.equal(3000)
  })

  it('emits `NotFound` for an unknown job, like every wait', () => {
    expect(errorOf(settle({}, copy, { by }))._tag).to.equal('NotFound')
  })
})

describe('waitNotRunning', () => {
  const by = waitNotRunning
  const kind = { kind: 'copy-bck' }

  it('ends at once if no job of the kind is running, with one snapshot request', () => {
    const settled = settle({ snapshots: () => snapshotsAre({ t1: [snap({ endMs: 0 })], t2: [] }) }, kind, { by })
    expect(outcomeOf(settled)).to.deep.equal({
      kind: 'copy-bck',
      outcome: 'not-running',
      success: true,
      aborted: false,
    })
    expect(settled.atMs).to.equal(0)
    expect(countOf(settled.requestLog, 'snapshots')).to.equal(1)
    expect(settled.requestLog).to.have.length.at.most(2)
  })

  it('also waits for a run that starts in the meantime', () => {
    const [first, second] = [
      (ms: number) => snap(ms < 3000 ? {} : { endMs: 3000 }),
      (ms: number) => snap({ id: 'secondOne', startMs: 2000, ...(ms < 8000 ? {} : { endMs: 8000 }) }),
    ]
    const world = {
      status: (_: number, { id = ID }: { readonly id: string | undefined }) => statusIs({ id }),
      snapshots: (ms: number) =>
        snapshotsAre(
          Object.fromEntries(
            ['t1', 't2', 't3'].map((target) => [target, ms < 2000 ? [first(ms)] : [first(ms), second(ms)]]),
          ),
        ),
    }
    const settled = settle(world, kind, { by })
    expect(outcomeOf(settled)).to.include({ outcome: 'not-running', success: true })
    expect(settled.atMs).to.be.within(8000, 9000)
  })

  it('does not use a failed request as a reply', () => {
    const world = { snapshots: (ms: number) => (ms < 4000 ? targetUnreachable : snapshotsAre({ t1: [] })) }
    expect(settle(world, kind, { by }).atMs).to.equal(4000)
  })

  it('by id reports how the job ended', () => {
    const world = (more: object) => ({
      status: (ms: number) => statusIs(ms < 3000 ? {} : { endMs: 3000 }),
      snapshots: (ms: number) => allTargetsShow(snap(ms < 3000 ? {} : { endMs: 3000, ...more })),
    })
    expect(outcomeOf(settle(world({}), copy, { by }))).to.include({ outcome: 'not-running', success: true })
    const aborted = world({ aborted: true, abortErr: 'user abort' })
    expect(outcomeOf(settle({ ...aborted, status: () => statusIs() }, copy, { by }))).to.include({
      outcome: 'not-running',
      success: false,
      aborted: true,
      error: 'user abort',
    })
  })

  it('counts an idle job as running, like the cluster does', () => {
    const idle = { kind: 'put-copies' }
    const world = {
      snapshots: (ms: number) => allTargetsShow(snap({ ...idle, ...(ms < 9000 ? { idle: true } : { endMs: 9000 }) })),
    }
    expect(settle(world, { ...idle, id: ID }, { by }).atMs).to.equal(9000)
  })
})
