// Three jobs and their test: A; if it succeeds, B and C together; then a report. The test needs no cluster, and no real time.
import { forkJoin, map, of, switchMap, type Observable } from 'rxjs'
import type { TestScheduler } from 'rxjs/testing'
import { andThen, explain, isLeft, match, requireSuccess, start, wait } from 'aistore-rx'
import type { Cluster, Result, StartOptions, WaitResult } from 'aistore-rx'
import { scriptedCluster } from 'aistore-rx/testing'

const run = (cluster: Cluster, options: StartOptions): Observable<Result<WaitResult>> =>
  start(cluster, options).pipe(andThen((job) => wait(cluster, job, { timeoutMs: 60_000 })))

const sentenceOf = match(explain, ({ kind, outcome }: WaitResult) => `${kind}: ${outcome}`)

/** The orchestration under test. */
export const refresh = (cluster: Cluster): Observable<string> =>
  run(cluster, { kind: 'rebalance' }).pipe(
    requireSuccess(),
    switchMap((a) =>
      isLeft(a) ? of([a]) : forkJoin([run(cluster, { kind: 'cleanup-store' }), run(cluster, { kind: 'lru' })]),
    ),
    map((results) => results.map(sentenceOf).join(', ')),
  )

export const main = (testScheduler: TestScheduler): void =>
  testScheduler.run((helpers) => {
    const jobs = { b: { kind: 'cleanup-store', onStart: 'r 3s f' }, c: { kind: 'lru', onStart: 'r 2s e' } }
    const good = scriptedCluster(
      helpers,
      { a: { kind: 'rebalance', onStart: 'r 5s f' }, ...jobs },
      { cadence: () => 1000 },
    )
    helpers.expectObservable(refresh(good)).toBe('10s (r|)', { r: 'cleanup-store: finished, lru: failed' })

    const bad = scriptedCluster(
      helpers,
      { a: { kind: 'rebalance', onStart: 'r 5s a' }, ...jobs },
      { cadence: () => 1000 },
    )
    helpers.expectObservable(refresh(bad)).toBe('6s (r|)', { r: 'job rebalance a ended as aborted: user abort' })
  })
