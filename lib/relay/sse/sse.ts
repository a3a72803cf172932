import { asyncScheduler, isObservable, map, type Observable, type SchedulerLike } from 'rxjs'
import type { Either } from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { requireOptions, requireScheduler } from '../../common/require.ts'
import { requireArgument } from '../../error.ts'
import { sseFetchHandler, sseNodeHandler, type SseCore } from './handlers.ts'
import type { FetchHandler } from '../fetch.ts'
import type { NodeHandler } from '../node.ts'
import { messageOf } from './message.ts'
import { createSessions } from './sessions.ts'

/** Settings of {@link sse}. */
export interface SseOptions<A> {
  /**
   * Encodes the values; give the same codec to `fromEventSource`: JobTable, JobEvent, Progress, Snapshots, JobStatus,
   * ClusterMap, or your own. By default, the values are sent without a codec, and bigints as numbers.
   */
  readonly codec?: Pick<t.Encoder<A, unknown>, 'encode'> | undefined
  /**
   * What happens when a reader is slower than the stream. `error` closes its connection when `bufferChars` is exceeded; the
   * browser reconnects, and the stream starts again for it. `latest` skips to the newest value: right for tables and progress,
   * wrong for events. Defaults to `error`.
   */
  readonly overflow?: 'error' | 'latest' | undefined
  /**
   * How many characters of messages are stored for one reader: those that it cannot read yet, and those to send again if
   * it reconnects. Defaults to 1,000,000. `latest` stores one message.
   */
  readonly bufferChars?: number | undefined
  /** The milliseconds between two beats, which show both sides that the connection works. Defaults to 15,000. */
  readonly heartbeatMs?: number | undefined
  /**
   * For how many milliseconds the subscription of a reader stays after the reader has left. A reader that reconnects within
   * this time misses nothing. Defaults to 10,000; 0 unsubscribes at once.
   */
  readonly resumeMs?: number | undefined
  /** How many readers there may be, including those that may reconnect. Defaults to 1,000. Further readers get a 503. */
  readonly maxReaders?: number | undefined
  /** As in `createRelay`. */
  readonly hosts?: readonly string[] | undefined
  /** As in `createRelay`. */
  readonly origins?: readonly string[] | undefined
  /** As in `createRelay`. */
  readonly trustProxy?: boolean | undefined
  /** Sets the timers. Defaults to `asyncScheduler`. */
  readonly scheduler?: SchedulerLike | undefined
}

/** A stream as server-sent events, in the forms that servers take. */
export interface Sse {
  /** For node:http, Express and other middleware. */
  readonly node: NodeHandler
  /** For Hono, Deno, Bun and workers. */
  readonly fetch: FetchHandler
}

/**
 * Serves a stream as server-sent events (`text/event-stream`).
 *
 * In the page, `fromEventSource(url, codec)` reads it; so does any EventSource.
 *
 * Each reader has its own subscription; streams of one cluster share their requests, so many readers cost the cluster about as
 * much as one. Each value has an event id. A reader that reconnects with Last-Event-ID gets what it has missed, or the stream
 * from its start. A Left is an event `left` with its error. The end of the stream is an event `end`; an error in the error channel is a Left
 * before it. As in `createRelay`, the texts of the cluster are sent without addresses, and requests from foreign hosts and origins are
 * refused. To serve a path with parameters, create one per set of parameters.
 *
 * A stream that launches a job, such as `follow`, must be shared, because each reader subscribes. So does a page
 * that reloads, or that reconnects too late to continue (see `@see`). Within `resumeMs`, a reader whose connection broke
 * just before the event `end` gets it from the same subscription.
 *
 * @param source the stream, of values or of Results
 * @param options see {@link SseOptions}
 * @returns the handlers. Each sends 405 for a method other than GET, 403 for a foreign host or origin, 503 with Retry-After for
 * too many readers
 * @throws AisError with InvalidArgument if an argument is invalid
 * @see docs/jobs.md#launched-once-for-many-pages
 * @example
 * import { createServer } from 'node:http'
 * import { createCluster, JobTable, watchJobs } from 'aistore-rx'
 * import { sse } from 'aistore-rx/relay'
 * const jobs = sse(watchJobs(createCluster('http://localhost:8080')), { codec: JobTable, overflow: 'latest' })
 * createServer(jobs.node).listen(3000, '127.0.0.1') // in the page: fromEventSource('/', JobTable)
 */
export function sse<A>(source: Observable<Either<unknown, A>> | Observable<A>, options: SseOptions<A> = {}): Sse {
  requireOptions(options)
  requireArgument('source', source, isObservable(source), 'an Observable')
  const { codec, heartbeatMs = 15_000, resumeMs = 10_000, bufferChars = 1_000_000, overflow = 'error' } = options
  const { hosts, origins, trustProxy = false, maxReaders = 1_000, scheduler = asyncScheduler } = options
  const isMs = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value)
  requireArgument('heartbeatMs', heartbeatMs, isMs(heartbeatMs) && heartbeatMs >= 100, 'milliseconds from 100')
  requireArgument('resumeMs', resumeMs, isMs(resumeMs) && resumeMs >= 0, 'milliseconds from 0')
  const isCount = (value: unknown): boolean => typeof value === 'number' && value >= 1
  requireArgument('bufferChars', bufferChars, isCount(bufferChars), 'characters from 1')
  requireArgument('maxReaders', maxReaders, isCount(maxReaders), 'a number from 1')
  requireArgument('trustProxy', trustProxy, typeof trustProxy === 'boolean', 'true or false')
  requireArgument('overflow', overflow, ['error', 'latest'].includes(overflow), "'error' or 'latest'")
  requireScheduler(scheduler)
  const canEncode = codec === undefined || typeof (codec as Partial<typeof codec> | null)?.encode === 'function'
  requireArgument('codec', codec, canEncode, 'a codec such as JobTable')
  for (const [name, list] of Object.entries({ hosts, origins }))
    requireArgument(name, list, list === undefined || Array.isArray(list), 'a list of texts')
  const encode = (value: unknown): unknown => (codec === undefined ? value : codec.encode(value as A))
  const messages = (source as Observable<unknown>).pipe(map((value) => messageOf(value, encode)))
  const core: SseCore = {
    rules: { hosts, origins, trustProxy },
    sessions: createSessions(messages, { overflow, bufferChars, heartbeatMs, resumeMs, scheduler, maxReaders }),
  }
  return { node: sseNodeHandler(core), fetch: sseFetchHandler(core) }
}
