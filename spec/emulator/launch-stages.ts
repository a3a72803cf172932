import { bucketName, type Bucket } from '../../lib/emulator/cluster/bucket.ts'
import { addBucket, findBucket } from '../../lib/emulator/cluster/create.ts'
import { copyObjects } from '../../lib/emulator/cluster/object-jobs.ts'
import { writeObject } from '../../lib/emulator/cluster/write-object.ts'
import { encodeBucket } from '../../lib/emulator/cluster/erasure.ts'
import type { Cluster } from '../../lib/emulator/cluster/state.ts'

/** Id of the cluster that holds the remote bucket of the recordings. */
const REMOTE = 'FqG3gf8Af'

/** The source bucket of the recordings. */
const SOURCE = 'l-src-l10893'

/** The state of the cluster before a recording, and events during it that are not recorded requests. */
export interface LaunchStage {
  readonly before?: (cluster: Cluster) => void
  /** The number of files in a promoted directory. With 0, the directory does not exist. */
  readonly promotedFiles?: number
  /** The pause before an exchange, by the index of the exchange, in milliseconds. Defaults to 10. */
  readonly waitMs?: Readonly<Record<number, number>>
  /** What differs by design, by the index of the exchange, with the reason. Only the status is compared. */
  readonly onlyStatus?: Readonly<Record<number, string>>
}

/** The bucket with this name, which is created if it does not exist. */
const bucketIn = (cluster: Cluster, name: string, uuid = ''): Bucket => {
  const bck = bucketName(name, 'ais', uuid)
  return findBucket(cluster, bck) ?? addBucket(cluster, bck, {}, 0)
}

/** Writes an object whose content is this text. */
const putText = (cluster: Cluster, bucket: Bucket, name: string, text: string): void => {
  writeObject(cluster, bucket, { name, size: text.length, content: Buffer.from(text) }, 0)
}

/** The source bucket with its sixty objects and the two that another recording puts. */
const withSource = (cluster: Cluster): void => {
  const bucket = bucketIn(cluster, SOURCE)
  for (let i = 0; i < 60; i++) putText(cluster, bucket, `o${String(i).padStart(3, '0')}`, `body ${i} `.repeat(50))
  putText(cluster, bucket, 'b2.txt', 'b')
  putText(cluster, bucket, 'dir/sub/deep.txt', 'deep')
}

/** Adds the remote bucket `rb` with ten objects, all of which the cluster holds. */
const addRemote = (cluster: Cluster): void => {
  const bucket = bucketIn(cluster, 'rb', REMOTE)
  for (let i = 1; i <= 10; i++) putText(cluster, bucket, `o${String(i).padStart(6, '0')}`, 'x'.repeat(4_000))
}

/** Adds the bucket `rb`, of whose objects the cluster holds none: they are only in the cloud. */
const addRemoteEvicted = (cluster: Cluster): void => {
  addRemote(cluster)
  const bucket = bucketIn(cluster, 'rb', REMOTE)
  for (const object of bucket.contents?.all() ?? []) bucket.contents?.set({ ...object, present: false })
}

/** Creates empty buckets. */
const createBuckets =
  (...names: readonly string[]) =>
  (cluster: Cluster): void => {
    for (const name of names) bucketIn(cluster, name)
  }

/** Joins several changes of a cluster into one. */
const inOrder =
  (...acts: readonly ((cluster: Cluster) => void)[]) =>
  (cluster: Cluster): void => {
    for (const act of acts) act(cluster)
  }

/** The buckets of the recorded cluster, which a recording lists. */
const LISTED_BUCKETS =
  `arch ck-l10893 dst1 dst2 ecb ${SOURCE} mir nosuchdst-l71121 seed small tomove withprops-l10893`.split(' ')

/** The stage of each recording of `captures/launch`, without those of downloads. */
export const launchStages: Readonly<Record<string, LaunchStage>> = {
  'blob-download': {
    before: addRemote,
    waitMs: { 1: 5_000, 3: 5_000 },
    onlyStatus: { 7: 'the error comes from the other cluster, which holds the bucket; the emulator has only one' },
  },
  'bucket-create': {},
  'bucket-destroy': {
    before: createBuckets(SOURCE, 'withprops-l10893', 'l-arch-l10893', 'l-ec-l10893', 'l-mv2-l10893', 'l-dst-l10893'),
  },
  'bucket-list': { before: inOrder(createBuckets(...[...LISTED_BUCKETS].reverse()), addRemote) },
  'copy-bucket-while-one-runs': {
    before: (cluster) => void addBucket(cluster, bucketName('seed'), { objects: 9_000 }, 0),
  },
  'copy-bucket': { before: withSource, waitMs: { 2: 20_000 } },
  'delete-objects': { before: withSource, waitMs: { 1: 3_000, 4: 3_000 } },
  'ec-encode': {
    before: (cluster) => {
      withSource(cluster)
      const earlier = bucketIn(cluster, 'l-ec-l71121')
      putText(cluster, earlier, 'o', 'x'.repeat(3_000))
      encodeBucket(cluster, earlier.bck, { data: 1, parity: 1 }, { recover: false }, cluster.primary, 0)
    },
  },
  'evict-bucket': { before: addRemote },
  'get-batch': { before: withSource },
  'index-shard': { before: createBuckets('l-arch-l10893'), waitMs: { 1: 3_000 } },
  'list-objects-one-page': { before: withSource },
  'object-put-get-head-delete': { before: createBuckets(SOURCE) },
  'prefetch-list': { before: inOrder(withSource, addRemoteEvicted), waitMs: { 2: 5_000 } },
  promote: { before: withSource, promotedFiles: 0 },
  'rebalance-resilver-lru-start': { before: withSource, waitMs: { 1: 5_000 } },
  'rename-bucket': {
    before: (cluster) => {
      withSource(cluster)
      createBuckets('ck-l10893', 'l-dst-l10893')(cluster)
      const [from, to] = [bucketName(SOURCE), bucketName('l-dst-l10893')]
      copyObjects(cluster, from, to, { template: 'o00', text: '' }, {}, cluster.primary, 3_599_000)
    },
    waitMs: { 3: 20_000 },
  },
  'set-props': { before: createBuckets('l-arch-l10893') },
  'summary-bck': { before: withSource, waitMs: { 1: 3_000 } },
}
