import { filter, map, type Observable } from 'rxjs'
import type { Cluster } from '../../cluster.ts'
import { defined } from '../../common/defined.ts'
import { isOver, type JobState } from '../../model/job-state.ts'
import { rights } from '../../operators/rights.ts'
import { wait } from '../../wait.ts'
import type { JobRow } from '../../view/rows.ts'

/** How long the answer may take, in milliseconds. */
const OUTCOME_MS = 5_000

export type JobOutcome = Pick<JobRow, 'id' | 'state' | 'error' | 'endTime'>

/**
 * Requests the outcome of a job that has ended, since lists have no outcomes.
 *
 * @returns The outcome; nothing if there is no answer in time, or the job still runs.
 */
export const outcomeOf = (cluster: Cluster, { id, kind }: Pick<JobRow, 'id' | 'kind'>): Observable<JobOutcome> =>
  wait(cluster, { id, kind }, { timeoutMs: OUTCOME_MS }).pipe(
    rights(),
    map(({ outcome, error, endTime }) => ({ id, state: outcome as JobState, ...defined({ error, endTime }) })),
    filter(({ state }) => isOver(state)),
  )
