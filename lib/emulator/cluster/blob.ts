import { nothing, workOf } from './acts.ts'
import { bucketUri, type BucketName } from './bucket.ts'
import { findBucket } from './create.ts'
import { launch, mappedTargets } from './launch.ts'
import { pick } from './random.ts'
import { isByName, objectsOf, putInto } from '../store/of-bucket.ts'
import type { Cluster } from './state.ts'

const CHUNK = 4 * 1_024 * 1_024

/** Downloads one object in chunks on one target: on `targetId`, or else on a random one. Returns the id of the job. */
export const downloadBlob = (
  cluster: Cluster,
  bck: BucketName,
  name: string,
  parent: string,
  now: number,
  targetId?: string,
): string => {
  const targets = mappedTargets(cluster)
  const target =
    targets.find(({ id }) => id === targetId) ?? (targets.length > 0 ? pick(cluster.random, targets) : undefined)
  if (!target) return ''
  const bucket = findBucket(cluster, bck)
  const objects = bucket && isByName(bucket) ? objectsOf(bucket) : undefined
  const bytes = objects?.get(name)?.size ?? bucket?.objectSize ?? 0
  const chunks = Math.max(1, Math.ceil(bytes / CHUNK))
  const requestText = `${bucketUri(bck)}/${name}${parent}`
  // The work is counted in chunks, which are all on one target.
  const numbers = Array.from({ length: chunks }, (_, i) => String(i))
  const arrive = (): void => {
    const object = objects?.get(name)
    if (bucket && object) putInto(bucket, { ...object, present: true })
  }
  const work = bucket && objects ? workOf(bucket, numbers, () => nothing, arrive) : undefined
  const plan = { kind: 'blob-download', bck, requestText, objects: chunks, objectSize: bytes / chunks }
  return launch(cluster, now, { ...plan, targets: [target], undivided: true, ...(work ? { work } : {}) }).id
}
