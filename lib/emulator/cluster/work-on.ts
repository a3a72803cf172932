import { bucketUri, type Bucket } from './bucket.ts'
import type { Plan } from './launch.ts'

/** The objects of a bucket as the work of a job, by name. */
export const workOn = (bucket: Bucket): Pick<Plan, 'objects' | 'objectSize' | 'spreadKey'> => ({
  objects: bucket.objects,
  objectSize: bucket.objectSize,
  spreadKey: bucketUri(bucket.bck),
})
