import { defer, mergeMap, of, type Observable } from 'rxjs'
import { isLeft, left, right } from './common/either.ts'
import type { ClusterLike } from './environment.ts'
import type { Result } from './error.ts'
import { followJobs, type Followed } from './streams/follow-jobs.ts'
import { withSelection } from './queries.ts'
import type { JobSelector } from './model/selection.ts'
import { chosenRuns, observationOf } from './view/chosen-runs.ts'
import { totalOfDownloads } from './view/download.ts'
import { isOver } from './model/job-state.ts'
import { NO_PROGRESS, reduceProgress } from './view/progress.ts'
import { progressOf, type Progress } from './view/progress-of.ts'
import { checkProgress, stallMsOf } from './view/progress-options.ts'
import { DEFAULT_CADENCE } from './cadence.ts'
import { checkCadence } from './common/check-cadence.ts'
import type { WatchOptions } from './watch.ts'
import { defined } from './common/defined.ts'

/** Settings of {@link progress}. */
export interface ProgressOptions extends WatchOptions {
  /**
   * The total number of objects and bytes to process, from 0. If both are given, bytes are used. Without a total, there
   * is no ratio and no ETA.
   */
  readonly total?: { readonly objects?: number | undefined; readonly bytes?: number | undefined } | undefined
  /**
   * How long the counters of a running job may stay the same before it is `stalled`, in milliseconds. Defaults to
   * 60,000; `Infinity` means never.
   */
  readonly stallMs?: number | undefined
}

/**
 * Watches the progress of a job: counters, rates, elapsed time, and with a total also the ratio and the remaining time.
 *
 * The stream shares its requests for snapshots with {@link watchDetails} of the same job. It does not complete when the
 * job ends (see `takeUntilDone`) or is `stalled`. Its state agrees with a wait: it is `running` until it is certain
 * that the job has ended.
 *
 * Counters are sums over the targets (for a rebalance: the larger one of sent and received). They never decrease within
 * a run: a missing target counts with its last values. A later start time means a new run, whose counters replace the
 * earlier ones. Before any target reports the job, all counters are 0 and the state is `starting`. Rates cover the last
 * 30 s, and at least three replies and three seconds. They are absent at first, while a target that works on the job is
 * missing, while the job is stalled, and when it does not run. `elapsedMs` uses the local clock while the job runs and
 * the clock of the cluster after its end, so it may jump at the end; for a run that began before the first reply, it is
 * wrong by the difference between the two clocks. `windingDown` means that the total is reached but the job still runs;
 * then there is no ETA. When the job has finished, `ratio` is 1 and `etaMs` is 0, whatever the total was. If it failed
 * or was aborted, the ratio keeps its value and there is no ETA. If the targets permanently refuse the poll that
 * follows the end, the Information Center alone decides how the job ended, and the counters keep their last values.
 *
 * @param cluster the cluster
 * @param selector an id; several separated by commas (one sum over all of them); or a kind: the run that started last
 * among the running ones, or among all if none runs; a run that starts later replaces it. With `onlyRunning`, runs that
 * ended before the first reply are ignored. For kinds with a different id on each target (ec-get, ec-put), give the ids
 * @param options `cadence`: how long to wait between polls; `total`: `{ objects, bytes }` to process; `stallMs`: how long
 * without a change until the job is stalled, in milliseconds (default 60,000)
 * @returns shared poll; a Right({@link Progress}) for each reply, a Left for each failed request (NotFound if no target
 * knows the id); it never completes, except after Left(InvalidArgument)
 * @see docs/protocol.md#12-two-records-of-a-job; `ais show job --progress`
 * @see docs/protocol.md#31-snapshot
 * @see docs/protocol.md#6-command-line
 * @example
 * import { createCluster, progress, rights } from 'aistore-rx'
 * progress(createCluster('http://localhost:8080'), { id: 'zOCwz4iJS' }, { total: { objects: 10_000 } })
 *   .pipe(rights())
 *   .subscribe(({ ratio, etaMs }) => console.log(ratio, etaMs))
 */
export function progress(
  cluster: ClusterLike,
  selector: JobSelector,
  options?: ProgressOptions,
): Observable<Result<Progress>> {
  return withSelection(cluster, selector, 'job', (selection, env) => {
    const { total, stallMs, cadence = env.cadence ?? DEFAULT_CADENCE } = options ?? {}
    const bad = checkProgress(total, stallMs) ?? checkCadence(cadence)
    if (bad !== undefined) return of(left(bad))
    const { ids } = selection
    // Includes jobs that have ended, since the stream must show the end.
    const withEnded = { ...selection, onlyRunning: false }
    const settings = { stallMs: stallMsOf(stallMs) }
    return defer(() => {
      let progressState = NO_PROGRESS
      const choose = chosenRuns(selection)
      const emit = ({ tracker, observed, reply }: Followed): readonly Result<Progress>[] => {
        const runs = choose(tracker)
        // A reply that is replayed to a new subscriber is older than now.
        const { atMs } = observed.evidence ?? { atMs: observed.nowMs }
        const wallMs = env.scheduler.now() - (observed.nowMs - atMs)
        const observation = observationOf(tracker, runs, observed, { atMs, wallMs })
        const areAllKnown = runs.length > 0 && (ids.length === 0 || runs.length === ids.length)
        // An end by id is news even before the first good reply: the targets may never show the job again.
        const mayBeNews = progressState !== NO_PROGRESS || (ids.length > 0 && isOver(observation.state))
        const hasNewState = observation.state !== progressState.state && areAllKnown && mayBeNews
        const isNotFound = reply !== undefined && isLeft(reply) && reply.left._tag === 'NotFound'
        // That no target knows a lost job is no failure.
        const failed =
          reply !== undefined && isLeft(reply) && !(isNotFound && observation.state === 'lost') ? [reply] : []
        // A failed request may still make an end certain; then the other streams report the end now, too.
        if (!hasNewState && (reply === undefined || failed.length > 0)) return failed
        progressState = reduceProgress(progressState, observation, settings.stallMs)
        const known = total ?? totalOfDownloads(runs)
        return [
          right(progressOf(progressState, { ...settings, ...defined({ total: known }), lost: observation.lost })),
          ...failed,
        ]
      }
      return followJobs(cluster, env, withEnded, cadence, {
        isListed: false,
        keepsPast: ids.length > 0 && !selection.onlyRunning,
      }).pipe(mergeMap(emit))
    })
  })
}
