import { filter, map, switchMap, take, type Observable } from 'rxjs'
import type { Cluster } from '../../cluster.ts'
import { abort, start, type Started } from '../../commands.ts'
import { right } from '../../common/either.ts'
import type { Emulator } from '../../emulator/index.ts'
import type { Result } from '../../error.ts'
import { jobEvents } from '../../events.ts'
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

const PHOTOS = 4_000
const CLOUD = 16_000
const NEW = 2_400

/** Fills the buckets of an embedded cluster, and returns the jobs to run on it. */
export function plansFor(emulator: Emulator): readonly Plan[] {
  emulator.seedBucket('photos', { objects: PHOTOS, objectSize: 256 * 1024 })
  emulator.seedBucket('archive', { objects: CLOUD, objectSize: 1024 * 1024, provider: 'aws' })
  emulator.seedBucket('mirrored', { objects: 0, objectSize: 64 * 1024, mirrored: true })
  emulator.putObjects('mirrored', { objects: NEW })
  const target = emulator.targetIds[0] ?? ''
  // LRU visits all objects and evicts half of them.
  const evicted = (PHOTOS + CLOUD + NEW) / 2
  return [
    {
      title: 'LRU eviction over the cluster',
      total: evicted,
      expected: 'finished',
      begin: (cluster) => start(cluster, { kind: 'lru' }),
    },
    {
      title: `resilver of ${target}`,
      total: (PHOTOS + NEW) / emulator.targetIds.length,
      expected: 'finished',
      begin: (cluster) => start(cluster, { kind: 'resilver', target }),
    },
    {
      title: 'metadata warm-up of photos',
      total: PHOTOS,
      expected: 'finished',
      begin: (cluster) => start(cluster, { kind: 'load-lom-cache', bucket: { name: 'photos' } }),
    },
    {
      title: 'prefetch, aborted half way',
      total: CLOUD,
      expected: 'aborted',
      begin: (cluster) => start(cluster, { kind: 'prefetch-listrange', bucket: { name: 'archive', provider: 'aws' } }),
      whileRunning: (cluster, { id = '', kind }) =>
        progress(cluster, { id }, { total: { objects: CLOUD } }).pipe(
          rights(),
          filter(({ ratio = 0 }) => ratio >= 0.5),
          take(1),
          switchMap(() => abort(cluster, { id, kind }, { confirm: true })),
        ),
    },
    {
      title: 'copies of new objects, until idle',
      total: NEW,
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
  ]
}
