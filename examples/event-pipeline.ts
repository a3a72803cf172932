// A Node event pipeline: each "filled" event starts a job over its bucket, and each result is published as an event.
import type { EventEmitter } from 'node:events'
import { fromEvent, map, mergeMap, takeUntil, type Subscription } from 'rxjs'
import { andThen, isLeft, start, wait, type Cluster } from 'aistore-rx'

export const main = (cluster: Cluster, bus: EventEmitter): Subscription =>
  fromEvent(bus, 'filled', (bucket: string) => bucket)
    .pipe(
      mergeMap(
        (bucket) =>
          start(cluster, { kind: 'load-lom-cache', bucket: { name: bucket } }).pipe(
            andThen((job) => wait(cluster, job, { timeoutMs: 60_000 })),
            map((result) => ({ bucket, result })),
          ),
        4, // at most this many jobs at once
      ),
      takeUntil(fromEvent(bus, 'stop')),
    )
    .subscribe(({ bucket, result }) => {
      if (isLeft(result)) bus.emit('unknown', bucket, result.left)
      else bus.emit(result.right.success ? 'ready' : 'failed', bucket, result.right)
    })
