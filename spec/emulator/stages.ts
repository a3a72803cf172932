import { putObjects } from '../../lib/emulator/cluster/bucket-jobs.ts'
import { bucketName } from '../../lib/emulator/cluster/bucket.ts'
import { launch } from '../../lib/emulator/cluster/launch.ts'
import { killTarget } from '../../lib/emulator/cluster/nodes.ts'
import { start } from '../../lib/emulator/cluster/start.ts'
import type { Cluster } from '../../lib/emulator/cluster/state.ts'
import type { Stage } from './replay.ts'

/** Starts a kind outside the recording. */
export const begin = (cluster: Cluster, kind: string, now: number, bucket?: string): string => {
  const args = {
    kind,
    daemonId: '',
    bck: bucket === undefined ? undefined : bucketName(bucket),
    buckets: [],
    force: false,
  }
  const started = start(cluster, args, '', cluster.primary, now)
  if (!('id' in started)) throw new Error(started.message)
  return started.id
}

/** An lru over everything, and a second one that finds every target busy and therefore stays open for half a minute. */
const stuckLru = (cluster: Cluster, now: number): void => {
  begin(cluster, 'lru', now)
  begin(cluster, 'lru', now)
}

const puts = (t_ms: number, objects: number): NonNullable<Stage['events']>[number] => ({
  t_ms,
  act: (cluster, now) => putObjects(cluster, bucketName('cap-mir'), objects, 1_024, now),
})

/** On the recorded cluster an lru found nothing to do. */
const QUICK = 40_000_000

/** What the recorded cluster had been through, or went through unrecorded, by scenario. */
export const stages: Readonly<Record<string, Stage>> = {
  'refuse-start-kind': {},
  'refuse-start-body': {},
  'refuse-start-bucket': {},
  'status-edge-cases': {
    before: (cluster) => {
      begin(cluster, 'rebalance', 0)
      stuckLru(cluster, 50_000)
    },
    beganMs: 55_000,
  },
  'what-edge-cases': { before: (cluster) => stuckLru(cluster, 0), beganMs: 5_000 },
  'running-all-edge-cases': {
    before: (cluster) => {
      putObjects(cluster, bucketName('cap-mir'), 1_000, 1_024, 0)
      launch(cluster, 0, { kind: 'list', bck: bucketName('cap-big'), objects: 20_000, objectSize: 0 })
    },
    beganMs: 10_000,
  },
  'status-all-edge-cases': {
    before: (cluster) => {
      begin(cluster, 'rebalance', 0)
      launch(cluster, 30_000, {
        kind: 'copy-bck',
        objects: 9,
        objectSize: 9,
        listenedBy: [bucketName('cap-big'), bucketName('cap-cp1')],
      })
      begin(cluster, 'lru', 40_000)
      begin(cluster, 'lru', 55_000)
      begin(cluster, 'lru', 55_000)
      begin(cluster, 'load-lom-cache', 55_000, 'cap-big')
    },
    beganMs: 60_000,
  },
  'qryxstats-edge-cases': {
    before: (cluster) => {
      begin(cluster, 'load-lom-cache', 0, 'cap-big')
      begin(cluster, 'lru', 0)
    },
    beganMs: 60_000,
    objectsPerSecond: QUICK,
  },
  'non-ic-proxy': { proxyOrder: [8380, 8381, 8383, 8382], objectsPerSecond: QUICK },
  'fault-authn-no-or-bad-token': { token: 'x.y.z' },
  'fault-prefetch-without-bucket': { before: (cluster) => void begin(cluster, 'cleanup-store', 0) },
  'target-asked-directly': {},
  'sdk-lru-start-wait': { objectsPerSecond: QUICK },
  'sdk-lru-force': { objectsPerSecond: QUICK },
  'sdk-resilver-wait-single-node': {},
  'sdk-load-lom-cache': {},
  'sdk-rechunk': {},
  'sdk-delete-objects-wait': {},
  'sdk-archive-wait-idle': {},
  'sdk-wait-timeout': {},
  'sdk-cluster-job-lists': {
    before: (cluster) => {
      begin(cluster, 'lru', 0)
      launch(cluster, 0, { kind: 'copy-bck', objects: 9, objectSize: 9 })
      launch(cluster, 0, { kind: 'archive', objects: 9, objectSize: 9 })
    },
    beganMs: 60_000,
    objectsPerSecond: QUICK,
  },
  'sdk-wait-for-idle': { events: [puts(200, 1_000)] },
  'fault-all-targets-killed-mid-job': {
    timing: { deathMs: 36_200, deathSpreadMs: 100 },
    events: [{ t_ms: 1_191, act: (cluster, now) => cluster.targets.forEach(({ id }) => killTarget(cluster, id, now)) }],
  },
  'make-n-copies-back-to-1': { objectsPerSecond: 20_000 },
  'prefetch-start-generic': {},
  'abort-by-id-only': {},
  'abort-copy-bck-mid-run': {},
  'abort-rebalance': {},
  'rebalance-aborts-copy-bck': {},
  'timeline-copy-bck': {},
  'timeline-rebalance': {},
  'timeline-archive-idle': {},
  'timeline-put-copies-idle': {
    events: [puts(1_171, 3_000), puts(17_772, 500)],
    onlyStatus: { 5: 'the third target had not begun yet' },
  },
  // Begun so that the pruning falls where it fell on the recorded cluster.
  'status-ages-out': { beganMs: 3_632_000, objectsPerSecond: QUICK },
  'fault-target-killed-mid-job': {
    timing: { deathMs: 27_800, deathSpreadMs: 100 },
    events: [{ t_ms: 7_402, act: (cluster, now) => killTarget(cluster, cluster.targets[1]?.id ?? '', now) }],
  },
}
