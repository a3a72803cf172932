import { expect } from 'chai'
import { constant } from '../../../lib/cadence.ts'
import { waitForIdle } from '../../../lib/wait.ts'
import type { World } from '../../helpers/fake-cluster.ts'
import { ID, allShow, denied, shows, snap } from '../../helpers/fake-cluster/replies.ts'
import { countOf } from '../../helpers/observe.ts'
import { refused } from '../../helpers/scripted.ts'
import { finished, outcomeOf, settle } from '../../helpers/settle.ts'

const kind = 'put-copies'
const one = { id: ID, kind }
const idle = { jobId: ID, kind, outcome: 'idle', success: true, aborted: false }
const busy = snap({ kind })
const rests = snap({ kind, idle: true })

describe('T22: is_idle', () => {
  it('must be seen twice, at least two seconds apart', () => {
    const settled = settle({ snapshots: () => allShow(rests) }, one, { by: waitForIdle, cadence: constant(300) })
    expect(outcomeOf(settled)).to.deep.equal(idle)
    expect(settled.atMs).to.equal(2100)
    expect(countOf(settled.asked, 'snapshots')).to.equal(8)
    expect(countOf(settled.asked, 'status')).to.equal(0)
  })

  it('needs no more than two replies where they are far apart', () => {
    const settled = settle({ snapshots: () => allShow(rests) }, one, { cadence: constant(8000) })
    expect(countOf(settled.asked, 'snapshots')).to.equal(2)
    expect(settled.atMs).to.equal(8000)
    expect(outcomeOf(settled)).to.deep.equal(idle)
  })

  it('begins anew when it flaps', () => {
    const settled = settle({ snapshots: (ms) => allShow(ms === 1000 || ms === 3000 ? busy : rests) }, one)
    expect(settled.atMs).to.equal(6000)
  })

  it('begins anew when one target of many flaps', () => {
    const settled = settle(
      { snapshots: (ms) => shows({ t1: [rests], t2: [ms === 2000 ? busy : rests], t3: [rests] }) },
      one,
    )
    expect(settled.atMs).to.equal(5000)
  })

  it('must be seen of every target that was ever seen', () => {
    const settled = settle(
      { snapshots: (ms) => shows({ t1: [rests], ...(ms > 0 && ms < 9000 ? {} : { t2: [ms === 0 ? busy : rests] }) }) },
      one,
    )
    expect(outcomeOf(settled)).to.deep.equal(idle)
    expect(settled.atMs).to.equal(11_000)
  })

  it('neither counts nor begins anew when a question fails', () => {
    const settled = settle({ snapshots: (ms) => (ms === 1000 ? refused : allShow(rests)) }, one)
    expect(settled.atMs).to.equal(2000)
  })

  it('begins anew when no target knows the job in between', () => {
    const settled = settle({ snapshots: (ms) => (ms === 1000 ? denied : allShow(rests)) }, one)
    expect(settled.atMs).to.equal(4000)
  })

  it('is not of a job that has not begun', () => {
    const settled = settle(
      { snapshots: (ms) => allShow(ms < 4000 ? snap({ kind, startMs: null, idle: true }) : rests) },
      one,
    )
    expect(settled.atMs).to.equal(6000)
  })

  it('is also true of jobs that have ended, which is an end and not idleness', () => {
    const settled = settle({ snapshots: () => allShow(snap({ kind, endMs: -1000, idle: true })) }, one)
    expect(outcomeOf(settled)).to.deep.equal(finished(-1000, kind))
    expect(settled.atMs).to.equal(0)
  })

  it('is not of a target that was at work in the first of two replies and is over in the second', () => {
    const settled = settle(
      { snapshots: (ms) => shows({ t1: [rests], t2: [ms < 1000 ? busy : snap({ kind, endMs: 500 })] }) },
      one,
    )
    expect(outcomeOf(settled)).to.deep.equal(idle)
    expect(settled.atMs).to.equal(3000)
  })

  it('is not outlived: an idle target and one that has ended are at rest together', () => {
    const settled = settle({ snapshots: () => shows({ t1: [rests], t2: [snap({ kind, endMs: 0 })] }) }, one)
    expect(outcomeOf(settled)).to.deep.equal(idle)
  })

  for (const [when, atMs] of [
    ['at the first look', 0],
    ['between two looks', 1000],
  ] as const)
    it(`does not hide an abort ${when}`, () => {
      const settled = settle(
        {
          snapshots: (ms) =>
            shows({
              t1: [ms < atMs ? rests : snap({ kind, idle: true, aborted: true, abortErr: 'user abort' })],
              t2: [rests],
            }),
        },
        one,
      )
      expect(outcomeOf(settled)).to.include({ outcome: 'aborted', success: false, aborted: true, error: 'user abort' })
      expect(settled.atMs).to.equal(atMs)
    })

  it('is waited for through all runs of a kind whose targets have a run of their own (ec-put)', () => {
    const put = (id: string, resting: boolean): object => snap({ id, kind: 'ec-put', idle: resting })
    const settled = settle(
      {
        snapshots: (ms, { id }) =>
          id === undefined
            ? shows({ t1: [put('ownRunOf1', true)], t2: ms < 1000 ? [] : [put('ownRunOf2', ms >= 7000)] })
            : shows({ t1: [put('ownRunOf1', true)] }),
      },
      { kind: 'ec-put' },
    )
    expect(outcomeOf(settled)).to.include({ jobId: 'ownRunOf1,ownRunOf2', outcome: 'idle' })
    expect(settled.atMs).to.equal(9000)
  })

  it('of an ordinary job is its end: waitForIdle tells how that was', () => {
    const world = (endMs: number): World => ({ snapshots: (ms) => allShow(snap(ms < endMs ? {} : { endMs })) })
    const settled = settle(world(4000), { id: ID, kind: 'copy-bck' }, { by: waitForIdle })
    expect(outcomeOf(settled)).to.deep.equal(finished(4000))
  })
})
