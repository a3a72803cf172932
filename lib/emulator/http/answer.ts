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

/** Replies to requests for data, which proxies redirect to a target. A target serves no jobs on its public port. */
const answerData = (cluster: Cluster, request: Request, now: number): Answer | undefined => {
  const [, version, kind = '', name = '', bucket = ''] = request.path.split('/')
  if (version !== 'v1') return undefined
  if (kind === 'objects' && name !== '') return serveObject(cluster, request, now)
  const isRedirected = kind === 'ml' && name === 'moss' && new URLSearchParams(request.query).has('pid')
  return isRedirected ? serveBatch(cluster, request, bucket, now) : undefined
}

/** Replies to requests at the public port of a target. */
const answerTarget = (cluster: Cluster, request: Request, now: number): Answer => {
  const data = answerData(cluster, request, now)
  if (data) return data
  const what = whatOf(request.query)
  if (request.path === '/v1/daemon' && request.method === 'GET' && what === 'smap') return answerMap(cluster)
  const daemon = `invalid '/v1/daemon' request: unrecognized 'what=${what}' query`
  if (request.path === '/v1/health') return empty()
  return plainError(400, request.path === '/v1/daemon' ? daemon : invalidUri(request), request, 't')
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
  const [, version, kind = '', name = '', rest] = request.path.split('/')
  if (version === 'v1' && kind === 'health') return answerHealth(cluster, now)
  const refusal =
    tokens === undefined ? undefined : checkToken(tokens, request, Number(nanoseconds(cluster, now) / 1_000_000_000n))
  if (refusal) return errorReply(refusal, { request, proxy: request.node })
  if (version === 'v1') {
    if (kind === 'cluster' && name === '') return answerCluster(cluster, request, now)
    if (kind === 'daemon' && name === '') return answerDaemon(cluster, request)
    if (kind === 'reverse' && name === 'daemon') return answerReverse(cluster, request, now)
    if (kind === 'buckets') return answerBucket(cluster, request, name, now)
    if (kind === 'objects' && name !== '') return answerObject(cluster, request, now)
    if (kind === 'download') return answerDownload(cluster, request, now)
    if (kind === 'sort') return answerSort(request)
    if (kind === 'etl') return answerTransforms(request)
    if (kind === 'ml' && name === 'moss') return answerBatch(cluster, request, rest ?? '')
  }
  return fail(request, 400, invalidUri(request))
}
