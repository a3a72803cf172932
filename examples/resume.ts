// Resuming after a restart: a job is plain data, so that it can be kept, and be waited for by another process.
import { defer, tap, type Observable } from 'rxjs'
import { andThen, isRight, start, wait } from 'aistore-rx'
import type { Cluster, JobError, Result, StartOptions, WaitResult } from 'aistore-rx'

/** Where a job is kept between two lives of a process: a file, a database, a cookie. */
export interface Store {
  readonly load: () => string | undefined
  /** An empty text is kept as none. */
  readonly save: (text: string) => void
}

/** The cluster has refused, so that there is no job; after any other error there may be one. */
const nothingStarted = ({ _tag }: JobError): boolean => ['InvalidArgument', 'Unauthorized', 'NotFound'].includes(_tag)

/**
 * Waits for the job that is kept, or starts one and keeps it: never two, however often the process restarts.
 *
 * The kind is kept before the start and the id after it. Who finds the kind alone does not know whether the start has
 * arrived, and waits for a run of that kind instead of starting another.
 */
export const main = (cluster: Cluster, options: StartOptions, store: Store): Observable<Result<WaitResult>> =>
  defer(() => {
    const kept = store.load() ?? ''
    if (kept !== '') return wait(cluster, JSON.parse(kept) as { id?: string; kind: string })
    store.save(JSON.stringify({ kind: options.kind }))
    return start(cluster, options).pipe(
      tap((job) => {
        if (isRight(job)) store.save(JSON.stringify(job.right))
        else if (nothingStarted(job.left)) store.save('')
      }),
      andThen((job) => wait(cluster, job)),
    )
  })
