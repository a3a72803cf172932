import { isRemote, type Bucket } from '../cluster/bucket.ts'
import { Objects } from './objects.ts'
import type { StoredObject } from './stored-object.ts'

/** The name of the seeded object with this index. It has five digits, or more if the bucket needs them. */
export const seededName = (index: number, count: number): string =>
  `obj-${String(index).padStart(Math.max(5, String(count - 1).length), '0')}`

/** A seeded object. Its content is its name, repeated. */
export const seededObject = (bucket: Bucket, name: string, size: number, atNs: bigint): StoredObject => ({
  name,
  size,
  content: `${name}\n`,
  version: 1,
  writtenNs: atNs,
  readNs: atNs,
  custom: {},
  copies: bucket.copies,
  present: !isRemote(bucket.bck),
})

/** The objects of a bucket by name. Until the first call they are only counted; this call creates them. */
export const objectsOf = (bucket: Bucket): Objects => {
  if (bucket.contents) return bucket.contents
  const contents = new Objects()
  for (let i = 0; i < bucket.objects; i++) {
    contents.set(seededObject(bucket, seededName(i, bucket.objects), bucket.objectSize, bucket.createdNs))
  }
  return (bucket.contents = contents)
}

const updateCounts = (bucket: Bucket, contents: Objects): void => {
  bucket.objects = contents.count
  if (contents.count > 0) bucket.objectSize = contents.bytes / contents.count
}

/** Adds an object to a bucket, or replaces the one with its name. */
export const putInto = (bucket: Bucket, object: StoredObject): void => {
  const contents = objectsOf(bucket)
  contents.set(object)
  updateCounts(bucket, contents)
}

/** Removes an object from a bucket; returns whether there was one. */
export const dropFrom = (bucket: Bucket, name: string): boolean => {
  const contents = objectsOf(bucket)
  const dropped = contents.delete(name)
  if (dropped) updateCounts(bucket, contents)
  return dropped
}

/** Jobs only count the objects of a bucket with more objects than this: by name, they would take hundreds of megabytes. */
const MOST_BY_NAME = 100_000

/** Whether jobs act on the objects of the bucket by name. */
export const isByName = (bucket: Bucket): boolean => bucket.contents !== undefined || bucket.objects <= MOST_BY_NAME
