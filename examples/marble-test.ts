// A marble test of your own pipeline: without a cluster and without waiting. Five minutes pass in a millisecond.
import { map, of, type Observable } from 'rxjs'
import type { TestScheduler } from 'rxjs/testing'
import { constant, createCluster, isLeft, wait, type Cluster, type Transport } from 'aistore-rx'

/** The pipeline under test. */
export const verdictOf = (cluster: Cluster, id: string): Observable<string> =>
  wait(cluster, { id, kind: 'lru' }, { timeoutMs: 300_000 }).pipe(
    map((result) => (isLeft(result) ? result.left._tag : result.right.outcome)),
  )

/** A cluster that replies, at each virtual moment, with the status that the job has then. */
const clusterThat = (now: () => number, endsAtMs: number): Cluster => {
  const transport: Transport = ({ url }) =>
    of({
      status: url.includes('what=status') ? 200 : 404,
      headers: {},
      body: url.includes('what=status')
        ? `{"kind":"lru","uuid":"V7Bc1dasbT","err":"","end_time":${now() < endsAtMs ? '0' : '1795427154572988356'},"aborted":false}`
        : '{"message":"no such job","status":404}',
    })
  return createCluster('http://cluster', { transport, cadence: constant(10_000) })
}

export const main = (testScheduler: TestScheduler): void =>
  testScheduler.run(({ expectObservable }) => {
    const now = (): number => testScheduler.now()
    expectObservable(verdictOf(clusterThat(now, 25_000), 'V7Bc1dasbT')).toBe('30s (a|)', { a: 'finished' })
    expectObservable(verdictOf(clusterThat(now, 900_000), 'V7Bc1dasbT')).toBe('300s (a|)', { a: 'WaitTimeout' })
  })
