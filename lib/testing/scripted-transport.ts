import {
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
import type { HttpRequest, HttpResponse, Transport } from '../transport/transport.ts'

/** One answer of a script: a reply (what is left out is 200, no headers, no body), an error, or a stream such as `cold('--(r|)')`. */
export type Answer = Partial<HttpResponse> | Error | Observable<HttpResponse>

/** One request that came, and how long somebody listened to its answer. */
export interface Asked {
  /** As the library passed it to the transport. */
  readonly request: HttpRequest
  /** Milliseconds of the scheduler. */
  readonly subscribedAtMs: number
  /** When the answer had come, or nobody waited for it any more; Infinity until then. */
  readonly unsubscribedAtMs: number
  /** Whether whoever asked has left before the answer came. */
  readonly cut: boolean
}

/** A transport that follows a script. */
export interface ScriptedTransport extends Transport {
  /** What was asked, in order. */
  readonly asked: readonly Asked[]
  /** Throws if an answer is left over, or if something was asked that the script has no answer for. */
  verify(): void
}

/** `code` of the failure of a request that a script has no answer for. */
export const UNSCRIPTED = 'UNSCRIPTED'

/**
 * A transport that gives prepared answers in their order, and keeps what it was asked.
 *
 * For specs of code that talks to a cluster: no socket, no cluster, no time but the scheduler's. A request beyond the
 * last answer fails with the code `UNSCRIPTED`, and `verify()` tells.
 *
 * @param answers in the order of the requests; or a function that answers each of them
 * @param scheduler tells the time of `asked`; default `asyncScheduler`, which `TestScheduler.run` makes virtual
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
      const subscribedAtMs = scheduler.now()
      const nth = asked.push({ request, subscribedAtMs, unsubscribedAtMs: Infinity, cut: false }) - 1
      let cut = true
      const over = (): void => void (cut = false)
      return defer(() => streamOf(answerTo(request, nth))).pipe(
        // A reply is one value, and whoever has it may leave.
        tap({ next: over, complete: over, error: over }),
        finalize(() => (asked[nth] = { request, subscribedAtMs, unsubscribedAtMs: scheduler.now(), cut })),
      )
    })

  const verify = (): void => {
    if (typeof answers === 'function') return
    const extra = asked.slice(answers.length).map(({ request: { method, url } }) => `${method} ${url}`)
    if (extra.length > 0) throw new Error(`the script has no answer to: ${extra.join(', ')}`)
    if (asked.length < answers.length)
      throw new Error(`${answers.length - asked.length} of ${answers.length} answers were not asked for`)
  }
  return Object.assign(transport, { asked, verify })
}

function streamOf(answer: Answer): Observable<HttpResponse> {
  if (answer instanceof Error) return throwError(() => answer)
  return isObservable(answer) ? answer : of({ status: 200, headers: {}, body: '', ...answer })
}
