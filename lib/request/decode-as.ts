import type * as t from 'io-ts'
import { decode } from '../codec/decode.ts'
import { isLeft, left } from '../either.ts'
import type { RequestInfo, Result } from '../error.ts'

/** Reads a body with a codec; what does not fit becomes a DecodeError. */
export const decodeAs =
  <A>(codec: t.Decoder<unknown, A>) =>
  (body: string, request: RequestInfo): Result<A> => {
    const decoded = decode(codec, body)
    return isLeft(decoded) ? left({ _tag: 'DecodeError', ...decoded.left, request }) : decoded
  }
