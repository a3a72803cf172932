import { Subject, type Observable } from 'rxjs'
import { fold, unheard, type Condition, type Health, type Traffic } from './fold.ts'

/** Judges the traffic of one cluster, whether or not anybody watches. */
export interface Monitor {
  readonly hear: (traffic: Traffic) => void
  /** What was told last; undefined before any traffic. */
  readonly newest: () => Health | undefined
  readonly changes: Observable<Health>
  /** The replies and failures of all requests, as they come. */
  readonly traffic: Observable<Traffic>
}

export function createMonitor(endpoints: readonly string[]): Monitor {
  const changes = new Subject<Health>()
  const traffic = new Subject<Traffic>()
  const untold: Traffic[] = []
  let condition: Condition = unheard(endpoints)
  let telling = false
  const tell = (piece: Traffic): void => {
    const { health } = condition
    condition = fold(condition, piece)
    traffic.next(piece)
    if (condition.health !== undefined && condition.health !== health) changes.next(condition.health)
  }
  return {
    // Who asks again inside of a notification must not make others hear of it the wrong way round.
    hear: (piece) => {
      untold.push(piece)
      if (telling) return
      telling = true
      for (let next = untold.shift(); next !== undefined; next = untold.shift()) tell(next)
      telling = false
    },
    newest: () => condition.health,
    changes,
    traffic,
  }
}
