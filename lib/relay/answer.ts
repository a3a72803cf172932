import { map, type Observable } from 'rxjs'
import { ClusterMap, type ClusterNode } from '../codec/cluster-map.ts'
import { emptyRecord } from '../codec/containers.ts'
import { JobStatus } from '../codec/job-status.ts'
import { JobStatuses } from '../codec/job-statuses.ts'
import { stringifyJson } from '../codec/json.ts'
import { queryBody } from '../codec/messages.ts'
import { Running } from '../codec/running.ts'
import { Snapshots } from '../codec/snapshots.ts'
import { isLeft, right } from '../common/either.ts'
import { abort, start } from '../commands.ts'
import type { ClusterLike, Environment } from '../environment.ts'
import type { Result } from '../error.ts'
import { askRunning } from '../listings.ts'
import { askIcIfEmpty } from '../proxies/ic.ts'
import { askSnapshots, askStatus, clusterMap } from '../queries.ts'
import { decodeAs } from '../request/decode-as.ts'
import type { RelayCommand } from './command.ts'
import type { RelayQuestion } from './question.ts'
import { answered, failed, type Reply } from './reply.ts'
import { scrubbedReply } from './scrub.ts'

/** Sends a question to the cluster. The request is a new one: nothing of the page's but the decoded values is in it. */
export function answerTo(cluster: ClusterLike, env: Environment, question: RelayQuestion): Observable<Result<Reply>> {
  const { what, selection } = question
  switch (what) {
    case 'status':
      return askStatus(cluster, selection).pipe(map(replyOf(JobStatus.encode)))
    case 'qryxstats':
      return askSnapshots(cluster, selection).pipe(map(replyOf(Snapshots.encode)))
    case 'smap':
      return clusterMap(cluster).pipe(map(replyOf((nodes) => ClusterMap.encode(withoutAddresses(nodes)))))
    case 'running_all':
      return askRunning(cluster, selection.kind).pipe(map(replyOf(Running.encode)))
    case 'status_all':
      return askStatuses(env, question).pipe(map(replyOf(JobStatuses.encode)))
  }
}

/** A page needs the ids of the nodes only: it sends all requests to the relay. */
const withoutAddresses = (nodes: ClusterMap): ClusterMap => ({
  ...nodes,
  proxies: withoutUrls(nodes.proxies),
  targets: withoutUrls(nodes.targets),
})

function withoutUrls(nodes: ClusterMap['targets']): ClusterMap['targets'] {
  const copy = emptyRecord<ClusterNode>()
  for (const [id, node] of Object.entries(nodes)) copy[id] = { ...node, url: '' }
  return copy
}

/** A proxy outside of the Information Center has an empty list (T8), and a page cannot address another one. */
function askStatuses(
  env: Environment,
  { force, selection: { ids, kind, bucket } }: RelayQuestion,
): Observable<Result<JobStatuses>> {
  const call = {
    request: { method: 'GET', path: '/v1/cluster', query: force ? 'what=status_all&frc=true' : 'what=status_all' },
    body: queryBody({ id: ids[0], kind, bck: bucket }),
    decode: decodeAs(JobStatuses),
  }
  return askIcIfEmpty(env, call, (list) => list.length === 0).pipe(
    map((result) => (isLeft(result) ? result : right(result.right.value))),
  )
}

const replyOf =
  <A>(encode: (value: A) => unknown) =>
  (result: Result<A>): Result<Reply> =>
    isLeft(result) ? result : right(answered(stringifyJson(scrubbedReply(encode(result.right)))))

/** Sends a command, once. */
export const carryOut = (cluster: ClusterLike, command: RelayCommand): Observable<Reply> =>
  command.action === 'start'
    ? start(cluster, command.options).pipe(
        map((result) => (isLeft(result) ? failed(result.left) : answered(result.right.id ?? ''))),
      )
    : abort(cluster, command.selector).pipe(map((result) => (isLeft(result) ? failed(result.left) : answered(''))))
