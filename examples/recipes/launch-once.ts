// A page that launches a job and watches it. POST launches a job, once for each key. GET only shows it, so a page may reload or
// reconnect at any time, and any number of pages see the same run.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { isLeft, right } from 'fp-ts/lib/Either.js'
import { map, ReplaySubject, share, tap, timer, type Observable } from 'rxjs'
import { copyBucket, follow, type Cluster, type FollowEvent } from 'aistore-rx'
import { sse, type Sse } from 'aistore-rx/relay'

interface Run {
  readonly served: Sse
  /** Whether the launch has certainly not started a job, so that its key may be used again. */
  isFree: boolean
}

/**
 * Copies a bucket: POST /copies/photos-v2?from=photos. The name of the copy is the key: a second POST changes nothing.
 *
 * @param keptMs how long the last event of a run is shown after its end, in milliseconds
 */
export const main = (
  cluster: Cluster,
  keptMs = 3_600_000,
): ((request: IncomingMessage, response: ServerResponse) => void) => {
  const runs = new Map<string, Run>()

  const launch = (to: string, from: string): void => {
    const events = follow(cluster, copyBucket(cluster, { from: { name: from }, to: { name: to } })).pipe(
      tap((event) => (run.isFree = isLeft(event) && event.left.mayHaveStarted === false)),
      map((event) => (isLeft(event) ? event : right(briefly(event.right)))),
      keptFor(keptMs, () => {
        if (runs.get(to) === run) runs.delete(to)
      }),
    )
    // A page that reconnects gets the newest event from the shared stream, so `resumeMs` can be 0.
    const run: Run = { served: sse(events, { overflow: 'latest', resumeMs: 0 }), isFree: false }
    runs.set(to, run)
    // The job starts even if no page connects, and is watched even after all pages have left.
    events.subscribe()
  }

  return (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    const to = /^\/copies\/([\w-]+)$/.exec(pathname)?.[1] ?? ''
    const from = searchParams.get('from')
    const run = runs.get(to)
    if (to !== '' && from !== null && request.method === 'POST') {
      if (run === undefined || run.isFree) launch(to, from)
      response.writeHead(202).end()
    } else if (run === undefined) response.writeHead(404).end()
    else run.served.node(request, response)
  }
}

/** Shares one subscription. A late subscriber gets the newest event, until `ms` after the end. */
const keptFor =
  (ms: number, forget: () => void) =>
  <A>(source: Observable<A>): Observable<A> =>
    source.pipe(
      share({
        connector: () => new ReplaySubject<A>(1),
        resetOnRefCountZero: false,
        resetOnError: false,
        resetOnComplete: () => timer(ms).pipe(tap(forget)),
      }),
    )

const briefly = (event: FollowEvent): object =>
  event.type === 'progressed'
    ? { type: event.type, ratio: event.progress.ratio, objects: event.progress.objects }
    : { type: event.type, ...(event.type === 'ended' ? { outcome: event.result.outcome } : {}) }
