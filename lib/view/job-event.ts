import type { JobRef } from '../codec/running.ts'
import type { WaitResult } from '../model/wait-result.ts'

/** What can happen to a job. */
export type EventType = 'started' | 'progressed' | 'idle' | 'resumed' | 'finished' | 'failed' | 'aborted' | 'vanished'

/** Something that happened to a job. */
export interface JobEvent {
  /** `vanished` corresponds to the outcome `lost`: it can no longer be known how the job ended. */
  readonly type: EventType
  /** The id and the kind of the job. Usable as a selector. */
  readonly job: JobRef
  /** When the stream learnt of the event, by the `now` of the cluster's scheduler, in milliseconds. */
  readonly atMs: number
  /** How the job ended. Present with `finished`, `failed`, `aborted` and `vanished`. */
  readonly result?: WaitResult
}
