import { expect } from 'chai'
import type { Decoder } from 'io-ts'
import { isObservable } from 'rxjs'
import { ClusterMap } from '../../../lib/codec/cluster-map.ts'
import { decode } from '../../../lib/codec/decode.ts'
import { Snapshots } from '../../../lib/codec/snapshots.ts'
import { isLeft } from '../../../lib/common/either.ts'
import type { Result } from '../../../lib/error.ts'
import type { Evidence } from '../../../lib/view/evidence.ts'
import { followRun } from '../../../lib/view/follow.ts'
import { advance, begin, type Goal } from '../../../lib/view/goal.ts'
import { needsOf } from '../../../lib/view/needs.ts'
import { outcomeOf as outcomeAt } from '../../../lib/view/outcome.ts'
import { reduce } from '../../../lib/view/reduce.ts'
import { EMPTY_VIEW } from '../../../lib/view/view.ts'
import type { World } from '../../helpers/fake-cluster.ts'
import { ID, mapOf, shows, snap, statusIs, statusUnknown, unreachable } from '../../helpers/fake-cluster/replies.ts'
import type { Reply } from '../../helpers/scripted.ts'
import { finished, outcomeOf, settle } from '../../helpers/settle.ts'
import { defined } from '../../../lib/common/defined.ts'

// t2 dies before any reply has shown its part, and leaves the map at 31 s: afterwards t1 and the map look complete. The
// IC ends the job when the map changes.
const CAUSE = "abort nl-ec-encode[oFIsIapbT] via 'smap-changed'"
/** Target t2 dies before any reply shows its part, and leaves the map at `fromMs`. */
const clusterWithoutT2 = (kind: string, status: World['status'], fromMs = 31_000): World => ({
  ...defined({ status }),
  snapshots: (ms) => (ms < fromMs ? unreachable : shows({ t1: [snap({ kind, endMs: 500 })] })),
  map: (ms) => mapOf(ms < fromMs ? ['t1', 't2'] : ['t1']),
})

/** A reply of the fake cluster, decoded. */
function decoded<A>(codec: Decoder<unknown, A>, reply: Reply): Result<A> {
  const result = decode(codec, isObservable(reply) ? '' : (reply.body ?? ''))
  if (isLeft(result)) throw new Error(result.left.problems.join())
  return result
}

describe('a target that died before any reply showed its part', () => {
  for (const kind of ['ec-encode', 'load-lom-cache'])
    it(`causes no success: the IC decides (${kind})`, () => {
      const emitted: World['status'] = (ms) =>
        statusIs({ kind, ...(ms < 31_000 ? {} : { endMs: 31_000, aborted: true, err: CAUSE }) })
      const settled = settle(clusterWithoutT2(kind, emitted), { id: ID, kind })
      expect(outcomeOf(settled)).to.include({ outcome: 'aborted', success: false, error: CAUSE })
      expect(settled.atMs).to.be.within(31_000, 33_000)
    })

  it('causes no success in the last round after a sleep before the IC had time to reply', () => {
    const sinceMs = 60_000
    const goal: Goal = {
      until: 'kind',
      id: ID,
      kinds: [],
      sinceMs,
      isLastRound: true,
      selection: { ids: [], kind: 'copy-bck', onlyRunning: false },
    }
    const emitted: readonly Evidence[] = [
      {
        query: { what: 'snapshots', id: ID },
        sentMs: sinceMs,
        atMs: sinceMs,
        result: decoded(Snapshots, shows({ t1: [snap({ endMs: 500 })] })),
      },
      {
        query: { what: 'map' },
        sentMs: sinceMs,
        atMs: sinceMs + 500,
        result: decoded(ClusterMap, mapOf(['t1'])),
      },
    ]
    const view = emitted.reduce(reduce, followRun(EMPTY_VIEW, ID))
    const standing = advance(goal, begin(goal), view)
    const pace = { sinceMs, waitMs: 2000 }
    expect(outcomeAt(view, goal, standing, sinceMs + 500)).to.equal(undefined)
    expect(needsOf(view, goal, standing, pace, sinceMs + 500)).to.deep.include({
      of: 'status',
      id: ID,
      kind: 'copy-bck',
      dueMs: -Infinity,
    })
    expect(outcomeAt(view, goal, standing, sinceMs + 1499)).to.equal(undefined)
    expect(outcomeAt(view, goal, standing, sinceMs + 1500)).to.have.nested.property('right.outcome', 'finished')
  })

  it('long before the wait: the IC is queried although the targets and the map agree', () => {
    const emitted: World['status'] = () => statusIs({ kind: 'ec-encode', endMs: 31_000, aborted: true, err: CAUSE })
    const settled = settle(clusterWithoutT2('ec-encode', emitted, 0), { id: ID, kind: 'ec-encode' })
    expect(outcomeOf(settled)).to.include({ outcome: 'aborted', success: false })
    expect(settled.atMs).to.be.at.most(1000)
  })

  it('does not block a wait if the IC has forgotten the job', () => {
    const settled = settle(clusterWithoutT2('ec-encode', undefined, 0), { id: ID, kind: 'ec-encode' })
    expect(outcomeOf(settled)).to.deep.equal(finished(500, 'ec-encode'))
    expect(settled.atMs).to.be.within(2000, 3000)
  })

  it('makes earlier reports of the IC irrelevant, also after a failed poll', () => {
    const world = clusterWithoutT2('ec-encode', (ms) =>
      statusIs({ kind: 'ec-encode', ...(ms < 31_000 ? {} : { endMs: 31_000, aborted: true, err: CAUSE }) }),
    )
    const settled = settle(world, { id: ID, kind: 'ec-encode' })
    expect(outcomeOf(settled).success).to.equal(false)
  })

  it('delays nothing if the IC does not know the job', () => {
    const settled = settle(
      clusterWithoutT2('ec-encode', () => statusUnknown),
      { id: ID, kind: 'ec-encode' },
    )
    expect(outcomeOf(settled)).to.deep.equal(finished(500, 'ec-encode'))
    expect(settled.atMs).to.be.within(31_000, 33_000)
  })
})

describe('a kind that the IC does not track, learnt after the IC was queried', () => {
  it('does not block a wait if a target of the map never shows its part (seed 4250)', () => {
    const kind = 'evict-remote-bck'
    const settled = settle(
      {
        snapshots: (ms) => (ms < 1000 ? unreachable : shows({ t1: [snap({ kind, endMs: 500 })] })),
        map: () => mapOf(['t1', 't2']),
      },
      { id: ID },
    )
    expect(outcomeOf(settled)).to.deep.equal(finished(500, kind))
    expect(settled.atMs).to.be.within(11_000, 15_000)
  })
})
