import type { TargetId } from '../codec/snapshots.ts'

/** How a wait ended. */
export type Outcome = 'finished' | 'failed' | 'aborted' | 'idle' | 'started' | 'not-running' | 'lost'

/** The one value of every wait. */
export interface WaitResult {
  /** Absent until a run was seen (a wait by kind); a comma list where several were waited for. */
  readonly jobId?: string
  /** Absent if no reply has named it. */
  readonly kind?: string
  /** `lost` means that nobody can know any more how it ended. */
  readonly outcome: Outcome
  /** True for `finished`, and for `idle`, `started` and `not-running` if nothing went wrong. */
  readonly success: boolean
  /** Whether a user, the cluster or another job stopped it. */
  readonly aborted: boolean
  /** What the job or its targets said; absent where nothing went wrong. */
  readonly error?: string
  /** Nanoseconds since the Unix epoch. */
  readonly endTime?: bigint
  /** Targets that had a part of the job and are gone. */
  readonly lostTargets?: readonly TargetId[]
}
