import { defer, map, mergeMap, of, type Observable } from 'rxjs'
import { isLeft, left } from '../common/either.ts'
import type { Environment } from '../environment.ts'
import type { JobError, RequestInfo, Result } from '../error.ts'
import { sendCallForEndpoint } from '../request/fail-over.ts'
import { recordSilentSecond, reportToMonitor, type Trying } from '../request/report-outcome.ts'
import { exchange, type Call, type EndpointResult } from '../request/exchange.ts'
import { withFreshMap } from './cluster-map.ts'
import { PROOF_MS } from './proof.ts'
import { recordFailure } from './candidates.ts'
import { MOST_MAP_PROXIES, asCandidate, markAnswered, isRested, isUnknown, orderOf } from './map-proxies.ts'
import type { MapProxy } from './roster.ts'
import { sourced, type Sourced } from './sourced.ts'
import { isEndpointFailure } from '../request/endpoint-failure.ts'
import { hedged, type Hedge, type Race } from '../request/hedge.ts'
import type { Limit } from '../request/send.ts'

/**
 * Sends a query to a member of the Information Center (IC), since only members can answer it.
 *
 * It tries the member that answered last, then the others, until one replies with a Right. A proxy that is not in the
 * IC, or has left it, gives an empty answer to every query (protocol T8), so an answer counts only if a map of the last
 * 30 seconds lists the proxy as a member. Without `discover`, it tries the given endpoints and trusts their answers.
 *
 * @internal
 * @param limit the time limit of each request
 * @returns cold; one Right, or one Left: the failure of the last member, the error of the request for the map, or
 * TransportError NO_IC if no member can be reached
 */
export function queryIc<A>(
  env: Environment,
  call: Call<A>,
  limit: Limit = { ms: env.requestTimeoutMs },
): Observable<Result<Sourced<A>>> {
  return env.discover
    ? defer(() => tryIc(icQuery(env, call, limit), []))
    : sendCallForEndpoint(env, call, limit).pipe(map(sourced))
}

/**
 * Sends a query to the endpoint that answered last. If the answer is empty and does not come from an IC member, sends
 * the query to an IC member, too (protocol T8).
 *
 * This is cheaper than {@link queryIc} for one query. Without `discover`, it trusts the empty answer.
 *
 * @internal
 * @param isEmpty whether the answer may come from a proxy outside of the IC
 */
export function queryIcIfEmpty<A>(
  env: Environment,
  call: Call<A>,
  isEmpty: (value: A) => boolean,
  limit: Limit = { ms: env.requestTimeoutMs },
): Observable<Result<Sourced<A>>> {
  return sendCallForEndpoint(env, call, limit).pipe(
    mergeMap((outcome): Observable<Result<Sourced<A>>> => {
      const { endpoint, from, result } = outcome
      if (isLeft(result) || !isEmpty(result.right) || !env.discover) return of(sourced(outcome))
      return withFreshMap(env, limit, () => {
        if (isInIc(env, from)) return of(sourced(outcome))
        // A member that has just redirected the request to a proxy outside of the IC would do so again.
        const tried = icOf(env).filter((member) => member.endpoint.base === endpoint.base)
        return tryIc(icQuery(env, call, limit), tried)
      })
    }),
  )
}

/**
 * Sends a query for a list: from the first empty list on, the queries go to the members in the cluster map, since the
 * endpoint that answers may not be a member of the IC.
 *
 * @internal
 */
export function queryIcForList<A>(
  env: Environment,
  call: Call<A>,
  isEmpty: (value: A) => boolean,
  limit: Limit,
): Observable<Result<Sourced<A>>> {
  const { icRotates } = env.shared.roster
  return knowsIc(env) || icRotates ? queryIc(env, call, limit) : queryIcIfEmpty(env, call, isEmpty, limit)
}

/** @internal Whether a member of the IC has answered. */
export const knowsIc = ({ shared: { roster } }: Environment): boolean => roster.ic !== undefined

/**
 * Makes the next {@link queryIc} try the other members of the IC before this one.
 *
 * It is called after a list that lacks a job which ran just before: a member that was restarted knows only the jobs
 * since its restart. The members take turns, so this one comes last. A member that never answered and hangs costs 5 s
 * in each round. It has no effect without `discover`, without a map, or if the IC has no other member.
 *
 * @internal
 * @param from the base of the endpoint that sent the list
 */
export function rotateIc({ now, shared: { roster } }: Environment, from: string): void {
  const others = roster.list.filter(({ inIc, endpoint }) => inIc && endpoint.base !== from)
  if (others.length === 0) return
  roster.icRotates = true
  for (const member of roster.list) if (member.endpoint.base === from) member.givenUpAtMs = now()
}

/** Whether an answer comes from an IC member. After a redirect, only the origin of its address is known. */
const isInIc = (env: Environment, from: string): boolean =>
  icOf(env).some(({ endpoint }) => endpoint.base === from || endpoint.origin === from)

/** One query to the IC, and which member it is trying. */
interface IcQuery<A> extends Trying {
  readonly env: Environment
  readonly call: Call<A>
  readonly limit: Limit
}

const icQuery = <A>(env: Environment, call: Call<A>, limit: Limit): IcQuery<A> => ({
  env,
  call,
  limit,
  candidate: undefined,
  sentMs: 0,
})

/** Sends a query to the next IC member that was not tried. `failed` is the last failure. */
function tryIc<A>(
  query: IcQuery<A>,
  tried: readonly MapProxy[],
  failed?: EndpointResult<A>,
): Observable<Result<Sourced<A>>> {
  const { env, call, limit } = query
  return withFreshMap(env, limit, () => {
    const member = icOf(env).find((one) => !tried.includes(one))
    if (member === undefined || tried.length >= MOST_MAP_PROXIES) {
      if (failed === undefined) return of(noMember(call.request))
      reportToMonitor(env, call, failed, 'ic', 'last')
      return of(sourced(failed))
    }
    if (failed !== undefined) {
      reportToMonitor(env, call, failed, 'ic', 'retried')
      env.log?.({ type: 'retry', atMs: env.scheduler.now(), request: call.request, reason: 'next-endpoint' })
    }
    return queryMember(query, member, [...tried, member])
  })
}

/**
 * Sends a query to one IC member; if it cannot answer, to the next one.
 *
 * @param tried the members that were tried, this one included
 */
function queryMember<A>(
  query: IcQuery<A>,
  member: MapProxy,
  tried: readonly MapProxy[],
): Observable<Result<Sourced<A>>> {
  const { env, call, limit } = query
  const { roster } = env.shared
  // An address that only the map names may be unreachable for this client, so its limit is shorter.
  const isUnproven = isUnknown(member)
  const memberLimit = isUnproven ? { ms: Math.min(limit.ms, PROOF_MS) } : limit
  const candidate = asCandidate(member)
  const second = icQuery(env, call, { ...limit })
  const race: Race<Result<Sourced<A>>> = {
    resultOf: (result) => result,
    other: () => tryIc(second, tried),
    overtaken: () => recordFailure(env, candidate, { hasHung: true }),
  }
  const afterTimeout = (outcome: EndpointResult<A>): Observable<Result<Sourced<A>>> => {
    recordFailure(env, candidate, { hasHung: false })
    recordSilentSecond(env, call, outcome, second, 'ic')
    if (isUnproven && roster.icRotates) {
      // A member that answered before can still send the list in time.
      roster.icRotates = false
      member.givenUpAtMs = env.now()
      return tryIc(query, tried)
    }
    // The query has used up its time; the next one starts with another member.
    reportToMonitor(env, call, outcome, 'ic', 'last')
    return of(sourced(outcome))
  }
  const afterFailure = (
    outcome: EndpointResult<A>,
    error: JobError,
    hedge: Hedge<Result<Sourced<A>>>,
  ): Observable<Result<Sourced<A>>> => {
    if (isEndpointFailure(error)) recordFailure(env, candidate, { hasHung: false })
    if (hedge.goesOnAfter(outcome.result)) {
      // The request to a second member is the next try.
      reportToMonitor(env, call, outcome, 'ic', 'retried')
      return of(sourced(outcome))
    }
    if (error._tag !== 'NotFound') return tryIc(query, tried, outcome)
    // A 404 is final: it takes a member two seconds, and the other members do not know the job either.
    reportToMonitor(env, call, outcome, 'ic', 'last')
    return of(sourced(outcome))
  }
  const afterReply = (outcome: EndpointResult<A>, value: A): Observable<Result<Sourced<A>>> => {
    reportToMonitor(env, call, outcome, 'ic', 'last')
    markAnswered(member)
    return withFreshMap(env, limit, () => {
      if (!isFromIc(env, call, member, outcome.from, value)) {
        if (roster.ic === member) roster.ic = undefined
        return tryIc(query, tried)
      }
      roster.ic = member
      roster.icRotates = false
      return of(sourced(outcome))
    })
  }
  query.candidate = candidate
  query.sentMs = env.now()
  return hedged(env, race, (hedge) =>
    exchange(env, call, memberLimit, member.endpoint, !isUnproven, hedge).pipe(
      mergeMap((outcome) => {
        query.candidate = undefined
        const { result } = outcome
        if (!isLeft(result)) return afterReply(outcome, result.right)
        if (result.left._tag === 'RequestTimeout') return afterTimeout(outcome)
        return afterFailure(outcome, result.left, hedge)
      }),
    ),
  )
}

/**
 * Whether an answer counts. Meanwhile the member may have left the IC, or it may have redirected the request to a proxy
 * outside of the IC, whose answer is empty.
 */
function isFromIc<A>(env: Environment, { isEmpty }: Call<A>, member: MapProxy, from: string, value: A): boolean {
  if (from === member.endpoint.base) return icOf(env).includes(member)
  return isInIc(env, from) || isEmpty?.(value) === false
}

/** The members of the IC, in the order in which they are tried. */
function icOf(env: Environment): readonly MapProxy[] {
  const { ic, icRotates, list } = env.shared.roster
  // First the member that answered last, then given endpoints, then other members that answered before, then members
  // that never answered. Last are members that have just failed.
  const rank = (member: MapProxy): number => {
    if (member === ic) return 0
    if (!isRested(env, member)) return 4
    if (member.index !== undefined) return 1
    return member.answered ? 2 : 3
  }
  const byRank = (a: MapProxy, b: MapProxy): number => rank(a) - rank(b)
  // First the members that were never given up, then the one that was given up longest ago. Last are members that have
  // just failed.
  const byTurn = (a: MapProxy, b: MapProxy): number =>
    Number(isRested(env, b)) - Number(isRested(env, a)) || orderOf(a.givenUpAtMs, b.givenUpAtMs) || byRank(a, b)
  return list.filter(({ inIc }) => inIc).sort(icRotates ? byTurn : byRank)
}

const noMember = (request: RequestInfo): Result<never> =>
  left({
    _tag: 'TransportError',
    code: 'NO_IC',
    message: 'no member of the Information Center can be reached',
    permanent: false,
    request,
  })
