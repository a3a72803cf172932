import { isRemote, type Bucket } from './bucket.ts'
import { nanoseconds } from './instant.ts'
import { afterPuts } from './put-objects.ts'
import { objectsOf, putInto } from '../store/of-bucket.ts'
import { defined } from '../../common/defined.ts'
import type { StoredObject } from '../store/stored-object.ts'
import type { Cluster } from './state.ts'

/** What is written: the content and, for a copy, also the user's own properties of the source. */
export interface Written {
  readonly name: string
  readonly size: number
  readonly content: Uint8Array | string
  readonly custom?: Readonly<Record<string, string>>
  readonly chunks?: StoredObject['chunks']
}

/** Bytes of object contents in memory. */
const heldBytes = (cluster: Cluster): number => {
  let bytes = 0
  for (const { contents } of cluster.buckets.values()) bytes += contents?.held ?? 0
  for (const { parts } of cluster.unfinished.values()) for (const part of parts.values()) bytes += part.length
  return bytes
}

/** Whether the cluster has memory for this number of further bytes. */
export const hasRoom = (cluster: Cluster, bytes: number): boolean => heldBytes(cluster) + bytes <= cluster.memoryBytes

/** Writes an object, also into the cloud if the bucket is remote. Starts the jobs that mirror or encode new objects. */
export const writeObject = (
  cluster: Cluster,
  bucket: Bucket,
  { name, size, content, custom = {}, chunks }: Written,
  now: number,
): StoredObject => {
  const atNs = nanoseconds(cluster, now)
  const object: StoredObject = {
    name,
    size,
    content,
    version: (objectsOf(bucket).get(name)?.version ?? 0) + 1,
    writtenNs: atNs,
    readNs: atNs,
    custom,
    copies: bucket.copies,
    present: true,
    ...defined({ chunks }),
  }
  putInto(bucket, object)
  afterPuts(cluster, bucket, 1, now)
  return object
}

/** Whether the objects of the bucket have versions of their own. */
export const isVersioned = ({ bck, props }: Bucket): boolean => {
  const versioning = props?.['versioning']
  const isOn = versioning === null || typeof versioning !== 'object' || !('enabled' in versioning) || versioning.enabled
  return !isRemote(bck) && isOn === true
}
