import { defer, finalize, map, of, share, switchMap, type Observable } from 'rxjs'
import { isLeft, isRight } from '../either.ts'
import { internalsOf, type Environment, type Internals } from '../environment.ts'
import type { JobError, RequestInfo, Result } from '../error.ts'
import { detour } from '../operators/detour.ts'
import type { Endpoint } from './endpoint.ts'
import { exchange, type Asking, type Said } from './exchange.ts'
import { MAP } from './members.ts'
import { answeredNow, keepTo, moveOn, nextCandidate, type Candidate } from './proxies.ts'
import type { Member } from './roster.ts'
import type { Limit } from './send.ts'

export type { Asking } from './exchange.ts'

/**
 * Failures before which nothing reached a server: even a command may try the next endpoint. (A route can be lost, with
 * EHOSTUNREACH, while a reply is waited for.)
 */
const NOTHING_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'])

/** An address that may lead nowhere is not waited for as long as one that was given. */
export const PROOF_MS = 5_000

/**
 * Asks the cluster, and tells what came of it as a Result.
 *
 * A question goes to each endpoint once, from the one that answered last, then to some proxies of the cluster map; a
 * command goes on only if nothing was sent. A refused token is renewed once; redirects are followed within the cluster only.
 */
export function ask<A>(environment: Environment, asking: Asking<A>, limit?: Limit): Observable<Result<A>> {
  const internals = internalsOf(environment)
  return isLeft(internals) ? of(internals) : askBy(internals.right, asking, limit)
}

/** The same, of a cluster that was checked before. */
export const askBy = <A>(env: Internals, asking: Asking<A>, limit?: Limit): Observable<Result<A>> =>
  askAny(env, asking, limit).pipe(map(({ result }) => result))

/** The same, with the name of who answered. */
export const askAny = <A>(env: Internals, asking: Asking<A>, limit?: Limit): Observable<Said<A>> =>
  defer(() => tryFrom(env, asking, limit ?? { ms: env.requestTimeoutMs }))

/** Asks one proxy and no other. */
export const askAt = <A>(env: Internals, asking: Asking<A>, endpoint: Endpoint): Observable<Result<A>> =>
  defer(() => exchange(env, asking, { ms: env.requestTimeoutMs }, endpoint)).pipe(
    map((said) => {
      tell(env, asking, said, 'ic', true)
      return said.result
    }),
  )

/** What was tried so far, and what the last of those said that count. */
interface Tried<A> {
  readonly endpoints: readonly Endpoint[]
  readonly failed?: Said<A>
}

function tryFrom<A>(env: Internals, asking: Asking<A>, limit: Limit): Observable<Said<A>> {
  const { request } = asking
  // Not undefined: a given endpoint is always left when nothing was tried.
  const first = nextCandidate(env, [])
  return first === undefined ? of() : tryOne(first, { endpoints: [] })

  function tryOne(candidate: Candidate, { endpoints, failed }: Tried<A>): Observable<Said<A>> {
    const tried = [...endpoints, candidate.endpoint]
    const asked = (): Observable<Said<A>> => {
      if (failed !== undefined) {
        tell(env, asking, failed, routeOf(env, failed.endpoint), false)
        env.log({ type: 'retry', atMs: env.scheduler.now(), request, reason: 'next-endpoint' })
      }
      return exchange(env, asking, limit, candidate.endpoint).pipe(
        detour((said) => {
          const { result } = said
          if (!isLeft(result) || !blamesEndpoint(result.left)) {
            // A refusal proves nothing of a given endpoint that did not take part before.
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
    const { member, index } = candidate
    if (member === undefined || index !== undefined || member.answered) return asked()
    return proofOf(env, candidate.endpoint, member, limit).pipe(
      // An address that was never any good is not what the user has to hear of.
      switchMap((proven) =>
        proven ? asked() : goOnOr(failed, { endpoints: tried, ...(failed === undefined ? {} : { failed }) }),
      ),
    )
  }

  function goOnOr(failed: Said<A> | undefined, tried: Tried<A>): Observable<Said<A>> {
    return goOn(tried) ?? (failed === undefined ? of() : of(failed))
  }

  /** Undefined: nobody is left, and it stays with what was said last. */
  function goOn(tried: Tried<A>): Observable<Said<A>> | undefined {
    const next = nextCandidate(env, tried.endpoints)
    if (next !== undefined) return tryOne(next, tried)
    if (tried.failed !== undefined) ended(tried.failed)
    return undefined
  }

  function ended(said: Said<A>): void {
    tell(env, asking, said, routeOf(env, said.endpoint), true)
  }
}

/** A member that only the map names has to show first that it is there, and of this cluster: for one small question. */
const proofOf = (env: Internals, endpoint: Endpoint, member: Member, { ms }: Limit): Observable<boolean> =>
  (member.proof ??= defer(() => exchange(env, MAP, { ms: Math.min(ms, PROOF_MS) }, endpoint)).pipe(
    map(({ result, atMs }) => {
      const proven = isRight(result) && result.right.uuid === env.shared.roster.map?.uuid
      if (proven) answeredNow(member)
      else member.failedAtMs = atMs
      return proven
    }),
    finalize(() => (member.proof = undefined)),
    share(),
  ))

/** Tells those who watch the health of the cluster; who answers for the IC by rights stands in for nobody. */
export function tell<A>(
  { shared }: Internals,
  { request }: Asking<A>,
  { endpoint, result, atMs, wallMs, tookMs }: Said<A>,
  route: 'first' | 'other' | 'ic',
  over: boolean,
): void {
  const error = isLeft(result) ? result.left : undefined
  // Then nothing was sent: the token could not be had.
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

// A question that ran into its clock has used up its time; the next one goes elsewhere.
const mayGoOn = (request: RequestInfo, error: JobError): boolean =>
  error._tag === 'TransportError'
    ? request.method === 'GET' || NOTHING_SENT.has(error.code)
    : error._tag === 'HttpError' && request.method === 'GET'
