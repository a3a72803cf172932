// Cancelling with an AbortSignal, also with one that has already fired: then no request is sent.
import { defer, EMPTY, fromEvent, takeUntil, type MonoTypeOperatorFunction, type Observable } from 'rxjs'
import { wait, type Cluster, type Result, type WaitResult } from 'aistore-rx'

/** Ends a stream when a signal fires. The request in flight is cancelled; the job continues. */
export const untilAborted =
  <A>(signal: AbortSignal): MonoTypeOperatorFunction<A> =>
  (source) =>
    defer(() => (signal.aborted ? EMPTY : source.pipe(takeUntil(fromEvent(signal, 'abort')))))

export const main = (cluster: Cluster, id: string, signal: AbortSignal): Observable<Result<WaitResult>> =>
  wait(cluster, { id }).pipe(untilAborted(signal))
