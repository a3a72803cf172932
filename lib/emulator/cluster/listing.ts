import { workOn } from './work-on.ts'
import { isRemote, type Bucket, type BucketName } from './bucket.ts'
import { findBucket } from './create.ts'
import { freshId, launch } from './launch.ts'
import { unreachable } from './reach.ts'
import { checkBucket, refuse } from './start-checks.ts'
import { acceptsWork, wake } from './wake.ts'
import { objectsOf } from '../store/of-bucket.ts'
import { pageOf, type Filter, type Listed } from '../store/page.ts'
import type { Refusal } from './refusal.ts'
import type { Cluster } from './state.ts'

/** A request for one page of a listing. */
export interface ListPlan extends Omit<Filter, 'size'> {
  readonly id: string
  readonly pageSize: number
}

/** A page of a bucket's objects. */
export interface Page {
  readonly id: string
  readonly entries: readonly Listed[]
  readonly bucket: Bucket
  /** Continuation token, which is the last name of a full page; empty on the last page. */
  readonly token: string
}

/** The server's largest page sizes, which are the defaults. */
const PAGE = { ais: 10_000, remote: 1_000 }

/** One page of a bucket's objects. The first page starts a job of the idle kind `list`; further pages resume it. */
export const listPage = (
  cluster: Cluster,
  bck: BucketName,
  plan: ListPlan,
  proxyId: string,
  now: number,
): Page | Refusal => {
  const refusal = checkBucket(cluster, bck) ?? unreachable(cluster, proxyId)
  if (refusal) return refusal
  if (plan.prefix.includes('../')) return refuse(400, `invalid prefix "${plan.prefix}"`)
  const bucket = findBucket(cluster, bck)
  if (!bucket) return { status: 404, message: '' }
  const largest = isRemote(bck) ? PAGE.remote : PAGE.ais
  const size = plan.pageSize > 0 ? Math.min(plan.pageSize, largest) : largest
  const entries = pageOf(objectsOf(bucket), { ...plan, size })
  const work = { ...workOn(bucket), objects: entries.length }
  const existing = plan.id === '' ? undefined : cluster.jobs.get(plan.id)
  const page = { entries, bucket, token: entries.length === size ? (entries.at(-1)?.name ?? '') : '' }
  if (existing?.kind === 'list' && existing.runs.some((run) => acceptsWork(run, now))) {
    wake(cluster, existing, work, now)
    return { id: existing.id, ...page }
  }
  const id = plan.id === '' ? freshId(cluster) : plan.id
  return { id: launch(cluster, now, { ...work, kind: 'list', bck, id }).id, ...page }
}
