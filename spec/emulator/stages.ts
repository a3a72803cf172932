import { startDownload } from '../../lib/emulator/download/start-download.ts'
import { downloadBlob } from '../../lib/emulator/cluster/blob.ts'
import { putObjects } from '../../lib/emulator/cluster/put-objects.ts'
import { bucketName } from '../../lib/emulator/cluster/bucket.ts'
import { addBucket } from '../../lib/emulator/cluster/create.ts'
import { launch } from '../../lib/emulator/cluster/launch.ts'
import { killProxy, killTarget, restartProxy } from '../../lib/emulator/cluster/nodes.ts'
import { writeObject } from '../../lib/emulator/cluster/write-object.ts'
import { REMOTE, type Stage } from './replay.ts'
import {
  QUICK,
  archiveAndCopy,
  begin,
  copy,
  downloadOf,
  everything,
  listedAndSummed,
  onRemote,
  onceMirrored,
  putsAt,
  forgetSomeLru,
  stuckLru,
} from './stage-acts.ts'

/** The set-up of each recorded scenario. */
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
  'sdk-wait-for-idle': { events: [putsAt(200, 1_000)] },
  'fault-all-targets-killed-mid-job': {
    timing: { deathMs: 36_200, deathSpreadMs: 100 },
    events: [{ t_ms: 1_191, act: (cluster, now) => cluster.targets.forEach(({ id }) => killTarget(cluster, id, now)) }],
  },
  'make-n-copies-back-to-1': { objectsPerSecond: 20_000 },
  'prefetch-start-generic': { objectsPerSecond: 1_000 },
  'abort-by-id-only': { timing: { abortMs: 100 } },
  'abort-copy-bck-mid-run': { timing: { abortMs: 300 } },
  'abort-rebalance': { timing: { abortMs: 400 } },
  'rebalance-aborts-copy-bck': {},
  'timeline-copy-bck': { objectsPerSecond: 560 },
  'timeline-rebalance': { objectsPerSecond: 2_110 },
  'timeline-archive-idle': {},
  'timeline-put-copies-idle': {
    objectsPerSecond: 700,
    events: [putsAt(1_171, 3_000), putsAt(17_772, 500)],
    onlyStatus: { 5: 'the third target had not started the job yet' },
  },
  // Begins at a time that makes the pruning of statuses match the recording.
  'status-ages-out': {
    beganMs: 3_632_000,
    objectsPerSecond: QUICK,
    events: [{ t_ms: 5, act: (cluster) => void addBucket(cluster, bucketName('cap-cp1'), { objects: 3e9 }, 0) }],
  },
  'fault-target-killed-mid-job': {
    timing: { deathMs: 27_800, deathSpreadMs: 100 },
    events: [{ t_ms: 7_402, act: (cluster, now) => killTarget(cluster, cluster.targets[1]?.id ?? '', now) }],
  },
  'abort-archive-mid-run': {},
  'abort-has-no-effect-while-quiescing': {
    before: (cluster) => {
      archiveAndCopy(cluster, 0)
    },
    beganMs: 390_500,
  },
  'blob-download': {
    before: (cluster) => {
      const bucket = addBucket(cluster, bucketName('cap-rem', 'ais', REMOTE), {}, 0)
      writeObject(cluster, bucket, { name: 'blob1', size: 192 * 1_048_576, content: 'blob' }, 0)
      const target = cluster.targets.find(({ url }) => url.endsWith('8081'))?.id
      downloadBlob(cluster, bucketName('cap-rem', 'ais', REMOTE), 'blob1', ' parent:x-start', 0, target)
    },
    objectsPerSecond: 450,
    onlyStatus: {
      26: 'the error comes from the cluster that holds the remote bucket; the emulator has only one cluster',
      27: 'same as 26',
    },
  },
  'cli-client-side-refusals': {},
  'cli-copy-then-wait-by-id': { before: onceMirrored },
  'cli-download': {},
  'cli-evict-and-prefetch': {},
  'cli-rebalance-start-stop': {},
  'cli-start-lru-and-show': { objectsPerSecond: QUICK },
  'cli-start-warm-up-wait': { before: onceMirrored },
  'cli-stop': {
    events: [
      { t_ms: 600, id: 'GyBvk4iRS', act: copy('cap-cli3') },
      { t_ms: 860, act: copy('cap-cli4') },
    ],
  },
  'download-errors': {},
  'download-timeline': {
    // An earlier download had started the job on the targets.
    before: (cluster) => void startDownload(cluster, downloadOf('cap-dl0'), 0),
    beganMs: 1_115,
  },
  dsort: {},
  'ec-encode': {
    before: (cluster) => void addBucket(cluster, bucketName('cap-ec'), { objects: 336, objectSize: 4_096 }, 0),
    events: [{ t_ms: 31_500, act: (cluster, now) => putObjects(cluster, bucketName('cap-ec'), 200, 4_096, now) }],
  },
  'fault-proxy-not-ready': {
    timing: { proxyStartMs: 21_000, proxySettleMs: 6_000 },
    events: [
      { t_ms: 0, act: (cluster, now) => killProxy(cluster, cluster.primary, now) },
      { t_ms: 5_300, act: (cluster, now) => restartProxy(cluster, cluster.primary, now) },
    ],
  },
  'fault-proxy-restarted-mid-job': {
    objectsPerSecond: 650,
    events: [
      { t_ms: 1_166, act: (cluster, now) => killProxy(cluster, cluster.primary, now) },
      { t_ms: 3_500, act: (cluster, now) => restartProxy(cluster, cluster.primary, now) },
    ],
  },
  'features-not-built': {},
  'index-shard': {
    before: (cluster) => void addBucket(cluster, bucketName('cap-shard'), { objects: 12, objectSize: 215_040 }, 0),
  },
  'lru-disabled-with-and-without-force': { objectsPerSecond: QUICK },
  'lru-started-twice': {
    objectsPerSecond: QUICK,
    // On the recorded cluster it was random which target was busy, so reproduce that choice.
    events: [{ t_ms: 500, act: forgetSomeLru }],
  },
  'qryxstats-everything': { before: everything, beganMs: 70_000 },
  'sdk-copy-bucket-wait': {},
  'sdk-list-and-summary': {
    before: listedAndSummed,
    beganMs: 30_000,
    objectsPerSecond: 700,
  },
  'sdk-prefetch-evict-wait': {
    objectsPerSecond: 900,
    events: [
      { t_ms: 0, id: 'UgPddlu5c', act: onRemote('prefetch-listrange') },
      { t_ms: 1_370, id: 'llspdav5q', act: onRemote('evict-listrange') },
    ],
  },
  'sdk-promote-wait': {},
  'sdk-rebalance-start-wait': { objectsPerSecond: 2_110 },
  'status-by-kind-several': { objectsPerSecond: QUICK },
  'timeline-list-idle': {},
}
