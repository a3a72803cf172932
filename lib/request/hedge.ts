import { Observable, Subscription, type Observer, type Unsubscribable } from 'rxjs'
import { isLeft } from '../common/either.ts'
import type { Environment } from '../environment.ts'
import type { Result } from '../error.ts'
import { isNoAnswer } from './endpoint-failure.ts'
import type { SlowQuery } from './hedging.ts'
import type { SlowListener } from './send.ts'

/** How a {@link Hedge} sends a query to a second endpoint, and reads the results. */
export interface Race<T> {
  /** The result in a value that the query emits. */
  readonly resultOf: (value: T) => Result<unknown>
  /** The same query to another endpoint. Undefined if there is none. */
  readonly other: () => Observable<T> | undefined
  /** Called before the answer of the second endpoint is emitted, if it comes first. */
  readonly overtaken: () => void
}

/**
 * The observer of a query that may be sent to a second endpoint if it has no reply after 5 s. The first answer counts.
 *
 * A proxy that is frozen accepts connections, but never replies. Without this, each query in flight would delay its
 * streams by `requestTimeoutMs`.
 */
export class Hedge<T> implements Observer<T>, Unsubscribable, SlowListener, SlowQuery {
  private readonly env: Environment
  private readonly race: Race<T>
  private readonly observer: Observer<T>
  private readonly teardown: Subscription
  /** Whether a request of the query has ever been slow. */
  private wasSlow = false
  /** Whether the request in flight is slow. After a failure or a redirect, the next request is not. */
  private isSlow = false
  private isOver = false
  /** The second request. */
  private second: Subscription | undefined = undefined
  /** The failure of the first endpoint, while the second request is in flight. */
  private failure: { readonly value: T } | undefined = undefined

  /** @param teardown unsubscribes from the second request */
  constructor(env: Environment, race: Race<T>, observer: Observer<T>, teardown: Subscription) {
    this.env = env
    this.race = race
    this.observer = observer
    this.teardown = teardown
  }

  unsubscribe(): void {
    this.end(undefined)
    this.second?.unsubscribe()
  }

  next(value: T): void {
    if (this.isOver) return
    if (this.goesOnAfter(this.race.resultOf(value))) this.failure = { value }
    else this.settle(value, 'first')
  }

  error(defect: unknown): void {
    this.observer.error(defect)
  }

  complete(): void {
    if (!this.isOver && this.failure === undefined) this.observer.complete()
  }

  /** Called when the request in flight has no reply after 5 s. */
  slow(): void {
    if (this.isOver || this.second !== undefined) return
    if (!this.wasSlow) this.teardown.add(this)
    this.wasSlow = true
    this.isSlow = true
    this.env.shared.hedging.add(this)
  }

  /** Called when a slow request has ended. */
  ended(): void {
    this.isSlow = false
  }

  /** Whether the query goes on after this result of the first endpoint, because a second one may still answer it. */
  goesOnAfter(result: Result<unknown>): boolean {
    return this.second !== undefined && !isFinal(result)
  }

  /** Sends the query to a second endpoint if it is still slow, and if there is one. Returns whether it was sent. */
  sendSecond(): boolean {
    const other = this.isOver || !this.isSlow ? undefined : this.race.other()
    if (other === undefined) return false
    const second = new Subscription()
    this.second = second
    second.add(
      other.subscribe({
        next: (value) => this.secondReplied(value),
        error: (defect: unknown) => this.error(defect),
        complete: () => this.secondEnded(),
      }),
    )
    return true
  }

  private secondReplied(value: T): void {
    if (this.isOver || !isAnswer(this.race.resultOf(value))) return
    this.race.overtaken()
    this.settle(value, 'second')
  }

  /** Called after the second request: without an answer of it, the result of the first one counts. */
  private secondEnded(): void {
    if (this.isOver) return
    this.second = undefined
    if (this.failure !== undefined) this.settle(this.failure.value, undefined)
  }

  private settle(value: T, winner: 'first' | 'second' | undefined): void {
    const { observer, second } = this
    this.end(winner)
    observer.next(value)
    observer.complete()
    second?.unsubscribe()
  }

  private end(winner: 'first' | 'second' | undefined): void {
    if (this.isOver) return
    this.isOver = true
    if (!this.wasSlow) return
    // An object that is over removes itself: see `request/flight.ts`.
    this.teardown.remove(this)
    this.env.shared.hedging.ended(this, winner)
  }
}

/** The same as {@link Hedge}, for a query that is an Observable. */
export const hedged = <T>(env: Environment, race: Race<T>, query: (hedge: Hedge<T>) => Observable<T>): Observable<T> =>
  new Observable((subscriber) => {
    const hedge = new Hedge(env, race, subscriber, subscriber)
    subscriber.add(query(hedge).subscribe(hedge))
  })

/** Whether a result is an answer: another endpoint would not answer better. */
const isAnswer = (result: Result<unknown>): boolean => !isLeft(result) || !isNoAnswer(result.left)

/** Whether a result ends the query: it is an answer, or the query has used up its time. */
const isFinal = (result: Result<unknown>): boolean =>
  isAnswer(result) || (isLeft(result) && result.left._tag === 'RequestTimeout')
