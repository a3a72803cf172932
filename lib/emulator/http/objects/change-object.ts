import { isRemote } from '../../cluster/bucket.ts'
import { dropFrom, objectsOf, putInto } from '../../store/of-bucket.ts'
import { missingObject, objectUri, targetError, type ObjectRequest } from './object-request.ts'
import { empty, type Answer } from '../exchange.ts'
import type { Action } from '../messages.ts'

const textsOf = (value: unknown): Readonly<Record<string, string>> =>
  value === null || typeof value !== 'object'
    ? {}
    : Object.fromEntries(Object.entries(value).map(([key, text]) => [key, String(text)]))

/** Sets the user's own properties of an object: adds to them, or replaces them. */
export const setCustom = (objectRequest: ObjectRequest, { value }: Action): Answer => {
  const object = objectsOf(objectRequest.bucket).get(objectRequest.name)
  if (!object) return missingObject(objectRequest)
  const replaces = objectRequest.query.get('set-new-custom') === 'true'
  putInto(objectRequest.bucket, { ...object, custom: { ...(replaces ? {} : object.custom), ...textsOf(value) } })
  return empty()
}

/** Renames an object in its bucket. */
export const renameObject = (objectRequest: ObjectRequest, { name }: Action): Answer => {
  const { bucket } = objectRequest
  const object = objectsOf(bucket).get(objectRequest.name)
  if (isRemote(bucket.bck) || bucket.ec) {
    return targetError(
      objectRequest,
      501,
      `cannot rename object ${objectUri(objectRequest)} - operation not supported`,
      'ErrUnsupp',
    )
  }
  if (!object) return missingObject(objectRequest)
  if (name === objectRequest.name) {
    return targetError(
      objectRequest,
      400,
      `t[${objectRequest.request.node}]: cannot rename/move object ${objectUri(objectRequest)} onto itself`,
    )
  }
  dropFrom(bucket, objectRequest.name)
  putInto(bucket, { ...object, name })
  return empty()
}

/** Deletes an object, also in the cloud if its bucket is remote. */
export const deleteObject = (objectRequest: ObjectRequest): Answer =>
  dropFrom(objectRequest.bucket, objectRequest.name)
    ? empty()
    : targetError(objectRequest, 404, `${objectUri(objectRequest)} doesn't exist`)
