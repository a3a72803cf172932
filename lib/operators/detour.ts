import { Observable, Subscription, type MonoTypeOperatorFunction, type Observer } from 'rxjs'

/**
 * Replaces some values with an inner Observable, and passes on all others.
 *
 * It is a `switchMap` for values that rarely need an inner Observable: a value that is passed on costs no subscription.
 *
 * @param f returns the Observable that replaces a value, or undefined to pass the value on
 */
export const detour =
  <A>(f: (value: A) => Observable<A> | undefined): MonoTypeOperatorFunction<A> =>
  (source) =>
    new Observable((subscriber) => {
      subscriber.add(source.subscribe(new Detour(f, subscriber, subscriber)))
    })

/** The observer of {@link detour}, for a source that is not an Observable. */
export class Detour<A> implements Observer<A> {
  private readonly f: (value: A) => Observable<A> | undefined
  private readonly subscriber: Observer<A>
  private readonly teardown: Subscription
  /** The Observable that replaces the last value, while it emits. */
  private inner: Subscription | undefined = undefined
  /** Whether the source has completed. */
  private isOver = false

  /** `f` returns the inner Observable for a value, if there is one; `teardown` unsubscribes from it. */
  constructor(f: (value: A) => Observable<A> | undefined, subscriber: Observer<A>, teardown: Subscription) {
    this.f = f
    this.subscriber = subscriber
    this.teardown = teardown
  }

  next(value: A): void {
    let other: Observable<A> | undefined
    try {
      other = this.f(value)
    } catch (defect) {
      this.subscriber.error(defect)
      return
    }
    if (other === undefined) this.subscriber.next(value)
    else this.follow(other)
  }

  error(error: unknown): void {
    this.subscriber.error(error)
  }

  complete(): void {
    this.isOver = true
    this.ended()
  }

  private ended(): void {
    if (this.isOver && this.inner === undefined) this.subscriber.complete()
  }

  private follow(other: Observable<A>): void {
    this.inner?.unsubscribe()
    const mine = new Subscription()
    this.inner = mine
    this.teardown.add(mine)
    mine.add(
      other.subscribe({
        next: (value) => this.subscriber.next(value),
        error: (error: unknown) => this.subscriber.error(error),
        complete: () => {
          this.teardown.remove(mine)
          if (this.inner === mine) this.inner = undefined
          this.ended()
        },
      }),
    )
  }
}
