import * as jobs from '../cluster/bucket-jobs.ts'
import { findBucket } from '../cluster/create.ts'
import { refuseCopies } from '../cluster/mountpaths.ts'
import { freshId } from '../cluster/launch.ts'
import { isByName, objectsOf } from '../store/of-bucket.ts'
import { bucketName, isRemote, type BucketName } from '../cluster/bucket.ts'
import { isRefusal, type Refusal } from '../cluster/refusal.ts'
import { evictBucket } from '../cluster/whole-bucket-jobs.ts'
import type { Started } from '../cluster/started.ts'
import { bucketOf } from './bucket-name.ts'
import { createBucket, destroyBucket, listBuckets, resetProps, setProps } from './bucket-life.ts'
import { actionOf, primaryFor } from './cluster-actions.ts'
import { errorReply } from './error-reply.ts'
import { empty, reply, TEXT_TYPE, type Answer, type Request } from './exchange.ts'
import { answerHead, answerSummary } from './bucket-queries.ts'
import { answerListing } from './listing.ts'
import { moreActions, twoBucketActions, type ActionHandler, type TwoBucketHandler } from './more-actions.ts'
import { copyObjects } from '../cluster/object-jobs.ts'
import { chunkSizesOf, copyOptionsOf } from './job-options.ts'
import { selectionOf, textOf } from './selection.ts'
import type { Action } from './messages.ts'
import type { Cluster } from '../cluster/state.ts'

/** The destination of a copy, which the query gives as `provider/@uuid#name/bucket/`. */
const targetBucket = (query: URLSearchParams): BucketName | undefined => {
  const match = /^([^/]*)\/@([^#]*)#([^/]*)\/([^/]+)\/?$/.exec(query.get('bck_to') ?? '')
  return match ? bucketName(match[4] ?? '', match[1], match[2], match[3]) : undefined
}

const invalidAction: ActionHandler = (_cluster, _bck, { action }) => ({
  status: 400,
  message: `invalid action "${action}"`,
})

/** Starts the job that keeps several copies of each object. */
const makeCopies: ActionHandler = (cluster, bck, { value }, proxy, now) => {
  const copies = Number(value)
  if (!Number.isInteger(copies))
    return { status: 400, message: `failed to parse ${JSON.stringify(value)} as a number of copies` }
  return (
    (findBucket(cluster, bck) && refuseCopies(cluster, bck, copies)) ??
    jobs.makeCopies(cluster, bck, copies, proxy, now)
  )
}

const onSelection: ActionHandler = (cluster, bck, { action, value }, proxy, now) =>
  jobs.onSelection(cluster, action, bck, selectionOf(value), proxy, now)

/** Copies the objects with a prefix, including those that are only in the cloud. */
const copyChosen: TwoBucketHandler = (cluster, from, to, { value }, proxy, now) => {
  const prefix = textOf(value, 'prefix')
  const source = findBucket(cluster, from)
  // The proxy lists the first page. If that is empty, it starts nothing, and replies with the id of its listing.
  if (
    source &&
    isByName(source) &&
    !objectsOf(source)
      .names()
      .some((name) => name.startsWith(prefix))
  )
    return { id: freshId(cluster) }
  return copyObjects(cluster, from, to, { template: prefix, text: prefix }, copyOptionsOf(value), proxy, now)
}

const handlers: Readonly<Record<string, ActionHandler>> = {
  'POST create-bck': createBucket,
  'DELETE destroy-bck': destroyBucket,
  'PATCH set-bprops': setProps,
  'PATCH reset-bprops': resetProps,
  'POST make-n-copies': makeCopies,
  'POST rechunk': (cluster, bck, { value }, proxy, now) => jobs.rechunk(cluster, bck, chunkSizesOf(value), proxy, now),
  'POST prefetch-listrange': onSelection,
  'DELETE delete-listrange': onSelection,
  'DELETE evict-listrange': onSelection,
  ...moreActions,
}

/** Replies to requests under `/v1/buckets`: creates, lists and inspects buckets and starts jobs on them. */
export const answerBucket = (cluster: Cluster, request: Request, name: string, now: number): Answer => {
  const query = new URLSearchParams(request.query)
  const bck = bucketOf(name, query)
  if (request.method === 'HEAD') return answerHead(cluster, request, bck, now)
  if (
    request.path
      .split('/')
      .slice(4)
      .some((part) => part !== '')
  ) {
    const message = `invalid request URI '${request.path}': expected a bucket name only`
    return errorReply({ status: 400, message }, { request, proxy: request.node })
  }
  const action = actionOf(request, request.node)
  if (isRefusal(action)) return errorReply(action, { request, proxy: request.node })
  if (request.method === 'GET' && action.action === 'list') {
    return name === '' ? listBuckets(cluster, request, action) : answerListing(cluster, request, bck, action, now)
  }
  if (request.method === 'GET' && action.action === 'summary-bck') {
    return answerSummary(cluster, request, bck, action, now)
  }
  const proxy = primaryFor(cluster, request, now)
  if (typeof proxy !== 'string') return proxy
  const done = perform(cluster, request, query, bck, action, proxy, now)
  if (isRefusal(done)) return errorReply(done, { request, proxy })
  return done.id === '' ? empty() : reply(done.id, TEXT_TYPE)
}

/** Carries out an action on a bucket, which its method and its name determine. */
const perform = (
  cluster: Cluster,
  request: Request,
  query: URLSearchParams,
  bck: BucketName,
  action: Action,
  proxy: string,
  now: number,
): Started | Refusal => {
  const route = `${request.method} ${action.action}`
  const handler = twoBucketActions[route]
  if (handler) {
    const to = targetBucket(query)
    // A copy that includes objects which are only in the cloud is a copy of chosen objects.
    const isOfAll = route === 'POST copy-bck' && query.get('presence') === '0' && isRemote(bck)
    if (to && isOfAll) return copyChosen(cluster, bck, to, action, proxy, now)
    return to
      ? handler(cluster, bck, to, action, proxy, now)
      : { status: 400, message: 'missing "bck_to" query parameter' }
  }
  const keeps = query.get('keep_bck_md')?.toLowerCase() === 'true'
  if (route === 'DELETE evict-remote-bck') return evictBucket(cluster, bck, keeps, proxy, now)
  return (handlers[route] ?? invalidAction)(cluster, bck, action, proxy, now)
}
