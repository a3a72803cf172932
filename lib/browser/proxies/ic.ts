import { map } from 'rxjs'
import { askAny } from '../../request/ask.ts'
import type * as all from '../../proxies/ic.ts'
import { sourced } from '../../proxies/sourced.ts'

export const askIc: typeof all.askIc = (env, call, limit) => askAny(env, call, limit).pipe(map(sourced))
export const askIcIfEmpty: typeof all.askIcIfEmpty = (env, call, _isEmpty, limit) => askIc(env, call, limit)
export const askIcForList: typeof all.askIcForList = (...asked) => askIcIfEmpty(...asked)
export const knowsIc: typeof all.knowsIc = () => false
export const rotateIc: typeof all.rotateIc = () => undefined
