import { defer, map, type Observable } from 'rxjs'
import { queryBody } from '../codec/messages.ts'
import type { JobStatus } from '../codec/job-status.ts'
import type { JobStatuses } from '../codec/job-statuses.ts'
import { statusRows } from '../codec/status-rows.ts'
import { PersistentMap } from '../common/persistent-map.ts'
import { isLeft, right } from '../common/either.ts'
import type { Internals } from '../environment.ts'
import type { RequestInfo, Result } from '../error.ts'
import type { Asking } from './ask.ts'
import { decodeBy } from './decode-as.ts'
import { askIc, askIcIfEmpty, type Sourced } from './ic.ts'
import { isOver } from '../view/reduce.ts'
import type { Limit } from './send.ts'

/** The statuses of all jobs that the Information Center (IC) knows, by id. */
export type Table = PersistentMap<JobStatus>

const NO_TABLE: Table = PersistentMap.empty()

/** Never with `frc`: a target that hangs would delay the answer by 20 s for each of its jobs (T11). */
const TABLE: RequestInfo = Object.freeze({ method: 'GET', path: '/v1/cluster', query: 'what=status_all' })

/** A table, and where it comes from. */
export interface SourcedTable {
  /** The same object as in the last answer if no row has changed. */
  readonly table: Table
  /** The base of the endpoint that answered. */
  readonly endpoint: string
  /** When its request was sent, by the environment's `now`. */
  readonly askedMs: number
}

/**
 * Asks one member of the Information Center for all jobs that it knows.
 *
 * The member answers from memory, without asking targets. `err` is always empty here (T11), so a table never shows that a
 * job succeeded.
 *
 * @returns a function that sends a request with each subscription; a job that has not changed is the same object again
 */
export function sourcedTableOf(env: Internals): (limit: Limit) => Observable<Result<SourcedTable>> {
  const asking: Asking<JobStatuses> = {
    request: TABLE,
    body: queryBody({}),
    decode: decodeBy(statusRows()),
  }
  let last: { readonly rows: JobStatuses; readonly table: Table } = { rows: [], table: NO_TABLE }
  return (limit) =>
    askIcOf(env, asking, limit).pipe(
      map((result) => {
        if (isLeft(result)) return result
        const { value: rows, endpoint, askedMs } = result.right
        if (last.rows !== rows) last = { rows, table: tableOf(rows, last.table) }
        return right({ table: last.table, endpoint, askedMs })
      }),
    )
}

/** An endpoint with a list is in the IC, so its members are asked by name only after a given one turned out to be none. */
const askIcOf = (env: Internals, asking: Asking<JobStatuses>, limit: Limit): Observable<Result<Sourced<JobStatuses>>> =>
  defer(() => {
    const { ic, icTurns } = env.shared.roster
    return ic === undefined && !icTurns
      ? askIcIfEmpty(env, asking, (rows) => rows.length === 0, limit)
      : askIc(env, asking, limit)
  })

/** The table of a list; what has not changed is shared with the table before. */
export function tableOf(rows: JobStatuses, before: Table = NO_TABLE): Table {
  const changed = rows.filter((row) => before.get(row.id) !== row)
  const added = changed.filter(({ id }) => !before.has(id)).length
  const isGrown = before.size + added === rows.length && new Set(rows.map(({ id }) => id)).size === rows.length
  if (isGrown) return before.withAll(changed.map((row) => [row.id, row]))
  const newest = byId(rows)
  const gone = [...before.keys()].filter((id) => !newest.has(id))
  return before.withAll(gone.map((id) => [id, undefined])).withAll(newest)
}

/** An id that is listed twice, running and ended, has ended (T9). */
export function byId(rows: JobStatuses): ReadonlyMap<string, JobStatus> {
  const table = new Map<string, JobStatus>()
  for (const row of rows) {
    const other = table.get(row.id)
    if (other === undefined || !isOver(other)) table.set(row.id, row)
  }
  return table
}
