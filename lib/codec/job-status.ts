/** The small record that the Information Center keeps of a job. */
export interface JobStatus {
  readonly id: string
  readonly kind: string
  readonly err: string
  /** Nanoseconds since the Unix epoch; absent while the job has not ended. */
  readonly endTime?: bigint
  readonly aborted: boolean
}
