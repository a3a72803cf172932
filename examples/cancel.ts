// Cancelling with an AbortSignal, also with one that has fired already: then nothing is asked.
import { defer, EMPTY, fromEvent, takeUntil, type MonoTypeOperatorFunction, type Observable } from 'rxjs'
import { wait, type Cluster, type Result, type WaitResult } from 'aistore-rx'

/** Ends a stream when a signal fires; the request under way is closed, and the job goes on. */
export const untilAborted =
  <A>(signal: AbortSignal): MonoTypeOperatorFunction<A> =>
  (source) =>
    defer(() => (signal.aborted ? EMPTY : source.pipe(takeUntil(fromEvent(signal, 'abort')))))

export const main = (cluster: Cluster, id: string, signal: AbortSignal): Observable<Result<WaitResult>> =>
  wait(cluster, { id }).pipe(untilAborted(signal))
