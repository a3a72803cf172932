import { bucketName, bucketUri } from '../../cluster/bucket.ts'
import { findBucket } from '../../cluster/create.ts'
import { letters } from '../../cluster/random.ts'
import { hasRoom, writeObject } from '../../cluster/write-object.ts'
import { objectsOf } from '../../store/of-bucket.ts'
import { filesIn, formatOf, writeArchive } from '../../store/archive.ts'
import { joined } from '../../store/parts.ts'
import { contentOf } from '../../store/stored-object.ts'
import { missingObject, objectUri, targetError, type ObjectRequest } from './object-request.ts'
import { commonHeaders } from './object-headers.ts'
import { putPart } from './multipart.ts'
import { empty, type Answer } from '../exchange.ts'

/** The content of a request. */
const sentBytes = ({ request }: ObjectRequest): Uint8Array => request.bytes ?? new TextEncoder().encode(request.body)

/** The refusal if there is no memory for a content. */
const noRoom = (objectRequest: ObjectRequest): Answer => {
  const limit = `${(objectRequest.cluster.memoryBytes / 2 ** 20).toFixed(2)}MiB`
  const used = `total used ${limit} out of ${limit}`
  const message = `out of space: used 100% of total capacity on at least one of the mountpaths (${used})`
  return targetError(objectRequest, 507, message, 'ErrCapExceeded')
}

/** Writes an object. Its headers are in the reply. */
const write = (objectRequest: ObjectRequest, content: Uint8Array): Answer => {
  const { bucket, cluster, name, now } = objectRequest
  const before = objectsOf(bucket).get(name)
  const freed = before && typeof before.content !== 'string' ? before.content.length : 0
  if (!hasRoom(cluster, content.length - freed)) return noRoom(objectRequest)
  const object = writeObject(cluster, bucket, { name, size: content.length, content }, now)
  return empty(200, commonHeaders(bucket, object))
}

/** Appends to an unfinished object, which begins as a copy of the existing object, and replaces it at a flush. */
const append = (objectRequest: ObjectRequest, type: string): Answer => {
  const { bucket, cluster, name, query } = objectRequest
  const uri = objectUri(objectRequest)
  let handle = query.get('append_handle') ?? ''
  const open = cluster.unfinished.get(handle)
  if (handle !== '' && open?.of !== uri)
    return targetError(objectRequest, 404, `append handle "${handle}" does not exist`)
  const before = objectsOf(bucket).get(name)
  const parts = open?.parts ?? new Map<number, Uint8Array>(before ? [[0, contentOf(before)]] : [])
  const bytes = sentBytes(objectRequest)
  if (!hasRoom(cluster, bytes.length)) return noRoom(objectRequest)
  if (bytes.length > 0) parts.set(parts.size, bytes)
  if (type === 'flush') {
    cluster.unfinished.delete(handle)
    return write(objectRequest, joined([...parts.values()]))
  }
  if (handle === '') handle = `${objectRequest.request.node}|${letters(cluster.random, 16)}`
  cluster.unfinished.set(handle, { of: uri, parts })
  return empty(200, { 'ais-append-handle': handle })
}

/** Copies the object to another name or bucket, which the query gives as `provider/@uuid#space/bucket/name`. */
const copy = (objectRequest: ObjectRequest, to: string): Answer => {
  const { bucket, cluster, now } = objectRequest
  const [, provider, uuid, space, dst = '', name = ''] = /^([^/]*)\/@([^#]*)#([^/]*)\/([^/]+)\/(.+)$/s.exec(to) ?? []
  const source = objectsOf(bucket).get(objectRequest.name)
  if (name === '') return targetError(objectRequest, 400, `invalid object name in "object_to=${to}"`)
  const bck = bucketName(dst, provider, uuid, space)
  const destination = findBucket(cluster, bck)
  if (!destination)
    return targetError(objectRequest, 404, `bucket "${bucketUri(bck)}" does not exist`, 'ErrBckNotFound')
  if (!source) return missingObject(objectRequest)
  const { content, custom, size } = source
  if (typeof content !== 'string' && !hasRoom(cluster, content.length)) return noRoom(objectRequest)
  writeObject(cluster, destination, { name, size, content, custom }, now)
  return empty()
}

/** Adds a file to an object that is an archive. The archive is created if it does not exist. */
const putIntoArchive = (objectRequest: ObjectRequest, path: string): Answer => {
  const { bucket, name } = objectRequest
  const format = formatOf(name, objectRequest.query.get('archmime') ?? '')
  if (!format) return targetError(objectRequest, 400, `${objectUri(objectRequest)} is not an archive`)
  const object = objectsOf(bucket).get(name)
  const files = (object && filesIn(object)) ?? []
  const added = [...files, { name: path, bytes: sentBytes(objectRequest) }]
  return write(objectRequest, writeArchive(format, added, Number(bucket.createdNs / 1_000_000_000n)))
}

/** Replies to a PUT: writes an object or one of its parts, copies an object, or adds to an object or an archive. */
export const putObject = (objectRequest: ObjectRequest): Answer => {
  const { query } = objectRequest
  const to = query.get('object_to')
  if (to !== null) return copy(objectRequest, to)
  if (query.has('uploadId')) return putPart(objectRequest, sentBytes(objectRequest))
  const path = query.get('archpath')
  if (path !== null && path !== '') return putIntoArchive(objectRequest, path)
  const appended = query.get('append_type')
  if (appended !== null) return append(objectRequest, appended)
  return write(objectRequest, sentBytes(objectRequest))
}
