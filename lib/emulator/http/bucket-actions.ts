import * as jobs from '../cluster/bucket-jobs.ts'
import { bucketName, bucketUri, isBucketName, type BucketName } from '../cluster/bucket.ts'
import { addBucket, findBucket } from '../cluster/create.ts'
import { isRefusal, type Refusal } from '../cluster/refusal.ts'
import { checkBucket } from '../cluster/start-checks.ts'
import type { Started } from '../cluster/start.ts'
import { bucketProps } from './bucket-props.ts'
import { actionOf, primaryFor } from './cluster-actions.ts'
import { errorReply } from './error-reply.ts'
import { empty, JSON_TYPE, reply, TEXT_TYPE, type Answer, type Request } from './exchange.ts'
import { destinationOf, selectionOf } from './selection.ts'
import type { Action } from './messages.ts'
import type { Cluster } from '../cluster/state.ts'

const decodeName = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** A bucket of the path, its provider and `@uuid#name` of the query. */
export const bucketOf = (name: string, query: URLSearchParams): BucketName => {
  const [, uuid = '', space = ''] = /^@?([^#]*)#?(.*)$/.exec(query.get('namespace') ?? '') ?? []
  return bucketName(decodeName(name), query.get('provider') ?? '', uuid, space)
}

/** The destination of a copy, `provider/@uuid#name/bucket/`. */
const targetBucket = (query: URLSearchParams): BucketName | undefined => {
  const match = /^([^/]*)\/@([^#]*)#([^/]*)\/([^/]+)\/?$/.exec(query.get('bck_to') ?? '')
  return match ? bucketName(match[4] ?? '', match[1], match[2], match[3]) : undefined
}

const listBuckets = (cluster: Cluster, query: URLSearchParams): Answer => {
  const provider = query.get('provider') ?? ''
  const listed = [...cluster.buckets.values()].map(({ bck }) => bck)
  return reply(`${JSON.stringify(listed.filter((bck) => provider === '' || bck.provider === provider))}\n`, JSON_TYPE)
}

type Doer = (cluster: Cluster, bck: BucketName, action: Action, proxy: string, now: number) => Started | Refusal

const invalidAction: Doer = (_cluster, _bck, { action }) => ({ status: 400, message: `invalid action "${action}"` })

const createBucket: Doer = (cluster, bck, _action, _proxy, now) => {
  if (!isBucketName(bck.name)) return checkBucket(cluster, bck) ?? { id: '' }
  if (findBucket(cluster, bck)) {
    return { status: 409, tcode: 'ErrBckAlreadyExists', message: `bucket "${bucketUri(bck)}" already exists` }
  }
  addBucket(cluster, bck, {}, now)
  return { id: '' }
}

const destroyBucket: Doer = (cluster, bck) => {
  const refusal = checkBucket(cluster, bck)
  if (refusal) return refusal
  cluster.buckets.delete(bucketUri(bck))
  return { id: '' }
}

const makeCopies: Doer = (cluster, bck, { value }, proxy, now) => {
  const copies = Number(value)
  return Number.isInteger(copies) && copies >= 1
    ? jobs.makeCopies(cluster, bck, copies, proxy, now)
    : { status: 400, message: `failed to parse ${JSON.stringify(value)} as a number of copies` }
}

const onSelection: Doer = (cluster, bck, { action, value }, proxy, now) =>
  jobs.onSelection(cluster, action, bck, selectionOf(value), proxy, now)

const archive: Doer = (cluster, bck, { value }, proxy, now) =>
  jobs.archive(cluster, bck, destinationOf(value, bck), selectionOf(value), proxy, now)

const doers: Readonly<Record<string, Doer>> = {
  'POST create-bck': createBucket,
  'DELETE destroy-bck': destroyBucket,
  'POST make-n-copies': makeCopies,
  'POST rechunk': (cluster, bck, _action, proxy, now) => jobs.rechunk(cluster, bck, proxy, now),
  'POST prefetch-listrange': onSelection,
  'DELETE delete-listrange': onSelection,
  'DELETE evict-listrange': onSelection,
  'PUT archive': archive,
}

/** Answers what is asked of buckets: made, listed, looked at, and the jobs that work on them. */
export const answerBucket = (cluster: Cluster, request: Request, name: string, now: number): Answer => {
  const query = new URLSearchParams(request.query)
  const bck = bucketOf(name, query)
  if (request.method === 'HEAD') {
    const refusal = checkBucket(cluster, bck)
    const bucket = findBucket(cluster, bck)
    if (refusal || !bucket) return errorReply(refusal ?? { status: 404, message: '' }, { request, proxy: request.node })
    return empty(200, { 'ais-bucket-props': bucketProps(bucket) })
  }
  const action = actionOf(request, request.node)
  if (isRefusal(action)) return errorReply(action, { request, proxy: request.node })
  if (request.method === 'GET' && action.action === 'list' && name === '') return listBuckets(cluster, query)
  const proxy = primaryFor(cluster, request, now)
  if (typeof proxy !== 'string') return proxy
  const done = perform(cluster, request, query, bck, action, proxy, now)
  if (isRefusal(done)) return errorReply(done, { request, proxy })
  return done.id === '' ? empty() : reply(done.id, TEXT_TYPE)
}

const perform = (
  cluster: Cluster,
  request: Request,
  query: URLSearchParams,
  bck: BucketName,
  action: Action,
  proxy: string,
  now: number,
): Started | Refusal => {
  if (request.method === 'POST' && action.action === 'copy-bck') {
    const to = targetBucket(query)
    return to ? jobs.copyBucket(cluster, bck, to, proxy, now) : { status: 400, message: 'bucket name is missing' }
  }
  return (doers[`${request.method} ${action.action}`] ?? invalidAction)(cluster, bck, action, proxy, now)
}
