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
 * The operators of RxJS keep the stream that they were applied to in `source`. An operator without `source` hides the launch.
 */
export function isLaunch(stream: unknown): boolean {
  for (let one = stream; isObservable(one); one = (one as { readonly source?: unknown }).source)
    if (launches.has(one)) return true
  return false
}

/**
 * Marks a stream that is derived from a launch as a launch, too. For operators whose result has no `source`, as that of
 * `defer`, `concat` and `startWith`.
 */
export function markedLike<A>(source: unknown, derived: Observable<A>): Observable<A> {
  return isLaunch(source) ? asLaunch(derived) : derived
}
