import { Observable, defer, map, of, take, type Subscriber, type Subscription } from 'rxjs'
import type { Either } from 'fp-ts/lib/Either.js'
import { isLeft, left, right } from '../common/either.ts'
import type { Unauthorized } from '../error.ts'

/** A bearer token, or a function that returns one. The function is called again once after a 401. */
export type TokenOption = string | (() => Observable<string> | Promise<string> | string)

/** @internal A function that also tells whether the token that it returned last is out of date. */
export type RenewableToken = (() => string) & { readonly isStale: () => boolean }

/** One value of the token option. It is an object, so that an equal string from a later call counts as a new token. */
export interface Token {
  readonly value: string | undefined
}

/** The result of the token option. The token itself never leaves the request layer. */
export type TokenResult = Either<Unauthorized, Token>

/** The token that all requests of a cluster share. */
export interface TokenHolder {
  /** The present token; undefined if the user's function must be called. */
  readonly held: () => TokenResult | undefined
  /** Emits the present token. Requests that need it at the same time share one call of the user's function. */
  readonly get: () => Observable<TokenResult>
  /** Emits a newer token than the refused one; undefined if the token is constant. */
  readonly renew: (refused: Token) => Observable<TokenResult> | undefined
}

/** Whether a value can be a bearer token: visible ASCII characters. */
export const isToken = (value: unknown): value is string => typeof value === 'string' && /^[\x21-\x7e]+$/.test(value)

/** Creates the holder of a constant token, or of a function that returns tokens. */
export function tokenHolder(option: TokenOption | undefined): TokenHolder {
  if (typeof option !== 'function') {
    const token: TokenResult = right({ value: option?.trim() })
    return { held: () => token, get: () => of(token), renew: () => undefined }
  }
  let current: Held | undefined
  const { isStale } = option as Partial<RenewableToken>
  const token = (): Observable<TokenResult> =>
    defer(() => {
      const held = (current ??= holding(option))
      // If a subscriber leaves at the moment when the token arrives, the next one must not call the function again.
      if (held.token !== undefined) return of(right(held.token))
      return held.token$.pipe(
        map((result) => {
          // A failure is not kept: the next request calls the function again.
          if (isLeft(result) && current === held) current = undefined
          return result
        }),
      )
    })
  return {
    held: () => {
      if (current?.token !== undefined && isStale?.() === true) current = undefined
      return current?.token === undefined ? undefined : right(current.token)
    },
    get: token,
    renew: (refused) =>
      defer(() => {
        if (current?.token === refused) current = undefined
        return token()
      }),
  }
}

interface Held {
  /** The pending call of the user's function. */
  readonly token$: Observable<TokenResult>
  /** The token, once the call has returned it. */
  token: Token | undefined
}

/**
 * Subscribers share one pending call. When all have left, it is cancelled, and the next subscriber starts another one.
 *
 * `share` would do the same, but with its Subject it is a kilobyte of a bundle that holds no other Subject.
 */
function holding(option: () => Observable<string> | Promise<string> | string): Held {
  const waiting = new Set<Subscriber<TokenResult>>()
  let call: Subscription | undefined
  const settle = (result: TokenResult): void => {
    for (const subscriber of [...waiting]) {
      subscriber.next(result)
      subscriber.complete()
    }
  }
  const held: Held = {
    token$: new Observable((subscriber) => {
      waiting.add(subscriber)
      call ??= defer(() => tokenFrom(option()))
        .pipe(take(1))
        .subscribe({
          next: (given) => {
            const result = tokenIn(given)
            if (!isLeft(result)) held.token = result.right
            settle(result)
          },
          error: () => settle(FAILED),
          // Only a call that gave nothing still has subscribers here.
          complete: () => settle(FAILED),
        })
      return () => {
        waiting.delete(subscriber)
        if (waiting.size > 0) return
        call?.unsubscribe()
        call = undefined
      }
    }),
    token: undefined,
  }
  return held
}

function tokenIn(given: unknown): TokenResult {
  const value = typeof given === 'string' ? given.trim() : given
  return isToken(value)
    ? right({ value })
    : failed('token() gave something that is not a token: visible ASCII characters without spaces')
}

const failed = (message: string): TokenResult => left({ _tag: 'Unauthorized', message })

const FAILED = failed('token() failed')

/** `defer` would take a string for a list of characters. */
const tokenFrom = (given: Observable<string> | Promise<string> | string): Observable<string> | Promise<string> =>
  typeof given === 'string' ? of(given) : given
