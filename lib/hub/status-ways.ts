import type { Observable } from 'rxjs'
import type { JobStatus } from '../codec/job-status.ts'
import type { Environment, Internals } from '../environment.ts'
import type { Result } from '../error.ts'
import { askStatus } from '../queries.ts'
import type { Limit } from '../request/send.ts'
import { tableOf, type Table } from '../table.ts'
import type { Ways } from './gathered.ts'
import { inLane } from './lane.ts'

/** The key of the poll that serves all who want to know of ends. */
export const STATUSES = 'statuses'

/** The status of one job in full, its `err` included, for all who want that one; of very many, some at a time. */
export const fullStatus = (
  c: Environment,
  env: Internals,
  run: string,
  kind: string | undefined,
  limit: Limit,
): Observable<Result<JobStatus>> =>
  inLane(
    env,
    `status ${run} ${kind ?? ''}`,
    env.shared.gate(askStatus(c, { ids: [run], onlyRunning: false, ...(kind === undefined ? {} : { kind }) }, limit)),
  )

/** How to ask the Information Center: for one job, its `err` included, or for all at once. */
export function statusWays(c: Environment, env: Internals): Ways<JobStatus, Table> {
  const limit = { ms: env.requestTimeoutMs }
  const table = tableOf(env)
  return {
    one: (run) => askStatus(c, { ids: [run], onlyRunning: false }, limit),
    all: () => table(limit),
  }
}
