// A reactive app: each click starts a warm-up unless one is already running, and the page shows its outcome.
import { exhaustMap, fromEvent, map, startWith, type Observable } from 'rxjs'
import { andThen, explain, isLeft, start, wait, type Cluster } from 'aistore-rx'

export const main = (cluster: Cluster, button: EventTarget, bucket: string): Observable<string> =>
  fromEvent(button, 'click').pipe(
    exhaustMap(() =>
      start(cluster, { kind: 'load-lom-cache', bucket: { name: bucket } }).pipe(
        andThen((job) => wait(cluster, job)),
        map((result) => (isLeft(result) ? explain(result.left) : `warm-up ${result.right.outcome}`)),
        startWith('warming up ...'),
      ),
    ),
    startWith('ready'),
  )
