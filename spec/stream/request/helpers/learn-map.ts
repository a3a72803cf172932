import { EMPTY, defer, type Observable } from 'rxjs'
import type { Environment } from '../../../../lib/environment.ts'
import { mayLearnMap, requestMap } from '../../../../lib/proxies/cluster-map.ts'

/** Asks for the map if it is time to, as a loop does after a good reply. */
export const learnMapOnce = (env: Environment): Observable<unknown> =>
  defer(() => (mayLearnMap(env) ? requestMap(env) : EMPTY))
