import type { Either } from 'fp-ts/lib/Either.js'
import { isLeft, right } from '../common/either.ts'
import { decode, type Undecodable } from './decode.ts'
import { JobStatus } from './job-status.ts'
import { JobStatuses } from './job-statuses.ts'
import { isObject, type WireObject } from './walk.ts'

/** A row as it was decoded, with the values of the wire that it was decoded from. */
interface Known {
  readonly status: JobStatus
  readonly kind: unknown
  readonly err: unknown
  readonly aborted: unknown
  readonly endTime: unknown
  /** The last list that had it. */
  list: number
  /** Another row of the same id: a job may be listed twice (T9). */
  readonly next: Known | undefined
}

/**
 * Reads one reply to `status_all` after the other; a row that has not changed is the very same object again.
 *
 * Most rows are what they were a moment ago, so only the others are decoded. The result is always what the codec
 * `JobStatuses` makes of the text. A text that is the same as the last one is not even parsed.
 *
 * Source: protocol 2.4.
 */
export function statusRows(): (text: string) => Either<Undecodable, JobStatuses> {
  const known = new Map<string, Known>()
  let last: { readonly text: string; readonly statuses: JobStatuses } = { text: '[]', statuses: [] }
  /** The number of this list, how many rows are known, and how many of them this list has. */
  let [list, size, listed] = [0, 0, 0]

  /** Undefined if the codec itself has to read the text. */
  function statusesOf(text: string): JobStatuses | undefined {
    const rows = flatRowsOf(text)
    const endTimes = rows === undefined ? undefined : endTimesOf(text, rows)
    if (rows === undefined || endTimes === undefined) return undefined
    list++
    listed = 0
    const statuses: JobStatus[] = []
    for (let n = 0; n < rows.length; n++) {
      const status = statusOf(rows[n] as WireObject, endTimes[n])
      if (status === undefined) return undefined
      statuses.push(status)
    }
    if (listed < size) forget()
    return statuses
  }

  /** Drops the rows that the last list lacked. */
  function forget(): void {
    for (const [id, first] of known) {
      const kept = listedOf(first, list)
      if (kept === undefined) known.delete(id)
      else if (kept !== first) known.set(id, kept)
    }
    size = listed
  }

  function statusOf(row: WireObject, endTime: unknown): JobStatus | undefined {
    const { uuid, kind, err, aborted } = row
    const first = typeof uuid === 'string' ? known.get(uuid) : undefined
    for (let one = first; one !== undefined; one = one.next) {
      if (one.kind !== kind || one.err !== err || one.aborted !== aborted || one.endTime !== endTime) continue
      if (one.list < list) listed++
      one.list = list
      return one.status
    }
    const exact = typeof endTime === 'string' ? BigInt(endTime) : endTime
    const decoded = JobStatus.decode({ ...row, end_time: exact })
    if (isLeft(decoded)) return undefined
    const status = decoded.right
    known.set(status.id, { status, kind, err, aborted, endTime, list, next: first })
    size++
    listed++
    return status
  }

  return (text) => {
    if (text === last.text) return right(last.statuses)
    const statuses = statusesOf(text)
    if (statuses === undefined) return decode(JobStatuses, text)
    const before = last.statuses
    const isSame = statuses.length === before.length && statuses.every((status, n) => status === before[n])
    last = { text, statuses: isSame ? before : statuses }
    return right(last.statuses)
  }
}

/** The rows of one id that the list has. */
function listedOf(first: Known | undefined, list: number): Known | undefined {
  if (first === undefined) return undefined
  const next = listedOf(first.next, list)
  if (first.list !== list) return next
  return next === first.next ? first : { ...first, next }
}

/** The rows of a list that are objects without objects in them; undefined if there are others. */
function flatRowsOf(text: string): readonly WireObject[] | undefined {
  let rows: unknown
  try {
    rows = JSON.parse(text)
  } catch {
    return undefined
  }
  return Array.isArray(rows) && rows.every(isFlat) ? (rows as readonly WireObject[]) : undefined
}

function isFlat(row: unknown): boolean {
  if (!isObject(row)) return false
  for (const key in row) if (typeof row[key] === 'object') return false
  return true
}

/** `JSON.parse` rounds the nanoseconds of an end, so the digits are taken from the text; inside a string, a quote is escaped. */
const MAX_DIGITS = 20
const END_TIME = /(?<!\\)"end_time":(-?[0-9]+)/g

/** The exact `end_time` of each row, long ones as digits; undefined if the text holds others than the rows show. */
function endTimesOf(text: string, rows: readonly WireObject[]): readonly unknown[] | undefined {
  const times = rows.map(({ end_time: time }) => time)
  if (times.every(isExact)) return times
  END_TIME.lastIndex = 0
  for (let n = 0; n < times.length; n++) {
    const time = times[n]
    if (typeof time !== 'number') continue
    const digits = END_TIME.exec(text)?.[1]
    if (digits === undefined || digits.length > MAX_DIGITS || Number(digits) !== time) return undefined
    if (!isExact(time)) times[n] = digits
  }
  return END_TIME.exec(text) === null ? times : undefined
}

const isExact = (time: unknown): boolean => typeof time !== 'number' || Number.isSafeInteger(time)
