import type * as t from 'io-ts'
import { JobStatus, readJobStatus, type JobStatusWire } from './job-status.ts'
import { readItems, walked } from './walk.ts'

/** Every record that one proxy of the Information Center keeps, in no order; an id may be there twice. */
export type JobStatuses = readonly JobStatus[]

/**
 * The answer to `status_all`; `null`, which is also what a proxy outside the Information Center says, is empty.
 *
 * Source: protocol 2.4, T8.
 */
export const JobStatuses: t.Type<JobStatuses, readonly JobStatusWire[]> = walked(
  'JobStatuses',
  (value): value is JobStatuses => Array.isArray(value) && value.every(JobStatus.is),
  (value, walk) => readItems(value, walk, JobStatus, readJobStatus),
  (statuses) => statuses.map(JobStatus.encode),
)
