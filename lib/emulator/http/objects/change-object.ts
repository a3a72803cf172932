import { isRemote } from '../../cluster/bucket.ts'
import { dropFrom, objectsOf, putInto } from '../../store/of-bucket.ts'
import { missingObject, objectUri, targetError, type AskedObject } from './asked-object.ts'
import { empty, type Answer } from '../exchange.ts'
import type { Action } from '../messages.ts'

const textsOf = (value: unknown): Readonly<Record<string, string>> =>
  value === null || typeof value !== 'object'
    ? {}
    : Object.fromEntries(Object.entries(value).map(([key, text]) => [key, String(text)]))

/** Sets the user's own properties of an object: adds to them, or replaces them. */
export const setCustom = (asked: AskedObject, { value }: Action): Answer => {
  const object = objectsOf(asked.bucket).get(asked.name)
  if (!object) return missingObject(asked)
  const replaces = asked.query.get('set-new-custom') === 'true'
  putInto(asked.bucket, { ...object, custom: { ...(replaces ? {} : object.custom), ...textsOf(value) } })
  return empty()
}

/** Renames an object in its bucket. */
export const renameObject = (asked: AskedObject, { name }: Action): Answer => {
  const { bucket } = asked
  const object = objectsOf(bucket).get(asked.name)
  if (isRemote(bucket.bck) || bucket.ec) {
    return targetError(asked, 501, `cannot rename object ${objectUri(asked)} - operation not supported`, 'ErrUnsupp')
  }
  if (!object) return missingObject(asked)
  if (name === asked.name) {
    return targetError(
      asked,
      400,
      `t[${asked.request.node}]: cannot rename/move object ${objectUri(asked)} onto itself`,
    )
  }
  dropFrom(bucket, asked.name)
  putInto(bucket, { ...object, name })
  return empty()
}

/** Deletes an object, also in the cloud if its bucket is remote. */
export const deleteObject = (asked: AskedObject): Answer =>
  dropFrom(asked.bucket, asked.name) ? empty() : targetError(asked, 404, `${objectUri(asked)} doesn't exist`)
