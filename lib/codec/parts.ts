import * as t from 'io-ts'
import { isLeft } from '../common/either.ts'

/**
 * The most errors that are collected from one value. A reply with a hundred thousand errors then costs no more than one
 * with a hundred.
 */
export const MAX_ERRORS = 100

/**
 * The context for a part that is expected to be valid.
 *
 * io-ts creates a context for each member of each value, but only errors need one. Our objects, lists and records
 * decode their parts without contexts. If a part is invalid, they decode all parts again, with contexts.
 */
export const NO_CONTEXT: t.Context = []

/** A member of an object or an item of a list: its key, its codec and its value. */
export type Part = readonly [key: string, codec: t.Mixed, actual: unknown]

/** The errors of a value that has invalid parts. */
export function partErrors<A>(parts: Iterable<Part>, context: t.Context): t.Validation<A> {
  const errors: t.ValidationError[] = []
  for (const [key, codec, actual] of parts) {
    const read = codec.validate(actual, t.appendContext(context, key, codec, actual))
    if (isLeft(read)) errors.push(...read.left)
    if (errors.length >= MAX_ERRORS) break
  }
  return t.failures(errors.slice(0, MAX_ERRORS))
}
