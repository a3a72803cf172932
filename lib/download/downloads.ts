import { defer, map, of, type Observable } from 'rxjs'
import { Downloads, type DownloadStatus } from '../codec/download.ts'
import { isLeft, left, right } from '../common/either.ts'
import { show } from '../common/text.ts'
import { environmentOf, type ClusterLike, type Environment } from '../environment.ts'
import { invalidArgument, type InvalidArgument, type RequestInfo, type Result } from '../error.ts'
import { checkDownloadId, snapshotsOfDownload } from '../model/download.ts'
import { sendCall } from '../request/fail-over.ts'
import { decodeAs } from '../request/decode-as.ts'
import { ofSnapshots, publishEvidence, type ReplyEvidence } from '../request/publish-evidence.ts'
import { queryDownloadInFull, dropDownload, stopDownload } from './requests.ts'

/**
 * Requests how far a download is.
 *
 * The cluster adds up what its targets know: counters, the files that are being fetched or have ended, and the error of each
 * file that could not be downloaded. It forgets a download one day after its end. A target forgets its part when it
 * restarts; the counters then shrink. `wait`, `progress` and `jobEvents` take the id too.
 *
 * @param cluster the cluster
 * @param id the id of the download
 * @returns cold; one Right({@link DownloadStatus}), or one Left: InvalidArgument, NotFound (no target knows the id), or
 * an error that any request can have
 * @see docs/protocol.md#210-actions-that-start-a-job; Go `api.DownloadStatus`, `ais show job download`
 * @example
 * import { createCluster, downloadStatus } from 'aistore-rx'
 * downloadStatus(createCluster('http://localhost:8080'), 'dnl-FH-CdapbR').subscribe(console.log)
 */
export function downloadStatus(cluster: ClusterLike, id: string): Observable<Result<DownloadStatus>> {
  return byId(cluster, id, (checked, env) =>
    publishEvidence(env, queryDownloadInFull(cluster, checked), (result) => ofDownload(checked, result)),
  )
}

/** Settings of {@link downloads}. */
export interface DownloadsOptions {
  /** Whether to leave out downloads that have ended. Defaults to false. */
  readonly running?: boolean | undefined
  /** Which descriptions to keep. Defaults to all. */
  readonly description?: RegExp | undefined
}

const LIST: RequestInfo = Object.freeze({ method: 'GET', path: '/v1/download', query: '' })

/**
 * Lists the downloads that the cluster remembers.
 *
 * The list has counters but no files. The library itself compares the descriptions, because the cluster would take only a
 * POSIX pattern.
 *
 * @param cluster the cluster
 * @param options `running`: leaves out downloads that have ended (default false); `description`: which descriptions to
 * keep (default all)
 * @returns cold; one Right with the downloads, in no fixed order, or one Left: InvalidArgument, or an error that any
 * request can have
 * @see docs/protocol.md#210-actions-that-start-a-job; Go `api.DownloadGetList`
 * @example
 * import { createCluster, downloads } from 'aistore-rx'
 * downloads(createCluster('http://localhost:8080'), { running: true }).subscribe(console.log)
 */
export function downloads(
  cluster: ClusterLike,
  options: DownloadsOptions = {},
): Observable<Result<readonly DownloadStatus[]>> {
  return defer(() => {
    const bad = checkList(options)
    if (bad !== undefined) return of(left(bad))
    const { running = false, description } = options
    const body = JSON.stringify(running ? { only_active_tasks: true } : {})
    return sendCall(cluster, { request: LIST, body, decode: decodeAs(Downloads) }).pipe(
      map((result) => {
        if (isLeft(result)) return result
        return right(
          result.right.filter(
            (one) =>
              !(running && one.endTime !== undefined) &&
              (description === undefined || one.description.search(description) >= 0),
          ),
        )
      }),
    )
  })
}

function checkList(options: unknown): InvalidArgument | undefined {
  if (typeof options !== 'object' || options === null)
    return invalidArgument('options', `got ${show(options)}; takes an object such as { running: true }`)
  const { running, description } = options as { readonly running?: unknown; readonly description?: unknown }
  if (running !== undefined && typeof running !== 'boolean')
    return invalidArgument('running', `got ${show(running)}; takes true or false`)
  return description === undefined || description instanceof RegExp
    ? undefined
    : invalidArgument('description', `got ${show(description)}; takes a regular expression`)
}

/**
 * Aborts a download.
 *
 * Files that have arrived stay. The targets wind down for about a second; `abort` with `confirm` waits for that, and
 * accepts the id of a download too. A stop of the job that all downloads share would stop the downloads of all users.
 *
 * @param cluster the cluster
 * @param id the id of the download
 * @returns cold; one Right(undefined), or one Left: InvalidArgument, NotFound (no target knows the id), or an error that
 * any request can have
 * @see docs/protocol.md#210-actions-that-start-a-job; Go `api.AbortDownload`, `ais stop download`
 * @example
 * import { abortDownload, createCluster } from 'aistore-rx'
 * abortDownload(createCluster('http://localhost:8080'), 'dnl-FH-CdapbR').subscribe(console.log)
 */
export function abortDownload(cluster: ClusterLike, id: string): Observable<Result<void>> {
  return byId(cluster, id, (checked) => stopDownload(cluster, checked))
}

/**
 * Removes the record of a download that has ended.
 *
 * Its files stay. The cluster refuses the request while the download is running.
 *
 * @param cluster the cluster
 * @param id the id of the download
 * @returns cold; one Right(undefined), or one Left: InvalidArgument, NotFound (no target knows the id), HttpError (400
 * while it is running), or an error that any request can have
 * @see docs/protocol.md#210-actions-that-start-a-job; Go `api.RemoveDownload`
 * @example
 * import { createCluster, removeDownload } from 'aistore-rx'
 * removeDownload(createCluster('http://localhost:8080'), 'dnl-FH-CdapbR').subscribe(console.log)
 */
export function removeDownload(cluster: ClusterLike, id: string): Observable<Result<void>> {
  return byId(cluster, id, (checked) => dropDownload(cluster, checked))
}

/** The evidence from a reply about a download. */
const ofDownload = (id: string, result: Result<DownloadStatus>): readonly ReplyEvidence[] =>
  ofSnapshots({ ids: [id], onlyRunning: false }, isLeft(result) ? result : right(snapshotsOfDownload(result.right)))

const byId = <A>(
  cluster: ClusterLike,
  id: unknown,
  send: (id: string, env: Environment) => Observable<Result<A>>,
): Observable<Result<A>> =>
  defer(() => {
    const environment = environmentOf(cluster)
    if (isLeft(environment)) return of(environment)
    const checked = checkDownloadId(id)
    return isLeft(checked) ? of(checked) : send(checked.right, environment.right)
  })
