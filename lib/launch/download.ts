import type { Observable } from 'rxjs'
import type { Bucket } from '../codec/bucket.ts'
import { stringifyJson } from '../codec/json.ts'
import { requestBucket } from '../codec/messages.ts'
import { isLeft, right } from '../common/either.ts'
import { hasControl } from '../common/text.ts'
import type { ClusterLike } from '../environment.ts'
import type { LaunchResult, RequestInfo } from '../error.ts'
import { downloadSource, type DownloadSource } from './download-source.ts'
import {
  sentAs,
  bucket,
  duration,
  fitting,
  matching,
  readOptions,
  refuse,
  remoteBucket,
  whole,
  type Check,
  type Values,
} from './fields.ts'
import type { LaunchedJob } from './launched.ts'
import { launchOne } from './send-launch.ts'

/** Options of {@link download}. Absent options are not sent, so the server's own defaults apply. */
export interface DownloadOptions {
  /** The bucket that gets the files. The cluster creates a bucket of its own that does not exist. */
  readonly to: Bucket
  /** Which files. */
  readonly what: DownloadSource
  /** A text by which `downloads` finds the download. Defaults to a text that the server makes from the request. */
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

const START: RequestInfo = Object.freeze({ method: 'POST', path: '/v1/download', query: '' })

/**
 * Downloads files from links into a bucket. EACH SUBSCRIPTION STARTS A DOWNLOAD.
 *
 * The targets fetch the files. They skip a file that the bucket already has with the same size and checksum, so a
 * download may be started again. Targets refuse links to loopback and private addresses. A link that fails makes the
 * download `failed`; the result of `wait` names the files. The request is sent once and never repeated. If it
 * `mayHaveStarted`, find it with `downloads` by its description.
 *
 * @param cluster the cluster
 * @param options `to`: the bucket; `what`: one link, several links, links by a template such as `http://h/{0..9}.tar`, or
 * the objects of the remote bucket itself; `description`; `fileTimeoutMs`: the limit of one file in milliseconds;
 * `headers`; `limits`
 * @returns cold; one Right({@link LaunchedJob}), or one Left with `mayHaveStarted`: InvalidArgument, NotFound (no such remote bucket),
 * HttpError (400 for a request that the cluster refuses, 429 if its queue is full, 507 if it has no space), DecodeError
 * (a server before AIStore 3.16 replies with another kind of id), or an error that any request can have
 * @see docs/protocol.md#210-actions-that-start-a-job; Go `api.DownloadWithParam`, `ais download`
 * @example
 * import { createCluster, download } from 'aistore-rx'
 * const what = { template: 'https://example.com/shard-{000..099}.tar' }
 * download(createCluster('http://localhost:8080'), { to: { name: 'shards' }, what }).subscribe(console.log)
 */
export function download(cluster: ClusterLike, options: DownloadOptions): Observable<LaunchResult<LaunchedJob>> {
  return launchOne(cluster, () => {
    const read = readOptions(
      options,
      { to: bucket, what: downloadSource },
      {
        description: sentAs(
          'description',
          matching(/^[^\0-\x1f\x7f-\x9f\u2028\u2029]*$/, 'a text without control characters'),
        ),
        fileTimeoutMs: sentAs('timeout', duration),
        headers: sentAs('headers', headers),
        limits,
      },
    )
    if (isLeft(read)) return read
    const { args, value } = read.right
    const { to, what } = args
    const remote = what.isBackend === true ? remoteBucket('to', to) : right(to)
    if (isLeft(remote)) return remote
    return right({
      request: START,
      body: stringifyJson({ ...what.value, bucket: requestBucket(to), ...value }),
      kind: 'download',
      inBucket: to,
      expected: what.objects === undefined ? undefined : { objects: what.objects },
    })
  })
}

const TAKES_HEADERS = 'texts by the names of headers'

/** Go keeps a list of values for each header. */
const headers: Check<Readonly<Record<string, readonly string[]>>> = (argument, given) => {
  const entries: readonly (readonly [string, unknown])[] =
    typeof given === 'object' && given !== null && !Array.isArray(given) ? Object.entries(given) : []
  const wrong = entries.find(
    ([name, value]) => !/^[\w!#$%&'*+.^`|~-]+$/.test(name) || typeof value !== 'string' || hasControl(value),
  )
  const isValid = entries.length > 0 && wrong === undefined
  const lists = Object.fromEntries(entries.map(([name, value]) => [name, [value as string]]))
  // Does not quote the text, which may be a secret.
  if (typeof given === 'string') return refuse(argument, `got a text; takes ${TAKES_HEADERS}`)
  return fitting(argument, wrong?.[0] ?? given, isValid ? lists : undefined, TAKES_HEADERS)
}

const limits: Check<Values> = (argument, given) => {
  const fields = { connections: sentAs('connections', whole(1)), bytesPerHour: sentAs('bytes_per_hour', whole(1)) }
  const read = readOptions(given, {}, fields)
  return isLeft(read)
    ? refuse(`${argument}.${read.left.argument}`, read.left.message)
    : right({ limits: read.right.value })
}
