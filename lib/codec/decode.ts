import type { Either } from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { isLeft, left } from '../common/either.ts'
import { parseJson } from './json.ts'
import { problems } from './problems.ts'

/** Why a reply could not be decoded. Together with its request, it makes a `DecodeError`. */
export interface Undecodable {
  /** At most ten problems, one line each. */
  readonly problems: readonly string[]
  /** Present if the text was not JSON. */
  readonly notJson?: true
}

/**
 * Decodes a reply with the codec of its request. The content type of the reply is ignored, since it may be wrong.
 *
 * Never throws. That includes deep nesting, a key `__proto__`, a byte order mark and random bytes.
 *
 * Source: protocol T2.
 */
export function decode<A>(codec: t.Decoder<unknown, A>, text: string): Either<Undecodable, A> {
  const json = parseJson(text)
  if (isLeft(json)) return left({ problems: [`$: ${json.left}`], notJson: true })
  const decoded = codec.decode(json.right)
  return isLeft(decoded) ? left({ problems: problems(decoded.left) }) : decoded
}
