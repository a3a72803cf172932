import * as t from 'io-ts'

// Each value has exactly one spelling. The number of digits is limited because BigInt is slow for a megabyte of digits.
const DECIMAL = /^(?:0|-?[1-9][0-9]{0,18})$/
const EXACT_DIGITS = 15

/** Whether the value is a bigint that fits into a signed 64-bit integer. */
export function isInt64(value: unknown): value is bigint {
  return typeof value === 'bigint' && BigInt.asIntN(64, value) === value
}

/** The exact integer that a wire value represents; undefined if the value is not an integer. */
function readInt64(value: unknown): bigint | undefined {
  if (value === '0') return 0n
  if (typeof value !== 'string') return readInt64Number(value)
  if (!DECIMAL.test(value)) return undefined
  // Most counters are short, and BigInt is faster for a number than for a string.
  if (value.length <= EXACT_DIGITS) return BigInt(Number(value))
  const integer = BigInt(value)
  return isInt64(integer) ? integer : undefined
}

/** Like `readInt64`, but for numbers only. An unsafe number has already been rounded, so it is refused. */
export function readInt64Number(value: unknown): bigint | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined
  return isInt64(value) ? value : undefined
}

/** Returns a number if it is exact, else the bigint, which `stringifyJson` writes as a JSON number. */
export function encodeInt64Number(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/**
 * An int64 that travels as a decimal string, as counters do.
 *
 * Refuses strings that Go's `strconv` would not write. Accepts an exact number, because older servers wrote small
 * counters as numbers.
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
 * An int64 that travels as a plain JSON number, as `end_time` does. It may exceed 2^53.
 *
 * Decodes what `parseJson` returns: a number if it is exact, else a bigint.
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
