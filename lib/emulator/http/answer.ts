import { advance } from '../cluster/advance.ts'
import { nanoseconds } from '../cluster/instant.ts'
import { answerAction } from './cluster-actions.ts'
import { answerSort, answerTransforms } from './absent-apis.ts'
import { answerBatch, serveBatch } from './batch.ts'
import { answerBucket } from './bucket-actions.ts'
import { answerMap } from './cluster-map.ts'
import { answerJobQuery, isJobQuery } from './cluster-queries.ts'
import { answerDownload } from '../download/answer-download.ts'
import { answerConfig, answerReverse } from './node-queries.ts'
import { answerObject } from './object-actions.ts'
import { serveObject } from './objects/serve-object.ts'
import { errorReply, plainError } from './error-reply.ts'
import { empty, TEXT_TYPE, type Answer, type Request } from './exchange.ts'
import type { Tokens } from './access.ts'
import { checkToken } from './token-check.ts'
import { whatOf } from './what.ts'
import type { Cluster } from '../cluster/state.ts'

const METHODS = 'DELETE, GET, POST, PUT'

const fail = (request: Request, status: number, message: string): Answer => plainError(status, message, request, 'p')

/** Replies to requests under `/v1/cluster`: queries about jobs, and starts and stops. */
const answerCluster = (cluster: Cluster, request: Request, now: number): Answer => {
  const what = whatOf(request.query)
  switch (request.method) {
    case 'GET':
      if (what === 'smap') return answerMap(cluster)
      if (what === 'cluster_config') return answerConfig(cluster)
      if (isJobQuery(what)) return answerJobQuery(cluster, request, what, now)
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
  const what = whatOf(request.query)
  if (request.method === 'GET' && what === 'smap') return answerMap(cluster)
  return fail(request, 400, `invalid '/v1/daemon' request: unrecognized 'what=${what}' query`)
}

const answerHealth = (cluster: Cluster, now: number): Answer => {
  const uptime = String(nanoseconds(cluster, now) - cluster.originNs)
  return empty(200, { 'ais-cluster-uptime': uptime, 'ais-node-uptime': uptime })
}

const uri = ({ path, query }: Request): string => (query === '' ? path : `${path}?${query}`)

const invalidUri = (request: Request): string =>
  `invalid request URI: '${request.method} ${uri(request)}' from ${request.remote}`

/** Replies to requests for data, which proxies redirect to a target. Undefined for other requests. */
const answerData = (cluster: Cluster, request: Request, now: number): Answer | undefined => {
  const [, version, api = '', name = '', bucket = ''] = request.path.split('/')
  if (version !== 'v1') return undefined
  if (api === 'objects' && name !== '') return serveObject(cluster, request, now)
  if (api !== 'ml' || name !== 'moss') return undefined
  // The proxy that redirects a request adds its id as `pid`.
  const isRedirected = new URLSearchParams(request.query).has('pid')
  return isRedirected ? serveBatch(cluster, request, bucket, now) : undefined
}

/** Replies to requests at the public port of a target, which serves data and the cluster map, but no jobs. */
const answerTarget = (cluster: Cluster, request: Request, now: number): Answer => {
  const data = answerData(cluster, request, now)
  if (data) return data
  if (request.path === '/v1/health') return empty()
  if (request.path !== '/v1/daemon') return plainError(400, invalidUri(request), request, 't')
  const what = whatOf(request.query)
  if (request.method === 'GET' && what === 'smap') return answerMap(cluster)
  return plainError(400, `invalid '/v1/daemon' request: unrecognized 'what=${what}' query`, request, 't')
}

/**
 * The reply of a node to a request at time `now`.
 *
 * It uses no socket and no clock: the same cluster state, request and time give the same reply. Without `tokens`,
 * requests need no token.
 */
export const answer = (cluster: Cluster, request: Request, now: number, tokens?: Tokens): Answer => {
  advance(cluster, now)
  if (cluster.targets.some((target) => target.id === request.node)) return answerTarget(cluster, request, now)
  const [, version, api = '', name = '', bucket = ''] = request.path.split('/')
  if (version === 'v1' && api === 'health') return answerHealth(cluster, now)
  const seconds = Number(nanoseconds(cluster, now) / 1_000_000_000n)
  const refusal = tokens === undefined ? undefined : checkToken(tokens, request, seconds)
  if (refusal) return errorReply(refusal, { request, proxy: request.node })
  if (version === 'v1') {
    if (api === 'cluster' && name === '') return answerCluster(cluster, request, now)
    if (api === 'daemon' && name === '') return answerDaemon(cluster, request)
    if (api === 'reverse' && name === 'daemon') return answerReverse(cluster, request, now)
    if (api === 'buckets') return answerBucket(cluster, request, name, now)
    if (api === 'objects' && name !== '') return answerObject(cluster, request, now)
    if (api === 'download') return answerDownload(cluster, request, now)
    if (api === 'sort') return answerSort(request)
    if (api === 'etl') return answerTransforms(request)
    if (api === 'ml' && name === 'moss') return answerBatch(cluster, request, bucket)
  }
  return fail(request, 400, invalidUri(request))
}
