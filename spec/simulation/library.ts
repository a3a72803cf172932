import { isRight, right } from '../../lib/common/either.ts'
import { INTERNALS, type Environment, type Internals } from '../../lib/environment.ts'
import { keptFor } from '../../lib/observer.ts'
import type { Transport } from '../../lib/transport/transport.ts'

// All that the simulation reads of the library beyond its public names.

/** How many queries the library still keeps for a cluster: none, once the last subscriber has left. */
export function openQueries(cluster: Environment): number {
  return keptFor(internalsOf(cluster))
}

/** The same cluster, for a subscriber whose own requests the simulation tells apart. */
export function withTransport(cluster: Environment, transport: Transport): Environment {
  return { ...cluster, [INTERNALS]: right({ ...internalsOf(cluster), transport }) }
}

function internalsOf(cluster: Environment): Internals {
  const internals = cluster[INTERNALS]
  if (!isRight(internals)) throw new Error('the plan holds an argument that the library refuses')
  return internals.right
}
