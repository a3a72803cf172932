import { advance } from '../cluster/advance.ts'
import { putObjects } from '../cluster/bucket-jobs.ts'
import { nanoseconds } from '../cluster/instant.ts'
import { checkBucket } from '../cluster/start-checks.ts'
import { answerAction } from './cluster-actions.ts'
import { answerBucket, bucketOf } from './bucket-actions.ts'
import { answerMap } from './cluster-map.ts'
import { answerQuestion, isJobQuestion } from './cluster-questions.ts'
import { errorReply, plainError } from './error-reply.ts'
import { empty, TEXT_TYPE, type Answer, type Request } from './exchange.ts'
import { checkToken } from './token-check.ts'
import type { Cluster } from '../cluster/state.ts'

const METHODS = 'DELETE, GET, POST, PUT'

const fail = (request: Request, status: number, message: string): Answer => plainError(status, message, request, 'p')

const answerCluster = (cluster: Cluster, request: Request, now: number): Answer => {
  const what = new URLSearchParams(request.query).get('what') ?? ''
  switch (request.method) {
    case 'GET':
      if (what === 'smap') return answerMap(cluster)
      if (isJobQuestion(what)) return answerQuestion(cluster, request, what, now)
      return fail(request, 400, `unexpected query [what=${what}]`)
    case 'PUT':
      return answerAction(cluster, request, now)
    case 'POST':
      return fail(request, 400, "URL 'v1/cluster' is too short: expected 3 items, got 2")
    case 'DELETE':
      return fail(request, 403, 'not expecting DELETE /v1/cluster via pub-net')
    case 'OPTIONS':
      return empty(200, { allow: METHODS })
    default: {
      const headers = { 'content-type': TEXT_TYPE, allow: METHODS, 'x-content-type-options': 'nosniff' }
      return { status: 405, headers, body: request.method === 'HEAD' ? '' : 'Method Not Allowed\n', delayMs: 0 }
    }
  }
}

const answerDaemon = (cluster: Cluster, request: Request): Answer => {
  const what = new URLSearchParams(request.query).get('what') ?? ''
  if (request.method === 'GET' && what === 'smap') return answerMap(cluster)
  return fail(request, 400, `invalid '/v1/daemon' request: unrecognized 'what=${what}' query`)
}

const answerHealth = (cluster: Cluster, now: number): Answer => {
  const uptime = String(nanoseconds(cluster, now) - cluster.originNs)
  return empty(200, { 'ais-cluster-uptime': uptime, 'ais-node-uptime': uptime })
}

/** Objects are counted, not kept: a put is all that can be done with them. */
const answerObject = (cluster: Cluster, request: Request, bucket: string, now: number): Answer => {
  const bck = bucketOf(bucket, new URLSearchParams(request.query))
  const refusal = checkBucket(cluster, bck)
  if (refusal) return errorReply(refusal, { request, proxy: request.node })
  if (request.method !== 'PUT') return fail(request, 501, 'the emulator keeps no objects: only PUT is served')
  putObjects(cluster, bck, 1, Buffer.byteLength(request.body), now)
  return empty()
}

const uri = ({ path, query }: Request): string => (query === '' ? path : `${path}?${query}`)

const invalidUri = (request: Request): string =>
  `invalid request URI: '${request.method} ${uri(request)}' from ${request.remote}`

const answerTarget = (request: Request): Answer => {
  const what = new URLSearchParams(request.query).get('what') ?? ''
  const daemon = `invalid '/v1/daemon' request: unrecognized 'what=${what}' query`
  if (request.path === '/v1/health') return empty()
  return plainError(400, request.path === '/v1/daemon' ? daemon : invalidUri(request), request, 't')
}

/**
 * What a node of the cluster answers to a request at `now`.
 *
 * It knows no sockets and no clock: the same cluster, request and time give the same answer. Without a `token` nobody
 * is asked for one.
 */
export const answer = (cluster: Cluster, request: Request, now: number, token?: string): Answer => {
  advance(cluster, now)
  if (cluster.targets.some((target) => target.id === request.node)) return answerTarget(request)
  const [, version, kind = '', name = '', object] = request.path.split('/')
  if (version === 'v1' && kind === 'health') return answerHealth(cluster, now)
  const refusal = checkToken(
    token,
    request.headers['authorization'],
    Number(nanoseconds(cluster, now) / 1_000_000_000n),
  )
  if (refusal) return errorReply(refusal, { request, proxy: request.node })
  if (version === 'v1' && kind === 'cluster' && name === '') return answerCluster(cluster, request, now)
  if (version === 'v1' && kind === 'daemon' && name === '') return answerDaemon(cluster, request)
  if (version === 'v1' && kind === 'buckets') return answerBucket(cluster, request, name, now)
  if (version === 'v1' && kind === 'objects' && object !== undefined) return answerObject(cluster, request, name, now)
  return fail(request, 400, invalidUri(request))
}
