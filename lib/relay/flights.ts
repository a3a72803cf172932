import { defer, finalize, of, share, tap, ReplaySubject, type Observable } from 'rxjs'

/** How many requests the relay has in flight at a time, in all and for one client. */
const MOST = 64
const MOST_OF_A_CLIENT = 8
/** The total length of the stored replies. It is limited, because a client may send ever new queries. */
const MOST_STORED = 2 ** 25

/** Whose limit is exceeded, so that no request was sent. */
export type Full = 'relay' | 'client'

/** The requests of the relay. Equal queries share a request, and its reply for a while. */
export interface Flights<A> {
  /**
   * Joins the request of a key, or sends one. The request is cancelled when its last subscriber leaves. A client that joins
   * does not use up its own limit.
   */
  readonly run: (key: string, client: string | undefined, send: () => Observable<A>) => Observable<A> | Full
}

/**
 * Creates the table of requests in flight and of recent replies.
 *
 * No timer drops a reply, because it would keep the process alive: each request first drops the replies that are too old.
 *
 * @param keepMs how long a stored reply answers equal queries
 * @param sizeOf the length of a reply; undefined for a failure, which is not stored: only the clients that wait for it get it
 * @param now a monotonic clock, in milliseconds
 */
export function flights<A>(keepMs: number, sizeOf: (value: A) => number | undefined, now: () => number): Flights<A> {
  const shared = new Map<string, Observable<A>>()
  // All replies are stored for the same time, so the oldest one is the first.
  const stored = new Map<string, { readonly reply: Observable<A>; readonly untilMs: number; readonly size: number }>()
  const ofClient = new Map<string, number>()
  let open = 0
  let storedSize = 0

  const changeCount = (client: string | undefined, by: 1 | -1): void => {
    open += by
    if (client === undefined) return
    const count = (ofClient.get(client) ?? 0) + by
    if (count === 0) ofClient.delete(client)
    else ofClient.set(client, count)
  }
  const dropOld = (): void => {
    const nowMs = now()
    for (const [key, { untilMs, size }] of stored) {
      if (untilMs > nowMs && storedSize <= MOST_STORED) return
      stored.delete(key)
      storedSize -= size
    }
  }
  const run: Flights<A>['run'] = (key, client, send) => {
    dropOld()
    const known = stored.get(key)?.reply ?? shared.get(key)
    if (known !== undefined) return known
    if (open >= MOST) return 'relay'
    if (client !== undefined && (ofClient.get(client) ?? 0) >= MOST_OF_A_CLIENT) return 'client'
    const flight: Observable<A> = defer(() => {
      changeCount(client, 1)
      return send().pipe(finalize(() => changeCount(client, -1)))
    }).pipe(
      tap((value) => {
        const size = sizeOf(value)
        if (size === undefined) return
        storedSize += size
        stored.set(key, { reply: of(value), untilMs: now() + keepMs, size })
        dropOld()
      }),
      finalize(() => {
        if (shared.get(key) === flight) shared.delete(key)
      }),
      share({ connector: () => new ReplaySubject<A>(1) }),
    )
    shared.set(key, flight)
    return flight
  }
  return { run }
}
