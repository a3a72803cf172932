import { workOn } from './bucket-jobs.ts'
import { addBucket, findBucket } from './create.ts'
import { encodePuts } from './erasure.ts'
import { wakeOrLaunch } from './wake.ts'
import type { BucketName } from './bucket.ts'
import type { Cluster } from './state.ts'

/** Puts objects into a bucket; where it is mirrored or coded this starts or wakes the idle kinds that see to it. */
export const putObjects = (
  cluster: Cluster,
  bck: BucketName,
  objects: number,
  objectSize: number | undefined,
  now: number,
): void => {
  const bucket = findBucket(cluster, bck) ?? addBucket(cluster, bck, {}, now)
  if (objectSize !== undefined) bucket.objectSize = objectSize
  bucket.objects += objects
  encodePuts(cluster, bucket, objects, now)
  if (bucket.copies < 2) return
  const asked = `copies:${bucket.copies}, burst:512`
  wakeOrLaunch(cluster, { ...workOn(bucket), kind: 'put-copies', bck, asked, objects }, now)
}
