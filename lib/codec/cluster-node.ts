import * as t from 'io-ts'
import { isObject, walked, type Walk } from './walk.ts'

export type NodeId = string

/** One proxy or target, as the cluster map has it. */
export interface ClusterNode {
  readonly id: NodeId
  /** Where clients reach it; maybe private to the cluster's network. */
  readonly url: string
  /** Bits: 1 non-electable, 2 Information Center, 4 maintenance, 8 decommission, 16 maintenance after rebalance. */
  readonly flags: number
  /** A member of the Information Center, which answers for statuses. */
  readonly inIc: boolean
  /** Under maintenance or on its way out. */
  readonly maintenance: boolean
}

/** The members of a node that we keep, as the cluster writes them. */
export interface ClusterNodeWire {
  readonly public_net: { readonly direct_url: string }
  readonly daemon_id: NodeId
  readonly flags: number
}

const IC = 2
const MAINTENANCE = 4 | 8 | 16

const Flags: t.Type<number> = new t.Type<number>(
  'Flags',
  isFlags,
  (value, context) => (isFlags(value) ? t.success(value) : t.failure(value, context)),
  t.identity,
)

const PublicNet: t.Type<string, ClusterNodeWire['public_net']> = walked(
  'PublicNet',
  t.string.is,
  readPublicNet,
  (url) => ({ direct_url: url }),
)

/** Reads a node; `id_digest`, an unsigned int64 beyond 2^53, and the inner networks are nothing to us. */
export function readClusterNode(value: unknown, walk: Walk): ClusterNode | undefined {
  const wire = walk.object(value)
  if (wire === undefined) return undefined
  const flags = wire['flags'] ?? 0
  const url = walk.within('public_net', PublicNet, wire['public_net'], readPublicNet) ?? ''
  const id = walk.text(wire, 'daemon_id')
  if (isFlags(flags)) return node(id, url, flags)
  walk.wrong('flags', Flags, flags)
  return undefined
}

function readPublicNet(value: unknown, walk: Walk): string | undefined {
  const wire = walk.object(value)
  return wire && walk.text(wire, 'direct_url')
}

function node(id: NodeId, url: string, flags: number): ClusterNode {
  return { id, url, flags, inIc: (flags & IC) !== 0, maintenance: (flags & MAINTENANCE) !== 0 }
}

function isFlags(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isClusterNode(value: unknown): value is ClusterNode {
  if (!isObject(value)) return false
  const { id, url, flags, inIc, maintenance } = value
  return t.string.is(id) && t.string.is(url) && isFlags(flags) && t.boolean.is(inIc) && t.boolean.is(maintenance)
}

/**
 * One proxy or target. Encodes only what it keeps, so that it reads its own words back.
 *
 * Source: protocol 2.8.
 */
export const ClusterNode: t.Type<ClusterNode, ClusterNodeWire> = walked(
  'ClusterNode',
  isClusterNode,
  readClusterNode,
  ({ id, url, flags }) => ({ public_net: { direct_url: url }, daemon_id: id, flags }),
)
