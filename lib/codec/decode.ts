import type { Either } from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { isLeft, left } from '../common/either.ts'
import { parseJson } from './json.ts'
import { problems } from './problems.ts'

/** Why a reply could not be read; with the request, it is a `DecodeError`. */
export interface Undecodable {
  /** At most ten, each one line. */
  readonly problems: readonly string[]
  /** Present where the text was not JSON at all. */
  readonly notJson?: true
}

/**
 * Reads a reply by what was asked, whatever its content type says.
 *
 * Never throws, whatever the text is: deep nesting, a key `__proto__`, a byte order mark and random bytes included.
 *
 * Source: protocol T2.
 */
export function decode<A>(codec: t.Decoder<unknown, A>, text: string): Either<Undecodable, A> {
  const json = parseJson(text)
  if (isLeft(json)) return left({ problems: [`$: ${json.left}`], notJson: true })
  const decoded = codec.decode(json.right)
  return isLeft(decoded) ? left({ problems: problems(decoded.left) }) : decoded
}
