import {
  NEVER,
  asyncScheduler,
  defer,
  finalize,
  isObservable,
  of,
  tap,
  throwError,
  type Observable,
  type SchedulerLike,
} from 'rxjs'
import { tellsWallTime } from '../operators/monotonic.ts'
import type { HttpRequest, HttpResponse, Transport } from '../transport/transport.ts'

/**
 * One answer of a script: a reply, an error, or a stream such as `cold('--(r|)')`. Missing members of a reply default
 * to status 200, no headers and an empty body; a refusal (4xx or 501) without a body gets one in AIStore's JSON, since the
 * library takes an empty refusal for a page from an intermediary.
 */
export type Answer = Partial<HttpResponse> | Error | Observable<HttpResponse>

/** One received request, with the times of its subscription and its end. */
export interface Asked {
  /** The request, as the library passed it to the transport. */
  readonly request: HttpRequest
  /** When the request was subscribed, in milliseconds of the scheduler. */
  readonly subscribedAtMs: number
  /** When the request ended or was unsubscribed; Infinity while it is in flight. */
  readonly unsubscribedAtMs: number
  /** Whether the request was unsubscribed before its answer arrived. */
  readonly cut: boolean
}

/** A transport that follows a script. */
export interface ScriptedTransport extends Transport {
  /** The received requests, in order. */
  readonly asked: readonly Asked[]
  /** Throws if an answer was not used, or if there was a request beyond the last answer. */
  verify(): void
}

/** A run with more requests than this would probably never end. */
const MOST_REQUESTS = 100_000

/** The `code` of the error of a request beyond the last answer. */
export const UNSCRIPTED = 'UNSCRIPTED'

/**
 * Creates a transport that replies with prepared answers in order and records the requests.
 *
 * It is for specs of code that sends requests to a cluster. It uses no socket, no cluster and only the scheduler's
 * time. A request beyond the last answer fails with the code `UNSCRIPTED`, and `verify()` reports it. In virtual time, an
 * endless stream that is never unsubscribed would keep `flush` from returning: after 100,000 requests, it throws.
 *
 * @param answers Answers in the order of the requests, or a function that returns the answer to a request.
 * @param scheduler Clock of the times in `asked`. Defaults to `asyncScheduler`, which `TestScheduler.run` fakes.
 * @example
 * import { createCluster, status } from 'aistore-rx'
 * import { scriptedTransport } from 'aistore-rx/testing'
 * const transport = scriptedTransport([{ status: 503 }])
 * status(createCluster('http://cluster', { transport }), { kind: 'lru' }).subscribe(console.log) // Left(HttpError 503)
 * transport.verify()
 */
export function scriptedTransport(
  answers: readonly Answer[] | ((request: HttpRequest) => Answer),
  scheduler: SchedulerLike = asyncScheduler,
): ScriptedTransport {
  const asked: Asked[] = []
  const answerTo = (request: HttpRequest, nth: number): Answer =>
    typeof answers === 'function'
      ? answers(request)
      : (answers[nth] ?? Object.assign(new Error('the script has no answer left'), { code: UNSCRIPTED }))

  const transport: Transport = (request) =>
    defer(() => {
      if (asked.length >= MOST_REQUESTS && !tellsWallTime(scheduler)) return failEndless(scheduler)
      const subscribedAtMs = scheduler.now()
      const nth = asked.push({ request, subscribedAtMs, unsubscribedAtMs: Infinity, cut: false }) - 1
      let cut = true
      const settle = (): void => void (cut = false)
      return defer(() => streamOf(answerTo(request, nth))).pipe(
        // A reply is one value, so unsubscribing after it does not count as a cut.
        tap({ next: settle, complete: settle, error: settle }),
        finalize(() => (asked[nth] = { request, subscribedAtMs, unsubscribedAtMs: scheduler.now(), cut })),
      )
    })

  const verify = (): void => {
    if (typeof answers === 'function') return
    const extra = asked.slice(answers.length).map(({ request: { method, url } }) => `${method} ${url}`)
    if (extra.length > 0) throw new Error(`the script has no answer to: ${extra.join(', ')}`)
    if (asked.length < answers.length)
      throw new Error(`${answers.length - asked.length} of ${answers.length} answers were not used`)
  }
  return Object.assign(transport, { asked, verify })
}

/** Ends a test whose stream never ends: `TestScheduler.flush` throws the error of a scheduled action. */
function failEndless(scheduler: SchedulerLike): Observable<never> {
  scheduler.schedule(() => {
    throw new Error(
      `${MOST_REQUESTS} requests in virtual time: a stream that never ends has no unsubscription; give one, as in expectObservable(stream, '^ 10s !')`,
    )
  })
  return NEVER
}

function streamOf(answer: Answer): Observable<HttpResponse> {
  if (answer instanceof Error) return throwError(() => answer)
  if (isObservable(answer)) return answer
  const { status = 200, headers = {}, body = bodyOf(status) } = answer
  return of({ ...answer, status, headers, body })
}

const bodyOf = (status: number): string =>
  (status >= 400 && status < 500) || status === 501
    ? JSON.stringify({ message: `a scripted refusal with ${status}`, status })
    : ''
