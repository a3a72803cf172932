// A release of a data set: copy it, verify the copy, pack it into an archive, and evict the previous release. Each step runs
// only if all earlier steps have succeeded, so nothing is evicted before the copy is complete.
import { right, left, type Either } from 'fp-ts/lib/Either.js'
import { concat, forkJoin, last, map, takeWhile, type Observable } from 'rxjs'
import {
  archive,
  copyBucket,
  ended,
  evictObjects,
  follow,
  isLeft,
  isRight,
  requireSuccess,
  summarizeBucket,
} from 'aistore-rx'
import type { Bucket, BucketSummary, Cluster, JobError, Launched, Result } from 'aistore-rx'

export interface Release {
  readonly from: Bucket
  readonly to: Bucket
  /** The bucket of the archive. */
  readonly archives: Bucket
  /** The name of the archive. */
  readonly name: string
  /** The remote bucket of the previous release, which the cluster no longer needs to hold. */
  readonly old: Bucket
}

/** The copy has other counts than the source. */
export interface CountsDiffer {
  readonly _tag: 'CountsDiffer'
  readonly source: bigint
  readonly copy: bigint
}

type Step = Observable<Either<JobError | CountsDiffer, string>>

/** Launches a job and waits for its success. */
const job = (cluster: Cluster, text: string, launch: Observable<Result<Launched>>): Step =>
  follow(cluster, launch, { timeoutMs: 3_600_000 }).pipe(
    ended(),
    requireSuccess(),
    map((result) => (isLeft(result) ? result : right(text))),
  )

/** Compares the counts, because a copy skips objects that vanish while it runs. */
function verified(cluster: Cluster, from: Bucket, to: Bucket): Step {
  // The last summary is the complete one.
  const count = (bucket: Bucket): Observable<Result<BucketSummary>> => summarizeBucket(cluster, { bucket }).pipe(last())
  return forkJoin([count(from), count(to)]).pipe(
    map(([source, copy]): Either<JobError | CountsDiffer, string> => {
      if (isLeft(source)) return source
      if (isLeft(copy)) return copy
      const [expected, got] = [source.right, copy.right]
      return expected.objects === got.objects && expected.bytes === got.bytes
        ? right(`verified ${got.objects} objects`)
        : left({ _tag: 'CountsDiffer', source: expected.objects, copy: got.objects })
    }),
  )
}

/** A text for each step. If a step fails, its Left is the last value. */
export const main = (cluster: Cluster, { from, to, archives, name, old }: Release): Step =>
  concat(
    job(cluster, 'copied', copyBucket(cluster, { from, to })),
    verified(cluster, from, to),
    job(cluster, 'packed', archive(cluster, { from: to, what: 'everything', to: archives, name })),
    job(cluster, 'evicted', evictObjects(cluster, { bucket: old, what: 'everything' })),
  ).pipe(takeWhile(isRight, true))
