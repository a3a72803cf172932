import { findBucket } from '../cluster/create.ts'
import { checkBucket } from '../cluster/start-checks.ts'
import { sizesOf } from '../store/sizes.ts'
import { bucketProps } from './bucket-props.ts'
import { isRefusal } from '../cluster/refusal.ts'
import { summarize } from '../cluster/summary.ts'
import { errorReply } from './error-reply.ts'
import { empty, reply, TEXT_TYPE, type Answer, type Request } from './exchange.ts'
import { member, textOf } from './selection.ts'
import { isRemote, type Bucket, type BucketName } from '../cluster/bucket.ts'
import type { Cluster } from '../cluster/state.ts'
import type { Action } from './messages.ts'

/** Bytes on disk that each object needs for its metadata. */
const METADATA_BYTES = 64

/** The summary of a bucket, with the names of the wire. `cached`: only what the cluster holds. */
const summaryOf = (bucket: Bucket, prefix: string, cached: boolean): object => {
  const { present, all } = sizesOf(bucket, prefix)
  // The list of the cloud has all its objects, also those that the cluster holds.
  const remote = isRemote(bucket.bck) && !cached ? all : { objects: 0, bytes: 0 }
  return {
    ...bucket.bck,
    ObjCount: { obj_count_present: String(present.objects), obj_count_remote: String(remote.objects) },
    ObjSize: {
      obj_min_size: present.smallest,
      obj_avg_size: present.objects === 0 ? 0 : Math.floor(present.bytes / present.objects),
      obj_max_size: present.largest,
    },
    TotalSize: {
      size_on_disk: String(present.bytes + present.objects * METADATA_BYTES),
      size_all_present_objs: String(present.bytes),
      size_all_remote_objs: String(remote.bytes),
      total_disks_size: '270553174016',
    },
    used_pct: 0,
    is_present: false,
  }
}

/** HTTP statuses of the three states of a summary. */
const STATUS = { started: 202, partial: 206, done: 200 } as const

/** Replies to a summary request: first with the id of its job, later with the partial or complete summary. */
export const answerSummary = (
  cluster: Cluster,
  request: Request,
  bck: BucketName,
  { value }: Action,
  now: number,
): Answer => {
  const plan = {
    id: textOf(value, 'uuid'),
    prefix: textOf(value, 'prefix'),
    cached: member(value, 'cached') === true,
    present: member(value, 'present') === true,
  }
  const summary = summarize(cluster, bck, plan, request.node, now)
  if (isRefusal(summary)) return errorReply(summary, { request, proxy: request.node })
  const { id, state, buckets, prefix } = summary
  if (state === 'started') return reply(id, TEXT_TYPE, 0, STATUS.started)
  return reply(
    `${JSON.stringify(buckets.map((bucket) => summaryOf(bucket, prefix, plan.cached)))}\n`,
    TEXT_TYPE,
    0,
    STATUS[state],
  )
}

/**
 * Replies to a HEAD of a bucket with its properties. If the query asks for a summary, the first request starts its job.
 * Later requests have the id of this job, and the reply has the summary in a header.
 */
export const answerHead = (cluster: Cluster, request: Request, bck: BucketName, now: number): Answer => {
  const where = { request, proxy: request.node }
  const refusal = checkBucket(cluster, bck)
  const bucket = findBucket(cluster, bck)
  if (refusal || !bucket) return errorReply(refusal ?? { status: 404, message: '' }, where)
  const query = new URLSearchParams(request.query)
  const props = { 'ais-bucket-props': bucketProps(bucket) }
  if (!query.has('bsumm_remote')) return empty(200, props)
  const prefix = prefixIn(request.path)
  const cached = query.get('bsumm_remote') === 'false'
  const plan = { id: query.get('uuid') ?? '', prefix, cached, present: true }
  const summary = summarize(cluster, bck, plan, request.node, now)
  if (isRefusal(summary)) return errorReply(summary, where)
  const id = { 'ais-xaction-id': summary.id }
  if (summary.state === 'started') return empty(STATUS.started, { ...props, ...id })
  const text = JSON.stringify(summaryOf(bucket, summary.prefix, plan.cached))
  return empty(STATUS[summary.state], { ...props, ...id, 'ais-bucket-summ': text })
}

const prefixIn = (path: string): string => {
  const prefix = path.split('/').slice(4).join('/')
  try {
    return decodeURIComponent(prefix)
  } catch {
    return prefix
  }
}
