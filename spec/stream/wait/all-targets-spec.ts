import { expect } from 'chai'
import type { World } from '../../helpers/fake-cluster.ts'
import { ID, withoutBody, mapOf, snapshotsAre, snap, statusIs } from '../../helpers/fake-cluster/replies.ts'
import { countOf } from '../../helpers/observe.ts'
import { finished, outcomeOf, settle } from '../../helpers/settle.ts'

// A job has ended once its parts on all targets have.

/** The part of a target, which ends at a time. */
const partThatEnds = (endMs: number) => (ms: number) => [snap(ms < endMs ? {} : { endMs })]
const endsMs: Readonly<Record<string, number>> = { t1: 2000, t2: 9000, t3: 5000 }
/** The targets end one after the other, and the Information Center reports no end. */
const endsOneByOne: World = {
  status: () => statusIs(),
  snapshots: (ms) =>
    snapshotsAre(
      Object.fromEntries(Object.entries(endsMs).map(([target, endMs]) => [target, partThatEnds(endMs)(ms)])),
    ),
}

describe('the outcome of a job', () => {
  it('does not come when the job has ended on only one target', () => {
    const settled = settle(endsOneByOne, { id: ID, kind: 'copy-bck' })
    expect(outcomeOf(settled)).to.deep.equal(finished(9000))
    expect(settled.atMs).to.be.within(9000, 11_500)
  })

  it('comes when the job has ended on all targets, even if the replies show them one at a time', () => {
    const one = (target: string): object => ({ [target]: partThatEnds(endsMs[target]!)(0) })
    const settled = settle(
      // Each reply has a different target until all targets are in the reply at 20 s.
      {
        status: () => statusIs(),
        snapshots: (ms, ...more) =>
          ms >= 20_000
            ? endsOneByOne.snapshots!(ms, ...more)
            : snapshotsAre(one(['t1', 't2', 't3'][(ms / 1000) % 3]!) as never),
      },
      { id: ID, kind: 'copy-bck' },
    )
    expect(outcomeOf(settled)).to.deep.equal(finished(9000))
    expect(settled.atMs).to.be.at.least(20_000)
  })

  for (const shownMs of [1000, 4000, 9000])
    it(`waits for a target whose part appears ${shownMs / 1000} s late`, () => {
      for (const map of [() => mapOf(['t1', 't2']), () => withoutBody(503)]) {
        const settled = settle(
          {
            status: () => statusIs(),
            map,
            snapshots: (ms) =>
              snapshotsAre({ t1: [snap({ endMs: 0 })], ...(ms < shownMs ? {} : { t2: partThatEnds(30_000)(ms) }) }),
          },
          { id: ID, kind: 'copy-bck' },
        )
        expect(outcomeOf(settled)).to.deep.equal(finished(30_000))
      }
    })

  it('comes once the map is available again; after three failures, the wait requests the map every ten seconds', () => {
    const withoutMapUntil = (healedMs: number): World => ({
      status: () => statusIs(),
      map: (ms) => (ms < healedMs ? withoutBody(503) : mapOf(['t1'])),
      snapshots: () => snapshotsAre({ t1: [snap({ endMs: 0 })] }),
    })
    const settled = settle(withoutMapUntil(5000), { id: ID, kind: 'copy-bck' })
    expect(outcomeOf(settled)).to.deep.equal(finished(0))
    expect(settled.atMs).to.be.within(5000, 13_000)
    // One more request goes to the map to learn of other proxies.
    expect(countOf(settled.requestLog, 'map')).to.be.at.most(1 + 4)
    const late = settle(withoutMapUntil(25_000), { id: ID, kind: 'copy-bck' })
    expect(outcomeOf(late)).to.deep.equal(finished(0))
    expect(late.atMs).to.be.within(25_000, 36_000)
    expect(countOf(late.requestLog, 'map')).to.be.at.most(1 + 6)
  })

  it('waits for late parts although the IC does not track the kind', () => {
    const kind = 'summary-bck'
    const own = (ms: number, endMs: number): object[] => [snap({ kind, ...(ms < endMs ? {} : { endMs }) })]
    const settled = settle(
      { snapshots: (ms) => snapshotsAre({ t1: own(ms, 0), ...(ms < 6000 ? {} : { t2: own(ms, 15_000) }) }) },
      { id: ID, kind },
    )
    expect(outcomeOf(settled)).to.deep.equal(finished(15_000, kind))
  })

  it('is failed if one of many parts failed, and aborted if one was aborted', () => {
    const emitted = (bad: object): string =>
      outcomeOf(
        settle(
          {
            status: () => statusIs(),
            snapshots: () =>
              snapshotsAre({
                t1: [snap({ endMs: 0 })],
                t2: [snap({ endMs: 0, ...bad })],
                t3: [snap({ endMs: 0, err: 'x' })],
              }),
          },
          { id: ID, kind: 'copy-bck' },
        ),
      ).outcome
    expect([emitted({}), emitted({ aborted: true })]).to.deep.equal(['failed', 'aborted'])
  })

  it('is correct for targets whose names are members of every object', () => {
    const names = ['__proto__', 'constructor', 'toString']
    const body = (endMs?: number): string =>
      `{${names.map((name) => `${JSON.stringify(name)}:${JSON.stringify([snap(endMs === undefined ? {} : { endMs })])}`).join(',')}}`
    const settled = settle(
      {
        status: () => statusIs(),
        map: () => mapOf(['__proto__', 'constructor']),
        snapshots: (ms) => ({ body: body(ms < 5000 ? undefined : 5000) }),
      },
      { id: ID, kind: 'copy-bck' },
    )
    expect(outcomeOf(settled)).to.deep.equal(finished(5000))
  })
})
