import { copyBucket, makeCopies } from '../cluster/bucket-jobs.ts'
import { findBucket } from '../cluster/create.ts'
import { encodeBucket, type Slices } from '../cluster/erasure.ts'
import { archive, copyObjects } from '../cluster/object-jobs.ts'
import { checkBucket, refuse } from '../cluster/start-checks.ts'
import { createInventory, indexShards, renameBucket } from '../cluster/whole-bucket-jobs.ts'
import { destinationOf, member, selectionOf } from './selection.ts'
import type { BucketName } from '../cluster/bucket.ts'
import type { Refusal } from '../cluster/refusal.ts'
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
  proxy: string,
  now: number,
) => Started | Refusal

/** This build has no ETL. The server refuses with 404, although other ETL requests get 501. */
const noTransform = (): Refusal =>
  refuse(404, 'cannot use ETL in a build without ETL support - operation not supported', 'ErrUnsupp')

/** Actions that need a second bucket. */
export const twoBucketActions: Readonly<Record<string, TwoBucketHandler>> = {
  'POST copy-bck': copyBucket,
  'POST move-bck': renameBucket,
  'POST etl-bck': noTransform,
}

const whole = (value: unknown, name: string, otherwise: number): number => {
  const found = member(value, name)
  return typeof found === 'number' && Number.isInteger(found) && found > 0 ? found : otherwise
}

const slicesOf = (value: unknown): Slices => ({
  data: whole(value, 'data_slices', 2),
  parity: whole(value, 'parity_slices', 2),
})

/** Starts erasure coding. The value must be a string that contains JSON; the server refuses an object. */
const encode: ActionHandler = (cluster, bck, { value }, proxy, now) => {
  const unread = refuse(400, `failed to unmarshal EC config: expected a JSON string, got ${typeof value}`)
  if (typeof value !== 'string') return unread
  try {
    return encodeBucket(cluster, bck, slicesOf(JSON.parse(value)), proxy, now)
  } catch (error) {
    if (error instanceof SyntaxError) return unread
    throw error
  }
}

/** Sets properties. A change of mirroring or erasure coding starts a job, whose id is in the reply. */
const setProps: ActionHandler = (cluster, bck, { value }, proxy, now) => {
  const refusal = checkBucket(cluster, bck)
  const bucket = findBucket(cluster, bck)
  if (refusal || !bucket) return refusal ?? { id: '' }
  const ec = member(value, 'ec')
  if (member(ec, 'enabled') === false) delete bucket.ec
  if (member(ec, 'enabled') === true && !bucket.ec) return encodeBucket(cluster, bck, slicesOf(ec), proxy, now)
  const mirror = member(value, 'mirror')
  const enabled = member(mirror, 'enabled')
  if (enabled === undefined && member(mirror, 'copies') === undefined) return { id: '' }
  const copies = enabled === false ? 1 : whole(mirror, 'copies', 2)
  return copies === bucket.copies ? { id: '' } : makeCopies(cluster, bck, copies, proxy, now)
}

/** Further actions on one bucket. Those with a destination read it from the value, not from the query. */
export const moreActions: Readonly<Record<string, ActionHandler>> = {
  'PUT archive': (cluster, bck, { value }, proxy, now) =>
    archive(cluster, bck, destinationOf(value, bck), selectionOf(value), proxy, now),
  'POST copy-listrange': (cluster, bck, { value }, proxy, now) =>
    copyObjects(cluster, bck, destinationOf(value, bck), selectionOf(value), proxy, now),
  'POST etl-listrange': noTransform,
  'POST ec-encode': encode,
  'POST index-shard': (cluster, bck, _action, proxy, now) => indexShards(cluster, bck, proxy, now),
  'POST create-inventory': (cluster, bck, _action, proxy, now) => createInventory(cluster, bck, proxy, now),
  'PATCH set-bprops': setProps,
}
