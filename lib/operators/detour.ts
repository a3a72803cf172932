import { Observable, Subscription, type MonoTypeOperatorFunction, type Observer, type Subscriber } from 'rxjs'

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
      subscriber.add(source.subscribe(new Detour(f, subscriber)))
    })

class Detour<A> implements Observer<A> {
  private readonly f: (value: A) => Observable<A> | undefined
  private readonly subscriber: Subscriber<A>
  private inner: Subscription | undefined
  private isOver = false

  constructor(f: (value: A) => Observable<A> | undefined, subscriber: Subscriber<A>) {
    this.f = f
    this.subscriber = subscriber
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
    this.subscriber.add(mine)
    mine.add(
      other.subscribe({
        next: (value) => this.subscriber.next(value),
        error: (error: unknown) => this.subscriber.error(error),
        complete: () => {
          this.subscriber.remove(mine)
          if (this.inner === mine) this.inner = undefined
          this.ended()
        },
      }),
    )
  }
}
