import { filter, map, switchMap, take, type Observable } from 'rxjs'
import type { Cluster } from '../../cluster.ts'
import { abort, type Started } from '../../commands.ts'
import { isLeft, right } from '../../common/either.ts'
import type { Emulator } from '../../emulator/index.ts'
import type { Result } from '../../error.ts'
import { jobEvents } from '../../events.ts'
import { archive } from '../../launch/archive.ts'
import { copyBucket } from '../../launch/copy-bucket.ts'
import { download } from '../../launch/download.ts'
import type { LaunchedJob, LaunchedJobs } from '../../launch/launched.ts'
import { mirror } from '../../launch/layout-jobs.ts'
import { deleteObjects } from '../../launch/object-jobs.ts'
import type { Outcome } from '../../model/wait-result.ts'
import { rights } from '../../operators/rights.ts'
import { progress } from '../../progress.ts'

/** A job that the demo runs. */
export interface Plan {
  readonly title: string
  /** Number of objects that the job will process. It is known because the demo fills the buckets. */
  readonly total: number
  readonly expected: Outcome
  /** Starts the job, or finds it if it starts by itself. */
  readonly begin: (cluster: Cluster) => Observable<Result<Started>>
  /** An action on the job while it runs. */
  readonly whileRunning?: (cluster: Cluster, job: Started) => Observable<Result<void>>
}

const PHOTOS = 5_000
const SHARDS = 1_000

const photos = { name: 'photos' }

/** Fills the buckets of an embedded cluster, and returns the jobs to run on it. */
export function plansFor(emulator: Emulator): readonly Plan[] {
  // The emulator writes real archives. With larger objects that would take seconds, in which all jobs would stand still.
  emulator.seedBucket('photos', { objects: PHOTOS, objectSize: 16 * 1024 })
  emulator.seedBucket('incoming', { objects: 0, objectSize: 64 * 1024, mirrored: true })
  emulator.seedBucket('shards', { objects: 0 })
  emulator.seedBucket('old', { objects: 100 })
  emulator.seedBucket('web', { objects: 0 })
  emulator.faults.breakLinks(/missing/)
  emulator.putObjects('incoming', { objects: PHOTOS })
  return [
    {
      title: 'copies of 5,000 new objects, until idle',
      total: PHOTOS,
      expected: 'idle',
      // Writes into a mirrored bucket start this job, so the client only finds it.
      begin: (cluster) =>
        jobEvents(cluster, { kind: 'put-copies' }).pipe(
          rights(),
          filter(({ type }) => type === 'started'),
          take(1),
          map(({ job }) => right(job)),
        ),
    },
    {
      title: 'copy of the bucket photos',
      total: PHOTOS,
      expected: 'finished',
      begin: (cluster) => copyBucket(cluster, { from: photos, to: { name: 'copy' } }).pipe(map(firstJob)),
    },
    {
      title: 'copy, aborted half way',
      total: PHOTOS,
      expected: 'aborted',
      begin: (cluster) => copyBucket(cluster, { from: photos, to: { name: 'half' } }).pipe(map(firstJob)),
      whileRunning: (cluster, { id = '', kind }) =>
        progress(cluster, { id }, { total: { objects: PHOTOS } }).pipe(
          rights(),
          filter(({ ratio = 0 }) => ratio >= 0.5),
          take(1),
          switchMap(() => abort(cluster, { id, kind }, { confirm: true })),
        ),
    },
    {
      title: 'archive of 1,000 photos, until idle',
      total: 1,
      expected: 'idle',
      begin: (cluster) => {
        const what = { template: `obj-{00000..${String(SHARDS - 1).padStart(5, '0')}}` }
        return archive(cluster, { from: photos, to: { name: 'shards' }, what, name: 'first.tar' }).pipe(map(firstJob))
      },
    },
    {
      title: 'mirror of the bucket photos',
      total: PHOTOS,
      expected: 'finished',
      begin: (cluster) => mirror(cluster, { bucket: photos, copies: 2 }).pipe(map(firstJob)),
    },
    {
      title: 'delete with a missing name',
      total: 2,
      expected: 'failed',
      begin: (cluster) =>
        deleteObjects(cluster, { bucket: { name: 'old' }, what: { names: ['obj-00000', 'no-such-object'] } }).pipe(
          map(firstJob),
        ),
    },
    {
      title: 'download with a bad link',
      total: 2,
      expected: 'failed',
      begin: (cluster) => {
        const links = { 'a.jpg': 'https://example.com/a.jpg', 'b.jpg': 'https://example.com/missing/b.jpg' }
        return download(cluster, { to: { name: 'web' }, what: { links } }).pipe(map(firstJob))
      },
    },
  ]
}

/** These launches start one job each. */
const firstJob = (launched: Result<LaunchedJob | LaunchedJobs>): Result<Started> =>
  isLeft(launched) ? launched : right(isMany(launched.right) ? launched.right[0] : launched.right)

const isMany = (launched: LaunchedJob | LaunchedJobs): launched is LaunchedJobs => Array.isArray(launched)
