import { workOn } from './bucket-jobs.ts'
import { addBucket, findBucket } from './create.ts'
import { encodePuts } from './erasure.ts'
import { wakeOrLaunch } from './wake.ts'
import type { BucketName } from './bucket.ts'
import type { Cluster } from './state.ts'

/** Puts objects into a bucket. Starts or resumes the idle kinds that mirror or encode them, if the bucket needs it. */
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
  const requestText = `copies:${bucket.copies}, burst:512`
  wakeOrLaunch(cluster, { ...workOn(bucket), kind: 'put-copies', bck, requestText, objects }, now)
}
