import { queryIcForList } from '#platform/proxies/ic'
import { defer, map, type Observable } from 'rxjs'
import { queryBody } from '../codec/messages.ts'
import { statusList, type StatusList } from '../codec/status-list.ts'
import { isLeft, right } from '../common/either.ts'
import type { Environment } from '../environment.ts'
import type { RequestInfo, Result } from '../error.ts'
import type { Call } from './fail-over.ts'
import { decodeBy } from './decode-as.ts'
import { refusedList } from './refused-list.ts'
import type { Limit } from './send.ts'

/**
 * The request has no `frc`: with `frc`, a frozen target would delay the reply by 20 s for each of its jobs (protocol
 * T11).
 */
export const STATUS_LIST: RequestInfo = Object.freeze({ method: 'GET', path: '/v1/cluster', query: 'what=status_all' })

/** A list, and where it comes from. */
export interface SourcedList {
  /** The statuses by id; the same object as in the last reply if no row has changed. */
  readonly list: StatusList
  /** The base or origin of the node that answered. */
  readonly endpoint: string
  /** When the request was sent, by the environment's `now`. */
  readonly sentMs: number
}

/**
 * Requests the statuses of all jobs from one member of the Information Center.
 *
 * The member replies from memory, without a query to the targets. `err` is always empty in its reply (protocol T11), so
 * a list is never evidence of success.
 *
 * @returns a function whose stream sends a request on each subscription; a job that has not changed is the same object in
 * the next list
 */
export function sourcedListOf(env: Environment): (limit: Limit) => Observable<Result<SourcedList>> {
  const call: Call<StatusList> = {
    request: STATUS_LIST,
    body: queryBody({}),
    decode: decodeBy(statusList()),
    refusal: refusedList,
  }
  return (limit) =>
    defer(() => queryIcForList(env, call, (list) => list.size === 0, limit)).pipe(
      map((result) => {
        if (isLeft(result)) return result
        const { value: list, endpoint, sentMs } = result.right
        return right({ list, endpoint, sentMs })
      }),
    )
}
