import { interned } from '#platform/common/interned'
import { emptyMap } from '#platform/common/persistent-map'
import type { Either } from 'fp-ts/lib/Either.js'
import { isLeft, right } from '../common/either.ts'
import type { PersistentMap } from '../common/persistent-map.ts'
import { decode, type Undecodable } from './decode.ts'
import { parseExactly } from './exact.ts'
import { isOver, JobStatus } from './job-status.ts'
import { JobStatuses } from './job-statuses.ts'
import { endOfObject } from './json-shape.ts'

/** The statuses of a list, by id. */
export type StatusList = PersistentMap<JobStatus>

/**
 * The text of a row before and after its id. The rows of running jobs of one kind share both strings. Each id has one
 * such object, so a changed row of the present list cannot also count as an unchanged one.
 */
interface RowText {
  readonly id: string
  /** Up to and including the quote before the id, such as `{"kind":"lru","uuid":"`. */
  before: string
  /** From the quote after the id on, such as `","err":"","end_time":0,"aborted":false}`. */
  after: string
  /** The number of the last list that contained this row. */
  listNumber: number
  /** The row that came next when this one was last read. */
  next: RowText | undefined
}

/** The last list. Its text is kept only if the list before it had the same length. */
interface Last {
  readonly text: string | undefined
  readonly length: number
  readonly statuses: StatusList
}

/** The differences from the last list; undefined for a job that is gone. */
type Changes = ReadonlyMap<string, JobStatus | undefined>

const ID = '"uuid":"'
/**
 * Replaces the text of a row whose id is written with escapes. No row contains it, so the row never counts as
 * unchanged.
 */
const NO_TEXT = '\0'

/**
 * Returns a function that reads consecutive replies to `status_all`. For an unchanged row it returns the same object as
 * for the previous list, and for a list without any change the same map.
 *
 * Most rows do not change between two polls. An unchanged row is recognized by its text, because that is several times
 * faster than parsing it. Only the other rows are parsed. The result always equals what the codec `JobStatuses`
 * decodes. A job that is listed twice, as running and as ended, has ended (protocol T9).
 *
 * Source: protocol 2.4.
 */
export function statusList(): (text: string) => Either<Undecodable, StatusList> {
  const texts = new Map<string, RowText>()
  let last: Last = { text: '[]', length: 2, statuses: emptyMap() }
  let listNumber = 0
  /** The row of the present list that was read last. */
  let latest: RowText | undefined

  /**
   * The differences from the last list. Undefined if an id occurs twice or a row is unusual: the codec then reads the
   * list.
   */
  function changesOf(text: string): Changes | undefined {
    listNumber++
    const changes = new Map<string, JobStatus | undefined>()
    let at = 0
    let count = 0
    latest = undefined
    // A bracket precedes the first row, and a comma each other one.
    for (let separator = '['; text.charAt(at) === separator; separator = ',') {
      const end = endOfUnchangedRow(text, at + 1) ?? endOfChangedRow(text, at + 1, changes)
      if (end === undefined) return undefined
      at = end
      count++
    }
    // The loop has read no row if the text does not begin with `[`.
    if (count === 0 || !/^\][ \t\r\n]*$/.test(text.slice(at))) return undefined
    // If the last list and the new rows together are more than this list, some rows are gone.
    let added = 0
    for (const id of changes.keys()) if (!last.statuses.has(id)) added++
    if (last.statuses.size + added > count) addGone(changes)
    return changes
  }

  function addGone(changes: Map<string, JobStatus | undefined>): void {
    last.statuses.each((_, id) => {
      if (texts.get(id)?.listNumber !== listNumber) changes.set(id, undefined)
    })
  }

  /** Records the row that begins at `at`, and returns its end; undefined if the last list did not have the same row. */
  function endOfUnchangedRow(text: string, at: number): number | undefined {
    // Go lists a map from a random place on, but mostly in the same order, so the same row is likely to come next.
    const expected = latest?.next
    const end = expected === undefined ? undefined : endOf(expected, text, at)
    if (end !== undefined) return end
    const from = text.indexOf(ID, at) + ID.length
    const row = texts.get(text.slice(from, text.indexOf('"', from)))
    return row === undefined || row === expected ? undefined : endOf(row, text, at)
  }

  /** Records `row` and returns its end if it begins at `at`, was in the last list, and was not yet in this one. */
  function endOf(row: RowText, text: string, at: number): number | undefined {
    const { before, id, after } = row
    const from = at + before.length
    const to = from + id.length
    const end = to + after.length
    // A row that the last list did not have is new, although another row may still refer to it as the next one.
    if (row.listNumber !== listNumber - 1) return undefined
    // Optimized code compares slices as blocks of memory, which is faster than `startsWith`, character by character.
    if (text.slice(from, to) !== id || text.slice(to, end) !== after || text.slice(at, from) !== before)
      return undefined
    record(row)
    return end
  }

  /** Records that the list has this row. */
  function record(row: RowText): void {
    row.listNumber = listNumber
    if (latest !== undefined) latest.next = row
    latest = row
  }

  /** Decodes the row that begins at `at`, and returns its end; undefined if the codec has to read the list. */
  function endOfChangedRow(text: string, at: number, changes: Map<string, JobStatus | undefined>): number | undefined {
    const end = endOfObject(text, at, 1)
    const row = text.slice(at, end)
    const status = statusIn(row)
    if (status === undefined || texts.get(status.id)?.listNumber === listNumber) return undefined
    record(rowText(row, status))
    if (!isSame(last.statuses.get(status.id), status)) changes.set(status.id, status)
    return end
  }

  /** Keeps the text of a row, in place of an earlier text of the same job. */
  function rowText(row: string, { id }: JobStatus): RowText {
    const from = row.indexOf(ID) + ID.length
    const isPlain = row.startsWith(`${id}"`, from)
    const before = isPlain ? copied(row.slice(0, from)) : NO_TEXT
    const after = isPlain ? copied(row.slice(from + id.length)) : NO_TEXT
    let kept = texts.get(id)
    if (kept === undefined) {
      kept = { id, before, after, listNumber, next: undefined }
      texts.set(id, kept)
    }
    kept.before = before
    kept.after = after
    return kept
  }

  function apply(text: string, changes: Changes): StatusList {
    for (const [id, status] of changes) if (status === undefined) texts.delete(id)
    // While jobs come and go, no text occurs twice, and a kept text is garbage that only a full collection frees.
    const isQuiet = text.length === last.length
    last = { text: isQuiet ? text : undefined, length: text.length, statuses: last.statuses.withAll(changes) }
    return last.statuses
  }

  return (text) => {
    if (text === last.text) return right(last.statuses)
    const changes = changesOf(text)
    if (changes !== undefined) return right(apply(text, changes))
    texts.clear()
    const statuses = decode(JobStatuses, text)
    return isLeft(statuses) ? statuses : right(apply(text, differencesOf(last.statuses, byId(statuses.right))))
  }
}

/** The status in the text of a row; undefined if it is not one. */
function statusIn(row: string): JobStatus | undefined {
  try {
    const decoded = JobStatus.decode(parseExactly(row))
    return isLeft(decoded) ? undefined : decoded.right
  } catch {
    return undefined
  }
}

/** Copies a part of a string: otherwise, the part would keep the whole string in memory. */
const copied = (part: string): string => interned(JSON.parse(JSON.stringify(part)) as string)

/** The differences between two lists, without the texts of their rows. */
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

/** The statuses by id. A job that is listed twice, as running and as ended, has ended (protocol T9). */
export function byId(rows: JobStatuses): ReadonlyMap<string, JobStatus> {
  const statuses = new Map<string, JobStatus>()
  for (const row of rows) {
    const other = statuses.get(row.id)
    if (other === undefined || !isOver(other)) statuses.set(row.id, row)
  }
  return statuses
}
