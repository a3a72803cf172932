import * as t from 'io-ts'
import { isObject, readItems, walked, type Walk } from './walk.ts'

/** A job by name. */
export interface JobRef {
  readonly id: string
  readonly kind: string
}

// An empty id would select everything when sent back, so it is no reference.
const KIND_AND_ID = /^([^[]+)\[([^]+)\]$/

function readJobRef(value: unknown, walk: Walk): JobRef | undefined {
  const parts = typeof value === 'string' ? KIND_AND_ID.exec(value) : null
  if (parts === null) {
    walk.wrongHere()
    return undefined
  }
  return { id: parts[2] ?? '', kind: parts[1] ?? '' }
}

/**
 * A job by name: `kind[id]` on the wire.
 *
 * Source: protocol 2.6.
 */
export const JobRef: t.Type<JobRef, string> = walked(
  'JobRef',
  (value): value is JobRef => isObject(value) && t.string.is(value['id']) && t.string.is(value['kind']),
  readJobRef,
  ({ id, kind }) => `${kind}[${id}]`,
)

/** Every job that runs anywhere, idle ones too, in no order. */
export type Running = readonly JobRef[]

/**
 * The answer to `running_all`.
 *
 * Source: protocol 2.6.
 */
export const Running: t.Type<Running, readonly string[]> = walked(
  'Running',
  (value): value is Running => Array.isArray(value) && value.every(JobRef.is),
  (value, walk) => readItems(value, walk, JobRef, readJobRef),
  (jobs) => jobs.map(JobRef.encode),
)
