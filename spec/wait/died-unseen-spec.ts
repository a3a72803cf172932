import { expect } from 'chai'
import { isObservable } from 'rxjs'
import { ClusterMap } from '../../lib/codec/cluster-map.ts'
import { decode } from '../../lib/codec/decode.ts'
import { Snapshots } from '../../lib/codec/snapshots.ts'
import { isLeft } from '../../lib/either.ts'
import { fold } from '../../lib/verdict.ts'
import { begin, type Memory } from '../../lib/verdict/memory.ts'
import { nextQuestion } from '../../lib/verdict/next-question.ts'
import type { Reply } from '../helpers/scripted.ts'
import {
  ID,
  finished,
  mapOf,
  outcomeOf,
  settle,
  shows,
  snap,
  statusIs,
  statusUnknown,
  unreachable,
  type World,
} from '../helpers/virtual-cluster.ts'

// t2 dies with its part before anybody has looked, and leaves the map at 31 s: t1 and the map look as if that were all. The
// IC ends the job when the map changes.
const CAUSE = "abort nl-ec-encode[oFIsIapbT] via 'smap-changed'"
const gone = (kind: string, status: World['status'], fromMs = 31_000): World => ({
  ...(status === undefined ? {} : { status }),
  snapshots: (ms) => (ms < fromMs ? unreachable : shows({ t1: [snap({ kind, endMs: 500 })] })),
  map: (ms) => mapOf(ms < fromMs ? ['t1', 't2'] : ['t1']),
})

const bodyOf = (reply: Reply): string => (isObservable(reply) ? '' : (reply.body ?? ''))

describe('a target that died before anybody saw its part', () => {
  for (const kind of ['ec-encode', 'load-lom-cache'])
    it(`makes no success: the IC has the last word (${kind})`, () => {
      const told: World['status'] = (ms) =>
        statusIs({ kind, ...(ms < 31_000 ? {} : { endMs: 31_000, aborted: true, err: CAUSE }) })
      const settled = settle(gone(kind, told), { id: ID, kind })
      expect(outcomeOf(settled)).to.include({ outcome: 'aborted', success: false, error: CAUSE })
      expect(settled.atMs).to.be.within(31_000, 33_000)
    })

  it('makes no success of the last look after a sleep: the IC is asked, and missed only where it does not answer in time', () => {
    const looks = (endsMs: number): Memory => {
      const begun = begin({ until: 'kind', id: ID, kind: 'copy-bck', kinds: [], endsMs })
      const [shown, map] = [
        decode(Snapshots, bodyOf(shows({ t1: [snap({ endMs: 500 })] }))),
        decode(ClusterMap, bodyOf(mapOf(['t1']))),
      ]
      if (isLeft(shown) || isLeft(map)) throw new Error('not decoded')
      const looked = fold(begun, { question: 'snapshots', atMs: endsMs + 10_000, result: shown })
      return fold(looked, { question: 'map', atMs: endsMs + 10_500, result: map })
    }
    const soon = looks(50_000)
    expect(soon.outcome).to.equal(undefined)
    expect(nextQuestion(soon, ['snapshots', 'map'], 60_500, 'snapshots')).to.equal('status')
    const late = fold(soon, { question: 'unheard', atMs: 62_000 })
    expect(late.outcome).to.have.nested.property('right.outcome', 'finished')
  })

  it('long before the wait: the IC is asked although the targets and the map agree', () => {
    const told: World['status'] = () => statusIs({ kind: 'ec-encode', endMs: 31_000, aborted: true, err: CAUSE })
    const settled = settle(gone('ec-encode', told, 0), { id: ID, kind: 'ec-encode' })
    expect(outcomeOf(settled)).to.include({ outcome: 'aborted', success: false })
    expect(settled.asked).to.deep.equal(['snapshots@0', 'map@0', 'status@0'])
  })

  it('does not make a wait hang where the IC has forgotten the job', () => {
    const settled = settle(gone('ec-encode', undefined, 0), { id: ID, kind: 'ec-encode' })
    expect(outcomeOf(settled)).to.deep.equal(finished(500, 'ec-encode'))
    expect(settled.atMs).to.equal(2000)
  })

  it('what the IC said before a look that failed does not count', () => {
    const world = gone('ec-encode', (ms) =>
      statusIs({ kind: 'ec-encode', ...(ms < 31_000 ? {} : { endMs: 31_000, aborted: true, err: CAUSE }) }),
    )
    const settled = settle(world, { id: ID, kind: 'ec-encode' })
    expect(settled.asked.filter((one) => one.startsWith('status@')).length).to.be.at.least(2)
    expect(outcomeOf(settled).success).to.equal(false)
  })

  it('but an IC that does not know it need not be asked again', () => {
    const settled = settle(
      gone('ec-encode', () => statusUnknown),
      { id: ID, kind: 'ec-encode' },
    )
    expect(outcomeOf(settled)).to.deep.equal(finished(500, 'ec-encode'))
    expect(settled.asked.slice(-2).map((one) => one.split('@')[0])).to.deep.equal(['snapshots', 'map'])
  })
})

describe('a kind that the IC does not keep, learnt after the IC was asked', () => {
  it('does not make a wait hang where a target of the map never shows its part (seed 4250)', () => {
    const kind = 'evict-remote-bck'
    const settled = settle(
      {
        snapshots: (ms) => (ms < 1000 ? unreachable : shows({ t1: [snap({ kind, endMs: 500 })] })),
        map: () => mapOf(['t1', 't2']),
      },
      { id: ID },
    )
    expect(outcomeOf(settled)).to.deep.equal(finished(500, kind))
    expect(settled.atMs).to.be.within(13_000, 15_000)
  })
})
