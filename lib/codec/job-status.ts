import type * as t from 'io-ts'
import { encodeInstantNumber, InstantNumber, readInstantNumber } from './instant.ts'
import { isObject, walked, type Walk } from './walk.ts'

/** The small record that the Information Center keeps of a job. */
export interface JobStatus {
  readonly id: string
  readonly kind: string
  readonly err: string
  /** Nanoseconds since the Unix epoch; absent while the job has not ended. */
  readonly endTime?: bigint
  readonly aborted: boolean
}

/** Whether a status shows an end, or an abort. */
export const isOver = ({ endTime, aborted }: JobStatus): boolean => endTime !== undefined || aborted

/** A status as the cluster writes it, in its order. */
export interface JobStatusWire {
  readonly kind: string
  readonly uuid: string
  readonly err: string
  /** Nanoseconds, beyond 2^53: a bigint where a number would round it. */
  readonly end_time: number | bigint
  readonly aborted: boolean
}

/** Reads a status; `is_idle`, which the server never sets, is dropped. */
export function readJobStatus(value: unknown, walk: Walk): JobStatus | undefined {
  const wire = walk.object(value)
  if (wire === undefined) return undefined
  const raw = wire['end_time']
  const endTime = raw === undefined ? undefined : readInstantNumber(raw)
  if (endTime === null) walk.wrong('end_time', InstantNumber, raw)
  return {
    id: walk.text(wire, 'uuid'),
    kind: walk.text(wire, 'kind'),
    err: walk.text(wire, 'err', ''),
    ...(endTime === undefined || endTime === null ? undefined : { endTime }),
    aborted: walk.flag(wire, 'aborted'),
  }
}

function encodeJobStatus(status: JobStatus): JobStatusWire {
  return {
    kind: status.kind,
    uuid: status.id,
    err: status.err,
    end_time: encodeInstantNumber(status.endTime),
    aborted: status.aborted,
  }
}

function isJobStatus(value: unknown): value is JobStatus {
  if (!isObject(value)) return false
  const { id, kind, err, endTime, aborted } = value
  return (
    [id, kind, err].every((text) => typeof text === 'string') &&
    typeof aborted === 'boolean' &&
    InstantNumber.is(endTime)
  )
}

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
export const JobStatus: t.Type<JobStatus, JobStatusWire> = walked(
  'JobStatus',
  isJobStatus,
  readJobStatus,
  encodeJobStatus,
)
