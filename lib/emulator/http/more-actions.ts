import { copyBucket } from '../cluster/bucket-jobs.ts'
import { encodeBucket } from '../cluster/erasure.ts'
import { archive, copyObjects } from '../cluster/object-jobs.ts'
import { isRefusal, type Refusal } from '../cluster/refusal.ts'
import { checkBucket, refuse } from '../cluster/start-checks.ts'
import { createInventory, indexShards, renameBucket } from '../cluster/whole-bucket-jobs.ts'
import { archiveOptionsOf, copyBucketOptionsOf, copyOptionsOf } from './job-options.ts'
import { destinationOf, namedDestinationOf, selectionOf, slicesOf } from './selection.ts'
import type { BucketName } from '../cluster/bucket.ts'
import type { Started } from '../cluster/started.ts'
import type { Cluster } from '../cluster/state.ts'
import type { Action } from './messages.ts'

/** Carries out an action on one bucket. */
export type ActionHandler = (
  cluster: Cluster,
  bck: BucketName,
  action: Action,
  proxy: string,
  now: number,
) => Started | Refusal

/** Carries out an action on a bucket and the destination bucket that the query names. */
export type TwoBucketHandler = (
  cluster: Cluster,
  from: BucketName,
  to: BucketName,
  action: Action,
  proxy: string,
  now: number,
) => Started | Refusal

/** This build has no ETL. The server refuses with 404, although other ETL requests get 501. */
const noTransform = (): Refusal =>
  refuse(404, 'cannot use ETL in a build without ETL support - operation not supported', 'ErrUnsupp')

/** Actions that need a second bucket. */
export const twoBucketActions: Readonly<Record<string, TwoBucketHandler>> = {
  'POST copy-bck': (cluster, from, to, { value }, proxy, now) =>
    copyBucket(cluster, from, to, copyBucketOptionsOf(value), proxy, now),
  'POST move-bck': (cluster, from, to, _action, proxy, now) => renameBucket(cluster, from, to, proxy, now),
  'POST etl-bck': noTransform,
}

/** Starts erasure coding. The value must be a string that contains JSON; the server refuses an object. */
const encode: ActionHandler = (cluster, bck, { value, name }, proxy, now) => {
  const unread = refuse(400, 'invalid ec-encode request')
  if (typeof value !== 'string') return unread
  try {
    return encodeBucket(cluster, bck, slicesOf(JSON.parse(value)), { recover: name === 'recover' }, proxy, now)
  } catch (error) {
    if (error instanceof SyntaxError) return unread
    throw error
  }
}

/** Further actions on one bucket. Those with a destination read it from the value, not from the query. */
export const moreActions: Readonly<Record<string, ActionHandler>> = {
  'PUT archive': (cluster, bck, { value }, proxy, now) => {
    const to = namedDestinationOf(value)
    // The code of the server takes the source bucket as the default, but finds no name in it, and refuses.
    if (to === undefined) return checkBucket(cluster, bck) ?? refuse(400, 'bucket name is missing')
    const options = archiveOptionsOf(value)
    if (isRefusal(options)) return checkBucket(cluster, bck) ?? options
    return archive(cluster, bck, to, selectionOf(value), options, proxy, now)
  },
  'POST copy-listrange': (cluster, bck, { value }, proxy, now) =>
    copyObjects(cluster, bck, destinationOf(value, bck), selectionOf(value), copyOptionsOf(value), proxy, now),
  'POST etl-listrange': noTransform,
  'POST ec-encode': encode,
  'POST index-shard': (cluster, bck, _action, proxy, now) => indexShards(cluster, bck, proxy, now),
  'POST create-inventory': (cluster, bck, _action, proxy, now) => createInventory(cluster, bck, proxy, now),
}
