import { defer, mergeMap, of, type Observable } from 'rxjs'
import { isLeft, left, right } from './common/either.ts'
import type { ClusterLike } from './environment.ts'
import type { Result } from './error.ts'
import { followJobs, type Followed } from './streams/follow-jobs.ts'
import { selected } from './queries.ts'
import type { JobSelector } from './model/selection.ts'
import { chosenRuns, observationOf } from './view/chosen.ts'
import { NO_PROGRESS, reduceProgress } from './view/progress.ts'
import { progressOf, type Progress } from './view/progress-of.ts'
import { checkProgress, stallMsOf } from './view/progress-options.ts'
import { checkCadence } from './wait.ts'
import type { WatchOptions } from './watch.ts'
import { defined } from './common/defined.ts'

/** Settings of {@link progress}. */
export interface ProgressOptions extends WatchOptions {
  /**
   * How much there is to do, numbers from 0; if both are given, bytes count. Without it, there is no ratio and no ETA.
   */
  readonly total?: { readonly objects?: number | undefined; readonly bytes?: number | undefined } | undefined
  /**
   * A running job is `stalled` after this many milliseconds without a change of any counter; default 60,000; `Infinity`
   * for never.
   */
  readonly stallMs?: number | undefined
}

/**
 * Watches the progress of a job: counters, rates, elapsed time, and with a total the ratio and the time that is left.
 *
 * Endless; it shares the requests for snapshots with {@link watchDetails} of the same job. It does not end by itself,
 * neither when the job is over (see `takeUntilDone`) nor when it is `stalled`. The state agrees with a wait: it is
 * `finished` once that is certain, and `running` until then.
 *
 * Counters are sums over the targets (of a rebalance: the greater of what was sent and what was received). They never
 * go back within a run: a target that is missing keeps what it had. An id with a later start is a new run, whose
 * counters replace those of the run before. Rates cover the last 30 s, at least three replies and three seconds. They
 * are absent while they are not known: at first, while a target at work is missing, while the job is stalled, and when
 * it does not run. `elapsedMs` uses our clock while the job runs and the cluster's once it is over, so it may step at
 * the end; for a run that began before the first reply, it needs both clocks to be right until then. `windingDown` is
 * true once all of the total is done and the job still runs; then there is no ETA. When the job has finished, `ratio`
 * is 1 and `etaMs` 0, whatever the total said; if it failed or was aborted, the ratio stays and there is no ETA. Before
 * any target shows the job, all counters are 0 and the state is `starting`.
 *
 * @param cluster the cluster
 * @param selector an id (several with commas give one sum over all of them); or a kind: then the run that started last among
 * those at work, or among all if none is; a run at work that started later replaces it. With `onlyRunning`, a run that
 * had ended before it was first seen does not count. For kinds with another id on each target (ec-get, ec-put), name
 * the ids
 * @param options `cadence`: how often to ask; `total`: `{ objects, bytes }`, what there is to do; `stallMs`: default 60,000
 * @returns Right({@link Progress}) with each reply, a Left with each request that failed (NotFound if no target knows
 * the id); endless, but for Left(InvalidArgument)
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
  return selected(cluster, selector, 'job', (selection, env) => {
    const { total, stallMs, cadence = env.cadence } = options ?? {}
    const bad = checkProgress(total, stallMs) ?? checkCadence(cadence)
    if (bad !== undefined) return of(left(bad))
    const { ids } = selection
    // Asks for jobs that have ended too: the end must be seen.
    const meant = { ...selection, onlyRunning: false }
    const settings = { stallMs: stallMsOf(stallMs), ...defined({ total }) }
    return defer(() => {
      let pace = NO_PROGRESS
      const choose = chosenRuns(selection)
      const emit = ({ tracker, observed, reply }: Followed): readonly Result<Progress>[] => {
        const runs = choose(tracker)
        // A reply that is delivered to a new subscriber is older than this moment.
        const { atMs } = observed.evidence ?? { atMs: observed.nowMs }
        const wallMs = env.scheduler.now() - (observed.nowMs - atMs)
        const observation = observationOf(tracker, runs, observed, { atMs, wallMs })
        const isKnown = runs.length > 0 && (ids.length === 0 || runs.length === ids.length)
        const isNews = observation.state !== pace.state && isKnown && pace !== NO_PROGRESS
        const isUnknown = reply !== undefined && isLeft(reply) && reply.left._tag === 'NotFound'
        const failed =
          reply !== undefined && isLeft(reply) && !(isUnknown && observation.state === 'lost') ? [reply] : []
        // A request that fails may still make an end certain, and the other streams show it now.
        if (!isNews && (reply === undefined || failed.length > 0)) return failed
        pace = reduceProgress(pace, observation, settings.stallMs)
        return [right(progressOf(pace, { ...settings, lost: observation.lost })), ...failed]
      }
      return followJobs(cluster, env, meant, cadence, {
        isListed: false,
        keepsPast: ids.length > 0 && !selection.onlyRunning,
      }).pipe(mergeMap(emit))
    })
  })
}
