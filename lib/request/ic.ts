import { defer, map, of, switchMap, type Observable } from 'rxjs'
import { isLeft, left, right } from '../either.ts'
import type { Internals } from '../environment.ts'
import type { RequestInfo, Result } from '../error.ts'
import { PROOF_MS, askAny, askBy, blamesEndpoint, tell } from './ask.ts'
import { exchange, type Asking, type Said } from './exchange.ts'
import { freshMap } from './map.ts'
import { MOST_MEMBERS, answeredNow, isRested, moveOn } from './proxies.ts'
import type { Member } from './roster.ts'
import type { Limit } from './send.ts'

/**
 * Asks a member of the Information Center for what only its members know.
 *
 * The one that answered last, then the others, until one gives a Right. A proxy outside of the IC has an empty answer for
 * everything (T8), and so has one that has left it: an answer counts only if a map of the last 30 seconds has the proxy in
 * the IC. Without `discover`, the given endpoints are asked, and believed.
 *
 * @internal
 * @param limit the clock of each request
 * @returns cold; one Right, or one Left: what the last of them said, why the map could not be learnt, or TransportError
 * NO_IC if no member has an address that may be asked
 */
export const askIc = <A>(
  env: Internals,
  asking: Asking<A>,
  limit: Limit = { ms: env.requestTimeoutMs },
): Observable<Result<A>> => (env.discover ? tryIc(env, asking, limit, []) : askBy(env, asking, limit))

/**
 * Asks whoever answers, and the IC only if that was nothing and came from somebody outside of it (T8).
 *
 * Cheaper than {@link askIc} for one question; without `discover`, that nothing is believed.
 *
 * @internal
 * @param isEmpty whether a proxy outside of the IC could have said so
 */
export const askIcIfEmpty = <A>(
  env: Internals,
  asking: Asking<A>,
  isEmpty: (value: A) => boolean,
  limit: Limit = { ms: env.requestTimeoutMs },
): Observable<Result<A>> =>
  askAny(env, asking, limit).pipe(
    switchMap(({ endpoint, result }): Observable<Result<A>> => {
      if (isLeft(result) || !isEmpty(result.right) || !env.discover) return of(result)
      return freshMap(env).pipe(
        switchMap((told): Observable<Result<A>> => {
          if (isLeft(told)) return of(told)
          const isMember = icOf(env).some((one) => one.endpoint.base === endpoint.base)
          return isMember ? of(result) : tryIc(env, asking, limit, [])
        }),
      )
    }),
  )

function tryIc<A>(
  env: Internals,
  asking: Asking<A>,
  limit: Limit,
  tried: readonly Member[],
  failed?: Said<A>,
): Observable<Result<A>> {
  return freshMap(env).pipe(
    switchMap((told): Observable<Result<A>> => {
      if (isLeft(told)) return of(told)
      const member = icOf(env).find((one) => !tried.includes(one))
      if (member === undefined || tried.length >= MOST_MEMBERS) {
        if (failed === undefined) return of(noMember(asking.request))
        tell(env, asking, failed, 'ic', true)
        return of(failed.result)
      }
      if (failed !== undefined) {
        tell(env, asking, failed, 'ic', false)
        env.log({ type: 'retry', atMs: env.scheduler.now(), request: asking.request, reason: 'next-endpoint' })
      }
      return askMember(env, asking, limit, [...tried, member], member)
    }),
  )
}

function askMember<A>(
  env: Internals,
  asking: Asking<A>,
  limit: Limit,
  tried: readonly Member[],
  member: Member,
): Observable<Result<A>> {
  const { roster } = env.shared
  // An address that may lead nowhere is not waited for as long as one that was given.
  const clock = member.answered || member.index !== undefined ? limit : { ms: Math.min(limit.ms, PROOF_MS) }
  return defer(() => exchange(env, asking, clock, member.endpoint)).pipe(
    switchMap((said) => {
      const { result } = said
      if (isLeft(result)) {
        const { left: error } = result
        if (blamesEndpoint(error)) moveOn(env, { ...member, member }, false)
        if (error._tag !== 'RequestTimeout') return tryIc(env, asking, limit, tried, said)
        // The time of this question is used up; the next one goes elsewhere.
        tell(env, asking, said, 'ic', true)
        return of(result)
      }
      tell(env, asking, said, 'ic', true)
      answeredNow(member)
      // A slow answer may be older than what is known of the member by now.
      return confirmed(env, member).pipe(
        switchMap((inIc): Observable<Result<A>> => {
          if (isLeft(inIc)) return of(inIc)
          if (!inIc.right) return tryIc(env, asking, limit, tried)
          roster.ic = member
          return of(result)
        }),
      )
    }),
  )
}

const confirmed = (env: Internals, member: Member): Observable<Result<boolean>> =>
  freshMap(env).pipe(map((told) => (isLeft(told) ? told : right(icOf(env).includes(member)))))

/** The members as they are to be asked: who answered last, then whom the user gave, then who can be reached. */
function icOf(env: Internals): readonly Member[] {
  const { roster } = env.shared
  const rank = (member: Member): number =>
    member === roster.ic ? 0 : !isRested(env, member) ? 4 : member.index !== undefined ? 1 : member.answered ? 2 : 3
  return roster.list.filter(({ inIc }) => inIc).sort((a, b) => rank(a) - rank(b))
}

const noMember = (request: RequestInfo): Result<never> =>
  left({
    _tag: 'TransportError',
    code: 'NO_IC',
    message: 'no member of the Information Center can be asked',
    permanent: false,
    request,
  })
