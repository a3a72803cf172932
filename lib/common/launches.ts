import { isObservable, type Observable } from 'rxjs'

const launches = new WeakSet<object>()

/** Marks a stream that starts a job with each subscription. */
export function asLaunch<A>(stream: Observable<A>): Observable<A> {
  launches.add(stream)
  return stream
}

/**
 * Whether a stream, or a stream that it was piped from, starts a job with each subscription.
 *
 * Operators that RxJS makes keep the stream before them in `source`. An operator that does not hides the launch.
 */
export function isLaunch(stream: unknown): boolean {
  for (let one = stream; isObservable(one); one = (one as { readonly source?: unknown }).source)
    if (launches.has(one)) return true
  return false
}
