import { begin } from './bucket-jobs.ts'
import { workOn } from './work-on.ts'
import { bucketUri } from './bucket.ts'
import type { BucketName } from './bucket.ts'
import { findBucket } from './create.ts'
import { runPerTarget } from './encode-puts.ts'
import { mappedTargets } from './launch.ts'
import { isRefusal, type Refusal } from './refusal.ts'
import type { Started } from './started.ts'
import type { Cluster } from './state.ts'

/** Number of data and parity slices per object. */
export interface Slices {
  readonly data: number
  readonly parity: number
}

/**
 * Turns on erasure coding: encodes all objects of a bucket and, from then on, each new one. With `recover`, the targets
 * also look for missing slices, and wait a long time for more work.
 */
export const encodeBucket = (
  cluster: Cluster,
  bck: BucketName,
  slices: Slices,
  { recover }: { readonly recover: boolean },
  proxyId: string,
  now: number,
): Started | Refusal => {
  const before = findBucket(cluster, bck)?.ec
  if (before && (before.data !== slices.data || before.parity !== slices.parity))
    return { status: 400, message: `p[${proxyId}]: EC is already enabled on the bucket ${bucketUri(bck)}` }
  const needed = slices.data + slices.parity + 1
  const targets = mappedTargets(cluster).length
  if (findBucket(cluster, bck) && targets < needed) {
    const configured = `EC configuration (D = ${slices.data}, P = ${slices.parity})`
    const message = `not enough target nodes: ${configured} requires at least ${needed} targets (have ${targets})`
    return { status: 400, message, tcode: 'ErrNotEnoughTargets' }
  }
  const started = begin(cluster, bck, 'ec-encode', proxyId, now, (bucket) => {
    bucket.ec = slices
    const plan = { ...workOn(bucket), kind: 'ec-encode', bck, listenedBy: [bck] }
    return recover ? { ...plan, requestText: 'recover', settleMs: cluster.timing.recoverMs } : plan
  })
  const bucket = findBucket(cluster, bck)
  if (!isRefusal(started) && bucket) runPerTarget(cluster, bucket, bucket.objects, now)
  return started
}

/** The `ext` member of a snapshot: extra counters of two of these kinds, null for others. */
export const erasureExtra = (kind: string, objects: number, objectSize: number): object | null => {
  const queue = { 'ec.obj.process.ns': objects > 0 ? '1.3ms' : '0s', 'ec.queue.len.f': 0, is_idle: true }
  switch (kind) {
    case 'ec-put':
      return {
        'ec.encode.ns': objects > 0 ? '62.84µs' : '0s',
        'ec.delete.ns': '0s',
        'ec.encode.n': String(objects),
        'ec.delete.n': '0',
        'ec.encode.size': String(objectSize),
        'ec.encode.err.n': '0',
        'ec.delete.err.n': '0',
        ...queue,
      }
    case 'ec-get':
      return { 'ec.decode.ns': '0s', 'ec.decode.err.n': '0', ...queue }
    default:
      return null
  }
}
