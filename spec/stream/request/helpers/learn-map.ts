import { EMPTY, defer, type Observable } from 'rxjs'
import type { Environment } from '../../../../lib/environment.ts'
import { mayLearnMap, requestMap } from '../../../../lib/proxies/cluster-map.ts'

/** Requests the map if it is due, as a loop does after a successful reply. */
export const learnMapOnce = (env: Environment): Observable<unknown> =>
  defer(() => (mayLearnMap(env) ? requestMap(env) : EMPTY))
