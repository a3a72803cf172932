import * as t from 'io-ts'
import { InstantFromNs } from './instant.ts'
import { Flag, Text, withDefault } from './members.ts'
import { renamed } from './renamed.ts'

// The server never sets `is_idle`.
const JobStatusSchema = renamed(
  { uuid: 'id', end_time: 'endTime' },
  t.type(
    {
      /** The id of the job, as replies name it. */
      id: Text,
      /** AIStore's own name for the kind. */
      kind: Text,
      /** The errors that targets reported; empty if none did. */
      err: withDefault(Text, ''),
      /** Nanoseconds since the Unix epoch; absent while the job has not ended. On the wire, 0 until then, and beyond 2^53. */
      endTime: withDefault(InstantFromNs, undefined),
      /** Whether the job was stopped. */
      aborted: Flag,
    },
    'JobStatus',
  ),
)

/** The small record that the Information Center keeps of a job. */
export interface JobStatus extends t.TypeOf<typeof JobStatusSchema> {}

/** A status as the cluster writes it. */
export interface JobStatusWire extends t.OutputOf<typeof JobStatusSchema> {}

/** Whether a status shows an end, or an abort. */
export const isOver = ({ endTime, aborted }: JobStatus): boolean => endTime !== undefined || aborted

/**
 * The small record that the Information Center keeps of a job.
 *
 * Feed it what `JSON.parse` gives only where no job has ended: `end_time` is rounded there, and refused here.
 *
 * Source: protocol 2.3, 3.2.
 *
 * @example
 * import { JobStatus } from 'aistore-rx'
 *
 * console.log(JobStatus.encode({ id: 'g3', kind: 'rebalance', err: '', endTime: 1795427154572988356n, aborted: false }))
 * // { kind: 'rebalance', uuid: 'g3', err: '', end_time: 1795427154572988356n, aborted: false }
 */
export const JobStatus: t.Type<JobStatus, JobStatusWire> = JobStatusSchema
