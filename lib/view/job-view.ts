import { setOwn } from '../common/set-own.ts'
import type { JobSnap } from '../codec/job-snap.ts'
import type { JobStatus } from '../codec/job-status.ts'
import type { TargetId } from '../codec/snapshots.ts'
import type { JobState } from '../model/job-state.ts'
import type { WaitResult } from '../model/wait-result.ts'
import { caseOf } from './case.ts'
import { statusOf } from './certainty.ts'
import { countOf, sumOf } from './counters.ts'
import { kindOf, type Goal, type Standing } from './goal.ts'
import { outcomeOf } from './outcome.ts'
import { stateOfCase } from './state.ts'
import type { View } from './view.ts'
import { defined } from '../common/defined.ts'

/**
 * What the cluster has shown of a job so far. A condition of `waitUntil` is a function of it.
 *
 * An immutable value: each reply that changes anything creates another one.
 */
export interface JobView {
  /**
   * The id of the job, or a comma-separated list if several runs count. In a wait by kind, absent until a run was seen.
   */
  readonly id?: string
  /** The kind of the job. Absent until a reply has named it. */
  readonly kind?: string
  /** The state of all runs and targets together. */
  readonly state: JobState
  /** Objects done, summed over the targets. For a rebalance, objects moved. */
  readonly objects: bigint
  /** Bytes done, summed over the targets. For a rebalance, bytes moved. */
  readonly bytes: bigint
  /** The last status that the Information Center reported. */
  readonly status?: JobStatus
  /** What each target showed last; `missing` is true if the last reply lacked the target. Any text may be an id. */
  readonly targets: Readonly<Record<TargetId, { readonly snap: JobSnap; readonly missing: boolean }>>
  /** How it ended. Present once that is certain. */
  readonly ended?: WaitResult
  /** How it ended on the targets that have a part in it. No further target is awaited. */
  readonly endedOnTargets?: WaitResult
  /** Present once the job is idle or has ended. */
  readonly idle?: WaitResult
  /** Present once the job is idle, if its kind idles; otherwise once it has ended. */
  readonly settled?: WaitResult
  /** Present once the job has started on every target that shows it, or has ended. */
  readonly started?: WaitResult
  /**
   * Present while the job does not run. In a wait by kind, it is present while no run of the kind runs. To wait for
   * that, pass `conditions.notRunning` itself: a condition of your own that reads this member sees only the first run.
   */
  readonly notRunning?: WaitResult
}

/** The view of a job as one wait sees it. Its members are computed when they are read. */
export function jobViewOf(view: View, goal: Goal, standing: Standing, nowMs: number): JobView {
  const c = caseOf(view, goal, standing, nowMs)
  const kind = kindOf(view, goal, standing)
  const { runs } = standing
  const resultFor = (until: Goal['until']): WaitResult | undefined => {
    const result = outcomeOf(view, until === goal.until ? goal : { ...goal, until }, standing, nowMs)
    return result?._tag === 'Right' ? result.right : undefined
  }
  const counts = (): ReturnType<typeof sumOf> => sumOf(c.parts.map(({ snap }) => countOf(snap)))
  const [first] = c.runs
  const status = first === undefined ? undefined : statusOf(c, first)
  return {
    ...(runs.length === 0 ? {} : { id: [...runs].sort().join(',') }),
    ...defined({ kind, status }),
    get state() {
      return stateOfCase(c)
    },
    get objects() {
      return counts().objects
    },
    get bytes() {
      return counts().bytes
    },
    get targets() {
      const targets: Record<TargetId, JobView['targets'][TargetId]> = {}
      for (const { target, snap, missing } of c.parts) setOwn(targets, target, { snap, missing: missing !== undefined })
      return targets
    },
    get ended() {
      return resultFor('end')
    },
    get endedOnTargets() {
      return resultFor('single')
    },
    get idle() {
      return resultFor('idle')
    },
    get settled() {
      return resultFor('kind')
    },
    get started() {
      return resultFor('started')
    },
    get notRunning() {
      return resultFor('not-running')
    },
  } as JobView
}
