import { putObjects } from '../cluster/put-objects.ts'
import { isRemote, type BucketName } from '../cluster/bucket.ts'
import { mappedTargets } from '../cluster/launch.ts'
import { letters, pick } from '../cluster/random.ts'
import { isRefusal } from '../cluster/refusal.ts'
import { checkBucket, refuse } from '../cluster/start-checks.ts'
import { downloadBlob, promote } from '../cluster/whole-bucket-jobs.ts'
import { bucketOf } from './bucket-name.ts'
import { actionOf, primaryFor } from './cluster-actions.ts'
import { errorReply, plainError } from './error-reply.ts'
import { empty, reply, TEXT_TYPE, type Answer, type Request } from './exchange.ts'
import { member, textOf } from './selection.ts'
import type { Cluster } from '../cluster/state.ts'
import type { Action } from './messages.ts'

/** Redirects a request to a target, as proxies do for all requests that concern data. */
export const redirectToTarget = (cluster: Cluster, request: Request): Answer => {
  const targets = mappedTargets(cluster)
  if (targets.length === 0) return plainError(400, 'no targets in the cluster map', request, 'p')
  const utm = letters(cluster.random, 12).toLowerCase()
  const query = `${request.query}${request.query === '' ? '' : '&'}pid=${request.node}&utm=${utm}`
  const location = `${pick(cluster.random, targets).url}${request.path}?${query}`
  const body =
    request.method === 'GET' ? `<a href="${location.replaceAll('&', '&amp;')}">Temporary Redirect</a>.\n\n` : ''
  return { status: 307, headers: { 'content-type': 'text/html; charset=utf-8', location }, body, delayMs: 0 }
}

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
export const startBlob = (cluster: Cluster, request: Request, bck: BucketName, action: Action, now: number): Answer => {
  const refusal = checkBucket(cluster, bck)
  if (refusal) return errorReply(refusal, { request, proxy: request.node })
  const local = refuse(
    400,
    `blob-download: expecting remote bucket (have ${bck.provider}://${bck.name})`,
    'ErrNotRemoteBck',
  )
  if (!isRemote(bck)) return errorReply(local, { request, proxy: request.node })
  return reply(downloadBlob(cluster, bck, action.name, '', now, request.node), TEXT_TYPE)
}

/**
 * Replies to requests under `/v1/objects`: PUT and starts of jobs. Objects are counted but not stored, so GET fails.
 */
export const answerObject = (cluster: Cluster, request: Request, name: string, now: number): Answer => {
  const bck = bucketOf(name, new URLSearchParams(request.query))
  const where = { request, proxy: request.node }
  if (request.method === 'POST') {
    const action = actionOf(request, request.node)
    if (isRefusal(action)) return errorReply(action, where)
    if (action.action === 'promote') return startPromotion(cluster, request, bck, action, now)
    if (action.action === 'blob-download') return redirectToTarget(cluster, request)
    return errorReply({ status: 400, message: `invalid action "${action.action}"` }, where)
  }
  const refusal = checkBucket(cluster, bck)
  if (refusal) return errorReply(refusal, where)
  if (request.method !== 'PUT')
    return plainError(501, 'the emulator keeps no objects: only PUT is served', request, 'p')
  putObjects(cluster, bck, 1, Buffer.byteLength(request.body), now)
  return empty()
}
