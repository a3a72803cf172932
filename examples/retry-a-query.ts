// A query may be repeated; a command may not: a start that is sent twice starts two jobs. (Waits retry by themselves.)
import { last, take, type Observable } from 'rxjs'
import { backoff, details, poll, takeUntilDone, type Cluster, type Result, type Snapshots } from 'aistore-rx'

/** Repeats a query until it has an answer, at most five times; a permanent error ends it at once. */
export const main = (cluster: Cluster, kind: string): Observable<Result<Snapshots>> =>
  details(cluster, { kind }).pipe(
    poll(backoff({ firstMs: 200, maxMs: 2_000 })),
    takeUntilDone(() => true),
    take(5),
    last(),
  )
