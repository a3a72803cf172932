import { createHash } from 'node:crypto'
import type { Bucket } from '../cluster/bucket.ts'
import { contentOf, type StoredObject } from './stored-object.ts'
import { xxhash64 } from './xxhash.ts'

/** The type and the value of a checksum. */
export interface Checksum {
  readonly type: string
  readonly value: string
}

/** Cache of the checksums of contents: a content never changes, and many replies repeat its checksum. */
const known = new WeakMap<Uint8Array, string>()

const defaultChecksum = (object: StoredObject): string => {
  if (typeof object.content === 'string') return xxhash64(contentOf(object))
  let value = known.get(object.content)
  if (value === undefined) {
    value = xxhash64(object.content)
    known.set(object.content, value)
  }
  return value
}

const HASHES: ReadonlySet<string> = new Set(['md5', 'sha256', 'sha512'])

/** The type of checksum in the properties of a bucket. */
const typeOf = ({ props }: Bucket): string => {
  const checksum = props?.['checksum']
  const type: unknown = checksum !== null && typeof checksum === 'object' && 'type' in checksum ? checksum.type : ''
  return typeof type === 'string' && type !== '' ? type : 'xxhash2'
}

/** The checksum of an object. Its type is a property of the bucket. Undefined if this type is `none`. */
export const checksumOf = (bucket: Bucket, object: StoredObject): Checksum | undefined => {
  const type = typeOf(bucket)
  if (type === 'none') return undefined
  if (HASHES.has(type)) return { type, value: createHash(type).update(contentOf(object)).digest('hex') }
  return { type: 'xxhash2', value: defaultChecksum(object) }
}
