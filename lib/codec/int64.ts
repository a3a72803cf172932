import * as t from 'io-ts'

// One spelling a value, and no more digits than an int64 has: BigInt of a megabyte of digits would be slow.
const DECIMAL = /^(?:0|-?[1-9][0-9]{0,18})$/
const EXACT_DIGITS = 15

/** Is the integer one that 64 bits with a sign can hold? */
export function isInt64(value: unknown): value is bigint {
  return typeof value === 'bigint' && BigInt.asIntN(64, value) === value
}

/** The integer that a wire value stands for, exactly; undefined where it stands for none. */
function readInt64(value: unknown): bigint | undefined {
  if (value === '0') return 0n
  if (typeof value !== 'string') return readInt64Number(value)
  if (!DECIMAL.test(value)) return undefined
  // Most counters are short, and a bigint is made faster of a number than of a string.
  if (value.length <= EXACT_DIGITS) return BigInt(Number(value))
  const integer = BigInt(value)
  return isInt64(integer) ? integer : undefined
}

/** As `readInt64`, of numbers only; an unsafe number was rounded before it came here, so it stands for nothing. */
export function readInt64Number(value: unknown): bigint | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined
  return isInt64(value) ? value : undefined
}

/** A JSON number where it says the value exactly, else the bigint, which `stringifyJson` writes as a number. */
export function encodeInt64Number(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/**
 * An int64 that travels as a decimal string, as counters do.
 *
 * Strict on strings: what Go's `strconv` would not have written is refused. An exact number passes, because older
 * servers wrote small counters so.
 *
 * Source: protocol 3.1, 3.3.
 */
export const Int64FromString: t.Type<bigint, string> = new t.Type(
  'Int64FromString',
  isInt64,
  (value, context) => {
    const integer = readInt64(value)
    return integer === undefined ? t.failure(value, context) : t.success(integer)
  },
  String,
)

/**
 * An int64 that travels as a plain JSON number, as `end_time` does, although it may be beyond 2^53.
 *
 * Takes what `parseJson` gives: a number where that is exact, else a bigint.
 *
 * Source: protocol 3.2, 3.3, T26.
 */
export const Int64FromNumber: t.Type<bigint, number | bigint> = new t.Type(
  'Int64FromNumber',
  isInt64,
  (value, context) => {
    const integer = readInt64Number(value)
    return integer === undefined ? t.failure(value, context) : t.success(integer)
  },
  encodeInt64Number,
)
