import { map, of, scan, type Observable } from 'rxjs'
import { isLeft, left, right } from './either.ts'
import type { Environment } from './environment.ts'
import type { Result } from './error.ts'
import { next } from './progress/fold.ts'
import { begin, type Memory, type Reading } from './progress/memory.ts'
import { checkProgress, stallMsOf } from './progress/options.ts'
import { progressOf, type Progress } from './progress/progress-of.ts'
import { selected } from './queries.ts'
import type { JobSelector } from './selection.ts'
import { detailReadings, type WatchOptions } from './watch.ts'

/** Settings of {@link progress}. */
export interface ProgressOptions extends WatchOptions {
  /** How much there is to do, numbers from 0; bytes count before objects where both are given. Without it, no ratio and no ETA. */
  readonly total?: { readonly objects?: number; readonly bytes?: number }
  /** After how many milliseconds without a change of any counter a running job is `stalled`; default 60,000; `Infinity` for never. */
  readonly stallMs?: number
}

interface Step {
  readonly memory: Memory
  readonly result: Reading['result']
}

/**
 * Watches how far a job is: counters, rates, elapsed time, and with a total the ratio and the time that is left.
 *
 * Endless, and from the poll that {@link watchDetails} of the same job shares; only the arithmetic is one's own. It ends
 * nothing by itself, neither when the job is over (see `takeUntilDone`) nor when it is `stalled`.
 *
 * Counters are sums over the targets (of a rebalance: what they send), and never go back while one run lasts, whoever of
 * the targets is missing: a missing one keeps what it had. A run is an id and its start; when a target shows the id with
 * a later start, all begins anew. Rates are those of the last 30 s, at least three replies and three seconds, and absent
 * while they are not known: at first, while a target at work is missing, while the job is stalled, and when it does not
 * run. `elapsedMs` goes by our clock while the job runs, and by the cluster's once it is over, so that it may step then; a run
 * that was there before the first look is as old as the two clocks say, so a wrong clock of ours makes that one wrong
 * until its end. `ratio` is 1 and `etaMs` 0 when the job has finished, whatever the total said; of a job that failed or was
 * aborted the ratio stays and there is no ETA; nor is there one past the total. Before anybody shows the job, all is 0
 * and the state `starting`.
 *
 * @param c the cluster
 * @param s an id (of several with commas, one sum over all of them); or a kind, then the run that started last of those at
 * work, or of all where none is, until one at work started later. With `onlyRunning`, a run that had ended before it was
 * first seen does not count. Of kinds with another id on each target (ec-get, ec-put), name the ids
 * @param o `cadence`: how often to ask; `total`: `{ objects, bytes }`, what there is to do; `stallMs`: default 60,000
 * @returns a {@link Progress} with each reply, a Left with each question that brought none (NotFound where no target knows
 * the id); ends only with Left(InvalidArgument)
 * @see protocol 1.2, 3.1, 6; reliability 2 (rows 13, 14)
 * @example
 * import { createCluster, progress, rights } from 'aistore-rx'
 * progress(createCluster('http://localhost:8080'), { id: 'zOCwz4iJS' }, { total: { objects: 10_000 } })
 *   .pipe(rights())
 *   .subscribe(({ ratio, etaMs }) => console.log(ratio, etaMs))
 */
export const progress = (c: Environment, s: JobSelector, o?: ProgressOptions): Observable<Result<Progress>> =>
  selected(c, s, 'job', (selection, env) => {
    const { total, stallMs } = o ?? {}
    const bad = checkProgress(total, stallMs)
    if (bad !== undefined) return of(left(bad))
    const { ids, onlyRunning } = selection
    const start: Memory = begin({ ids, onlyRunning, stallMs: stallMsOf(stallMs) })
    // Asked for whether it runs or not: that a job has ended must be seen.
    return detailReadings(c, { ...selection, onlyRunning: false }, env, o).pipe(
      scan<Reading, Step, Pick<Step, 'memory'>>(
        ({ memory }, reading) => ({ memory: next(memory, reading), result: reading.result }),
        { memory: start },
      ),
      map(({ memory, result }) => (isLeft(result) ? result : right(progressOf(memory, total)))),
    )
  })
