import * as t from 'io-ts'
import { isLeft, isRight } from '../common/either.ts'
import { interned } from '../common/interned.ts'
import { isObject } from './object.ts'

/** A text of the wire. Ten thousand jobs of one kind hold its name once. */
export const Text: t.Type<string> = new t.Type<string>(
  t.string.name,
  t.string.is,
  (value, context) => (typeof value === 'string' ? t.success(interned(value)) : t.failure(value, context)),
  t.identity,
)

/** A flag that may be missing on the wire, which then means false. */
export const Flag: t.Type<boolean> = withDefault(t.boolean, false)

/** A natural number that JSON writes exactly. */
export function natural(name: string): t.Type<number> {
  const is = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
  return new t.Type<number>(
    name,
    is,
    (value, context) => (is(value) ? t.success(value) : t.failure(value, context)),
    t.identity,
  )
}

const ABSENT: t.Validation<undefined> = t.success(undefined)

/** A member that may be missing on the wire, which then means `missing`. */
export function withDefault<A, O>(codec: t.Type<A, O>, missing: A): t.Type<A, O> {
  return reading(codec, undefined, missing)
}

/** A value for which the wire may say `null`, as Go does for an empty list, map or pointer. */
export function nullAsEmpty<A, O>(codec: t.Type<A, O>, empty: A): t.Type<A, O> {
  return reading(codec, null, empty)
}

/** The same codec, which also reads `special`, as `meaning`. */
function reading<A, O>(codec: t.Type<A, O>, special: null | undefined, meaning: A): t.Type<A, O> {
  return new t.Type(
    codec.name,
    codec.is,
    (value, context) => (value === special ? t.success(meaning) : codec.validate(value, context)),
    codec.encode,
  )
}

/** A member that is absent here where the wire says `zero`, or nothing; written as `zero`. */
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
      // Most are zero as it is written, which is found sooner than read.
      if (value === undefined || says(value, written)) return ABSENT
      const read = codec.validate(value, context)
      return isLeft(read) || !isZero(read.right) ? read : ABSENT
    },
    (value) => codec.encode(value ?? zero),
  )
}

/** Whether a value of the wire says what `other` says, and maybe more. */
function says(value: unknown, other: unknown): boolean {
  if (value === other) return true
  if (!isObject(value) || !isObject(other)) return false
  for (const key in other) if (!says(value[key], other[key])) return false
  return true
}

/** A text that is absent, on both sides, where it is empty or missing. */
export const TextIfAny: t.Type<string | undefined> = new t.Type<string | undefined>(
  t.string.name,
  (value): value is string | undefined => value === undefined || t.string.is(value),
  (value, context) => (value === undefined || value === '' ? ABSENT : Text.validate(value, context)),
  (value) => (value === '' ? undefined : value),
)

/** A member that is absent, on both sides, where it is missing or not what `codec` reads. */
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

/** The values of `wire` in another form, of which `ours` is the schema. */
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
