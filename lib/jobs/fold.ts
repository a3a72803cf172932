import type { JobStatus } from '../codec/job-status.ts'
import type { Snapshots } from '../codec/snapshots.ts'
import { same } from '../same.ts'
import { isOver, type Table } from '../table.ts'
import { tableOfRows, rowOf, type JobRow, type JobTable } from './row.ts'

/** What a live table remembers. */
export interface Seen {
  /** No list was heard yet. */
  readonly first: boolean
  /** The list that all below agrees with; absent where the next has to be gone through even if it is the very same. */
  readonly table?: Table | undefined
  /** Ended when they showed first, in the first list: nobody asks how. */
  readonly before: ReadonlySet<string>
  /** How those ended that were seen at work, in full. */
  readonly told: ReadonlyMap<string, JobStatus>
  /** Asked for and not told yet. */
  readonly asked: ReadonlySet<string>
  readonly jobs: JobTable
  readonly size: number
}

export const NOTHING: Seen = Object.freeze({
  ...{ first: true, before: new Set<string>(), told: new Map<string, JobStatus>(), asked: new Set<string>() },
  ...{ jobs: tableOfRows([]), size: 0 },
})

/** What the targets of a job show, where somebody watches that. */
export type Looks = ReadonlyMap<string, { readonly snapshots: Snapshots | undefined }>

/**
 * Takes in a list of the Information Center.
 *
 * A job that has not changed is the very same object as before, and so is a table in which none has.
 *
 * @returns what is known now, and whom to ask how it ended
 */
export function withTable(
  seen: Seen,
  table: Table,
  isAsked: (status: JobStatus) => boolean,
  looks: Looks,
): { readonly seen: Seen; readonly ask: readonly string[] } {
  if (table === seen.table && looks.size === 0) return { seen, ask: [] }
  const [before, asked, told] = [new Set<string>(), new Set<string>(), new Map<string, JobStatus>()]
  const [rows, ask]: [JobRow[], string[]] = [[], []]
  let isSame = true
  for (const status of table.values()) {
    if (!isAsked(status)) continue
    const { id } = status
    let full: JobStatus | undefined
    // Who is at work again, under the same id, has another end to come.
    if (isOver(status)) {
      full = seen.told.get(id)
      if (full !== undefined) told.set(id, full)
      else if (seen.first || seen.before.has(id)) before.add(id)
      else {
        if (!seen.asked.has(id)) ask.push(id)
        asked.add(id)
      }
    }
    const last = seen.jobs[id]
    const row = shared(full === undefined ? rowOf(status, false) : rowOf(full, true), looks.get(id)?.snapshots, last)
    if (row !== last) isSame = false
    rows.push(row)
  }
  const jobs = isSame && seen.size === rows.length ? seen.jobs : tableOfRows(rows)
  const known = { first: false, before, told, asked, jobs, size: rows.length }
  // What somebody looks at changes without the list.
  return { seen: looks.size === 0 ? { ...known, table } : known, ask }
}

function shared(bare: JobRow, snapshots: Snapshots | undefined, last: JobRow | undefined): JobRow {
  if (bare === last && snapshots === undefined) return last
  const row = snapshots === undefined ? bare : { ...bare, snapshots }
  return last !== undefined && same(row, last) ? last : row
}

/** How a job ended; undefined where that could not be learnt. */
export type End = readonly [id: string, status: JobStatus | undefined]

/** Takes in how some ended; those of whom it could not be learnt are asked for again with the next list. */
export function withEnds(seen: Seen, ends: readonly End[]): Seen {
  const [asked, told, rows] = [new Set(seen.asked), new Map(seen.told), new Map<string, JobRow>()]
  let again = false
  for (const [id, status] of ends) {
    // Who has left, or is at work again, is not asked for any more.
    if (!asked.delete(id)) continue
    const row = seen.jobs[id]
    if (status === undefined || row === undefined || !isOver(status)) {
      again = true
      continue
    }
    told.set(id, status)
    rows.set(id, shared(rowOf(status, true), row.snapshots, row))
  }
  const jobs = rows.size === 0 ? seen.jobs : tableOfRows(Object.values(seen.jobs).map((row) => rows.get(row.id) ?? row))
  return { ...seen, ...(again ? { table: undefined } : {}), asked, told, jobs }
}
