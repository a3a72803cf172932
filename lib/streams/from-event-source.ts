import { Observable, Subscription, asyncScheduler, of, timer, type SchedulerLike } from 'rxjs'
import type * as t from 'io-ts'
import { adaptive, type Cadence } from '../cadence.ts'
import { parseJson } from '../codec/json.ts'
import { isObject } from '../codec/object.ts'
import { isLeft, left } from '../common/either.ts'
import { InvalidCadence, cadenceFault, validInterval } from '../common/invalid-cadence.ts'
import { LAST_EVENT_ID, SSE_EVENTS } from '../common/sse-events.ts'
import { checkArgument, type JobError, type RequestInfo, type Result } from '../error.ts'
import { longTimers } from '../operators/long-timer.ts'
import { decodeAs } from '../request/decode-as.ts'

/** What {@link fromEventSource} needs of an EventSource. */
export interface EventSourceLike {
  /** 2 means that the connection is closed for good. */
  readonly readyState: number
  /** Calls `listener` for each event of this type. */
  addEventListener(type: string, listener: (event: ServerSentEvent) => void): void
  /** Closes the connection for good. */
  close(): void
}

/** An event as `EventSource` delivers it. */
export interface ServerSentEvent {
  /** The data of the event, a text. */
  readonly data?: unknown
  /** The last id that the server has sent. */
  readonly lastEventId?: string
}

/** Settings of {@link fromEventSource}. */
export interface EventSourceOptions {
  /** Opens a connection. Defaults to `new EventSource(url)`. */
  readonly eventSource?: ((url: string) => EventSourceLike) | undefined
  /**
   * How long to wait before a new connection, after the browser has given up or the server went silent, in milliseconds; at
   * least 100; `Infinity` opens none. Defaults to `adaptive({ minMs: 1_000 })`.
   */
  readonly cadence?: Cadence | undefined
  /** Sets the timers. Defaults to `asyncScheduler`. */
  readonly scheduler?: SchedulerLike | undefined
}

const CLOSED = 2
/** The connection counts as broken after this many beats without an event. */
const SILENT_BEATS = 2.5
/** The shortest wait before a new connection. */
const SHORTEST_MS = 100

/**
 * Reads a stream that a server serves with `sse`.
 *
 * The page gets the same values as a subscriber on the server, bigints included, over one connection.
 *
 * It reconnects for ever. After a lost connection, the browser reconnects. If the browser gives up (as after a 503) or
 * the server goes silent, this function opens a new connection. Both continue after the last event. The stream
 * completes when the stream of the server does.
 *
 * @param url the address of `sse`, absolute or relative to the page
 * @param codec the codec that the server passes to `sse`
 * @param options see {@link EventSourceOptions}
 * @returns cold; each subscription opens a connection, and closes it on unsubscribe. A Right for each value. A Left for each Left of
 * the stream, DecodeError for a value that does not match the codec, TransportError when the connection is lost or refused,
 * InvalidArgument as the last value if the cadence is invalid. It errors only if the cadence throws
 * @example
 * import { fromEventSource, isRight, JobTable } from 'aistore-rx'
 * fromEventSource('/jobs', JobTable).subscribe((jobs) => isRight(jobs) && console.table(jobs.right))
 */
export function fromEventSource<A>(
  url: string,
  codec: t.Decoder<unknown, A>,
  options?: EventSourceOptions,
): Observable<Result<A>> {
  const {
    eventSource = nativeEventSource,
    cadence = adaptive({ minMs: 1_000 }),
    scheduler = asyncScheduler,
  } = options ?? {}
  const invalid = checkArgument('url', url, typeof url === 'string', 'an address as text') ?? cadenceFault(cadence)
  if (invalid !== undefined) return of(left(invalid))
  const timers = longTimers(scheduler)
  const request = requestInfo(url)
  const decode = decodeAs(codec)
  const failureOf = (code: string, message: string): Result<never> =>
    left({ _tag: 'TransportError', code, message, permanent: false, request })

  return new Observable((subscriber) => {
    let lastEventId = ''
    let attempt = 0
    const waiting = new Subscription()
    let connection: EventSourceLike | undefined
    let silence: Subscription | undefined

    const disconnect = (): void => {
      connection?.close()
      connection = undefined
      silence?.unsubscribe()
    }

    /** Closes the connection, emits the Left that says why it is broken, and opens a new connection after a wait. */
    const reopen = (broken: Result<never>): void => {
      disconnect()
      attempt += 1
      subscriber.next(broken)
      let delayMs: number
      try {
        delayMs = validInterval(
          cadence({ n: attempt, elapsedMs: 0, tookMs: 0, failures: attempt, random: Math.random() }),
        )
      } catch (defect) {
        if (defect instanceof InvalidCadence) {
          subscriber.next(defect.left)
          subscriber.complete()
        } else subscriber.error(defect)
        return
      }
      const once = timer(delayMs >= SHORTEST_MS ? delayMs : SHORTEST_MS, timers).subscribe(() => {
        waiting.remove(once)
        open()
      })
      waiting.add(once)
    }

    const open = (): void => {
      let opened: EventSourceLike
      try {
        opened = eventSource(lastEventId === '' ? url : withParameter(url, LAST_EVENT_ID, lastEventId))
      } catch {
        subscriber.next(
          left({ _tag: 'TransportError', code: 'ERR_EVENT_SOURCE', message: NO_SOURCE, permanent: true, request }),
        )
        subscriber.complete()
        return
      }
      connection = opened
      let silenceMs: number | undefined
      const recordEvent = (id?: string): void => {
        attempt = 0
        if (id !== undefined && id !== '') lastEventId = id
        silence?.unsubscribe()
        if (silenceMs === undefined) return
        silence = timer(silenceMs, timers).subscribe(() => {
          reopen(failureOf('ETIMEDOUT', 'the server went silent'))
        })
      }
      const on = (type: string, take: (data: string) => void): void =>
        opened.addEventListener(type, ({ data, lastEventId: id }) => {
          if (opened !== connection) return
          recordEvent(id)
          take(String(data))
        })
      on('message', (data) => subscriber.next(decode(data, request)))
      on(SSE_EVENTS.left, (data) => subscriber.next(left(errorOf(data, request))))
      on(SSE_EVENTS.beat, (data) => {
        const beatMs = Number(data)
        silenceMs = beatMs > 0 && Number.isFinite(beatMs) ? SILENT_BEATS * beatMs : undefined
        recordEvent()
      })
      on(SSE_EVENTS.end, () => subscriber.complete())
      opened.addEventListener('error', () => {
        if (opened !== connection) return
        silence?.unsubscribe()
        if (opened.readyState === CLOSED)
          reopen(failureOf('ERR_EVENT_SOURCE', 'the server refused the connection, or sent no event stream'))
        else subscriber.next(failureOf('ECONNRESET', 'the connection was lost'))
      })
    }

    open()
    return () => {
      waiting.unsubscribe()
      disconnect()
    }
  })
}

const NO_SOURCE = 'no EventSource can be created here for this address; pass one as the option eventSource'

const nativeEventSource = (url: string): EventSourceLike => new EventSource(url)

function withParameter(url: string, name: string, value: string): string {
  const [address = '', fragment] = url.split('#')
  const parameter = `${address.includes('?') ? '&' : '?'}${name}=${encodeURIComponent(value)}`
  return `${address}${parameter}${fragment === undefined ? '' : `#${fragment}`}`
}

/** The request for an error: its address without host and fragment, as in the errors of all other requests. */
function requestInfo(url: string): RequestInfo {
  const [path = '', query = ''] =
    url
      .replace(/^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]*/, '')
      .split('#')[0]
      ?.split('?') ?? []
  return Object.freeze({ method: 'GET', path, query })
}

/** The error of a Left. It comes from the page's own server, so its members are not checked. */
function errorOf(data: string, request: RequestInfo): JobError {
  const parsed = parseJson(data)
  if (!isLeft(parsed) && isObject(parsed.right) && typeof parsed.right['_tag'] === 'string')
    return parsed.right as unknown as JobError
  return { _tag: 'DecodeError', problems: ['$: not an error of this library'], request }
}
