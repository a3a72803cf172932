import type { Observable } from 'rxjs'
import type { Bucket } from '../codec/bucket.ts'
import { isLeft, right } from '../common/either.ts'
import type { ClusterLike } from '../environment.ts'
import type { LaunchResult } from '../error.ts'
import { checkRecursive, continueOnError, recursive, toBucket } from './copy-options.ts'
import { sentAs, bucket, flag, matching, optional, readOptions, type Check, type Values } from './fields.ts'
import type { LaunchedJobs } from './launched.ts'
import { objectName, objects, type ObjectSelection } from './objects.ts'
import { actionBody, bucketRequest, launchMany } from './send-launch.ts'

/** Options of {@link archive}. */
export interface ArchiveOptions {
  /** The bucket of the objects. */
  readonly from: Bucket
  /** Which objects. There is no default. */
  readonly what: ObjectSelection
  /** The bucket of the archive, which must exist. Defaults to `from`. */
  readonly to?: Bucket | undefined
  /** Name of the archive. Its ending is its format: .tar, .tgz, .tar.gz, .zip or .tar.lz4. */
  readonly name: string
  /** Whether to add to the archive if it exists. Defaults to false: then it is overwritten. */
  readonly append?: boolean | undefined
  /** Whether the entries have only the last part of the objects' names. Defaults to false. */
  readonly baseNames?: boolean | undefined
  /** Whether the entries begin with the name of the source bucket. Defaults to false. */
  readonly bucketInNames?: boolean | undefined
  /** Whether to go on after an object that cannot be read. Defaults to false. */
  readonly continueOnError?: boolean | undefined
  /** Only with a prefix: whether to descend into "folders". Defaults to true. */
  readonly recursive?: boolean | undefined
}

const TAKES = 'a name that ends in .tar, .tgz, .tar.gz, .zip or .tar.lz4'

const archiveName: Check<string> = (argument, given) => {
  const checked = objectName(argument, given)
  if (isLeft(checked)) return checked
  return matching(/.\.(?:tar|tgz|tar\.gz|zip|tar\.lz4)$/, TAKES)(argument, checked.right)
}

const fields: Readonly<Record<string, Check<Values>>> = {
  append: sentAs('aate', flag),
  baseNames: sentAs('bnonly', flag),
  bucketInNames: sentAs('isbn', flag),
  continueOnError,
  recursive,
}

/**
 * Writes chosen objects into one archive. EACH SUBSCRIPTION WRITES ONE.
 *
 * The job idles when its work is done, and takes the next archives between the same two buckets: wait until it is idle
 * (`wait` does). Its counters count complete archives, so they do not show its progress. They include the work of
 * others, and an abort stops the work of all users (protocol T15).
 *
 * @param cluster the cluster
 * @param options `from`: the bucket of the objects; `what`: which; `to`: the bucket of the archive (default `from`);
 * `name`: its name; `append` (default false: it is overwritten); `baseNames`, `bucketInNames`, `continueOnError`,
 * `recursive`
 * @returns cold; one Right with at least one job (more than one while an older job of these buckets winds down: protocol T29), or
 * one Left with `mayHaveStarted`: InvalidArgument, NotFound (no such bucket), HttpError (409 `ErrBusy` "xid mismatch":
 * launch again after a pause), or an error that any request can have
 * @see docs/protocol.md#210-actions-that-start-a-job; Python `ObjectGroup.archive`, `ais archive bucket`
 * @see docs/protocol.md#t15
 * @example
 * import { archive, createCluster } from 'aistore-rx'
 * const what = { template: 'img-{0000..0999}.jpg' }
 * const cluster = createCluster('http://localhost:8080')
 * archive(cluster, { from: { name: 'photos' }, what, name: 'shard-0.tar' }).subscribe(console.log)
 */
export function archive(cluster: ClusterLike, options: ArchiveOptions): Observable<LaunchResult<LaunchedJobs>> {
  return launchMany(cluster, () => {
    const read = readOptions(options, { from: bucket, what: objects, to: optional(bucket), name: archiveName }, fields)
    if (isLeft(read)) return read
    const { args, value } = read.right
    const { from, what, to, name } = args
    const bad = checkRecursive(what, value)
    if (isLeft(bad)) return bad
    return right({
      request: bucketRequest('PUT', 'buckets', from),
      body: actionBody('archive', {
        ...what.value,
        archname: name,
        // The server has no default: without a destination, it refuses.
        ...toBucket(to ?? from),
        ...value,
      }),
      kind: 'archive',
      inBucket: from,
      shared: true,
    })
  })
}
