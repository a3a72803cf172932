import type { JobStatus } from '../codec/job-status.ts'
import type { Environment, Internals } from '../environment.ts'
import { askStatus } from '../queries.ts'
import { tableOf, type Table } from '../table.ts'
import type { Ways } from './gathered.ts'

/** The key of the poll that serves all who want to know of ends. */
export const STATUSES = 'statuses'

/** How to ask the Information Center: for one job, its `err` included, or for all at once. */
export function statusWays(c: Environment, env: Internals): Ways<JobStatus, Table> {
  const limit = { ms: env.requestTimeoutMs }
  const table = tableOf(env)
  return {
    one: (run) => askStatus(c, { ids: [run], onlyRunning: false }, limit),
    all: () => table(limit),
  }
}
