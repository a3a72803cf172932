import { expect } from 'chai'
import { expectTypeOf } from 'expect-type'
import { ClusterMap, type ClusterNode, type NodeId } from '../../../lib/codec/cluster-map.ts'
import { decode } from '../../../lib/codec/decode.ts'
import { isLeft } from '../../../lib/common/either.ts'
import { wireClusterMap } from '../../helpers/arbitraries.ts'
import { decoded, itIsLawful, refuses } from './helpers/laws.ts'
import { bodyOf } from './helpers/replies.ts'

// The cluster map on the wire: its proxies, its targets and the flags of each node.

/** The map that a real cluster returned. */
const recordedMap = (): ClusterMap => {
  const map = decode(ClusterMap, bodyOf('cluster-map'))
  if (isLeft(map)) throw new Error(map.left.problems.join('\n'))
  return map.right
}

const nodeOf = (id: string, flags: number) => ({ public_net: { direct_url: `http://${id}:1` }, daemon_id: id, flags })
/** A map whose only proxy has these flags. */
const mapWithFlags = (flags: number) =>
  decoded(ClusterMap, {
    pmap: { p: nodeOf('p', flags) },
    tmap: null,
    proxy_si: nodeOf('p', flags),
    uuid: 'u',
    version: '1',
  })

/** The flag of a member of the Information Center; 4, 8 and 16 are flags of maintenance. */
const IC_FLAG = 2

describe('ClusterMap', () => {
  itIsLawful({
    codec: ClusterMap,
    wire: wireClusterMap,
    value: wireClusterMap.map((wire) => decoded(ClusterMap, wire)),
  })

  it('decodes a recorded map whose digests exceed 2^53', () => {
    const map = recordedMap()
    expect(map.primary).to.equal('sFMp8280')
    expect(map.version).to.equal(243n)
    expect(map.ic).to.have.members(['iZjp8281', 'sFMp8280'])
    expect(Object.keys(map.targets)).to.deep.equal(['Dgct8282', 'Foct8283', 'USAt8284'])
    expect(map.targets['Dgct8282']).to.deep.equal({
      id: 'Dgct8282',
      url: 'http://127.0.0.1:8282',
      flags: 0,
      inIc: false,
      maintenance: false,
    })
    expectTypeOf(map.proxies).toEqualTypeOf<Readonly<Record<NodeId, ClusterNode>>>()
  })

  it('decodes what it encoded', () => {
    expect(decoded(ClusterMap, ClusterMap.encode(recordedMap()))).to.deep.equal(recordedMap())
  })

  it('derives IC membership and maintenance from the flags', () => {
    const read = (flags: number): readonly [inIc: boolean, maintenance: boolean] => {
      const { inIc, maintenance } = mapWithFlags(flags).proxies['p']!
      return [inIc, maintenance]
    }
    expect([0, 1, 2, 3].map(read)).to.deep.equal([
      [false, false],
      [false, false],
      [true, false],
      [true, false],
    ])
    expect([4, 8, 16, 6].map(read)).to.deep.equal([
      [false, true],
      [false, true],
      [false, true],
      [true, true],
    ])
    expect(mapWithFlags(IC_FLAG).ic).to.deep.equal(['p'])
    expect(mapWithFlags(0).ic).to.deep.equal([])
  })

  it('keeps nodes with any id in plain records', () => {
    const tmap = JSON.parse('{"__proto__":{"public_net":{"direct_url":"http://x"},"daemon_id":"__proto__"}}') as unknown
    const map = decoded(ClusterMap, { ...ClusterMap.encode(recordedMap()), tmap })
    expect(Object.keys(map.targets)).to.deep.equal(['__proto__'])
    expect(Object.getPrototypeOf(map.targets)).to.equal(Object.prototype)
  })

  it('encodes a primary that is not a node of the map, even if its id is a name such as `constructor`', () => {
    const map = { ...mapWithFlags(0), primary: 'constructor' }
    expect(decoded(ClusterMap, ClusterMap.encode(map))).to.deep.equal(map)
  })

  it('has no targets if the reply lists none', () => {
    expect(mapWithFlags(0).targets).to.deep.equal({})
  })

  it('refuses a map without a valid version, id, primary or nodes', () => {
    const wire = ClusterMap.encode(recordedMap())
    for (const part of [
      { version: '' },
      { version: 'x' },
      { uuid: 1 },
      { proxy_si: null },
      { pmap: [] },
      { tmap: 'x' },
    ])
      expect(refuses(ClusterMap, { ...wire, ...part }), JSON.stringify(part)).to.equal(true)
    const refusesFlags = (flags: unknown): boolean =>
      refuses(ClusterMap, { ...wire, tmap: { t: { ...nodeOf('t', 0), flags } } })
    for (const flags of [-1, 1.5, '2']) expect(refusesFlags(flags), String(flags)).to.equal(true)
    // `null` stands for no flags.
    expect(refusesFlags(null)).to.equal(false)
  })
})
