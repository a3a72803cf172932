import * as t from 'io-ts'
import { mapped, natural, nullAsEmpty, Text, withDefault } from './members.ts'
import { renamed, sparse } from './renamed.ts'

/** The id of a node, such as `Dgct8282`. */
export type NodeId = string

const Flags = natural('Flags')

const PublicNet = mapped(
  sparse({ direct_url: Text }, 'PublicNet'),
  t.string,
  ({ direct_url: url }) => url,
  (url) => ({ direct_url: url }),
)

// Not decoded: `id_digest`, an unsigned int64 above 2^53, and the internal networks.
const WireNode = renamed(
  { public_net: 'url', daemon_id: 'id' },

  {
    url: PublicNet,
    id: Text,
    flags: withDefault(nullAsEmpty(Flags, 0), 0),
  },
  'ClusterNode',
)

const ClusterNodeSchema = sparse(
  {
    /** The id of the node, which is its key in the map. */
    id: t.string,
    /** The URL for clients. It may be reachable only inside the cluster's network. */
    url: t.string,
    /** Bits: 1 non-electable, 2 Information Center, 4 maintenance, 8 decommission, 16 maintenance after rebalance. */
    flags: Flags,
    /** Whether the node is a member of the Information Center, which reports statuses. */
    inIc: t.boolean,
    /** Whether the node is under maintenance or is being decommissioned. */
    maintenance: t.boolean,
  },
  'ClusterNode',
)

/** One proxy or target, as the cluster map describes it. */
export interface ClusterNode extends t.TypeOf<typeof ClusterNodeSchema> {}

/** The members of a node that the codec reads, as the cluster writes them. */
export interface ClusterNodeWire extends t.OutputOf<typeof WireNode> {}

const IC = 2
const MAINTENANCE = 4 | 8 | 16

/**
 * One proxy or target. Encodes only the members that it decodes, so it can decode its own output.
 *
 * Source: protocol 2.8.
 */
export const ClusterNode: t.Type<ClusterNode, ClusterNodeWire> = mapped(
  WireNode,
  ClusterNodeSchema,
  (node) => ({ ...node, inIc: (node.flags & IC) !== 0, maintenance: (node.flags & MAINTENANCE) !== 0 }),
  t.identity,
)
