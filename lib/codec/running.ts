import * as t from 'io-ts'
import { listOf } from './containers.ts'
import { nullAsEmpty } from './members.ts'

const JobRefSchema = t.readonly(
  t.type({
    /** As replies name it. */
    id: t.string,
    /** AIStore's own name for the kind. */
    kind: t.string,
  }),
)

/** A job by name. */
export interface JobRef extends t.TypeOf<typeof JobRefSchema> {}

// An empty id would select everything when sent back, so it is no reference.
const KIND_AND_ID = /^([^[]+)\[([^]+)\]$/

/**
 * A job by name: `kind[id]` on the wire.
 *
 * Source: protocol 2.6.
 */
export const JobRef: t.Type<JobRef, string> = new t.Type(
  'JobRef',
  JobRefSchema.is,
  (value, context) => {
    const [, kind, id] = (typeof value === 'string' && KIND_AND_ID.exec(value)) || []
    return kind === undefined || id === undefined ? t.failure(value, context) : t.success({ id, kind })
  },
  ({ id, kind }) => `${kind}[${id}]`,
)

/** Every job that runs anywhere, idle ones too, in no order. */
export type Running = readonly JobRef[]

/**
 * The answer to `running_all`.
 *
 * Source: protocol 2.6.
 */
export const Running: t.Type<Running, readonly string[]> = nullAsEmpty(listOf(JobRef, 'Running'), [])
