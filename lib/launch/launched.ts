import type { Bucket } from '../codec/bucket.ts'
import type { Started } from '../commands.ts'
import type { JobRef } from '../codec/running.ts'

/** How much work a job has. */
export interface Total {
  /** Number of objects. */
  readonly objects?: number | undefined
  /** Number of bytes. */
  readonly bytes?: number | undefined
  /** Present if the job may have less to do, because it skips objects that are missing or present already. */
  readonly atMost?: true | undefined
}

/**
 * A job that was launched. It is plain data: `wait`, `abort` and `progress` take it, also after a restart of your
 * program.
 */
export interface LaunchedJob extends JobRef {
  /**
   * The bucket that the job works on; for copies, the source. It is not named `bucket`, so that selectors ignore it.
   */
  readonly inBucket?: Bucket
  /** When the launch was sent, in milliseconds since the Unix epoch, by the local clock. */
  readonly sinceMs: number
  /**
   * Present if other launches may share this job: its counters include their work, and an abort stops it (protocol
   * T15).
   */
  readonly shared?: true
  /**
   * Present if no target may ever know the job, because there was nothing to do: a copy with `include: 'all'` of a
   * bucket in which nothing matches. A wait for it then ends with NotFound, and `follow` with `finished`.
   */
  readonly mayBeUnknown?: true
  /**
   * Present if a proxy gives the job its work page by page: a copy with `include: 'all'`. It may idle between two
   * pages, so a wait that gets this reference takes it for idle only after half a minute.
   */
  readonly paged?: true
  /** The total, if the launch contains it: the number of names or links. */
  readonly expected?: Total
}

/** The jobs of one launch: usually one, several if the server has split it (protocol T23). */
export type LaunchedJobs = readonly [LaunchedJob, ...LaunchedJob[]]

/** The server finished the work before it replied, or there was nothing to do. There is no job to wait for. */
export interface AlreadyDone {
  /** Always true. */
  readonly done: true
  /** The kind of the job. */
  readonly kind: string
}

/** What a launch or `start` emits, or the `jobs` of an event of `follow`. */
export type Launched = LaunchedJob | Started | AlreadyDone | Jobs

/** References to jobs. */
export type Jobs = readonly (LaunchedJob | Started)[]
