import type { Either } from 'fp-ts/lib/Either.js'
import { isLeft, right } from '../common/either.ts'
import { PersistentMap } from '../common/persistent-map.ts'
import { decode, type Undecodable } from './decode.ts'
import { parseExactly } from './exact.ts'
import { encodeInstantNumber } from './instant.ts'
import { isOver, JobStatus } from './job-status.ts'
import { JobStatuses } from './job-statuses.ts'
import { isObject, type WireObject } from './object.ts'

/** The statuses of a list, by id. */
export type StatusList = PersistentMap<JobStatus>

interface Known {
  readonly status: JobStatus
  /** As a list writes it. */
  readonly endTime: unknown
  /** The number of the last list that had it. */
  list: number
}

/** The last list; its text only if the one before was as long. */
interface Last {
  readonly text: string | undefined
  readonly length: number
  readonly table: StatusList
}

/** What differs from the last table; undefined where a job is gone. */
type Changes = ReadonlyMap<string, JobStatus | undefined>

/**
 * Reads one reply to `status_all` after the other. A row that has not changed is the very same object again, and a list in
 * which no row has changed is the very same table.
 *
 * Most rows are what they were a moment ago, so only the others are decoded, and the next table shares what has not changed.
 * It always holds what the codec `JobStatuses` makes of the text. A job that is listed twice, running and ended, has ended
 * (T9).
 *
 * Source: protocol 2.4.
 */
export function statusList(): (text: string) => Either<Undecodable, StatusList> {
  const known = new Map<string, Known>()
  let last: Last = { text: '[]', length: 2, table: PersistentMap.empty() }
  let list = 0

  /** Undefined if the codec itself has to read the list: it has an id twice, or a row that is not as usual. */
  function changesOf(rows: readonly WireObject[]): Changes | undefined {
    list++
    const changes = new Map<string, JobStatus | undefined>()
    let added = 0
    for (const row of rows) {
      const { uuid: id, kind, err = '', end_time: endTime = 0, aborted = false } = row
      if (typeof id !== 'string') return undefined
      const before = known.get(id)
      if (before?.list === list || changes.has(id)) return undefined
      if (before === undefined) added++
      else {
        before.list = list
        const { status } = before
        const isSame = status.kind === kind && status.err === err && status.aborted === aborted
        if (isSame && before.endTime === endTime) continue
      }
      const decoded = JobStatus.decode(row)
      if (isLeft(decoded)) return undefined
      changes.set(id, decoded.right)
    }
    if (known.size + added > rows.length) for (const [id, one] of known) if (one.list < list) changes.set(id, undefined)
    return changes
  }

  function taken(text: string, changes: Changes): StatusList {
    for (const [id, status] of changes)
      if (status === undefined) known.delete(id)
      else known.set(id, { status, endTime: encodeInstantNumber(status.endTime), list })
    // Where jobs come and go, no text comes twice, and one that was kept is garbage that only a full collection frees.
    const isQuiet = text.length === last.length
    last = { text: isQuiet ? text : undefined, length: text.length, table: last.table.withAll(changes) }
    return last.table
  }

  return (text) => {
    if (text === last.text) return right(last.table)
    const rows = flatRowsOf(text)
    const changes = rows === undefined ? undefined : changesOf(rows)
    if (changes !== undefined) return right(taken(text, changes))
    const statuses = decode(JobStatuses, text)
    return isLeft(statuses) ? statuses : right(taken(text, differencesOf(last.table, byId(statuses.right))))
  }
}

/** The rows of a list, if none of their members is an object. */
function flatRowsOf(text: string): readonly WireObject[] | undefined {
  let rows: unknown
  try {
    rows = parseExactly(text)
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

function differencesOf(before: StatusList, newest: ReadonlyMap<string, JobStatus>): Changes {
  const changes = new Map<string, JobStatus | undefined>()
  for (const [id, status] of newest) if (!isSame(before.get(id), status)) changes.set(id, status)
  for (const id of before.keys()) if (!newest.has(id)) changes.set(id, undefined)
  return changes
}

const isSame = (one: JobStatus | undefined, other: JobStatus): boolean =>
  one !== undefined &&
  one.kind === other.kind &&
  one.err === other.err &&
  one.endTime === other.endTime &&
  one.aborted === other.aborted

/** The statuses by id. An id that is listed twice, running and ended, has ended (T9). */
export function byId(rows: JobStatuses): ReadonlyMap<string, JobStatus> {
  const table = new Map<string, JobStatus>()
  for (const row of rows) {
    const other = table.get(row.id)
    if (other === undefined || !isOver(other)) table.set(row.id, row)
  }
  return table
}
