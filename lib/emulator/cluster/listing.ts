import { workOn } from './bucket-jobs.ts'
import { isRemote, type Bucket, type BucketName } from './bucket.ts'
import { findBucket } from './create.ts'
import { freshId, launch } from './launch.ts'
import { unreachable } from './reach.ts'
import { checkBucket } from './start-checks.ts'
import { takesWork, wake } from './wake.ts'
import type { Refusal } from './refusal.ts'
import type { Cluster } from './state.ts'

/** A request for one page of a listing. */
export interface ListPlan {
  readonly id: string
  readonly prefix: string
  readonly after: string
  readonly pageSize: number
}

/** A page of object names. */
export interface Page {
  readonly id: string
  readonly names: readonly string[]
  readonly bucket: Bucket
  /** Continuation token, which is the last name of the page; empty on the last page. */
  readonly token: string
}

/** The server's default page sizes. */
const PAGE = { ais: 10_000, remote: 1_000 }

/**
 * The name of the object with this index. Names are not stored; the number has five digits, or more if the bucket needs
 * them.
 */
const objectName = (bucket: Bucket, index: number): string =>
  `obj-${String(index).padStart(Math.max(5, String(bucket.objects - 1).length), '0')}`

/** One page of a bucket's names. The first page starts a job of the idle kind `list`; further pages resume it. */
export const listPage = (
  cluster: Cluster,
  bck: BucketName,
  plan: ListPlan,
  proxyId: string,
  now: number,
): Page | Refusal => {
  const refusal = checkBucket(cluster, bck) ?? unreachable(cluster, proxyId)
  if (refusal) return refusal
  const bucket = findBucket(cluster, bck)
  if (!bucket) return { status: 404, message: '' }
  const size = plan.pageSize > 0 ? plan.pageSize : isRemote(bck) ? PAGE.remote : PAGE.ais
  const from = indexAfter(bucket, plan.after)
  const names: string[] = []
  for (let i = from; i < bucket.objects && names.length < size; i++) {
    const name = objectName(bucket, i)
    if (name.startsWith(plan.prefix)) names.push(name)
  }
  const work = { ...workOn(bucket), objects: names.length }
  const living = plan.id === '' ? undefined : cluster.jobs.get(plan.id)
  const page = { names, bucket, token: names.length === size ? (names.at(-1) ?? '') : '' }
  if (living?.kind === 'list' && living.runs.some((run) => takesWork(run, now))) {
    wake(cluster, living, work, now)
    return { id: living.id, ...page }
  }
  const id = plan.id === '' ? freshId(cluster) : plan.id
  return { id: launch(cluster, now, { ...work, kind: 'list', bck, id }).id, ...page }
}

/** The index of the first object after a name, by binary search over the sorted names. */
const indexAfter = (bucket: Bucket, name: string): number => {
  if (name === '') return 0
  let low = 0
  let high = bucket.objects
  while (low < high) {
    const middle = (low + high) >> 1
    if (objectName(bucket, middle) <= name) low = middle + 1
    else high = middle
  }
  return low
}
