import type { Bucket } from './bucket.ts'

/** One target's record of one job. */
export interface JobSnap {
  readonly id: string
  readonly kind: string
  /** Nanoseconds since the Unix epoch. */
  readonly startTime?: bigint
  /** Nanoseconds since the Unix epoch; absent while the job has not ended here. */
  readonly endTime?: bigint
  readonly bck: Bucket
  readonly srcBck?: Bucket
  readonly dstBck?: Bucket
  readonly stats: JobStats
  readonly aborted: boolean
  readonly abortErr: string
  readonly err: string
  readonly isIdle: boolean
  readonly ctlMsg?: string
  /** What only this kind of job reports; `null` for most. */
  readonly ext: unknown
  readonly joggers: number
  readonly workers: number
  readonly chanFull: number
}

/** Counters of one target: processed here, sent to and received from other targets. */
export interface JobStats {
  readonly objects: bigint
  readonly bytes: bigint
  readonly outObjects: bigint
  readonly outBytes: bigint
  readonly inObjects: bigint
  readonly inBytes: bigint
}
