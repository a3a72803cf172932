import type { DownloadError } from '../codec/download.ts'
import type { TargetId } from '../codec/snapshots.ts'

/** How a wait ended. */
export type Outcome = 'finished' | 'failed' | 'aborted' | 'idle' | 'started' | 'not-running' | 'lost'

/** The answer of a wait. */
export interface WaitResult {
  /** The id of the job, or several separated by commas. Absent if a wait by kind saw no run. */
  readonly jobId?: string
  /** The kind of the job. Absent if no reply has named it. */
  readonly kind?: string
  /** How the wait ended. `lost` means that the cluster can no longer report how the job ended. */
  readonly outcome: Outcome
  /** True for `finished`, and for `idle`, `started` and `not-running` if the job has no error and was not aborted. */
  readonly success: boolean
  /** Whether a user, the cluster or another job has aborted the job. */
  readonly aborted: boolean
  /** The error message of the job or of its targets. Absent if there is none. */
  readonly error?: string
  /** When the job ended, in nanoseconds since the Unix epoch. */
  readonly endTime?: bigint
  /** Targets that took part in the job and have left the cluster. */
  readonly lostTargets?: readonly TargetId[]
  /** The failed files of a download, each with its error. Absent if no file has failed. */
  readonly files?: readonly DownloadError[]
}
