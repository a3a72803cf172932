import { isRight, right } from '../../lib/common/either.ts'
import { ENVIRONMENT, type ClusterLike, type Environment } from '../../lib/environment.ts'
import { keptFor } from '../../lib/observer.ts'
import type { Transport } from '../../lib/transport/transport.ts'

// All that the simulation reads of the library beyond its public names.

/** How many queries the library still keeps for a cluster: none, once the last subscriber has left. */
export function openQueries(cluster: ClusterLike): number {
  return keptFor(environmentOf(cluster))
}

/** The same cluster, for a subscriber whose own requests the simulation tells apart. */
export function withTransport(cluster: ClusterLike, transport: Transport): ClusterLike {
  return { ...cluster, [ENVIRONMENT]: right({ ...environmentOf(cluster), transport }) }
}

function environmentOf(cluster: ClusterLike): Environment {
  const internals = cluster[ENVIRONMENT]
  if (!isRight(internals)) throw new Error('the plan holds an argument that the library refuses')
  return internals.right
}
