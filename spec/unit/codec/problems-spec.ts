import { expect } from 'chai'
import { decode } from '../../../lib/codec/decode.ts'
import { JobStatuses } from '../../../lib/codec/job-statuses.ts'
import { Running } from '../../../lib/codec/running.ts'
import { Snapshots } from '../../../lib/codec/snapshots.ts'
import { ClusterMap } from '../../../lib/codec/cluster-map.ts'
import { isLeft } from '../../../lib/common/either.ts'
import { cpuMs } from './helpers/cpu.ts'

// The problems of a reply that cannot be decoded, as a user sees them.

/** The problems of a reply, one line each. */
const problemsOf = (codec: Parameters<typeof decode>[0], value: unknown): readonly string[] => {
  const result = decode(codec, JSON.stringify(value))
  return isLeft(result) ? result.left.problems : []
}

const wireSnap = { id: 'a', kind: 'lru' }

describe('problems', () => {
  it('begin with the JSON path, in wire names', () => {
    const reply = {
      t1: [{ ...wireSnap, stats: { 'loc-objs': 'abc' } }],
      't-2': [wireSnap, { ...wireSnap, 'end-time': '2026-02-30T00:00:00Z', bck: { name: 5, namespace: { uuid: [] } } }],
      '': 'x',
      7: [null, { id: 1 }],
    }
    expect(problemsOf(Snapshots, reply)).to.deep.equal([
      '$["7"][0]: expected JobSnap, got null',
      '$["7"][1].id: expected string, got 1',
      '$["7"][1].kind: expected string, got nothing',
      '$.t1[0].stats["loc-objs"]: expected Int64FromString, got "abc"',
      '$["t-2"][1].bck.name: expected string, got 5',
      '$["t-2"][1].bck.namespace.uuid: expected string, got an array of 0',
      '$["t-2"][1]["end-time"]: expected InstantFromRfc3339, got "2026-02-30T00:00:00Z"',
      '$[""]: expected array of JobSnap, got "x"',
    ])
  })

  it('name the codec of an invalid reply or member', () => {
    expect(problemsOf(Snapshots, [])).to.deep.equal(['$: expected Snapshots, got an array of 0'])
    expect(problemsOf(JobStatuses, {})).to.deep.equal(['$: expected JobStatuses, got an object'])
    expect(problemsOf(Running, ['lru', 5])).to.deep.equal([
      '$[0]: expected JobRef, got "lru"',
      '$[1]: expected JobRef, got 5',
    ])
    expect(problemsOf(ClusterMap, { uuid: 'u', version: '1', pmap: { p: { flags: -1 } }, proxy_si: {} })).to.deep.equal(
      [
        '$.pmap.p.public_net: expected PublicNet, got nothing',
        '$.pmap.p.daemon_id: expected string, got nothing',
        '$.pmap.p.flags: expected Flags, got -1',
        '$.proxy_si.public_net: expected PublicNet, got nothing',
        '$.proxy_si.daemon_id: expected string, got nothing',
      ],
    )
  })

  it('show at most 80 characters of a value or a name, on one line, with control characters escaped', () => {
    const [long] = problemsOf(Snapshots, { t: 'x'.repeat(1_000_000) })
    expect(long).to.equal(`$.t: expected array of JobSnap, got "${'x'.repeat(79)}...`)
    const [evil] = problemsOf(Snapshots, { 'a\n\u001b[31m': 'b\r\n\u009b\u202e\u2028\ud800' })
    expect(evil).to.equal('$["a\\n\\u001b[31m"]: expected array of JobSnap, got "b\\r\\n\\u009b\\u202e\\u2028\\ud800"')
    const [name] = problemsOf(Snapshots, { ['k'.repeat(1_000_000)]: 5 })
    expect(name).to.have.length.below(200)
    const [controls] = problemsOf(Snapshots, { t: '\u0000'.repeat(1000) })
    expect(controls).to.have.length.below(130)
    const [pairs] = problemsOf(Snapshots, { t: '💥'.repeat(1000) })
    expect(pairs).to.match(/^\$\.t: expected array of JobSnap, got "(?:💥)+\.\.\.$/u)
    const [digits] = problemsOf(Snapshots, { t: 1e300 })
    expect(digits).to.equal('$.t: expected array of JobSnap, got 1e+300')
  })

  it('are at most ten, and the tenth says how many more there are', () => {
    const bad = (n: number) => problemsOf(Running, Array(n).fill('bad'))
    expect(bad(10)).to.have.lengthOf(10)
    expect(bad(10).at(-1)).to.equal('$[9]: expected JobRef, got "bad"')
    expect(bad(11)).to.have.lengthOf(10)
    expect(bad(11).at(-1)).to.equal('$: 2 more problems')
    expect(bad(99).at(-1)).to.equal('$: 90 more problems')
    expect(bad(100).at(-1)).to.equal('$: at least 91 more problems')
    expect(bad(100_000)).to.deep.equal(bad(100))
  })

  it('are ten short lines for 10,000 bad snapshots, within 400 ms', () => {
    const text = JSON.stringify({ t1: Array(10_000).fill({ id: 'x'.repeat(100), kind: 5, stats: [], err: {} }) })
    expect(text).to.have.length.above(1_000_000)
    expect(cpuMs(() => decode(Snapshots, text))).to.be.below(400)
    const result = decode(Snapshots, text)
    expect(isLeft(result) && result.left.problems).to.have.lengthOf(10)
    expect(isLeft(result) && result.left.problems.join('\n')).to.have.length.below(1000)
  })
})
