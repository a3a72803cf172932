import type { WaitResult } from '../model/wait-result.ts'
import type { Goal } from './goal.ts'
import type { JobView } from './job-view.ts'

/** What a wait waits for: returns the answer once it holds; `undefined` and `false` mean not yet. */
export interface Condition<A> {
  /** Must be pure: it is called again after each reply that changes anything. */
  (job: JobView): A | undefined | false
  /** @internal Tells the wait which requests it needs. */
  readonly until?: Goal['until']
}

const condition = (until: Goal['until'], hold: (job: JobView) => WaitResult | undefined): Condition<WaitResult> =>
  Object.assign(hold, { until })

/**
 * The conditions of the five waits, to use as they are or inside your own.
 *
 * @example
 * import { conditions, createCluster, waitUntil } from 'aistore-rx'
 * const cluster = createCluster('http://localhost:8080')
 * waitUntil(cluster, { id: 'zOCwz4iJS' }, conditions.ended).subscribe(console.log)
 */
export const conditions: {
  /** It is over, whatever its kind. */
  readonly ended: Condition<WaitResult>
  /** It is over on the targets that have a part in it. */
  readonly endedOnTargets: Condition<WaitResult>
  /** It idles, or is over. */
  readonly idle: Condition<WaitResult>
  /** It idles, if it is of a kind that idles; else it is over. */
  readonly settled: Condition<WaitResult>
  /** It has started on every target that shows it. */
  readonly started: Condition<WaitResult>
  /** It does not run; of a kind, no run does. */
  readonly notRunning: Condition<WaitResult>
} = {
  ended: condition('end', ({ ended }) => ended),
  endedOnTargets: condition('single', ({ endedOnTargets }) => endedOnTargets),
  idle: condition('idle', ({ idle }) => idle),
  settled: condition('kind', ({ settled }) => settled),
  started: condition('started', ({ started }) => started),
  notRunning: condition('not-running', ({ notRunning }) => notRunning),
}
