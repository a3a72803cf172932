import { map, type Observable } from 'rxjs'
import { ClusterMap } from '../codec/cluster-map.ts'
import { DownloadStatus, Downloads } from '../codec/download.ts'
import { JobStatus } from '../codec/job-status.ts'
import { JobStatuses } from '../codec/job-statuses.ts'
import { stringifyJson } from '../codec/json.ts'
import { Running } from '../codec/running.ts'
import { Snapshots } from '../codec/snapshots.ts'
import { isLeft, right } from '../common/either.ts'
import { abort, start } from '../commands.ts'
import { downloads } from '../download/downloads.ts'
import { queryDownload } from '../download/requests.ts'
import type { ClusterLike, Environment } from '../environment.ts'
import type { Result } from '../error.ts'
import { queryRunning, queryStatuses } from '../listings.ts'
import { querySnapshots, queryStatus, clusterMap } from '../queries.ts'
import { STATUS_LIST } from '../request/status-list.ts'
import type { RelayCommand } from './command.ts'
import type { RelayQuery } from './query.ts'
import { answered, failed, type Reply } from './reply.ts'
import { scrubbedReply } from './scrub.ts'

/**
 * Sends a query to the cluster. The request is built from the decoded values only, so nothing else that the page sent
 * reaches the cluster.
 */
export function answerTo(cluster: ClusterLike, env: Environment, query: RelayQuery): Observable<Result<Reply>> {
  const { what, force, selection } = query
  switch (what) {
    case 'status':
      return queryStatus(cluster, selection).pipe(map(replyOf(JobStatus.encode)))
    case 'download':
      return queryDownload(cluster, selection.ids[0] ?? '').pipe(map(replyOf(DownloadStatus.encode)))
    case 'downloads':
      return downloads(cluster, { running: selection.onlyRunning }).pipe(map(replyOf(Downloads.encode)))
    case 'qryxstats':
      return querySnapshots(cluster, selection).pipe(map(replyOf(Snapshots.encode)))
    case 'smap':
      return clusterMap(cluster).pipe(map(replyOf((nodes) => ClusterMap.encode(withoutAddresses(nodes)))))
    case 'running_all':
      return queryRunning(cluster, selection.kind).pipe(map(replyOf(Running.encode)))
    case 'status_all':
      // `force`: the page sent `frc`, as `statuses` does and as the table does not.
      return queryStatuses(env, selection, force ? undefined : STATUS_LIST).pipe(map(replyOf(JobStatuses.encode)))
  }
}

/** The page gets only the ids of the nodes. It needs no addresses, since it sends all requests to the relay. */
const withoutAddresses = (nodes: ClusterMap): ClusterMap => ({
  ...nodes,
  proxies: withoutUrls(nodes.proxies),
  targets: withoutUrls(nodes.targets),
})

const withoutUrls = (nodes: ClusterMap['targets']): ClusterMap['targets'] =>
  Object.fromEntries(Object.entries(nodes).map(([id, node]) => [id, { ...node, url: '' }]))

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
