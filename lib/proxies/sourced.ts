import { isLeft, right } from '../common/either.ts'
import type { Result } from '../error.ts'
import type { EndpointResult } from '../request/exchange.ts'

/** A value, and where it comes from. */
export interface Sourced<A> {
  readonly value: A
  /** The base or origin of the node that answered. */
  readonly endpoint: string
  /** When the request was sent, by the environment's `now`. */
  readonly sentMs: number
}

/** The value of a reply with its source and times; a Left stays a Left. */
export const sourced = <A>({ from, result, atMs, tookMs }: EndpointResult<A>): Result<Sourced<A>> =>
  isLeft(result) ? result : right({ value: result.right, endpoint: from, sentMs: atMs - tookMs })
