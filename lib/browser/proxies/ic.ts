import { map } from 'rxjs'
import { sendCallForEndpoint } from '../../request/fail-over.ts'
import type * as all from '../../proxies/ic.ts'
import { sourced } from '../../proxies/sourced.ts'

export const queryIc: typeof all.queryIc = (env, call, limit) =>
  sendCallForEndpoint(env, call, limit).pipe(map(sourced))
export const queryIcIfEmpty: typeof all.queryIcIfEmpty = (env, call, _isEmpty, limit) => queryIc(env, call, limit)
export const queryIcForList: typeof all.queryIcForList = (...given) => queryIcIfEmpty(...given)
export const knowsIc: typeof all.knowsIc = () => false
export const rotateIc: typeof all.rotateIc = () => undefined
