import type { TargetId } from '../codec/snapshots.ts'

/** How a wait ended. */
export type Outcome = 'finished' | 'failed' | 'aborted' | 'idle' | 'started' | 'not-running' | 'lost'

/** The one value of every wait. */
export interface WaitResult {
  /** Absent until a run was seen (a wait by kind); a comma list where several were waited for. */
  readonly jobId?: string
  readonly kind?: string
  readonly outcome: Outcome
  readonly success: boolean
  readonly aborted: boolean
  /** What the job or its targets said; absent where nothing went wrong. */
  readonly error?: string
  /** Nanoseconds since the Unix epoch. */
  readonly endTime?: bigint
  /** Targets that had a part of the job and are gone. */
  readonly lostTargets?: readonly TargetId[]
}
