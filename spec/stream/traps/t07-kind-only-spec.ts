import { expect } from 'chai'
import type { World } from '../../helpers/fake-cluster.ts'
import {
  allTargetsShow,
  snapshotsAre,
  snap,
  statusIs,
  targetUnreachable,
  ID,
} from '../../helpers/fake-cluster/replies.ts'
import { errorOf, outcomeOf, settle } from '../../helpers/settle.ts'

// A query by kind alone returns past runs, too. A wait by kind must not take one of them for its own.

const OLD = 'oldRun123'
const oldSnap = snap({ id: OLD, endMs: -60_000, startMs: -90_000 })

describe('T7: a wait by kind alone', () => {
  /** An old run that ended a minute ago, and a new one from `beginMs` to `endMs`. */
  const world = (beginMs: number, endMs: number): World => ({
    status: (ms) => (ms < beginMs ? statusIs({ id: OLD, endMs: -60_000 }) : statusIs(ms < endMs ? {} : { endMs })),
    snapshots: (ms, { id }) => {
      const run = ms < beginMs ? [] : [snap({ startMs: beginMs, ...(ms < endMs ? {} : { endMs }) })]
      const both = id === undefined ? [oldSnap, ...run] : run
      return snapshotsAre({ t1: both, t2: both, t3: both })
    },
  })

  it('ignores runs that have already ended, and waits for the next run', () => {
    const settled = settle(world(10_000, 20_000), { kind: 'copy-bck' })
    expect(outcomeOf(settled)).to.deep.include({ jobId: ID, outcome: 'finished', success: true })
    expect(settled.atMs).to.be.within(20_000, 21_100)
  })

  it('waits for a run that is already running', () => {
    expect(outcomeOf(settle(world(-1000, 3000), { kind: 'copy-bck' }))).to.include({ jobId: ID, outcome: 'finished' })
  })

  it('queries by id as soon as it knows the run, and never queries the status of a kind', () => {
    const { requests } = settle(world(2000, 5000), { kind: 'copy-bck' })
    const bodies = requests
      .filter(({ query }) => query === 'what=status' || query === 'what=qryxstats')
      .map(({ query, body }) => `${query} ${JSON.stringify(body)}`)
    expect(bodies.slice(0, 3)).to.deep.equal(Array(3).fill('what=qryxstats {"kind":"copy-bck"}'))
    expect(new Set(bodies.slice(3))).to.deep.equal(
      new Set([`what=status {"id":"${ID}"}`, `what=qryxstats {"id":"${ID}"}`]),
    )
  })

  it('times out without querying any id if there is no next run', () => {
    const settled = settle(world(Infinity, Infinity), { kind: 'copy-bck' }, { timeoutMs: 30_000 })
    expect(errorOf(settled)).to.include({ _tag: 'WaitTimeout', afterMs: 30_000 })
    const queries = settled.requests.filter(({ query }) => query !== 'what=smap')
    expect(queries.map(({ body }) => (body as { id?: string }).id)).to.deep.equal(Array(30).fill(undefined))
  })

  it('reports a run that starts and ends between two polls', () => {
    const settled = settle(world(1200, 1700), { kind: 'copy-bck' })
    expect(outcomeOf(settled)).to.include({ jobId: ID, outcome: 'finished' })
    expect(settled.atMs).to.be.within(2000, 2100)
  })

  it('ignores an ended run on a target that comes back to the cluster', () => {
    const back = snap({ id: 'onlyOnT3x', endMs: -30_000, startMs: -40_000 })
    const settled = settle(
      { snapshots: (ms) => snapshotsAre({ t1: [], t2: [], ...(ms < 5000 ? {} : { t3: [back] }) }) },
      { kind: 'copy-bck' },
      { timeoutMs: 20_000 },
    )
    expect(errorOf(settled)._tag).to.equal('WaitTimeout')
  })

  it('treats the first successful poll as the past, after any number of failed polls', () => {
    const settled = settle(
      { snapshots: (ms) => (ms < 3000 ? targetUnreachable : allTargetsShow(oldSnap)) },
      { kind: 'copy-bck' },
      { timeoutMs: 20_000 },
    )
    expect(errorOf(settled)._tag).to.equal('WaitTimeout')
  })

  it('waits for all runs that are already running, and reports the worst outcome', () => {
    const two = (ms: number): object[] => [
      snap({ id: 'runNumber1', ...(ms < 3000 ? {} : { endMs: 3000 }) }),
      snap({ id: 'runNumber2', ...(ms < 6000 ? {} : { endMs: 6000, err: 'no space left' }) }),
    ]
    const settled = settle(
      { snapshots: (ms) => snapshotsAre({ t1: two(ms), t2: two(ms), t3: two(ms) }) },
      { kind: 'copy-bck' },
    )
    expect(outcomeOf(settled)).to.include({
      jobId: 'runNumber1,runNumber2',
      outcome: 'failed',
      success: false,
      error: 'no space left',
    })
    expect(settled.atMs).to.be.within(6000, 7000)
  })

  it('waits only for the first of two runs if the second starts later (lru started twice)', () => {
    const first = snap({ id: 'runNumber1', kind: 'lru', endMs: 500 })
    const second = snap({ id: 'runNumber2', kind: 'lru', endMs: 500 })
    const settled = settle(
      {
        status: (ms, { id = '' }) => {
          if (id === 'runNumber1') return statusIs({ id, kind: 'lru', endMs: 700 })
          const end = ms < 30_000 ? {} : { endMs: 30_000, aborted: true, err: 'does not exist' }
          return statusIs({ id, kind: 'lru', ...end })
        },
        snapshots: (ms) =>
          ms < 500
            ? allTargetsShow(snap({ id: 'runNumber1', kind: 'lru' }))
            : snapshotsAre({ t1: [first, second], t2: [first, second], t3: [first] }),
      },
      { kind: 'lru' },
    )
    // The first poll did not contain the second run, so the wait is for the first one only.
    expect(outcomeOf(settled)).to.include({ jobId: 'runNumber1', outcome: 'finished' })
  })

  it('queries the status of the unclear run if it waits for several', () => {
    const run = (id: string, ms: number): object => snap({ id, kind: 'lru', ...(ms < 500 ? {} : { endMs: 500 }) })
    const settled = settle(
      {
        status: (ms, { id }) =>
          statusIs({
            id: id ?? '',
            kind: 'lru',
            ...(ms < 30_000 ? {} : { endMs: 30_000, aborted: true, err: 't3 does not exist' }),
          }),
        snapshots: (ms) => {
          const both = [run('runNumber1', ms), run('runNumber2', ms)]
          return snapshotsAre({ t1: both, t2: both, t3: [run('runNumber1', ms)] })
        },
      },
      { kind: 'lru' },
    )
    expect(outcomeOf(settled)).to.include({ outcome: 'aborted', success: false, error: 't3 does not exist' })
    expect(settled.atMs).to.be.within(30_000, 31_000)
    const ids = settled.requests.flatMap(({ query, body }) =>
      query === 'what=status' ? [(body as { id: string }).id] : [],
    )
    expect(ids.filter((id) => id === 'runNumber1')).to.have.length.at.most(1)
  })
})
