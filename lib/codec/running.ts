import * as t from 'io-ts'
import { listOf } from './containers.ts'
import { nullAsEmpty } from './members.ts'
import { sparse } from './renamed.ts'

/** A reference to a job: its kind and its id. */
export interface JobRef {
  /** The id of the job, as replies write it. */
  readonly id: string
  /** AIStore's name of the job kind. */
  readonly kind: string
}

const { is }: t.Type<JobRef, unknown> = sparse({ id: t.string, kind: t.string }, 'JobRef')

// An empty id is refused, since it would select all jobs if it were sent back.
const KIND_AND_ID = /^([^[]+)\[([^]+)\]$/

/**
 * A reference to a job: `kind[id]` on the wire.
 *
 * Source: protocol 2.6.
 */
export const JobRef: t.Type<JobRef, string> = new t.Type(
  'JobRef',
  is,
  (value, context) => {
    const [, kind, id] = (typeof value === 'string' && KIND_AND_ID.exec(value)) || []
    return kind === undefined || id === undefined ? t.failure(value, context) : t.success({ id, kind })
  },
  ({ id, kind }) => `${kind}[${id}]`,
)

/** All jobs that run on any target, including idle ones, in no particular order. */
export type Running = readonly JobRef[]

/**
 * The reply to `running_all`.
 *
 * Source: protocol 2.6.
 */
export const Running: t.Type<Running, readonly string[]> = nullAsEmpty(listOf(JobRef, 'Running'), [])
