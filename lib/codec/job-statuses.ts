import type * as t from 'io-ts'
import { listOf } from './containers.ts'
import { JobStatus, type JobStatusWire } from './job-status.ts'
import { nullAsEmpty } from './members.ts'

/** Every record that one proxy of the Information Center keeps, in no order; an id may be there twice. */
export type JobStatuses = readonly JobStatus[]

/**
 * The answer to `status_all`; `null`, which is also what a proxy outside the Information Center says, is empty.
 *
 * Source: protocol 2.4, T8.
 */
export const JobStatuses: t.Type<JobStatuses, readonly JobStatusWire[]> = nullAsEmpty(
  listOf(JobStatus, 'JobStatuses'),
  [],
)
