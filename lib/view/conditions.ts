import type { WaitResult } from '../model/wait-result.ts'
import type { Goal } from './goal.ts'
import type { JobView } from './job-view.ts'

/** The condition of a wait. It returns the answer once it holds; `undefined` and `false` mean not yet. */
export interface Condition<A> {
  /** Must be pure, because it is called again after each reply that changes anything. */
  (job: JobView): A | undefined | false
  /** @internal Determines which requests the wait needs. */
  readonly until?: Goal['until']
}

const condition = (until: Goal['until'], hold: (job: JobView) => WaitResult | undefined): Condition<WaitResult> =>
  Object.assign(hold, { until })

/**
 * The conditions of the waits, to use directly or inside your own.
 *
 * @example
 * import { conditions, createCluster, waitUntil } from 'aistore-rx'
 * const cluster = createCluster('http://localhost:8080')
 * waitUntil(cluster, { id: 'zOCwz4iJS' }, conditions.ended).subscribe(console.log)
 */
export const conditions: {
  /** The job is over, whatever its kind. */
  readonly ended: Condition<WaitResult>
  /** The job is over on the targets that have a part in it. */
  readonly endedOnTargets: Condition<WaitResult>
  /** The job is idle or over. */
  readonly idle: Condition<WaitResult>
  /** The job is idle, if its kind idles; otherwise it is over. */
  readonly settled: Condition<WaitResult>
  /** The job has started on every target that shows it. */
  readonly started: Condition<WaitResult>
  /** The job does not run. In a wait by kind, no run of the kind does. */
  readonly notRunning: Condition<WaitResult>
} = {
  ended: condition('end', ({ ended }) => ended),
  endedOnTargets: condition('single', ({ endedOnTargets }) => endedOnTargets),
  idle: condition('idle', ({ idle }) => idle),
  settled: condition('kind', ({ settled }) => settled),
  started: condition('started', ({ started }) => started),
  notRunning: condition('not-running', ({ notRunning }) => notRunning),
}
