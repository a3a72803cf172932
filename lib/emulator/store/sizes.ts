import { objectsOf } from './of-bucket.ts'
import type { Bucket } from '../cluster/bucket.ts'

/** Number and sizes of objects. */
export interface Sizes {
  readonly objects: number
  readonly bytes: number
  readonly smallest: number
  readonly largest: number
}

/** Sizes of the objects of a bucket, by whether the cluster holds them. */
export interface BucketSizes {
  readonly present: Sizes
  /** Objects that are only in the cloud. */
  readonly remote: Sizes
}

const none: Sizes = { objects: 0, bytes: 0, smallest: 0, largest: 0 }

const including = (sizes: Sizes, size: number): Sizes => ({
  objects: sizes.objects + 1,
  bytes: sizes.bytes + size,
  smallest: sizes.objects === 0 ? size : Math.min(sizes.smallest, size),
  largest: Math.max(sizes.largest, size),
})

/** The sizes of the objects of a bucket whose names begin with the prefix. */
export const sizesOf = (bucket: Bucket, prefix: string): BucketSizes => {
  let present = none
  let remote = none
  for (const object of objectsOf(bucket).all()) {
    if (!object.name.startsWith(prefix)) continue
    if (object.present) present = including(present, object.size)
    else remote = including(remote, object.size)
  }
  return { present, remote }
}
