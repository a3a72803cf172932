import { defer, mergeMap, of, type Observable } from 'rxjs'
import { isLeft, left, right } from './common/either.ts'
import type { ClusterLike } from './environment.ts'
import type { Result } from './error.ts'
import { followJobs } from './streams/follow-jobs.ts'
import { isDenial } from './jobs.ts'
import { withSelection } from './queries.ts'
import type { JobSelector } from './model/selection.ts'
import { eventsOf, type Emitted } from './view/transitions.ts'
import type { JobEvent } from './view/job-event.ts'
import { DEFAULT_CADENCE } from './cadence.ts'
import { checkCadence } from './common/check-cadence.ts'
import type { WatchOptions } from './watch.ts'

/**
 * Watches jobs as a stream of events.
 *
 * The stream emits each event of a run once and in order, even if polls fail or targets leave and return. The first
 * event is `started`. The last one is `finished`, `failed` or `aborted`, or `vanished` if the cluster forgot the job
 * before its end was seen. A job that starts and ends between two polls has both events. The first poll emits `started`
 * for each job that runs, and nothing for jobs that have ended; with an id, a job that has ended has both events too.
 *
 * Without a selector, the events come from the lists of the cluster: starts and ends of every kind, and `idle` and
 * `resumed` only while another stream polls the snapshots of the job. With an id, a kind, a bucket or a target, they
 * come from snapshots, and include `progressed`, `idle` and `resumed`. Events and waits of one cluster value never
 * disagree about how a job ended.
 *
 * @param cluster the cluster
 * @param selector which jobs (default all)
 * @param options `cadence`: how long to wait between polls
 * @returns shared poll; a Right({@link JobEvent}) for each event, a Left for each failed request of a poll; it never
 * completes, except after Left(InvalidArgument)
 * @see docs/protocol.md#24-all-statuses
 * @see docs/protocol.md#25-snapshots
 * @see docs/protocol.md#26-running-list
 * @see docs/protocol.md#5-how-the-official-clients-wait
 * @example
 * import { createCluster, jobEvents, rights } from 'aistore-rx'
 * jobEvents(createCluster('http://localhost:8080'), { kind: 'rebalance' })
 *   .pipe(rights())
 *   .subscribe(({ type, job }) => console.log(job.id, type))
 */
export function jobEvents(
  cluster: ClusterLike,
  selector?: JobSelector,
  options?: WatchOptions,
): Observable<Result<JobEvent>> {
  return withSelection(cluster, selector, 'anything', (selection, env) => {
    const { cadence = env.cadence ?? DEFAULT_CADENCE } = options ?? {}
    const bad = checkCadence(cadence)
    if (bad !== undefined) return of(left(bad))
    const { ids, kind, bucket, target } = selection
    const isNarrow = ids.length > 0 || kind !== undefined || bucket !== undefined || target !== undefined
    // Includes runs that have ended, since their ends are events.
    const withEnded = { ...selection, onlyRunning: false }
    return defer(() => {
      const emitted = new Map<string, Emitted>()
      const how = { isListed: !isNarrow, keepsPast: ids.length > 0 }
      return followJobs(cluster, env, withEnded, cadence, how).pipe(
        mergeMap(({ tracker, observed, touched, reply }) => {
          const events: Result<JobEvent>[] = []
          const atMs = env.scheduler.now()
          for (const id of touched) {
            const one = tracker.tracked.get(id)
            if (one === undefined) emitted.delete(id)
            else {
              const next = eventsOf(one, tracker.caseOf(one, observed), emitted.get(id), { atMs, byList: !isNarrow })
              emitted.set(id, next.emitted)
              for (const event of next.events) events.push(right(event))
            }
          }
          return reply !== undefined && isLeft(reply) && !isDenial(reply.left, selection) ? [...events, reply] : events
        }),
      )
    })
  })
}
