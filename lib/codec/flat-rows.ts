import { isObject, type WireObject } from './walk.ts'

/** The rows of a list as they were written, and the exact `end_time` of each: where it is long, its digits. */
export interface FlatRows {
  readonly rows: readonly WireObject[]
  readonly endTimes: readonly unknown[]
}

/**
 * Reads a list of rows whose members are no objects, as fast as `JSON.parse` does. Undefined if the text is no such list, or
 * if it writes an `end_time` in a way that is not read here; a codec has to read it then.
 */
export function flatRowsOf(text: string): FlatRows | undefined {
  let rows: unknown
  try {
    rows = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!Array.isArray(rows) || !rows.every(isFlat)) return undefined
  const endTimes = endTimesOf(text, rows as readonly WireObject[])
  return endTimes === undefined ? undefined : { rows: rows as readonly WireObject[], endTimes }
}

function isFlat(row: unknown): boolean {
  if (!isObject(row)) return false
  for (const key in row) if (typeof row[key] === 'object') return false
  return true
}

/** `JSON.parse` rounds the nanoseconds of an end, so the digits are taken from the text; inside a string, a quote is escaped. */
const MAX_DIGITS = 20
const END_TIME = /(?<!\\)"end_time":(-?[0-9]+)(?=[,}])/g

/** The exact `end_time` of each row, long ones as digits; undefined if the text holds others than the rows show. */
function endTimesOf(text: string, rows: readonly WireObject[]): readonly unknown[] | undefined {
  const times = rows.map(({ end_time: time }) => time)
  if (times.every(isExact)) return times
  END_TIME.lastIndex = 0
  for (let n = 0; n < times.length; n++) {
    const time = times[n]
    if (time === undefined) continue
    if (typeof time !== 'number') return undefined
    const digits = END_TIME.exec(text)?.[1]
    if (digits === undefined || digits.length > MAX_DIGITS || Number(digits) !== time) return undefined
    if (!isExact(time)) times[n] = digits
  }
  return END_TIME.exec(text) === null ? times : undefined
}

const isExact = (time: unknown): boolean => time === undefined || Number.isSafeInteger(time)
