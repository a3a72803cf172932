import * as t from 'io-ts'
import { ClusterNode, readClusterNode, type ClusterNodeWire, type NodeId } from './cluster-node.ts'
import { Int64String, isInt64, readInt64 } from './int64.ts'
import { isObject, walked, type Walk } from './walk.ts'

export type { ClusterNode, NodeId } from './cluster-node.ts'

/** Nodes by id; has no prototype, so that a node may be called anything. */
export type ClusterNodes = Readonly<Record<NodeId, ClusterNode>>

/** Who belongs to the cluster. */
export interface ClusterMap {
  /** The cluster's own id. */
  readonly uuid: string
  /** Grows with every change of the map. */
  readonly version: bigint
  readonly primary: NodeId
  readonly proxies: ClusterNodes
  readonly targets: ClusterNodes
  /** The proxies that are the Information Center. */
  readonly ic: readonly NodeId[]
}

/** The members of the map that we keep, as the cluster writes them. */
export interface ClusterMapWire {
  readonly pmap: Readonly<Record<NodeId, ClusterNodeWire>>
  readonly proxy_si: ClusterNodeWire
  readonly tmap: Readonly<Record<NodeId, ClusterNodeWire>>
  readonly uuid: string
  readonly version: string
}

const Nodes: t.Type<ClusterNodes, ClusterMapWire['pmap']> = walked('Nodes', isNodes, readNodes, encodeNodes)

function readClusterMap(value: unknown, walk: Walk): ClusterMap | undefined {
  const wire = walk.object(value)
  if (wire === undefined) return undefined
  const version = readInt64(wire['version'])
  if (version === undefined) walk.wrong('version', Int64String, wire['version'])
  const proxies = walk.within('pmap', Nodes, wire['pmap'], readNodes) ?? {}
  return {
    uuid: walk.text(wire, 'uuid'),
    version: version ?? 0n,
    primary: walk.within('proxy_si', ClusterNode, wire['proxy_si'], readClusterNode)?.id ?? '',
    proxies,
    targets: walk.within('tmap', Nodes, wire['tmap'], readNodes) ?? {},
    ic: Object.values(proxies).flatMap(({ id, inIc }) => (inIc ? [id] : [])),
  }
}

// A cluster without targets has no tmap to show: Go's empty map is null, or left out.
function readNodes(value: unknown, walk: Walk): ClusterNodes | undefined {
  const nodes = Object.create(null) as Record<NodeId, ClusterNode>
  if (value === null || value === undefined) return nodes
  const wire = walk.object(value)
  if (wire === undefined) return undefined
  for (const id of Object.keys(wire)) {
    if (walk.full) break
    const node = walk.within(id, ClusterNode, wire[id], readClusterNode)
    if (node !== undefined) nodes[id] = node
  }
  return nodes
}

function encodeNodes(nodes: ClusterNodes): ClusterMapWire['pmap'] {
  const wire = Object.create(null) as Record<NodeId, ClusterNodeWire>
  for (const [id, node] of Object.entries(nodes)) wire[id] = ClusterNode.encode(node)
  return wire
}

function encodeClusterMap(map: ClusterMap): ClusterMapWire {
  const { uuid, version, primary, proxies, targets } = map
  return {
    pmap: encodeNodes(proxies),
    proxy_si: ClusterNode.encode(
      proxies[primary] ?? { id: primary, url: '', flags: 0, inIc: false, maintenance: false },
    ),
    tmap: encodeNodes(targets),
    uuid,
    version: String(version),
  }
}

function isNodes(value: unknown): value is ClusterNodes {
  return isObject(value) && Object.values(value).every(ClusterNode.is)
}

function isClusterMap(value: unknown): value is ClusterMap {
  if (!isObject(value)) return false
  const { uuid, version, primary, proxies, targets, ic } = value
  const texts = [uuid, primary].every(t.string.is) && Array.isArray(ic) && ic.every(t.string.is)
  return texts && isInt64(version) && isNodes(proxies) && isNodes(targets)
}

/**
 * Who belongs to the cluster. Encodes only what it keeps, so that it reads its own words back.
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
export const ClusterMap: t.Type<ClusterMap, ClusterMapWire> = walked(
  'ClusterMap',
  isClusterMap,
  readClusterMap,
  encodeClusterMap,
)
