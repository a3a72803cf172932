import { isVersioned } from '../../cluster/write-object.ts'
import { checksumOf } from '../../store/checksum.ts'
import type { Bucket } from '../../cluster/bucket.ts'
import type { StoredObject } from '../../store/stored-object.ts'

type Headers = Readonly<Record<string, string>>

/** The headers with the checksum of an object; empty if the bucket has no checksums. */
export const checksumHeaders = (bucket: Bucket, object: StoredObject): Headers => {
  const checksum = checksumOf(bucket, object)
  return checksum ? { 'ais-checksum-type': checksum.type, 'ais-checksum-value': checksum.value } : {}
}

/** The header with the version of an object; none if the bucket has no versions. */
export const versionHeaders = (bucket: Bucket, { version }: StoredObject): Headers =>
  isVersioned(bucket) ? { 'ais-version': String(version) } : {}

/** The header with the user's own properties of an object; no header if there are no such properties. */
export const customHeaders = ({ custom }: StoredObject): Headers => {
  const pairs = Object.entries(custom).map(([key, value]) => `${key}=${value}`)
  return pairs.length === 0 ? {} : { 'ais-custom-md': pairs.join(', ') }
}

/** The header with the time of the last access. */
export const timeHeaders = ({ readNs }: StoredObject): Headers => ({ 'ais-atime': String(readNs) })

/** The headers that PUT, GET and HEAD share. */
export const commonHeaders = (bucket: Bucket, object: StoredObject): Headers => ({
  ...timeHeaders(object),
  ...checksumHeaders(bucket, object),
  ...versionHeaders(bucket, object),
})

/** The time of the cluster in the form of `Last-Modified`. */
export const httpTime = (ns: bigint): string => new Date(Number(ns / 1_000_000n)).toUTCString()
