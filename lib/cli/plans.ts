import { filter, map, switchMap, take, type Observable } from 'rxjs'
import type { Cluster } from '../cluster.ts'
import { abort, start, type Started } from '../commands.ts'
import { right } from '../common/either.ts'
import type { Emulator } from '../emulator/index.ts'
import type { Result } from '../error.ts'
import { jobEvents } from '../events.ts'
import type { Outcome } from '../model/wait-result.ts'
import { rights } from '../operators/rights.ts'
import { progress } from '../progress.ts'

/** One of the jobs that the demo shows. */
export interface Plan {
  readonly title: string
  /** Objects that it will have visited; known here because the demo filled the buckets. */
  readonly total: number
  readonly expected: Outcome
  /** Starts the job, or finds it where it starts by itself. */
  readonly begin: (cluster: Cluster) => Observable<Result<Started>>
  /** What is done to it while it runs. */
  readonly meddle?: (cluster: Cluster, job: Started) => Observable<Result<void>>
}

const PHOTOS = 4_000
const CLOUD = 16_000
const NEW = 2_400

/** Fills the buckets of an embedded cluster, and says what is to be done on it. */
export function plansFor(emulator: Emulator): readonly Plan[] {
  emulator.seedBucket('photos', { objects: PHOTOS, objectSize: 256 * 1024 })
  emulator.seedBucket('archive', { objects: CLOUD, objectSize: 1024 * 1024, provider: 'aws' })
  emulator.seedBucket('mirrored', { objects: 0, objectSize: 64 * 1024, mirrored: true })
  emulator.putObjects('mirrored', { objects: NEW })
  const target = emulator.targetIds[0] ?? ''
  // LRU visits every object and stops at half of them.
  const evicted = (PHOTOS + CLOUD + NEW) / 2
  return [
    {
      title: 'LRU eviction over the cluster',
      total: evicted,
      expected: 'finished',
      begin: (c) => start(c, { kind: 'lru' }),
    },
    {
      title: `resilver of ${target}`,
      total: (PHOTOS + NEW) / emulator.targetIds.length,
      expected: 'finished',
      begin: (c) => start(c, { kind: 'resilver', target }),
    },
    {
      title: 'metadata warm-up of photos',
      total: PHOTOS,
      expected: 'finished',
      begin: (c) => start(c, { kind: 'load-lom-cache', bucket: { name: 'photos' } }),
    },
    {
      title: 'prefetch, aborted half way',
      total: CLOUD,
      expected: 'aborted',
      begin: (c) => start(c, { kind: 'prefetch-listrange', bucket: { name: 'archive', provider: 'aws' } }),
      meddle: (c, { id = '', kind }) =>
        progress(c, { id }, { total: { objects: CLOUD } }).pipe(
          rights(),
          filter(({ ratio = 0 }) => ratio >= 0.5),
          take(1),
          switchMap(() => abort(c, { id, kind }, { confirm: true })),
        ),
    },
    {
      title: 'copies of new objects, until idle',
      total: NEW,
      expected: 'idle',
      // Nobody starts it: writes into a mirrored bucket do, and the client finds it.
      begin: (c) =>
        jobEvents(c, { kind: 'put-copies' }).pipe(
          rights(),
          filter(({ type }) => type === 'started'),
          take(1),
          map(({ job }) => right(job)),
        ),
    },
  ]
}
