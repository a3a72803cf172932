import { uuid } from '../../cluster/random.ts'
import { hasRoom, writeObject } from '../../cluster/write-object.ts'
import { joined, type Parts } from '../../store/parts.ts'
import { xxhash64 } from '../../store/xxhash.ts'
import { objectUri, targetError, type AskedObject } from './asked-object.ts'
import { commonHeaders } from './object-headers.ts'
import { member } from '../selection.ts'
import { empty, reply, TEXT_TYPE, type Answer } from '../exchange.ts'
import type { Action } from '../messages.ts'

const idOf = ({ query }: AskedObject): string => query.get('uploadId') ?? ''

const uploadOf = (asked: AskedObject): Parts | undefined => {
  const upload = asked.cluster.unfinished.get(idOf(asked))
  return upload?.of === objectUri(asked) ? upload : undefined
}

const unknown = (asked: AskedObject): Answer =>
  targetError(asked, 404, `multipart upload "${idOf(asked)}" does not exist`, 'ErrNotFound')

/** Begins an upload in parts, and replies with its id. */
export const beginUpload = (asked: AskedObject): Answer => {
  const id = uuid(asked.cluster.random)
  asked.cluster.unfinished.set(id, { of: objectUri(asked), parts: new Map() })
  return reply(id, TEXT_TYPE)
}

/** Writes one part. The reply has its entity tag. */
export const putPart = (asked: AskedObject, bytes: Uint8Array): Answer => {
  const upload = uploadOf(asked)
  const part = Number(asked.query.get('partNumber'))
  if (!upload) return unknown(asked)
  if (!Number.isInteger(part) || part < 1) return targetError(asked, 400, `invalid part number "${part}"`)
  if (bytes.length === 0) return targetError(asked, 400, `${objectUri(asked)}: put-part invalid size (0)`)
  if (!hasRoom(asked.cluster, bytes.length)) return targetError(asked, 507, 'out of space', 'ErrCapExceeded')
  upload.parts.set(part, bytes)
  return empty(200, { etag: `"${xxhash64(bytes)}"` })
}

const numbersIn = (value: unknown): readonly number[] =>
  Array.isArray(value) ? value.map((part) => Number(member(part, 'part-number'))) : []

/** Makes an object of the parts in the order of their numbers. */
export const completeUpload = (asked: AskedObject, { value }: Action): Answer => {
  const { bucket, cluster, name, now } = asked
  const upload = uploadOf(asked)
  if (!upload) return unknown(asked)
  const numbers = [...numbersIn(value)].sort((a, b) => a - b)
  const contents = numbers.flatMap((number) => upload.parts.get(number) ?? [])
  if (upload.parts.size === 0) return targetError(asked, 400, `${objectUri(asked)}: no chunks`)
  if (numbers.length !== upload.parts.size) {
    const counts = `requested ${numbers.length} parts, have ${upload.parts.size}`
    return targetError(asked, 501, `partial completion is not allowed: ${counts}`)
  }
  if (contents.length < numbers.length) return targetError(asked, 400, `${objectUri(asked)}: a part is missing`)
  cluster.unfinished.delete(idOf(asked))
  const content = joined(contents)
  const chunks = { count: contents.length, maxBytes: Math.max(...contents.map(({ length }) => length)) }
  const object = writeObject(cluster, bucket, { name, size: content.length, content, chunks }, now)
  return empty(200, commonHeaders(bucket, object))
}

/** Gives up an upload and its parts. */
export const abortUpload = (asked: AskedObject): Answer => {
  if (!uploadOf(asked)) return unknown(asked)
  asked.cluster.unfinished.delete(idOf(asked))
  return empty()
}
