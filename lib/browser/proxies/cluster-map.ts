import { sendCallIn } from '../../request/fail-over.ts'
import type * as all from '../../proxies/cluster-map.ts'
import { MAP } from '../../proxies/membership.ts'

export const mayLearnMap: typeof all.mayLearnMap = () => false
export const requestMap: typeof all.requestMap = (env, limit) => sendCallIn(env, MAP, limit)
