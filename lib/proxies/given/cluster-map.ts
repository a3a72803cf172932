import { askBy } from '../../request/ask.ts'
import type * as all from '../cluster-map.ts'
import { MAP } from '../membership.ts'

export const mayLearnMap: typeof all.mayLearnMap = () => false
export const requestMap: typeof all.requestMap = (env, limit) => askBy(env, MAP, limit)
