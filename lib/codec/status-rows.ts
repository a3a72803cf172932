import type { Either } from 'fp-ts/lib/Either.js'
import { isLeft, right } from '../common/either.ts'
import { decode, type Undecodable } from './decode.ts'
import type { JobStatus } from './job-status.ts'
import { JobStatuses } from './job-statuses.ts'

/**
 * Reads one answer to `status_all` after the other, and gives what has not changed as the very same object.
 *
 * Most rows of a table are what they were a moment ago, to the letter: each text is read once. It says what the codec
 * `JobStatuses` says.
 *
 * Source: protocol 2.4.
 */
export function statusRows(): (text: string) => Either<Undecodable, JobStatuses> {
  let known: ReadonlyMap<string, JobStatus> = new Map()
  let last: { readonly text: string; readonly rows: JobStatuses } | undefined
  return (text) => {
    if (text === last?.text) return right(last.rows)
    const rows = rowsOf(text)
    const read = new Map<string, JobStatus>()
    for (const row of rows) {
      const before = known.get(row)
      if (before !== undefined) {
        read.set(row, before)
        continue
      }
      // Inside of an array, so that it may be nested as deep as in the whole; and what holds two objects is no row.
      const one = decode(JobStatuses, `[{${row}}]`)
      const [status, other] = isLeft(one) ? [] : one.right
      // As a whole it may read all the same, or tell better where it does not.
      if (status === undefined || other !== undefined) return decode(JobStatuses, text)
      read.set(row, status)
    }
    if (rows.length === 0) return decode(JobStatuses, text)
    known = read
    last = { text, rows: rows.map((row) => read.get(row) as JobStatus) }
    return right(last.rows)
  }
}

/**
 * The texts between the braces of an array of objects. Each is read as an object of its own, and where all of them are
 * well so is the whole: a text that breaks inside of a string is well on neither side.
 */
function rowsOf(text: string): readonly string[] {
  // No trimEnd: what is space to JavaScript need not be space to JSON.
  const whole = text.endsWith('\n') ? text.slice(0, -1) : text
  return whole.startsWith('[{') && whole.endsWith('}]') ? whole.slice(2, -2).split('},{') : []
}
