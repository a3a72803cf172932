import { Observable } from 'rxjs'

/**
 * Passes on the value of a stream. If the subscriber leaves first, the stream is not unsubscribed, and its value goes to
 * `afterwards`: a command that is in flight can't be taken back, and only its reply tells what it has started.
 */
export const hearOut = <A>(source: Observable<A>, afterwards: (value: A) => void): Observable<A> =>
  new Observable((subscriber) => {
    let hasLeft = false
    source.subscribe({
      next: (value) => (hasLeft ? afterwards(value) : subscriber.next(value)),
      error: (defect: unknown) => subscriber.error(defect),
      complete: () => subscriber.complete(),
    })
    return () => {
      hasLeft = true
    }
  })
