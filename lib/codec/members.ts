import { interned } from '#platform/common/interned'
import * as t from 'io-ts'
import { isLeft, isRight } from '../common/either.ts'
import { isObject } from './object.ts'

/** A string. Equal strings share one object: ten thousand jobs of one kind store its name once. */
export const Text: t.Type<string> = new t.Type<string>(
  t.string.name,
  t.string.is,
  (value, context) => (typeof value === 'string' ? t.success(interned(value)) : t.failure(value, context)),
  t.identity,
)

/** A flag. If it is missing on the wire, it is false. */
export const Flag: t.Type<boolean> = withDefault(t.boolean, false)

/** A natural number that a JavaScript number holds exactly. */
export const natural = (name: string): t.Type<number> => integer(name, 0)

/** An integer that a JavaScript number holds exactly. */
export function integer(name: string, least = -Infinity): t.Type<number> {
  const is = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= least
  return new t.Type<number>(
    name,
    is,
    (value, context) => (is(value) ? t.success(value) : t.failure(value, context)),
    t.identity,
  )
}

const ABSENT: t.Validation<undefined> = t.success(undefined)

/** A member that decodes to `missing` if it is missing on the wire. */
export function withDefault<A, O>(codec: t.Type<A, O>, missing: A): t.Type<A, O> {
  return withSpecialValue(codec, undefined, missing)
}

/** A value that decodes to `empty` if the wire has `null`, which Go writes for an empty list, map or pointer. */
export function nullAsEmpty<A, O>(codec: t.Type<A, O>, empty: A): t.Type<A, O> {
  return withSpecialValue(codec, null, empty)
}

/** Extends a codec, so that it also decodes `special` to `meaning`. */
function withSpecialValue<A, O>(codec: t.Type<A, O>, special: null | undefined, meaning: A): t.Type<A, O> {
  return new t.Type(
    codec.name,
    codec.is,
    (value, context) => (value === special ? t.success(meaning) : codec.validate(value, context)),
    codec.encode,
  )
}

/**
 * A member that is absent in the value if it is `zero` or missing on the wire. An absent member is encoded as `zero`.
 */
export function absentIfZero<A, O>(
  codec: t.Type<A, O>,
  zero: A,
  isZero: (value: A) => boolean = (value) => value === zero,
): t.Type<A | undefined, O> {
  const written: unknown = codec.encode(zero)
  return new t.Type(
    codec.name,
    (value): value is A | undefined => value === undefined || codec.is(value),
    (value, context) => {
      // Most values are the encoded zero. Comparing is faster than decoding.
      if (value === undefined || contains(value, written)) return ABSENT
      const read = codec.validate(value, context)
      return isLeft(read) || !isZero(read.right) ? read : ABSENT
    },
    (value) => codec.encode(value ?? zero),
  )
}

/** Whether a wire value equals `other` or, for objects, has all members of `other` and maybe more. */
function contains(value: unknown, other: unknown): boolean {
  if (value === other) return true
  if (!isObject(value) || !isObject(other)) return false
  for (const key in other) if (!contains(value[key], other[key])) return false
  return true
}

/** A string that is absent, both decoded and encoded, if it is empty or missing. */
export const TextIfAny: t.Type<string | undefined> = new t.Type<string | undefined>(
  t.string.name,
  (value): value is string | undefined => value === undefined || t.string.is(value),
  (value, context) => (value === undefined || value === '' ? ABSENT : Text.validate(value, context)),
  (value) => (value === '' ? undefined : value),
)

/** A member that is absent, both decoded and encoded, if it is missing. */
export function absentOr<A, O>(codec: t.Type<A, O>): t.Type<A | undefined, O | undefined> {
  return new t.Type(
    codec.name,
    (value): value is A | undefined => value === undefined || codec.is(value),
    (value, context) => (value === undefined ? ABSENT : codec.validate(value, context)),
    (value) => (value === undefined ? undefined : codec.encode(value)),
  )
}

/** A member that is absent, both decoded and encoded, if it is missing or `codec` cannot decode it. */
export function absentIfWrong<A, O>(codec: t.Type<A, O>): t.Type<A | undefined, O | undefined> {
  return new t.Type(
    codec.name,
    (value): value is A | undefined => value === undefined || codec.is(value),
    (value, context) => {
      const read = codec.validate(value, context)
      return isRight(read) ? read : ABSENT
    },
    (value) => (value === undefined ? undefined : codec.encode(value)),
  )
}

/** A codec that converts the values of `wire` to another form, whose schema is `ours`. */
export function mapped<A, B, O>(
  wire: t.Type<A, O>,
  ours: t.Type<B, unknown>,
  read: (wire: A) => B,
  write: (ours: B) => A,
): t.Type<B, O> {
  return new t.Type(
    wire.name,
    ours.is,
    (value, context) => {
      const validated = wire.validate(value, context)
      return isLeft(validated) ? validated : t.success(read(validated.right))
    },
    (value) => wire.encode(write(value)),
  )
}
