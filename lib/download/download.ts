import { defer, map, of, type Observable } from 'rxjs'
import { DownloadStarted } from '../codec/download.ts'
import type { Bucket } from '../codec/bucket.ts'
import { requestBucket } from '../codec/messages.ts'
import { defined } from '../common/defined.ts'
import { isLeft, left, right } from '../common/either.ts'
import { environmentOf, type ClusterLike } from '../environment.ts'
import type { RequestInfo, Result } from '../error.ts'
import { ask } from '../request/ask.ts'
import { decodeAs } from '../request/decode-as.ts'
import { checkDownload, type CheckedDownload } from './download-options.ts'
import type { DownloadSource } from './source.ts'

/** Options of {@link download}. Absent options are not sent, so the server's own defaults apply. */
export interface DownloadOptions {
  /** The bucket that gets the files. The cluster creates a bucket of its own that does not exist. */
  readonly to: Bucket
  /** Which files. */
  readonly what: DownloadSource
  /** A text by which `downloads` finds it. Defaults to one that the server makes of the request. */
  readonly description?: string | undefined
  /** The longest time for one file, in milliseconds. Defaults to the server's own limit. */
  readonly fileTimeoutMs?: number | undefined
  /** Headers of the requests for the files, such as an authorization. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Limits of speed. */
  readonly limits?:
    | {
        /** Files at a time on each target. Defaults to the server's own number. */
        readonly connections?: number | undefined
        /** Bytes in an hour, over all targets. Defaults to no limit. */
        readonly bytesPerHour?: number | undefined
      }
    | undefined
}

/** A download that was started. It is plain data: `wait`, `abort` and `progress` take it, also after a restart. */
export interface StartedDownload {
  /** The id of the download. */
  readonly id: string
  /** Always `download`. */
  readonly kind: 'download'
  /** The bucket that gets the files. It is not named `bucket`, so that selectors ignore it. */
  readonly inBucket: Bucket
  /** When the request was sent, in milliseconds since the Unix epoch, by the local clock. */
  readonly sinceMs: number
  /** How many files it has, if the request tells. */
  readonly expected?: { readonly objects: number }
}

const START: RequestInfo = Object.freeze({ method: 'POST', path: '/v1/download', query: '' })

/**
 * Downloads files from links into a bucket. EACH SUBSCRIPTION STARTS A DOWNLOAD.
 *
 * The targets fetch the files; those that are there already, with the same size and checksum, are skipped, so a download
 * may be started again. Targets refuse links to loopback and private addresses. A link that fails makes the download
 * `failed`; the result of `wait` names the files. The request is sent once and never repeated: after a Left other than
 * InvalidArgument and Unauthorized, find out with {@link downloads} by the description whether it runs.
 *
 * @param cluster the cluster
 * @param options `to`: the bucket; `what`: one link, several links, links by a template such as `http://h/{0..9}.tar`, or
 * the objects of the remote bucket itself; `description`; `fileTimeoutMs`: the limit of one file in milliseconds;
 * `headers`; `limits`
 * @returns cold; one Right({@link StartedDownload}), or one Left: InvalidArgument, NotFound (no such remote bucket),
 * HttpError (400 for a request that the cluster refuses, 429 if its queue is full, 507 if it has no space), or an error
 * that any request can have
 * @see docs/protocol.md#210-actions-that-start-a-job; Go `api.DownloadWithParam`, `ais download`
 * @example
 * import { createCluster, download } from 'aistore-rx'
 * const what = { template: 'https://example.com/shard-{000..099}.tar' }
 * download(createCluster('http://localhost:8080'), { to: { name: 'shards' }, what }).subscribe(console.log)
 */
export function download(cluster: ClusterLike, options: DownloadOptions): Observable<Result<StartedDownload>> {
  return defer(() => {
    const environment = environmentOf(cluster)
    if (isLeft(environment)) return of(environment)
    const checked = checkDownload(options)
    if (isLeft(checked)) return of(left(checked.left))
    const sinceMs = environment.right.scheduler.now()
    const body = bodyOf(checked.right)
    return ask(cluster, { request: START, body, decode: decodeAs(DownloadStarted) }).pipe(
      map((result) => (isLeft(result) ? result : right(startedOf(result.right.id, checked.right, sinceMs)))),
    )
  })
}

function bodyOf({ to, source, description, timeout, headers, limits }: CheckedDownload): string {
  const { value } = source
  return JSON.stringify({ ...value, bucket: requestBucket(to), ...defined({ description, timeout, headers, limits }) })
}

function startedOf(id: string, { to, source }: CheckedDownload, sinceMs: number): StartedDownload {
  const expected = source.objects === undefined ? undefined : { objects: source.objects }
  return { id, kind: 'download', inBucket: to, sinceMs, ...defined({ expected }) }
}
