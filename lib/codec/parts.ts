import * as t from 'io-ts'
import { isLeft } from '../common/either.ts'

/** Errors collected from one value; a reply with a hundred thousand of them costs no more than one with a hundred. */
export const MAX_ERRORS = 100

/**
 * The context of a part that is expected to be right.
 *
 * io-ts makes a context for each member of each value, and only an error needs one. Our objects, lists and records read
 * their parts without; where a part is wrong, they read all parts again, with contexts.
 */
export const NOWHERE: t.Context = []

/** A member of an object or an item of a list: its key, its codec and the value. */
export type Part = readonly [key: string, codec: t.Mixed, actual: unknown]

/** The errors of a value of which a part is wrong. */
export function wrongParts<A>(parts: Iterable<Part>, context: t.Context): t.Validation<A> {
  const errors: t.ValidationError[] = []
  for (const [key, codec, actual] of parts) {
    const read = codec.validate(actual, t.appendContext(context, key, codec, actual))
    if (isLeft(read)) errors.push(...read.left)
    if (errors.length >= MAX_ERRORS) break
  }
  return t.failures(errors.slice(0, MAX_ERRORS))
}
