import { defer, map, type Observable } from 'rxjs'
import { queryBody } from './codec/messages.ts'
import type { JobStatus } from './codec/job-status.ts'
import type { JobStatuses } from './codec/job-statuses.ts'
import { statusRows } from './codec/status-rows.ts'
import { isLeft, right } from './either.ts'
import type { Internals } from './environment.ts'
import type { RequestInfo, Result } from './error.ts'
import type { Asking } from './request/ask.ts'
import { decodeBy } from './request/decode-as.ts'
import { askIc, askIcIfEmpty } from './request/ic.ts'
import type { Limit } from './request/send.ts'

/** What the Information Center says of each job that it knows. */
export type Table = ReadonlyMap<string, JobStatus>

/** Never with `frc`: a target that hangs would hold the answer up by 20 s for each of its jobs (T11). */
const TABLE: RequestInfo = Object.freeze({ method: 'GET', path: '/v1/cluster', query: 'what=status_all' })

/**
 * Asks one member of the Information Center for all jobs that it knows.
 *
 * From memory, without asking targets; whoever is no member would answer as if there were none (T8). `err` is always
 * empty here (T11), so that success must never be told from it.
 *
 * @returns a function that asks anew with each subscription; a job that has not changed is the very same object again
 */
export function tableOf(env: Internals): (limit: Limit) => Observable<Result<Table>> {
  const asking: Asking<JobStatuses> = {
    request: TABLE,
    body: queryBody({}),
    decode: decodeBy(statusRows()),
  }
  let last: { readonly rows: JobStatuses; readonly table: Table } | undefined
  return (limit) =>
    askIcOf(env, asking, limit).pipe(
      map((result) => {
        if (isLeft(result)) return result
        if (last?.rows !== result.right) last = { rows: result.right, table: byId(result.right) }
        return right(last.table)
      }),
    )
}

/** Whoever has a list is in the IC. Only where that was nobody who was given, its members are asked in the first place. */
const askIcOf = (env: Internals, asking: Asking<JobStatuses>, limit: Limit): Observable<Result<JobStatuses>> =>
  defer(() =>
    env.shared.roster.ic === undefined
      ? askIcIfEmpty(env, asking, (rows) => rows.length === 0, limit)
      : askIc(env, asking, limit),
  )

/** An id may be listed twice, running and ended (T9): it has ended. */
export function byId(rows: JobStatuses): Table {
  const table = new Map<string, JobStatus>()
  for (const row of rows) {
    const other = table.get(row.id)
    if (other === undefined || !isOver(other)) table.set(row.id, row)
  }
  return table
}

/** Whether the Information Center has heard of the end, or of an abort. */
export const isOver = ({ endTime, aborted }: JobStatus): boolean => endTime !== undefined || aborted
