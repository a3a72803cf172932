import type * as t from 'io-ts'
import type { Either } from 'fp-ts/lib/Either.js'
import { decode, type Undecodable } from '../codec/decode.ts'
import { isLeft, left } from '../common/either.ts'
import type { RequestInfo, Result } from '../error.ts'

/** Decodes a body with a codec. A body that does not match becomes a DecodeError. */
export const decodeAs = <A>(codec: t.Decoder<unknown, A>): ((body: string, request: RequestInfo) => Result<A>) =>
  decodeBy((body) => decode(codec, body))

/** Decodes a body with a function. A body that it rejects becomes a DecodeError. */
export const decodeBy =
  <A>(read: (body: string) => Either<Undecodable, A>) =>
  (body: string, request: RequestInfo): Result<A> => {
    const decoded = read(body)
    return isLeft(decoded) ? left({ _tag: 'DecodeError', ...decoded.left, request }) : decoded
  }
