import { Observable, Subscription, type MonoTypeOperatorFunction } from 'rxjs'

/**
 * Goes on with another stream where a value needs one; any other value goes through as it is.
 *
 * A `switchMap` for what hardly ever needs an inner stream: it costs no subscription on the usual path.
 *
 * @param f the stream that stands in for a value, or undefined where the value will do
 */
export const detour =
  <A>(f: (value: A) => Observable<A> | undefined): MonoTypeOperatorFunction<A> =>
  (source) =>
    new Observable((subscriber) => {
      let inner: Subscription | undefined
      let over = false
      const ended = (): void => {
        if (over && inner === undefined) subscriber.complete()
      }
      const follow = (other: Observable<A>): void => {
        inner?.unsubscribe()
        const mine = new Subscription()
        inner = mine
        subscriber.add(mine)
        mine.add(
          other.subscribe({
            next: (value) => subscriber.next(value),
            error: (error: unknown) => subscriber.error(error),
            complete: () => {
              subscriber.remove(mine)
              if (inner === mine) inner = undefined
              ended()
            },
          }),
        )
      }
      subscriber.add(
        source.subscribe({
          next: (value) => {
            let other: Observable<A> | undefined
            try {
              other = f(value)
            } catch (defect) {
              subscriber.error(defect)
              return
            }
            if (other === undefined) subscriber.next(value)
            else follow(other)
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => {
            over = true
            ended()
          },
        }),
      )
    })
