import type * as t from 'io-ts'
import { InstantFromNs } from './instant.ts'
import { Flag, Text, withDefault } from './members.ts'
import { renamed } from './renamed.ts'

// The server never sets `is_idle`.
const JobStatusSchema = renamed(
  { uuid: 'id', end_time: 'endTime' },

  {
    /** The id of the job, as replies write it. */
    id: Text,
    /** AIStore's name of the job kind. Empty if the server does not report it (before AIStore 3.16) and the query named none. */
    kind: withDefault(Text, ''),
    /** The errors that targets reported. Empty if there are none. */
    err: withDefault(Text, ''),
    /**
     * When the job ended, in nanoseconds since the Unix epoch. Absent until then. On the wire it is 0 until then, and above
     * 2^53 afterwards.
     */
    endTime: withDefault(InstantFromNs, undefined),
    /** Whether the job was aborted. */
    aborted: Flag,
  },
  'JobStatus',
)

/** The status of a job, which the Information Center keeps. */
export interface JobStatus extends t.TypeOf<typeof JobStatusSchema> {}

/** A status as the cluster writes it. */
export interface JobStatusWire extends t.OutputOf<typeof JobStatusSchema> {}

/** Whether a status is of this kind. True for a status without a kind, as servers before AIStore 3.16 send it. */
export const isOfKind = (kind: string | undefined, status: JobStatus): boolean =>
  kind === undefined || status.kind === '' || status.kind === kind

/** The kind in a status; undefined if the status has no kind. */
export const kindIn = ({ kind }: JobStatus): string | undefined => (kind === '' ? undefined : kind)

/** The status. If it has no kind, it gets the kind of the query. */
export const withKind = (kind: string | undefined, status: JobStatus): JobStatus =>
  kind === undefined || status.kind !== '' ? status : { ...status, kind }

/** Whether a status reports that the job has ended or was aborted. */
export const isOver = ({ endTime, aborted }: JobStatus): boolean => endTime !== undefined || aborted

/**
 * The status of a job, which the Information Center keeps.
 *
 * Decode the output of `parseJson`. `JSON.parse` would round `end_time` once the job has ended, and this codec refuses a
 * rounded value.
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
