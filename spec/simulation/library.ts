import { isRight, right } from '../../lib/common/either.ts'
import { ENVIRONMENT, type ClusterLike, type Environment } from '../../lib/environment.ts'
import { resourceCount } from '../../lib/observer.ts'
import type { Transport } from '../../lib/transport/transport.ts'

// All that the simulation uses of the library beyond its public names.

/** How many queries the library still keeps for a cluster: 0 after the last subscriber has left. */
export function openQueries(cluster: ClusterLike): number {
  return resourceCount(environmentOf(cluster))
}

/** The same cluster for one subscriber, with a transport that identifies the requests of that subscriber. */
export function withTransport(cluster: ClusterLike, transport: Transport): ClusterLike {
  return { ...cluster, [ENVIRONMENT]: right({ ...environmentOf(cluster), transport }) }
}

function environmentOf(cluster: ClusterLike): Environment {
  const internals = cluster[ENVIRONMENT]
  if (!isRight(internals)) throw new Error('the library rejects an argument of the plan')
  return internals.right
}
