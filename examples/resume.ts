// Resuming after a restart: a job is plain data, so it can be stored, and another process can wait for it.
import { defer, tap, type Observable } from 'rxjs'
import { andThen, isRight, start, wait } from 'aistore-rx'
import type { Cluster, Result, StartOptions, WaitResult } from 'aistore-rx'

/** Where a job is stored between two runs of a process: a file, a database, a cookie. */
export interface Store {
  readonly load: () => string | undefined
  /** An empty text means that no job is stored. */
  readonly save: (text: string) => void
}

/**
 * Waits for the stored job, or starts one and stores it: never two, however often the process restarts.
 *
 * It stores the kind before the start, and the id after it. A process that finds only the kind does not know whether
 * the start has arrived, so it waits for a run of that kind instead of starting another.
 */
export const main = (cluster: Cluster, options: StartOptions, store: Store): Observable<Result<WaitResult>> =>
  defer(() => {
    const stored = store.load() ?? ''
    if (stored !== '') return wait(cluster, JSON.parse(stored) as { id?: string; kind: string })
    store.save(JSON.stringify({ kind: options.kind }))
    return start(cluster, options).pipe(
      tap((job) => {
        if (isRight(job)) store.save(JSON.stringify(job.right))
        else if (!job.left.mayHaveStarted) store.save('')
      }),
      andThen((job) => wait(cluster, job)),
    )
  })
