import * as t from 'io-ts'
import { encodeInt64Number, isInt64, readInt64Number } from './int64.ts'

const NANOS_PER_MS = 1_000_000n
const MS_PER_MINUTE = 60_000
// Date.UTC reads years below 100 as 19xx. The calendar repeats every 400 years, so 400 years are added and subtracted.
const MS_PER_400_YEARS = 146_097 * 86_400_000
const ZERO_TEXT = '0001-01-01T00:00:00Z'
const ZERO_MS = -62_135_596_800_000
const MIN_NANOS = -62_167_219_200_000_000_000n // 0000-01-01
const MAX_NANOS = 253_402_300_800_000_000_000n // 10000-01-01
const RFC_3339 =
  /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{1,9}))?(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))$/

/** The instant of a time on the wire: undefined for Go's zero time, null for an invalid text. */
function readInstant(value: unknown): bigint | undefined | null {
  if (value === ZERO_TEXT) return undefined
  const parts = typeof value === 'string' && value.length <= 40 ? RFC_3339.exec(value) : null
  if (parts === null) return null
  const day = Number(parts[3])
  const ms =
    Date.UTC(Number(parts[1]) + 400, Number(parts[2]) - 1, day, Number(parts[4]), Number(parts[5]), Number(parts[6])) -
    MS_PER_400_YEARS
  // Date.UTC turns 30 February into a day in March.
  if (day > 28 && new Date(ms).getUTCDate() !== day) return null
  const nanos = parts[7] === undefined ? 0n : BigInt(Number(parts[7].padEnd(9, '0')))
  if (parts[8] === undefined) return ms === ZERO_MS && nanos === 0n ? undefined : BigInt(ms) * NANOS_PER_MS + nanos
  const offset = Number(parts[9]) * 60 + Number(parts[10])
  const utc = ms - (parts[8] === '-' ? -1 : 1) * offset * MS_PER_MINUTE
  // In a local zone, Go writes year 1 in local mean time and drops the seconds of its offset, so zero is up to a minute
  // off.
  if (Math.abs(utc - ZERO_MS) < MS_PER_MINUTE) return undefined
  return BigInt(utc) * NANOS_PER_MS + nanos
}

/** Writes like Go's RFC3339Nano in UTC: without a zero fraction and without trailing zeros. */
function encodeInstant(instant: bigint | undefined): string {
  if (instant === undefined) return ZERO_TEXT
  const ms = msOf(instant)
  const seconds = new Date(ms).toISOString().slice(0, 19)
  const nanos = instant - BigInt(Math.floor(ms / 1000)) * 1_000_000_000n
  const fraction =
    nanos === 0n
      ? ''
      : '.' +
        String(nanos)
          .padStart(9, '0')
          .replace(/0{1,8}$/, '')
  return `${seconds}${fraction}Z`
}

/**
 * A time that travels as RFC 3339 text and decodes to nanoseconds since the Unix epoch.
 *
 * Refuses dates that do not exist, accepts any offset, and keeps the fraction to the nanosecond. Go's zero time decodes
 * to undefined.
 *
 * Source: protocol 3.1.
 */
export const InstantFromRfc3339: t.Type<bigint | undefined, string> = new t.Type(
  'InstantFromRfc3339',
  (value): value is bigint | undefined =>
    value === undefined || (typeof value === 'bigint' && value >= MIN_NANOS && value < MAX_NANOS),
  (value, context) => {
    const instant = readInstant(value)
    return instant === null ? t.failure(value, context) : t.success(instant)
  },
  encodeInstant,
)

/** The instant of a number of nanoseconds: undefined for 0, null for an invalid value. */
function readInstantNumber(value: unknown): bigint | undefined | null {
  const nanos = readInt64Number(value)
  if (nanos === undefined || nanos < 0n) return null
  return nanos === 0n ? undefined : nanos
}

/** Writes undefined as 0, and everything else like `Int64FromNumber`. */
function encodeInstantNumber(instant: bigint | undefined): number | bigint {
  return instant === undefined ? 0 : encodeInt64Number(instant)
}

/**
 * A time that travels as a plain number of nanoseconds. 0 decodes to undefined.
 *
 * Source: protocol 3.2, T26.
 */
export const InstantFromNs: t.Type<bigint | undefined, number | bigint> = new t.Type(
  'InstantFromNs',
  (value): value is bigint | undefined => value === undefined || (isInt64(value) && value > 0n),
  (value, context) => {
    const instant = readInstantNumber(value)
    return instant === null ? t.failure(value, context) : t.success(instant)
  },
  encodeInstantNumber,
)

/**
 * Converts an instant to a `Date`, rounded down to the millisecond.
 *
 * A Date cannot hold nanoseconds: compare instants, and use Dates only for display.
 *
 * @example
 * import { toDate } from 'aistore-rx'
 *
 * console.log(toDate(1795427154572988356n).toISOString()) // 2026-11-23T09:45:54.572Z
 */
export function toDate(instant: bigint): Date {
  return new Date(msOf(instant))
}

/** The latest of several instants. Undefined if there are none, or if one of them is undefined. */
export function lastOf(instants: readonly (bigint | undefined)[]): bigint | undefined {
  let last: bigint | undefined
  for (const instant of instants) {
    if (instant === undefined) return undefined
    if (last === undefined || instant > last) last = instant
  }
  return last
}

// Bigint division rounds towards zero, which would give the later millisecond for times before 1970.
function msOf(instant: bigint): number {
  const rest = ((instant % NANOS_PER_MS) + NANOS_PER_MS) % NANOS_PER_MS
  return Number((instant - rest) / NANOS_PER_MS)
}
