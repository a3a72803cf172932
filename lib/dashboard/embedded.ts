import { catchError, concatMap, defer, EMPTY, exhaustMap, interval, mergeMap, timer, type Observable } from 'rxjs'
import type { Cluster } from '../cluster.ts'
import { abort, start, type Started } from '../commands.ts'
import { isLeft } from '../common/either.ts'
import type { LaunchResult } from '../error.ts'
import type { Emulator } from '../emulator/emulator.ts'
import { deleteObjects } from '../launch/object-jobs.ts'

/** The buckets of the embedded cluster, with their numbers of objects. */
const BUCKETS: Readonly<Record<string, number>> = {
  'ais://photos': 400_000,
  'ais://thumbnails': 50_000,
  'ais://models': 12_000,
  'ais://logs': 1_200_000,
  'aws://archive': 30_000,
  'gcp://datasets': 20_000,
  'ais://uploads': 0,
}

const providerAndName = (uri: string): readonly [string, string] => {
  const [provider = '', name = ''] = uri.split('://')
  return [provider, name]
}

/** Fills the buckets of the cluster, and returns how many objects each has. */
export function fillBuckets(emulator: Emulator): Readonly<Record<string, number>> {
  for (const [uri, objects] of Object.entries(BUCKETS)) {
    const [provider, name] = providerAndName(uri)
    emulator.seedBucket(name, { objects, objectSize: 64 * 1024, provider, mirrored: name === 'uploads' })
  }
  return BUCKETS
}

type Plan = (cluster: Cluster) => Observable<LaunchResult<Started>>

const startOf = (kind: string, uri: string): Plan => {
  const [provider, name] = providerAndName(uri)
  return (cluster) => start(cluster, { kind, bucket: { name, provider } })
}

const PLANS: readonly Plan[] = [
  startOf('load-lom-cache', 'ais://logs'),
  startOf('prefetch-listrange', 'aws://archive'),
  startOf('rechunk', 'ais://thumbnails'),
  startOf('load-lom-cache', 'ais://photos'),
  startOf('prefetch-listrange', 'gcp://datasets'),
  startOf('rechunk', 'ais://models'),
  (cluster) => start(cluster, { kind: 'cleanup-store' }),
  startOf('prefetch-listrange', 'aws://archive'),
  // This job fails.
  (cluster) => deleteObjects(cluster, { bucket: { name: 'models' }, what: { names: ['draft.safetensors'] } }),
  // A rebalance aborts the running `rechunk` jobs.
  (cluster) => start(cluster, { kind: 'rebalance' }),
]

const START_EVERY_MS = 5_000
const PUT_EVERY_MS = 45_000
/** Every fifth job is aborted after a while. */
const ABORT_EACH = 5
const ABORT_AFTER_MS = 8_000

/**
 * Keeps jobs coming and going on an embedded cluster, until it is unsubscribed.
 *
 * If a kind refuses a second job because it is busy, the next plan is tried.
 */
export const keepBusy = (emulator: Emulator, cluster: Cluster): Observable<unknown> =>
  defer(() => {
    const puts = timer(0, PUT_EVERY_MS).pipe(
      concatMap(() => {
        emulator.putObjects('uploads', { objects: 3_000, objectSize: 64 * 1024 })
        return EMPTY
      }),
    )
    const starts = timer(0, START_EVERY_MS).pipe(mergeMap((n) => run(cluster, n)))
    // The first seconds should not show an empty table.
    const more = interval(300).pipe(exhaustMap((n) => (n < 3 ? run(cluster, n + 1) : EMPTY)))
    return [puts, starts, more]
  }).pipe(
    mergeMap((part) => part),
    catchError(() => EMPTY),
  )

/** Starts the next plan. Every fifth job is aborted later. */
function run(cluster: Cluster, n: number): Observable<unknown> {
  const plan = PLANS[n % PLANS.length]
  if (plan === undefined) return EMPTY
  return plan(cluster).pipe(
    mergeMap((started) =>
      isLeft(started) || started.right.id === undefined || n % ABORT_EACH !== ABORT_EACH - 1
        ? EMPTY
        : timer(ABORT_AFTER_MS).pipe(concatMap(() => abort(cluster, started.right))),
    ),
  )
}
