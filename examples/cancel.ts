// Cancelling with an AbortSignal, also with one that has already fired: then no request is sent.
import type { Observable } from 'rxjs'
import { untilAborted, wait, type Cluster, type Result, type WaitResult } from 'aistore-rx'

/** After the signal, the request in flight is cancelled and the stream completes; the job continues. */
export const main = (cluster: Cluster, id: string, signal: AbortSignal): Observable<Result<WaitResult>> =>
  wait(cluster, { id }).pipe(untilAborted(signal))
