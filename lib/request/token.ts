import { catchError, defer, from, isObservable, map, of, shareReplay, take, throwIfEmpty, type Observable } from 'rxjs'
import type { Either } from 'fp-ts/lib/Either.js'
import { isLeft, left, right } from '../common/either.ts'
import type { Unauthorized } from '../error.ts'

/** A token, or what gives one; asked again once after a 401. */
export type TokenOption = string | (() => Observable<string> | Promise<string> | string)

/** One answer of a token option: a new object each time, so that an equal string that is given again counts as new. */
export interface Token {
  readonly value: string | undefined
}

/** The answer of a token option; the token itself never leaves the request layer. */
export type TokenResult = Either<Unauthorized, Token>

/** One token for all requests of a cluster. */
export interface TokenHolder {
  /** The present token; undefined if it has to be asked for. */
  readonly held: () => TokenResult | undefined
  /** The present token; requests that need it at the same time ask for it once. */
  readonly get: () => Observable<TokenResult>
  /** A newer token than the refused one; undefined if there is no way to get one. */
  readonly renew: (refused: Token) => Observable<TokenResult> | undefined
}

/** A bearer token is visible ASCII; the message must not repeat what it refuses. */
export const isToken = (value: unknown): value is string => typeof value === 'string' && /^[\x21-\x7e]+$/.test(value)

export function tokenHolder(option: TokenOption | undefined): TokenHolder {
  if (typeof option !== 'function') {
    const token: TokenResult = right({ value: option?.trim() })
    return { held: () => token, get: () => of(token), renew: () => undefined }
  }
  let current: Held | undefined
  const token = (): Observable<TokenResult> =>
    defer(() => {
      const held = (current ??= holding(option))
      // A subscriber that leaves at the moment when the token arrives must not make the next one ask again.
      if (held.token !== undefined) return of(right(held.token))
      return held.token$.pipe(
        map((result) => {
          // A failure is not kept: the next request asks again.
          if (isLeft(result) && current === held) current = undefined
          return result
        }),
      )
    })
  return {
    held: () => (current?.token === undefined ? undefined : right(current.token)),
    get: token,
    renew: (refused) =>
      defer(() => {
        if (current?.token === refused) current = undefined
        return token()
      }),
  }
}

interface Held {
  readonly token$: Observable<TokenResult>
  token: Token | undefined
}

/** Subscribers share one pending answer; when all have left, it is cut, and the next one asks again. */
function holding(option: () => Observable<string> | Promise<string> | string): Held {
  const held: Held = {
    token$: defer(() => asObservable(option())).pipe(
      take(1),
      throwIfEmpty(),
      map((given: unknown): TokenResult => {
        const value = typeof given === 'string' ? given.trim() : given
        if (!isToken(value))
          return failed('token() gave something that is not a token: visible ASCII characters without spaces')
        held.token = { value }
        return right(held.token)
      }),
      catchError(() => of(failed('token() failed'))),
      shareReplay({ bufferSize: 1, refCount: true }),
    ),
    token: undefined,
  }
  return held
}

const failed = (message: string): TokenResult => left({ _tag: 'Unauthorized', message })

const asObservable = (given: Observable<string> | Promise<string> | string): Observable<string> =>
  typeof given === 'string' ? of(given) : isObservable(given) ? given : from(given)
