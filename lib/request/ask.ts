import { defaultIfEmpty, defer, map, of, switchMap, type Observable } from 'rxjs'
import { isLeft } from '../common/either.ts'
import { internalsOf, type Environment, type Internals } from '../environment.ts'
import type { JobError, RequestInfo, Result } from '../error.ts'
import { detour } from '../operators/detour.ts'
import type { Endpoint } from './endpoint.ts'
import { watchedExchange, type Asking, type Said } from './exchange.ts'
import { firstProven } from './proof.ts'
import { asCandidate, isUnknown, keepTo, moveOn, nextCandidate, unprovenMembers, type Candidate } from './proxies.ts'
import type { Limit } from './send.ts'

export type { Asking } from './exchange.ts'

/**
 * Sends one question or command to the cluster; emits one Result.
 *
 * A question tries the endpoint that answered last, then the other given endpoints, then up to five proxies of the cluster
 * map. A command tries the next endpoint only if nothing was sent. A refused token is renewed once; redirects are followed
 * within the cluster only.
 */
export function ask<A>(environment: Environment, asking: Asking<A>, limit?: Limit): Observable<Result<A>> {
  const internals = internalsOf(environment)
  return isLeft(internals) ? of(internals) : askBy(internals.right, asking, limit)
}

/** The same for a cluster whose arguments are known to be right. */
export function askBy<A>(env: Internals, asking: Asking<A>, limit?: Limit): Observable<Result<A>> {
  return askAny(env, asking, limit).pipe(map(({ result }) => result))
}

/** The same, with the endpoint that answered. */
export function askAny<A>(env: Internals, asking: Asking<A>, limit?: Limit): Observable<Said<A>> {
  return defer(() => tryFrom(env, asking, limit ?? { ms: env.requestTimeoutMs }))
}

/** The endpoints that were tried, and the last failure that is worth telling. */
interface Tried<A> {
  readonly endpoints: readonly Endpoint[]
  readonly failed?: Said<A>
}

function tryFrom<A>(env: Internals, asking: Asking<A>, limit: Limit): Observable<Said<A>> {
  const { request } = asking
  // Never undefined: before the first try, every given endpoint is left.
  return goOn({ endpoints: [] }) ?? of()

  /** Undefined when no endpoint is left: then the last failure is the result. */
  function goOn(tried: Tried<A>): Observable<Said<A>> | undefined {
    const next = nextCandidate(env, tried.endpoints)
    if (next !== undefined)
      return next.member !== undefined && isUnknown(next.member) ? tryMembers(tried) : tryOne(next, tried)
    if (tried.failed !== undefined) ended(tried.failed)
    return undefined
  }

  function tryOne(candidate: Candidate, { endpoints, failed }: Tried<A>): Observable<Said<A>> {
    const tried = [...endpoints, candidate.endpoint]
    if (failed !== undefined) {
      tell(env, asking, failed, routeOf(env, failed.endpoint), false)
      env.log({ type: 'retry', atMs: env.scheduler.now(), request, reason: 'next-endpoint' })
    }
    return watchedExchange(env, asking, limit, candidate.endpoint).pipe(
      detour((said) => {
        const { result } = said
        if (!isLeft(result) || !blamesEndpoint(result.left)) {
          // A refusal (404, 403 ...) does not show that a given endpoint is better than the one that answered last.
          if (!isLeft(result) || candidate.member !== undefined) keepTo(env, candidate)
          ended(said)
          return undefined
        }
        moveOn(env, candidate, result.left._tag === 'RequestTimeout')
        if (mayGoOn(request, result.left)) return goOn({ endpoints: tried, failed: said })
        ended(said)
        return undefined
      }),
    )
  }

  /** A member that only the map names must first prove itself. If it does not, the result does not show its failure. */
  function tryMembers({ endpoints, failed }: Tried<A>): Observable<Said<A>> {
    const members = unprovenMembers(env, endpoints)
    const after = (count: number): Tried<A> => ({
      endpoints: [...endpoints, ...members.slice(0, count).map(({ endpoint }) => endpoint)],
      ...(failed === undefined ? {} : { failed }),
    })
    return firstProven(env, members, limit).pipe(
      defaultIfEmpty(undefined),
      switchMap((proven) =>
        proven === undefined
          ? (goOn(after(members.length)) ?? (failed === undefined ? of() : of(failed)))
          : tryOne(asCandidate(proven), after(members.indexOf(proven))),
      ),
    )
  }

  function ended(said: Said<A>): void {
    tell(env, asking, said, routeOf(env, said.endpoint), true)
  }
}

/** Tells the monitor of the cluster's health. Route `ic`: an IC member is asked because it is one, which is no fail-over. */
export function tell<A>(
  { shared }: Internals,
  { request }: Asking<A>,
  { endpoint, result, atMs, wallMs, tookMs }: Said<A>,
  route: 'first' | 'other' | 'ic',
  over: boolean,
): void {
  const error = isLeft(result) ? result.left : undefined
  // Without a request, nothing was sent: there was no token.
  if (error?._tag === 'Unauthorized' && error.request === undefined) return
  const traffic = { atMs, wallMs, tookMs, endpoint: endpoint.base, route, request, over }
  shared.monitor.hear(error === undefined ? traffic : { ...traffic, error })
}

const routeOf = ({ endpoints }: Internals, endpoint: Endpoint): 'first' | 'other' =>
  endpoint === endpoints[0] ? 'first' : 'other'

export const blamesEndpoint = (error: JobError): boolean =>
  error._tag === 'TransportError' ||
  error._tag === 'RequestTimeout' ||
  (error._tag === 'HttpError' && (error.status === 502 || error.status === 503))

// A question that timed out has used up its time; the next question starts with another endpoint.
const mayGoOn = (request: RequestInfo, error: JobError): boolean =>
  error._tag === 'TransportError'
    ? request.method === 'GET' || error.nothingSent === true
    : error._tag === 'HttpError' && request.method === 'GET'
