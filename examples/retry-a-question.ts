// A question may be asked again; a command may not: a start sent twice is two jobs. (Waits retry by themselves.)
import { last, take, type Observable } from 'rxjs'
import { backoff, details, poll, takeUntilDone, type Cluster, type Result, type Snapshots } from 'aistore-rx'

/** Asks until there is an answer, five times at most; what time cannot heal ends it at once. */
export const main = (cluster: Cluster, kind: string): Observable<Result<Snapshots>> =>
  details(cluster, { kind }).pipe(
    poll(backoff({ firstMs: 200, maxMs: 2_000 })),
    takeUntilDone(() => true),
    take(5),
    last(),
  )
