import { workOn } from './work-on.ts'
import { addBucket, findBucket } from './create.ts'
import { encodePuts } from './encode-puts.ts'
import { nanoseconds } from './instant.ts'
import { wakeOrLaunch } from './wake.ts'
import { putInto, seededName, seededObject } from '../store/of-bucket.ts'
import type { Bucket, BucketName } from './bucket.ts'
import type { Objects } from '../store/objects.ts'
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
  if (bucket.contents) addSeeded(cluster, bucket, bucket.contents, objects, objectSize ?? bucket.objectSize, now)
  else {
    if (objectSize !== undefined) bucket.objectSize = objectSize
    bucket.objects += objects
  }
  afterPuts(cluster, bucket, objects, now)
}

/** Adds seeded objects to a bucket whose objects are stored by name. */
const addSeeded = (
  cluster: Cluster,
  bucket: Bucket,
  contents: Objects,
  objects: number,
  size: number,
  now: number,
): void => {
  for (let index = contents.count, remaining = objects; remaining > 0; index++) {
    const name = seededName(index, index + 1)
    if (contents.get(name)) continue
    putInto(bucket, { ...seededObject(bucket, name, Math.round(size), nanoseconds(cluster, now)), present: true })
    remaining--
  }
}

/** Starts or resumes the idle kinds that mirror or encode new objects. */
export const afterPuts = (cluster: Cluster, bucket: Bucket, objects: number, now: number): void => {
  encodePuts(cluster, bucket, objects, now)
  if (bucket.copies < 2) return
  const requestText = `copies:${bucket.copies}, burst:512`
  wakeOrLaunch(cluster, { ...workOn(bucket), kind: 'put-copies', bck: bucket.bck, requestText, objects }, now)
}
