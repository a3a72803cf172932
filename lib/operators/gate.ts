import { Observable, type Subscription } from 'rxjs'

/** Lets so many sources run at a time; the others wait for their turn, in the order in which they came. */
export type Gate = <A>(source: Observable<A>) => Observable<A>

/** A gate for `limit` sources at a time. */
export function gateOf(limit: number): Gate {
  const waiting = new Set<() => void>()
  let running = 0
  let letting = false
  const next = (): void => {
    // A loop, and one at a time: what answers at once would otherwise go deeper with each that has waited.
    if (letting) return
    letting = true
    for (const enter of waiting) {
      if (running >= limit) break
      waiting.delete(enter)
      enter()
    }
    letting = false
  }
  return (source) =>
    new Observable((subscriber) => {
      let inner: Subscription | undefined
      const enter = (): void => {
        running += 1
        inner = source.subscribe(subscriber)
        inner.add(() => {
          running -= 1
          next()
        })
        if (subscriber.closed) inner.unsubscribe()
      }
      if (running < limit) enter()
      else waiting.add(enter)
      return () => {
        waiting.delete(enter)
        inner?.unsubscribe()
      }
    })
}
