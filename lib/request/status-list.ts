import { defer, map, type Observable } from 'rxjs'
import { queryBody } from '../codec/messages.ts'
import { statusList, type StatusList } from '../codec/status-list.ts'
import { isLeft, right } from '../common/either.ts'
import type { Environment } from '../environment.ts'
import type { RequestInfo, Result } from '../error.ts'
import type { Asking } from './ask.ts'
import { decodeBy } from './decode-as.ts'
import { askIc, askIcIfEmpty, type Sourced } from '../proxies/ic.ts'
import type { Limit } from './send.ts'

/** Never with `frc`: a target that hangs would delay the answer by 20 s for each of its jobs (T11). */
const TABLE: RequestInfo = Object.freeze({ method: 'GET', path: '/v1/cluster', query: 'what=status_all' })

/** A table, and where it comes from. */
export interface SourcedList {
  /** The same object as in the last answer if no row has changed. */
  readonly table: StatusList
  /** The base of the endpoint that answered. */
  readonly endpoint: string
  /** When its request was sent, by the environment's `now`. */
  readonly askedMs: number
}

/**
 * Asks one member of the Information Center for all jobs that it knows.
 *
 * The member answers from memory, without asking targets. `err` is always empty here (T11), so a table never shows that a
 * job succeeded.
 *
 * @returns a function that sends a request with each subscription; a job that has not changed is the same object again
 */
export function sourcedListOf(env: Environment): (limit: Limit) => Observable<Result<SourcedList>> {
  const asking: Asking<StatusList> = {
    request: TABLE,
    body: queryBody({}),
    decode: decodeBy(statusList()),
  }
  return (limit) =>
    askIcOf(env, asking, limit).pipe(
      map((result) => {
        if (isLeft(result)) return result
        const { value: table, endpoint, askedMs } = result.right
        return right({ table, endpoint, askedMs })
      }),
    )
}

/** An endpoint with a list is in the IC, so its members are asked by name only after a given one turned out to be none. */
const askIcOf = (env: Environment, asking: Asking<StatusList>, limit: Limit): Observable<Result<Sourced<StatusList>>> =>
  defer(() => {
    const { ic, icTurns } = env.shared.roster
    return ic === undefined && !icTurns
      ? askIcIfEmpty(env, asking, (table) => table.size === 0, limit)
      : askIc(env, asking, limit)
  })
