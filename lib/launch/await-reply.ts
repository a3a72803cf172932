import { Observable } from 'rxjs'

/**
 * Emits the value of a launch. If the subscriber unsubscribes while the launch is in flight, the launch goes on, and its value
 * is passed to `afterwards`. Only the reply contains the id of the job.
 */
export const awaitReply = <A>(source: Observable<A>, afterwards: (value: A) => void): Observable<A> =>
  new Observable((subscriber) => {
    let isUnsubscribed = false
    source.subscribe({
      next: (value) => (isUnsubscribed ? afterwards(value) : subscriber.next(value)),
      error: (defect: unknown) => subscriber.error(defect),
      complete: () => subscriber.complete(),
    })
    return () => {
      isUnsubscribed = true
    }
  })
