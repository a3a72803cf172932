import { uuid } from '../../cluster/random.ts'
import { hasRoom, writeObject } from '../../cluster/write-object.ts'
import { joined, type Parts } from '../../store/parts.ts'
import { xxhash64 } from '../../store/xxhash.ts'
import { objectUri, targetError, type ObjectRequest } from './object-request.ts'
import { commonHeaders } from './object-headers.ts'
import { member } from '../selection.ts'
import { empty, reply, TEXT_TYPE, type Answer } from '../exchange.ts'
import type { Action } from '../messages.ts'

const idOf = ({ query }: ObjectRequest): string => query.get('uploadId') ?? ''

const uploadOf = (objectRequest: ObjectRequest): Parts | undefined => {
  const upload = objectRequest.cluster.unfinished.get(idOf(objectRequest))
  return upload?.of === objectUri(objectRequest) ? upload : undefined
}

const unknownUpload = (objectRequest: ObjectRequest): Answer =>
  targetError(objectRequest, 404, `multipart upload "${idOf(objectRequest)}" does not exist`, 'ErrNotFound')

/** Begins an upload in parts, and replies with its id. */
export const beginUpload = (objectRequest: ObjectRequest): Answer => {
  const id = uuid(objectRequest.cluster.random)
  objectRequest.cluster.unfinished.set(id, { of: objectUri(objectRequest), parts: new Map() })
  return reply(id, TEXT_TYPE)
}

/** Writes one part. The reply has the entity tag of the part. */
export const putPart = (objectRequest: ObjectRequest, bytes: Uint8Array): Answer => {
  const upload = uploadOf(objectRequest)
  const part = Number(objectRequest.query.get('partNumber'))
  if (!upload) return unknownUpload(objectRequest)
  if (!Number.isInteger(part) || part < 1) return targetError(objectRequest, 400, `invalid part number "${part}"`)
  if (bytes.length === 0)
    return targetError(objectRequest, 400, `${objectUri(objectRequest)}: put-part invalid size (0)`)
  if (!hasRoom(objectRequest.cluster, bytes.length))
    return targetError(objectRequest, 507, 'out of space', 'ErrCapExceeded')
  upload.parts.set(part, bytes)
  return empty(200, { etag: `"${xxhash64(bytes)}"` })
}

const numbersIn = (value: unknown): readonly number[] =>
  Array.isArray(value) ? value.map((part) => Number(member(part, 'part-number'))) : []

/** Makes an object of the parts in the order of their numbers. */
export const completeUpload = (objectRequest: ObjectRequest, { value }: Action): Answer => {
  const { bucket, cluster, name, now } = objectRequest
  const upload = uploadOf(objectRequest)
  if (!upload) return unknownUpload(objectRequest)
  const numbers = [...numbersIn(value)].sort((a, b) => a - b)
  const contents = numbers.flatMap((number) => upload.parts.get(number) ?? [])
  if (upload.parts.size === 0) return targetError(objectRequest, 400, `${objectUri(objectRequest)}: no chunks`)
  if (numbers.length !== upload.parts.size) {
    const counts = `requested ${numbers.length} parts, have ${upload.parts.size}`
    return targetError(objectRequest, 501, `partial completion is not allowed: ${counts}`)
  }
  if (contents.length < numbers.length)
    return targetError(objectRequest, 400, `${objectUri(objectRequest)}: a part is missing`)
  cluster.unfinished.delete(idOf(objectRequest))
  const content = joined(contents)
  const chunks = { count: contents.length, maxBytes: Math.max(...contents.map(({ length }) => length)) }
  const object = writeObject(cluster, bucket, { name, size: content.length, content, chunks }, now)
  return empty(200, commonHeaders(bucket, object))
}

/** Discards an upload and its parts. */
export const abortUpload = (objectRequest: ObjectRequest): Answer => {
  if (!uploadOf(objectRequest)) return unknownUpload(objectRequest)
  objectRequest.cluster.unfinished.delete(idOf(objectRequest))
  return empty()
}
