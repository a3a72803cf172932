import { objectsOf } from './of-bucket.ts'
import type { Bucket } from '../cluster/bucket.ts'

/** Number and sizes of objects. */
export interface Sizes {
  readonly objects: number
  readonly bytes: number
  readonly smallest: number
  readonly largest: number
}

/** Sizes of the objects of a bucket. */
export interface BucketSizes {
  /** Objects that the cluster holds. */
  readonly present: Sizes
  /** All objects, also the objects of a remote bucket that are only in the cloud. */
  readonly all: Sizes
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
  let all = none
  for (const object of objectsOf(bucket).all()) {
    if (!object.name.startsWith(prefix)) continue
    if (object.present) present = including(present, object.size)
    all = including(all, object.size)
  }
  return { present, all }
}
