import { defer, map, mergeMap, of, type Observable } from 'rxjs'
import { DownloadStatus, MaybeDownloadStatus } from '../codec/download.ts'
import { isLeft, right } from '../common/either.ts'
import { environmentOf, type ClusterLike, type Environment } from '../environment.ts'
import type { RequestInfo, Result } from '../error.ts'
import { filesOfDownload } from '../model/download.ts'
import { sendCall } from '../request/fail-over.ts'
import { decodeAs } from '../request/decode-as.ts'
import { decodeDone } from '../request/decode-done.ts'
import type { Limit } from '../request/send.ts'

const SHOW: RequestInfo = Object.freeze({ method: 'GET', path: '/v1/download', query: '' })
const ABORT: RequestInfo = Object.freeze({ method: 'DELETE', path: '/v1/download/abort', query: '' })
const REMOVE: RequestInfo = Object.freeze({ method: 'DELETE', path: '/v1/download/remove', query: '' })

/** @internal Requests a download in full detail: its counters, its files and their errors. */
export const queryDownloadInFull = (
  cluster: ClusterLike,
  id: string,
  limit?: Limit,
): Observable<Result<DownloadStatus>> =>
  sendCall(cluster, { request: SHOW, body: JSON.stringify({ id }), decode: decodeAs(DownloadStatus) }, limit)

/** Requests the counters of a download from the Information Center. Undefined if it does not have the counters yet. */
const queryCounters = (
  cluster: ClusterLike,
  id: string,
  limit?: Limit,
): Observable<Result<DownloadStatus | undefined>> =>
  sendCall(
    cluster,
    { request: SHOW, body: JSON.stringify({ id, only_active_tasks: true }), decode: decodeAs(MaybeDownloadStatus) },
    limit,
  )

/** With more files than this, only the counters are polled, because a full reply has some 150 bytes for each file. */
const MANY_FILES = 1_000

/**
 * The number of files of each large download that is running, by the state of its cluster and by its id. It is 0 if the full
 * reply was too large to show it.
 */
const large = new WeakMap<Environment['shared'], Map<string, number>>()

function largeOf({ shared }: Environment): Map<string, number> {
  const known = large.get(shared) ?? new Map<string, number>()
  large.set(shared, known)
  return known
}

/**
 * @internal Requests how far a download is: in full detail, unless it has very many files. For such a download, it requests
 * only the counters while the download runs.
 *
 * The Information Center keeps the counters in memory, and they may be late. If they show an end, an abort, or fewer files
 * than before, the download is requested in full to confirm it.
 */
export function queryDownload(cluster: ClusterLike, id: string, limit?: Limit): Observable<Result<DownloadStatus>> {
  return defer(() => {
    const environment = environmentOf(cluster)
    if (isLeft(environment)) return of(environment)
    const known = largeOf(environment.right)
    const files = known.get(id)
    return files === undefined ? inFull(known) : byCounters(known, files)
  })

  function inFull(known: Map<string, number>, counters?: DownloadStatus): Observable<Result<DownloadStatus>> {
    return queryDownloadInFull(cluster, id, limit).pipe(
      mergeMap((result) => {
        if (isLeft(result))
          return result.left._tag === 'ReplyTooLarge' ? countersInstead(known, counters, result) : of(result)
        const files = filesOfDownload(result.right)
        // While a download winds down, a request for its counters would be followed by a full request anyway.
        if (files > MANY_FILES && isRunning(result.right)) known.set(id, files)
        else known.delete(id)
        return of(result)
      }),
    )
  }

  /** The full reply is too large, so the counters must do, although they lack the errors of the files. */
  function countersInstead(
    known: Map<string, number>,
    counters: DownloadStatus | undefined,
    tooLarge: Result<DownloadStatus>,
  ): Observable<Result<DownloadStatus>> {
    known.set(id, 0)
    if (counters !== undefined) return of(right(counters))
    return queryCounters(cluster, id, limit).pipe(
      map((one) => (isLeft(one) || one.right === undefined ? tooLarge : right(one.right))),
    )
  }

  function byCounters(known: Map<string, number>, files: number): Observable<Result<DownloadStatus>> {
    return queryCounters(cluster, id, limit).pipe(
      mergeMap((result) => {
        if (isLeft(result)) return of(result)
        const { right: counters } = result
        const isTrusted = counters !== undefined && isRunning(counters) && filesOfDownload(counters) >= files
        return isTrusted ? of(right(counters)) : inFull(known, counters)
      }),
    )
  }
}

const isRunning = ({ endTime, aborted }: DownloadStatus): boolean => endTime === undefined && !aborted

/** @internal Aborts a download. It winds down for about a second. */
export const stopDownload = (cluster: ClusterLike, id: string): Observable<Result<void>> =>
  sendCall(cluster, { request: ABORT, body: JSON.stringify({ id }), decode: decodeDone })

/** @internal Removes the record of a download. */
export const dropDownload = (cluster: ClusterLike, id: string): Observable<Result<void>> =>
  sendCall(cluster, { request: REMOVE, body: JSON.stringify({ id }), decode: decodeDone })
