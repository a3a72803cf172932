import type { Observable } from 'rxjs'
import { DownloadStatus } from '../codec/download.ts'
import { right } from '../common/either.ts'
import type { ClusterLike } from '../environment.ts'
import type { RequestInfo, Result } from '../error.ts'
import { ask } from '../request/ask.ts'
import { decodeAs } from '../request/decode-as.ts'
import type { Limit } from '../request/send.ts'

const SHOW: RequestInfo = Object.freeze({ method: 'GET', path: '/v1/download', query: '' })
const ABORT: RequestInfo = Object.freeze({ method: 'DELETE', path: '/v1/download/abort', query: '' })
const REMOVE: RequestInfo = Object.freeze({ method: 'DELETE', path: '/v1/download/remove', query: '' })

/** @internal Requests a download in full detail: its counters, its files and their errors. */
export const askDownload = (cluster: ClusterLike, id: string, limit?: Limit): Observable<Result<DownloadStatus>> =>
  ask(cluster, { request: SHOW, body: JSON.stringify({ id }), decode: decodeAs(DownloadStatus) }, limit)

/** @internal Aborts a download. It winds down for about a second. */
export const stopDownload = (cluster: ClusterLike, id: string): Observable<Result<void>> =>
  ask(cluster, { request: ABORT, body: JSON.stringify({ id }), decode: () => right(undefined) })

/** @internal Removes the record of a download. */
export const dropDownload = (cluster: ClusterLike, id: string): Observable<Result<void>> =>
  ask(cluster, { request: REMOVE, body: JSON.stringify({ id }), decode: () => right(undefined) })
