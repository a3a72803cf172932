import { listPage } from '../../lib/emulator/cluster/listing.ts'
import { summarize } from '../../lib/emulator/cluster/summary.ts'
import { promote, renameBucket } from '../../lib/emulator/cluster/whole-bucket-jobs.ts'
import { copyBucket, makeCopies, onSelection } from '../../lib/emulator/cluster/bucket-jobs.ts'
import { type DownloadPlan } from '../../lib/emulator/download/start-download.ts'
import type { Refusal } from '../../lib/emulator/cluster/refusal.ts'
import type { Started } from '../../lib/emulator/cluster/started.ts'
import { putObjects } from '../../lib/emulator/cluster/put-objects.ts'
import { bucketName } from '../../lib/emulator/cluster/bucket.ts'
import { launch } from '../../lib/emulator/cluster/launch.ts'
import { markMissing } from '../../lib/emulator/cluster/nodes.ts'
import { archive, copyObjects } from '../../lib/emulator/cluster/object-jobs.ts'
import { start } from '../../lib/emulator/cluster/start.ts'
import type { Cluster, Target } from '../../lib/emulator/cluster/state.ts'
import { REMOTE, type Stage } from './replay.ts'

/** Starts a job that the recording does not start, and returns its id. */
export const begin = (cluster: Cluster, kind: string, now: number, bucket?: string): string => {
  const args = {
    kind,
    daemonId: '',
    bck: bucket === undefined ? undefined : { bck: bucketName(bucket), provider: 'ais' },
    buckets: [],
    force: false,
  }
  const started = start(cluster, args, '', cluster.primary, now)
  if (!('id' in started)) throw new Error(started.message)
  return started.id
}

/** Starts an lru, and a second one that no target runs, so that its status stays open for half a minute. */
export const stuckLru = (cluster: Cluster, now: number): void => {
  begin(cluster, 'lru', now)
  begin(cluster, 'lru', now)
}

/** At this time, objects are put into a mirrored bucket. */
export const putsAt = (t_ms: number, objects: number): NonNullable<Stage['events']>[number] => ({
  t_ms,
  act: (cluster, now) => putObjects(cluster, bucketName('cap-mir'), objects, 1_024, now),
})

/** Starts the two kinds that never end. */
export const archiveAndCopy = (cluster: Cluster, now: number): void => {
  const [from, shards, copies] = ['cap-big', 'cap-cptest', 'cap-tco'].map((name) => bucketName(name))
  if (!from || !shards || !copies) return
  archive(cluster, from, shards, { objects: 1_000, text: '' }, { name: 'a.tar', format: '.tar' }, cluster.primary, now)
  copyObjects(cluster, from, copies, { objects: 2_000, text: '' }, {}, cluster.primary, now + 8_140)
}

/** A job makes copies of a bucket. */
export const onceMirrored = (cluster: Cluster): void => {
  makeCopies(cluster, bucketName('cap-big'), 1, cluster.primary, 0)
}

/** A download of one link into a bucket. */
export const downloadOf = (bucket: string): DownloadPlan => ({
  type: 'single',
  bck: bucketName(bucket),
  description: '',
  files: [{ name: 'a', link: 'http://127.0.0.1:18799/a' }],
})

/** The indices of the targets that ran a recorded start of lru, by its index. The other starts ran on all targets. */
const RAN_ON: Readonly<Record<number, readonly number[]>> = { 1: [0, 2], 3: [1], 4: [0, 1], 5: [2] }

/** Each target forgets the jobs that it did not run in the recording. */
export const forgetSomeLru = (cluster: Cluster): void => {
  const jobs = [...cluster.jobs.values()]
  for (const target of cluster.targets) target.registry.length = 0
  jobs.forEach(({ id, startMs }, i) => {
    const ran = RAN_ON[i] ?? [0, 1, 2]
    const targets = new Set(ran.map((place) => cluster.targets[place]))
    const runOn = (target: Target) => targets.has(target)
    const job = launch(cluster, startMs, { kind: 'lru', id, objects: 0, objectSize: 0, runOn })
    for (const target of cluster.targets) if (!targets.has(target)) markMissing(cluster, job, target, startMs)
  })
}

/** The id of a started job. Throws if the start was refused. */
const idOf = (started: Started | Refusal): string => {
  if ('id' in started) return started.id
  throw new Error(started.message)
}

/** Starts a copy of a bucket. */
export const copy =
  (to: string) =>
  (cluster: Cluster, now: number): string =>
    idOf(copyBucket(cluster, bucketName('cap-big'), bucketName(to), {}, cluster.primary, now))

/** Starts a job on a thousand objects of the remote bucket. */
export const onRemote =
  (kind: string) =>
  (cluster: Cluster, now: number): string => {
    const selection = { objects: 1_000, text: 'template:obj-{00000..00999}' }
    return idOf(onSelection(cluster, kind, bucketName('cap-rem', 'ais', REMOTE), selection, cluster.primary, now))
  }

/** Pace at which a job ends at once, because an lru on the recorded cluster found nothing to evict. */
export const QUICK = 40_000_000

/** Starts one job of most kinds. */
export const everything = (cluster: Cluster): void => {
  const big = bucketName('cap-big')
  const { primary } = cluster
  promote(cluster, big, { source: '/var/lib/ais/promote/src20k', prefix: '', recursive: true }, primary, 0)
  archiveAndCopy(cluster, 0)
  copy('cap-cptest')(cluster, 0)
  listPage(cluster, big, { id: '', prefix: '', after: '', pageSize: 0 }, primary, 0)
  renameBucket(cluster, bucketName('cap-ra'), bucketName('cap-ren2'), primary, 0)
  begin(cluster, 'rebalance', 60_000)
}

/** Starts a listing, a summary, and the two kinds that never end. */
export const listedAndSummed = (cluster: Cluster): void => {
  archiveAndCopy(cluster, 0)
  const plan = { prefix: '', id: '', cached: true, present: true }
  summarize(cluster, bucketName('cap-big'), plan, cluster.primary, 0)
  const page = { id: '', prefix: '', after: '', pageSize: 0 }
  listPage(cluster, bucketName('cap-big'), page, cluster.primary, 0)
}
