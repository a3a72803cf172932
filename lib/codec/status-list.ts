import type { Either } from 'fp-ts/lib/Either.js'
import { isLeft, right } from '../common/either.ts'
import { PersistentMap } from '../common/persistent-map.ts'
import { decode, type Undecodable } from './decode.ts'
import { markOf, parseMarked } from './exact.ts'
import { encodeInstantNumber } from './instant.ts'
import { isOver, JobStatus } from './job-status.ts'
import { JobStatuses } from './job-statuses.ts'
import { isObject, type WireObject } from './object.ts'

/** The statuses of a list, by id. */
export type StatusList = PersistentMap<JobStatus>

interface KnownRow {
  readonly status: JobStatus
  /** The end as the marked list writes it. */
  readonly endTime: unknown
  /** The number of the last list that contained this row. */
  listNumber: number
}

/** The last list. Its text is kept only if the list before had the same length. */
interface Last {
  readonly text: string | undefined
  readonly length: number
  readonly statuses: StatusList
}

/** The differences from the last list; undefined for a job that is gone. */
type Changes = ReadonlyMap<string, JobStatus | undefined>

/**
 * Returns a function that reads consecutive replies to `status_all`. A row that has not changed is the same object
 * again, and a list without any change is the same map again.
 *
 * Most rows do not change between two polls, so only the others are decoded. The result always equals what the codec
 * `JobStatuses` decodes. A job that is listed twice, as running and as ended, has ended (T9).
 *
 * Source: protocol 2.4.
 */
export function statusList(): (text: string) => Either<Undecodable, StatusList> {
  const known = new Map<string, KnownRow>()
  let last: Last = { text: '[]', length: 2, statuses: PersistentMap.empty() }
  let listNumber = 0

  /** Returns undefined if the codec has to read the list, because an id occurs twice or a row is unusual. */
  function changesOf({ rows, exact }: FlatRows): Changes | undefined {
    listNumber++
    const changes = new Map<string, JobStatus | undefined>()
    let added = 0
    for (const row of rows) {
      const { uuid: id, kind = '', err = '', end_time: endTime = 0, aborted = false } = row
      if (typeof id !== 'string') return undefined
      const before = known.get(id)
      if (before?.listNumber === listNumber || changes.has(id)) return undefined
      if (before === undefined) added++
      else {
        before.listNumber = listNumber
        const { status } = before
        const isSame = status.kind === kind && status.err === err && status.aborted === aborted
        if (isSame && before.endTime === endTime) continue
      }
      const decoded = JobStatus.decode(exact(row))
      if (isLeft(decoded)) return undefined
      changes.set(id, decoded.right)
    }
    if (known.size + added > rows.length)
      for (const [id, row] of known) if (row.listNumber < listNumber) changes.set(id, undefined)
    return changes
  }

  function apply(text: string, changes: Changes): StatusList {
    for (const [id, status] of changes)
      if (status === undefined) known.delete(id)
      else known.set(id, { status, endTime: markOf(encodeInstantNumber(status.endTime)), listNumber })
    // While jobs come and go, no text occurs twice, and a kept text is garbage that only a full collection frees.
    const isQuiet = text.length === last.length
    last = { text: isQuiet ? text : undefined, length: text.length, statuses: last.statuses.withAll(changes) }
    return last.statuses
  }

  return (text) => {
    if (text === last.text) return right(last.statuses)
    const rows = flatRowsOf(text)
    const changes = rows === undefined ? undefined : changesOf(rows)
    if (changes !== undefined) return right(apply(text, changes))
    const statuses = decode(JobStatuses, text)
    return isLeft(statuses) ? statuses : right(apply(text, differencesOf(last.statuses, byId(statuses.right))))
  }
}

/** The rows of a list, in which strings stand for the long integers. */
interface FlatRows {
  readonly rows: readonly WireObject[]
  /** The row with its integers. */
  readonly exact: (row: WireObject) => unknown
}

/** The rows of a list; undefined if a member of a row is an object, or a string may look like a long integer. */
function flatRowsOf(text: string): FlatRows | undefined {
  if (text.includes('\\u0000')) return undefined
  try {
    const { value: rows, exact } = parseMarked(text)
    return Array.isArray(rows) && rows.every(isFlat) ? { rows: rows as readonly WireObject[], exact } : undefined
  } catch {
    return undefined
  }
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

/** The statuses by id. A job that is listed twice, as running and as ended, has ended (T9). */
export function byId(rows: JobStatuses): ReadonlyMap<string, JobStatus> {
  const statuses = new Map<string, JobStatus>()
  for (const row of rows) {
    const other = statuses.get(row.id)
    if (other === undefined || !isOver(other)) statuses.set(row.id, row)
  }
  return statuses
}
