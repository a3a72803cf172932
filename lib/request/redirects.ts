import { mergeMap, of, type Observable } from 'rxjs'
import { isLeft, left, right } from '../common/either.ts'
import type { Environment } from '../environment.ts'
import type { RedirectRefused, Result } from '../error.ts'
import { detour } from '../operators/detour.ts'
import { membership } from '../proxies/membership.ts'
import { pageOrigin, parsedUrl, type Endpoint } from './endpoint.ts'
import { absolute, isAsStrong, mayReceiveRequest, locationOf, named } from './redirect.ts'
import { send, type Limit, type Sending } from './send.ts'
import type { Sent } from './sent.ts'

/**
 * The stream that follows or refuses the redirect in a reply; undefined if the reply is not a redirect.
 *
 * A redirect is followed within the cluster only.
 */
export type Redirected = (
  env: Environment,
  limit: Limit,
  sending: Sending,
  endpoint: Endpoint,
  reply: Result<Sent>,
) => Observable<Result<Sent>> | undefined

const MAX_REDIRECTS = 3

type Reason = NonNullable<RedirectRefused['reason']>

export const redirected: Redirected = (env, limit, sending, endpoint, reply) =>
  redirectedAfter(0, env, limit, sending, endpoint, reply)

/** Follows one redirect, after `hops` others. */
function redirectedAfter(
  hops: number,
  ...[env, limit, sending, endpoint, reply]: Parameters<Redirected>
): ReturnType<Redirected> {
  if (isLeft(reply)) return undefined
  const { request, url } = sending
  const { response, token } = reply.right
  const location = locationOf(response)
  if (location === undefined) return undefined
  const from = absolute(url, pageOrigin())
  const to = parsedUrl(location, from)
  const refused = (reason: Reason): Result<never> =>
    left({ _tag: 'RedirectRefused', location: named(to, token.value), reason, request })
  if (to === undefined) return of(refused('unreadable'))
  if (!mayReceiveRequest(to, from)) return of(refused(isAsStrong(to, from) ? 'credentials' : 'scheme'))
  if (hops >= MAX_REDIRECTS) return of(refused('too-many'))
  return membership(env, limit, endpoint, to.origin).pipe(
    mergeMap((member) => {
      if (isLeft(member)) return of(member)
      // This reply takes the place of the redirect: a refused token is renewed, any other failure is the result.
      if ('refused' in member.right) return of(right(member.right.refused))
      if (!member.right.isMember) return of(refused('no-member'))
      env.log?.({ type: 'retry', atMs: env.scheduler.now(), request, reason: 'redirect' })
      const next = { ...sending, endpoint: to.origin, url: to.href }
      return send(env, limit, next).pipe(detour((sent) => redirectedAfter(hops + 1, env, limit, next, endpoint, sent)))
    }),
  )
}
