import type { JobRef } from '../codec/running.ts'
import type { WaitResult } from '../model/wait-result.ts'

/** What can happen to a job. */
export type EventType = 'started' | 'progressed' | 'idle' | 'resumed' | 'finished' | 'failed' | 'aborted' | 'vanished'

/** Something that happened to a job. */
export interface JobEvent {
  /** `vanished` is the outcome `lost`: nobody can know any more how it ended. */
  readonly type: EventType
  /** Its id and its kind, which a selector takes as they are. */
  readonly job: JobRef
  /** When it was learnt, by the clock of the cluster's scheduler, in milliseconds. */
  readonly atMs: number
  /** How it ended: with `finished`, `failed`, `aborted` and `vanished`. */
  readonly result?: WaitResult
}
