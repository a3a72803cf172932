import type { Observer } from 'rxjs'

/**
 * The observer of a `map`, for a source that is not an Observable. A class, to cost less memory: see
 * `request/flight.ts`.
 */
export class Mapped<A, B> implements Observer<A> {
  private readonly f: (value: A) => B
  protected readonly observer: Observer<B>

  constructor(f: (value: A) => B, observer: Observer<B>) {
    this.f = f
    this.observer = observer
  }

  next(value: A): void {
    let mapped: B
    try {
      mapped = this.f(value)
    } catch (defect) {
      this.error(defect)
      return
    }
    this.observer.next(mapped)
  }

  error(defect: unknown): void {
    this.observer.error(defect)
  }

  complete(): void {
    this.observer.complete()
  }
}
