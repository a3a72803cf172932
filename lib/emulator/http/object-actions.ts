import { bucketUri, isRemote, type Bucket, type BucketName } from '../cluster/bucket.ts'
import { mappedTargets } from '../cluster/launch.ts'
import { ownerOf } from '../cluster/owner.ts'
import { letters, pick } from '../cluster/random.ts'
import { isRefusal } from '../cluster/refusal.ts'
import { checkBucket } from '../cluster/start-checks.ts'
import { downloadBlob } from '../cluster/blob.ts'
import { promote } from '../cluster/whole-bucket-jobs.ts'
import { objectsOf } from '../store/of-bucket.ts'
import { objectIn } from './objects/object-request.ts'
import { actionOf, primaryFor } from './cluster-actions.ts'
import { errorReply, plainError } from './error-reply.ts'
import { reply, TEXT_TYPE, type Answer, type Request } from './exchange.ts'
import { member, textOf } from './selection.ts'
import type { Cluster, Target } from '../cluster/state.ts'
import type { Action } from './messages.ts'

/** Statuses and texts of redirects. A GET of an object is answered as if the object had moved for good. */
const REDIRECTS = { 301: 'Moved Permanently', 307: 'Temporary Redirect' } as const

/** The redirect of a request to a target. The query gets the id of the proxy (`pid`) and the time (`utm`). */
const redirectTo = (cluster: Cluster, request: Request, target: Target, status: 301 | 307): Answer => {
  const utm = letters(cluster.random, 12).toLowerCase()
  const query = `${request.query}${request.query === '' ? '' : '&'}pid=${request.node}&utm=${utm}`
  const location = `${target.url}${request.path}?${query}`
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  const link = `<a href="${location.replaceAll('&', '&amp;')}">${REDIRECTS[status]}</a>.\n\n`
  const type = isRead ? { 'content-type': 'text/html; charset=utf-8' } : {}
  return { status, headers: { ...type, location }, body: request.method === 'GET' ? link : '', delayMs: 0 }
}

const noTargets = (request: Request): Answer => plainError(400, 'no targets in the cluster map', request, 'p')

/** Redirects a request to a random target. */
export const redirectToTarget = (cluster: Cluster, request: Request): Answer => {
  const targets = mappedTargets(cluster)
  return targets.length === 0 ? noTargets(request) : redirectTo(cluster, request, pick(cluster.random, targets), 307)
}

/** Redirects a request for an object to the target that holds it. */
const redirectToOwner = (cluster: Cluster, request: Request, bck: BucketName, name: string): Answer => {
  const owner = ownerOf(mappedTargets(cluster), `${bucketUri(bck)}/${name}`)
  return owner ? redirectTo(cluster, request, owner, request.method === 'GET' ? 301 : 307) : noTargets(request)
}

/** Starts a job that makes objects of files on the targets' disks. */
const startPromotion = (cluster: Cluster, request: Request, bck: BucketName, action: Action, now: number): Answer => {
  const proxy = primaryFor(cluster, request, now)
  if (typeof proxy !== 'string') return proxy
  const plan = {
    source: textOf(action.value, 'src') || action.name,
    prefix: textOf(action.value, 'obj'),
    recursive: member(action.value, 'rcr') === true,
  }
  const started = promote(cluster, bck, plan, proxy, now)
  return isRefusal(started) ? errorReply(started, { request, proxy }) : reply(started.id, TEXT_TYPE)
}

/** Starts a blob download at the target that the client was redirected to. */
export const startBlob = (cluster: Cluster, request: Request, bucket: Bucket, action: Action, now: number): Answer => {
  const { bck } = bucket
  if (!isRemote(bck)) {
    const message = `blob-download: expecting remote bucket (have ${bck.provider}://${bck.name})`
    return plainError(400, message, request, 't', 'ErrNotRemoteBck')
  }
  if (!objectsOf(bucket).get(action.name)) {
    const missing = `t[${request.node}]: ${bucketUri(bck)}/${action.name} does not exist`
    return plainError(404, missing, request, 't', 'ErrNotFound')
  }
  return reply(downloadBlob(cluster, bck, action.name, '', now, request.node), TEXT_TYPE)
}

/** Replies to requests under `/v1/objects` at a proxy, which redirects them to the target that holds the object. */
export const answerObject = (cluster: Cluster, request: Request, now: number): Answer => {
  const { bck, name } = objectIn(request)
  const where = { request, proxy: request.node }
  const action = request.method === 'POST' ? actionOf(request, request.node) : undefined
  if (action && isRefusal(action)) return errorReply(action, where)
  if (action?.action === 'promote') return startPromotion(cluster, request, bck, action, now)
  if (action && !ON_TARGETS.has(action.action)) {
    return errorReply({ status: 400, message: `invalid action "${action.action}"` }, where)
  }
  const refusal = checkBucket(cluster, bck)
  if (refusal) return errorReply(refusal, where)
  if (!action && name === '') return errorReply({ status: 400, message: 'invalid request URI: no object name' }, where)
  return redirectToOwner(cluster, request, bck, name === '' ? (action?.name ?? '') : name)
}

/** Actions on objects, which targets carry out. */
const ON_TARGETS: ReadonlySet<string> = new Set(['blob-download', 'rename-obj', 'mpt-upload', 'mpt-complete'])
