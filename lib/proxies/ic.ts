import { map, of, switchMap, type Observable } from 'rxjs'
import { isLeft, left, right } from '../common/either.ts'
import type { Environment } from '../environment.ts'
import type { RequestInfo, Result } from '../error.ts'
import { askAny, blamesEndpoint, tell } from '../request/ask.ts'
import { exchange, watchedExchange, type Asking, type Said } from '../request/exchange.ts'
import { freshMap } from './cluster-map.ts'
import { PROOF_MS } from './proof.ts'
import { MOST_MEMBERS, answeredNow, isRested, isUnknown, moveOn, orderOf } from './candidates.ts'
import type { Member } from './roster.ts'
import type { Limit } from '../request/send.ts'

/** A value, and the endpoint that it comes from. */
export interface Sourced<A> {
  readonly value: A
  /** The base of the endpoint that answered. */
  readonly endpoint: string
  /** When its request was sent, by the environment's `now`. */
  readonly askedMs: number
}

/**
 * Asks a member of the Information Center (IC) for what only its members know.
 *
 * It asks the member that answered last, then the others, until one gives a Right. A proxy outside of the IC gives an empty
 * answer to everything (T8), and so does one that has left it: an answer counts only if a map of the last 30 seconds lists
 * the proxy as a member. Without `discover`, it asks the given endpoints and believes them.
 *
 * @internal
 * @param limit of each request
 * @returns cold; one Right, or one Left: the failure of the last member, the reason why there is no map, or TransportError
 * NO_IC if no member has an address that may be asked
 */
export function askIc<A>(
  env: Environment,
  asking: Asking<A>,
  limit: Limit = { ms: env.requestTimeoutMs },
): Observable<Result<Sourced<A>>> {
  return env.discover ? tryIc(env, asking, limit, []) : askAny(env, asking, limit).pipe(map(sourced))
}

/**
 * Asks the endpoint that answered last, and the IC only if that gives an empty answer and is no member (T8).
 *
 * Cheaper than {@link askIc} for one question. Without `discover`, it believes the empty answer.
 *
 * @internal
 * @param isEmpty whether a proxy outside of the IC could give this answer
 */
export function askIcIfEmpty<A>(
  env: Environment,
  asking: Asking<A>,
  isEmpty: (value: A) => boolean,
  limit: Limit = { ms: env.requestTimeoutMs },
): Observable<Result<Sourced<A>>> {
  return askAny(env, asking, limit).pipe(
    switchMap((said): Observable<Result<Sourced<A>>> => {
      const { endpoint, from, result } = said
      if (isLeft(result) || !isEmpty(result.right) || !env.discover) return of(sourced(said))
      return freshMap(env, limit).pipe(
        switchMap((told): Observable<Result<Sourced<A>>> => {
          if (isLeft(told)) return of(told)
          if (isInIc(env, from)) return of(sourced(said))
          // A member that has just redirected the request to a proxy outside of the IC would do so again.
          const tried = icOf(env).filter((member) => member.endpoint.base === endpoint.base)
          return tryIc(env, asking, limit, tried)
        }),
      )
    }),
  )
}

/**
 * Makes the next {@link askIc} ask another member of the IC than this one.
 *
 * For a list that lacks a job that ran a moment ago: a member that was restarted knows only what happened since. The
 * members take turns, so this one comes last. A member that never answered and hangs costs 5 s, once a round. Does nothing
 * without `discover`, without a map, or if the IC has no other member.
 *
 * @internal
 * @param from the base of the endpoint that gave the list
 */
export function turnIc({ now, shared: { roster } }: Environment, from: string): void {
  const others = roster.list.filter(({ inIc, endpoint }) => inIc && endpoint.base !== from)
  if (others.length === 0) return
  roster.icTurns = true
  for (const member of roster.list) if (member.endpoint.base === from) member.givenUpAtMs = now()
}

/** Whether an answer comes from a member; after a redirect, only the origin of its address is known. */
const isInIc = (env: Environment, from: string): boolean =>
  icOf(env).some(({ endpoint }) => endpoint.base === from || endpoint.origin === from)

const sourced = <A>({ from, result, atMs, tookMs }: Said<A>): Result<Sourced<A>> =>
  isLeft(result) ? result : right({ value: result.right, endpoint: from, askedMs: atMs - tookMs })

function tryIc<A>(
  env: Environment,
  asking: Asking<A>,
  limit: Limit,
  tried: readonly Member[],
  failed?: Said<A>,
): Observable<Result<Sourced<A>>> {
  return freshMap(env, limit).pipe(
    switchMap((told): Observable<Result<Sourced<A>>> => {
      if (isLeft(told)) return of(told)
      const member = icOf(env).find((one) => !tried.includes(one))
      if (member === undefined || tried.length >= MOST_MEMBERS) {
        if (failed === undefined) return of(noMember(asking.request))
        tell(env, asking, failed, 'ic', true)
        return of(sourced(failed))
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
  env: Environment,
  asking: Asking<A>,
  limit: Limit,
  tried: readonly Member[],
  member: Member,
): Observable<Result<Sourced<A>>> {
  const { roster } = env.shared
  // An address that only the map names may lead nowhere, so its limit is shorter.
  const mayLeadNowhere = isUnknown(member)
  const clock = mayLeadNowhere ? { ms: Math.min(limit.ms, PROOF_MS) } : limit
  return (mayLeadNowhere ? exchange : watchedExchange)(env, asking, clock, member.endpoint).pipe(
    switchMap((said) => {
      const { result } = said
      if (isLeft(result)) {
        const { left: error } = result
        if (blamesEndpoint(error)) moveOn(env, { ...member, member }, false)
        if (error._tag !== 'RequestTimeout' && error._tag !== 'NotFound') return tryIc(env, asking, limit, tried, said)
        // That it does not know a job takes a member two seconds to say, and the others know no more.
        if (error._tag !== 'NotFound' && mayLeadNowhere && roster.icTurns) {
          // A member that answered before can still give the list in time.
          roster.icTurns = false
          member.givenUpAtMs = env.now()
          return tryIc(env, asking, limit, tried)
        }
        // The question has used up its time; the next one starts with another member.
        tell(env, asking, said, 'ic', true)
        return of(sourced(said))
      }
      tell(env, asking, said, 'ic', true)
      answeredNow(member)
      return freshMap(env, limit).pipe(
        switchMap((told): Observable<Result<Sourced<A>>> => {
          if (isLeft(told)) return of(told)
          if (!isFromIc(env, asking, member, said.from, result.right)) {
            if (roster.ic === member) roster.ic = undefined
            return tryIc(env, asking, limit, tried)
          }
          roster.ic = member
          roster.icTurns = false
          return of(sourced(said))
        }),
      )
    }),
  )
}

/**
 * Whether an answer counts: the member may have left the IC while its answer was on the way, or may have redirected the
 * request to a proxy outside of the IC.
 */
const isFromIc = <A>(env: Environment, { isEmpty }: Asking<A>, member: Member, from: string, value: A): boolean =>
  from === member.endpoint.base ? icOf(env).includes(member) : isInIc(env, from) || isEmpty?.(value) === false

/** The members of the IC in the order in which they are asked. */
function icOf(env: Environment): readonly Member[] {
  const { ic, icTurns, list } = env.shared.roster
  // The one that answered last, then given endpoints, then those that answered before.
  const rank = (member: Member): number =>
    member === ic ? 0 : !isRested(env, member) ? 4 : member.index !== undefined ? 1 : member.answered ? 2 : 3
  const byRank = (a: Member, b: Member): number => rank(a) - rank(b)
  const byTurn = (a: Member, b: Member): number =>
    Number(isRested(env, b)) - Number(isRested(env, a)) || orderOf(a.givenUpAtMs, b.givenUpAtMs) || byRank(a, b)
  return list.filter(({ inIc }) => inIc).sort(icTurns ? byTurn : byRank)
}

const noMember = (request: RequestInfo): Result<never> =>
  left({
    _tag: 'TransportError',
    code: 'NO_IC',
    message: 'no member of the Information Center can be asked',
    permanent: false,
    request,
  })
