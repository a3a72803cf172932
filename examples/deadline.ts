// One deadline for a whole chain: warm up the metadata of a bucket, then evict old objects, all within a minute.
import type { Observable } from 'rxjs'
import { andThen, requireSuccess, start, wait, within, type Cluster, type Result, type WaitResult } from 'aistore-rx'

export const main = (cluster: Cluster, bucket: string, deadlineMs: number = 60_000): Observable<Result<WaitResult>> =>
  start(cluster, { kind: 'load-lom-cache', bucket: { name: bucket } }).pipe(
    andThen((warmUp) => wait(cluster, warmUp)),
    requireSuccess(),
    andThen(() => start(cluster, { kind: 'lru', bucket: { name: bucket } })),
    andThen((eviction) => wait(cluster, eviction)),
    within(deadlineMs),
  )
