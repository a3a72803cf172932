import type * as t from 'io-ts'
import { listOf } from './containers.ts'
import { JobStatus, type JobStatusWire } from './job-status.ts'
import { nullAsEmpty } from './members.ts'

/** All statuses that one proxy of the Information Center keeps, in no particular order. An id may occur twice. */
export type JobStatuses = readonly JobStatus[]

/**
 * The reply to `status_all`. `null`, which a proxy outside the Information Center also sends, decodes to an empty list.
 *
 * Source: protocol 2.4, T8.
 */
export const JobStatuses: t.Type<JobStatuses, readonly JobStatusWire[]> = nullAsEmpty(
  listOf(JobStatus, 'JobStatuses'),
  [],
)
