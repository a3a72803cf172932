import * as t from 'io-ts'
import { ClusterNode } from './cluster-node.ts'
import { listOf, recordOf } from './containers.ts'
import { Int64FromString } from './int64.ts'
import { mapped, nullAsEmpty, Text, withDefault } from './members.ts'
import { renamed, sparse } from './renamed.ts'
import { getOwn } from '../common/get-own.ts'

export type { ClusterNode, NodeId } from './cluster-node.ts'

const Nodes = recordOf(ClusterNode, 'Nodes')

/** Nodes by id. Any text may be an id. */
export type ClusterNodes = t.TypeOf<typeof Nodes>

// A cluster without targets sends no tmap: Go writes an empty map as null, or omits it.
const NO_NODES: ClusterNodes = Object.freeze({})
const MaybeNodes = withDefault(nullAsEmpty(Nodes, NO_NODES), NO_NODES)

const WireMap = renamed(
  { pmap: 'proxies', proxy_si: 'primary', tmap: 'targets' },

  { proxies: MaybeNodes, primary: ClusterNode, targets: MaybeNodes, uuid: Text, version: Int64FromString },
  'ClusterMap',
)

const ClusterMapSchema = sparse(
  {
    /** The cluster's own id. */
    uuid: t.string,
    /** Increases with each change of the map. */
    version: Int64FromString,
    /** The id of the primary proxy, the only one that changes the map. */
    primary: t.string,
    /** By id; any text may be an id. */
    proxies: Nodes,
    /** By id; any text may be an id. */
    targets: Nodes,
    /** The ids of the proxies that form the Information Center. */
    ic: listOf(t.string, 'ic'),
  },
  'ClusterMap',
)

/** The nodes of the cluster. */
export interface ClusterMap extends t.TypeOf<typeof ClusterMapSchema> {}

/** The members of the map that the codec reads, as the cluster writes them. */
export interface ClusterMapWire extends t.OutputOf<typeof WireMap> {}

/**
 * The nodes of the cluster. Encodes only the members that it decodes, so it can decode its own output.
 *
 * Source: protocol 2.8, T8.
 *
 * @example
 * import { ClusterMap, isRight } from 'aistore-rx'
 *
 * const node = { daemon_id: 'p1', public_net: { direct_url: 'http://127.0.0.1:8080' }, flags: 2 }
 * const decoded = ClusterMap.decode({ uuid: 'u', version: '7', proxy_si: node, pmap: { p1: node }, tmap: null })
 * if (isRight(decoded)) console.log(decoded.right.primary, decoded.right.ic) // p1 [ 'p1' ]
 */
export const ClusterMap: t.Type<ClusterMap, ClusterMapWire> = mapped(
  WireMap,
  ClusterMapSchema,
  (map) => ({
    ...map,
    primary: map.primary.id,
    ic: Object.values(map.proxies).flatMap(({ id, inIc }) => (inIc ? [id] : [])),
  }),
  ({ primary, ...map }) => ({ ...map, primary: getOwn(map.proxies, primary) ?? unknownNode(primary) }),
)

function unknownNode(id: string): ClusterNode {
  return { id, url: '', flags: 0, inIc: false, maintenance: false }
}
