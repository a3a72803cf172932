import { listPage, type Page } from '../cluster/listing.ts'
import { isRefusal } from '../cluster/refusal.ts'
import { summarize } from '../cluster/summary.ts'
import { errorReply } from './error-reply.ts'
import { reply, TEXT_TYPE, type Answer, type Request } from './exchange.ts'
import { msgpack, type Packable } from './msgpack.ts'
import { member, textOf } from './selection.ts'
import type { Bucket, BucketName } from '../cluster/bucket.ts'
import type { Cluster } from '../cluster/state.ts'
import type { Action } from './messages.ts'

/** Flag of a listed object that the cluster holds. */
const PRESENT = 64

/** Flag of a listing request for names only. */
const NAMES_ONLY = 16

const isNamesOnly = (value: unknown): boolean => {
  const props = textOf(value, 'props')
  return (Number(textOf(value, 'flags')) & NAMES_ONLY) !== 0 || (props !== '' && !props.split(',').includes('size'))
}

const entryOf = (name: string, { objectSize }: Bucket, namesOnly: boolean): Packable => {
  const size: readonly [string, Packable][] = namesOnly || objectSize === 0 ? [] : [['s', objectSize]]
  return new Map<string, Packable>([['n', name], ...size, ['f', PRESENT]])
}

const packed = ({ id, names, bucket, token }: Page, namesOnly: boolean): Uint8Array =>
  msgpack(
    new Map<string, Packable>([
      ['UUID', id],
      ['ContinuationToken', token],
      ['Entries', names.map((name) => entryOf(name, bucket, namesOnly))],
      ['Flags', 0],
    ]),
  )

/** Replies with a page of names. It is MessagePack whatever the client accepts, as on the real server. */
export const answerListing = (
  cluster: Cluster,
  request: Request,
  bck: BucketName,
  { value }: Action,
  now: number,
): Answer => {
  const pageSize = Number(member(value, 'pagesize') ?? 0)
  const plan = {
    id: textOf(value, 'uuid'),
    prefix: textOf(value, 'prefix'),
    after: textOf(value, 'continuation_token') || textOf(value, 'start_after'),
    pageSize: Number.isInteger(pageSize) ? pageSize : 0,
  }
  const page = listPage(cluster, bck, plan, request.node, now)
  if (isRefusal(page)) return errorReply(page, { request, proxy: request.node })
  const bytes = packed(page, isNamesOnly(value))
  return { status: 200, headers: { 'content-type': 'application/msgpack' }, body: '', delayMs: 0, bytes }
}

const summaryOf = ({ bck, objects, objectSize }: Bucket): object => ({
  ...bck,
  ObjCount: { obj_count_present: String(objects), obj_count_remote: '0' },
  ObjSize: { obj_min_size: objectSize, obj_avg_size: objectSize, obj_max_size: objectSize },
  TotalSize: {
    size_on_disk: String(objects * (objectSize + 64)),
    size_all_present_objs: String(objects * objectSize),
    size_all_remote_objs: '0',
    total_disks_size: '270553174016',
  },
  used_pct: 0,
  is_present: false,
})

/** HTTP statuses of the three states of a summary. */
const STATUS = { begun: 202, partial: 206, done: 200 } as const

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
    cached: member(value, 'cached') === true,
    present: member(value, 'present') === true,
  }
  const summary = summarize(cluster, bck, plan, request.node, now)
  if (isRefusal(summary)) return errorReply(summary, { request, proxy: request.node })
  const { id, state, buckets } = summary
  if (state === 'begun') return reply(id, TEXT_TYPE, 0, STATUS.begun)
  return reply(`${JSON.stringify(buckets.map(summaryOf))}\n`, TEXT_TYPE, 0, STATUS[state])
}
