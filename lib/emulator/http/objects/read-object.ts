import { nanoseconds } from '../../cluster/instant.ts'
import { objectsOf, putInto } from '../../store/of-bucket.ts'
import { contentOf } from '../../store/stored-object.ts'
import { extracted } from './archived.ts'
import { missingObject, targetError, type ObjectRequest } from './object-request.ts'
import { commonHeaders, customHeaders } from './object-headers.ts'
import { downloadBlob } from '../../cluster/blob.ts'
import type { Answer } from '../exchange.ts'

const TYPE = 'application/octet-stream'

/** The first and last byte that a range selects of `size` bytes; undefined if it selects no byte. */
const bytesOf = (range: string, size: number): readonly [first: number, last: number] | undefined => {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(range.trim()) ?? []
  if (from === '' && to === '') return undefined
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from)
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1)
  return first < size && first <= last ? [first, last] : undefined
}

/** The reply with the part of an object that the header `range` selects, such as `bytes=0-99`. */
const partOf = (
  objectRequest: ObjectRequest,
  content: Uint8Array,
  headers: Answer['headers'],
  range: string,
): Answer => {
  const size = content.length
  if (range.includes(',')) return targetError(objectRequest, 416, 'multi-range is not supported', 'ErrUnsupp')
  const bytes = bytesOf(range, size)
  if (!bytes) {
    const refusal = targetError(objectRequest, 416, `invalid range "${range}": object size is ${size}`)
    return { ...refusal, headers: { ...refusal.headers, 'content-range': `bytes */${size}` } }
  }
  const [first, last] = bytes
  const span = { 'accept-ranges': 'bytes', 'content-range': `bytes ${first}-${last}/${size}` }
  return {
    status: 206,
    headers: { ...headers, ...span },
    body: '',
    delayMs: 0,
    bytes: content.subarray(first, last + 1),
  }
}

/**
 * Replies to a GET with the object, with a range of it or, if it is an archive, with files of it. An object that is
 * only in the cloud is first brought into the cluster.
 */
export const readObject = (objectRequest: ObjectRequest): Answer => {
  const { bucket, cluster, name, now, query, request } = objectRequest
  const found = objectsOf(bucket).get(name)
  if (!found) return missingObject(objectRequest)
  if (request.headers['ais-blob-download'] === 'true' && !found.present) {
    downloadBlob(cluster, bucket.bck, name, ' parent:get', now, request.node)
  }
  const object = { ...found, present: true, readNs: nanoseconds(cluster, now) }
  putInto(bucket, object)
  const inArchive = query.has('archpath') || query.has('archregx')
  if (inArchive) return extracted(objectRequest, object)
  const headers = { 'content-type': TYPE, ...commonHeaders(bucket, object), ...customHeaders(object) }
  const content = contentOf(object)
  const range = request.headers['range']
  if (range !== undefined) return partOf(objectRequest, content, headers, range)
  return { status: 200, headers, body: '', delayMs: 0, bytes: content }
}
