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

/** What there was before a recording, and what happened during it beside the recorded requests. */
export interface LaunchStage {
  readonly before?: (cluster: Cluster) => void
  /** Number of files in a promoted directory; with 0 there is none. */
  readonly promotedFiles?: number
  /** How long before an exchange, by its index, in milliseconds. Defaults to 10. */
  readonly waitMs?: Readonly<Record<number, number>>
  /** What differs by design, by the index of the exchange, with the reason. Only the status is compared. */
  readonly onlyStatus?: Readonly<Record<number, string>>
}

const bucketIn = (cluster: Cluster, name: string, uuid = ''): Bucket => {
  const bck = bucketName(name, 'ais', uuid)
  return findBucket(cluster, bck) ?? addBucket(cluster, bck, {}, 0)
}

const put = (cluster: Cluster, bucket: Bucket, name: string, text: string): void => {
  writeObject(cluster, bucket, { name, size: text.length, content: Buffer.from(text) }, 0)
}

/** The source bucket with its sixty objects and the two that another recording puts. */
const source = (cluster: Cluster): void => {
  const bucket = bucketIn(cluster, SOURCE)
  for (let i = 0; i < 60; i++) put(cluster, bucket, `o${String(i).padStart(3, '0')}`, `body ${i} `.repeat(50))
  put(cluster, bucket, 'b2.txt', 'b')
  put(cluster, bucket, 'dir/sub/deep.txt', 'deep')
}

/** The remote bucket, of whose objects the cluster holds none. */
const remote = (cluster: Cluster): void => {
  const bucket = bucketIn(cluster, 'rb', REMOTE)
  for (let i = 1; i <= 10; i++) put(cluster, bucket, `o${String(i).padStart(6, '0')}`, 'x'.repeat(4_000))
}

const evicted = (cluster: Cluster): void => {
  remote(cluster)
  const bucket = bucketIn(cluster, 'rb', REMOTE)
  for (const object of bucket.contents?.all() ?? []) bucket.contents?.set({ ...object, present: false })
}

const named =
  (...names: readonly string[]) =>
  (cluster: Cluster): void => {
    for (const name of names) bucketIn(cluster, name)
  }

const all =
  (...acts: readonly ((cluster: Cluster) => void)[]) =>
  (cluster: Cluster): void => {
    for (const act of acts) act(cluster)
  }

const LISTED = `arch ck-l10893 dst1 dst2 ecb ${SOURCE} mir nosuchdst-l71121 seed small tomove withprops-l10893`.split(
  ' ',
)

/** The stage of each recording of `captures/launch`, without those of downloads. */
export const launchStages: Readonly<Record<string, LaunchStage>> = {
  'blob-download': {
    before: remote,
    waitMs: { 1: 5_000, 3: 5_000 },
    onlyStatus: { 7: 'the error comes from the other cluster, which holds the bucket; the emulator has only one' },
  },
  'bucket-create': {},
  'bucket-destroy': {
    before: named(SOURCE, 'withprops-l10893', 'l-arch-l10893', 'l-ec-l10893', 'l-mv2-l10893', 'l-dst-l10893'),
  },
  'bucket-list': { before: all(named(...[...LISTED].reverse()), remote) },
  'copy-bucket-while-one-runs': {
    before: (cluster) => void addBucket(cluster, bucketName('seed'), { objects: 9_000 }, 0),
  },
  'copy-bucket': { before: source, waitMs: { 2: 20_000 } },
  'delete-objects': { before: source, waitMs: { 1: 3_000, 4: 3_000 } },
  'ec-encode': {
    before: (cluster) => {
      source(cluster)
      const earlier = bucketIn(cluster, 'l-ec-l71121')
      put(cluster, earlier, 'o', 'x'.repeat(3_000))
      encodeBucket(cluster, earlier.bck, { data: 1, parity: 1 }, false, cluster.primary, 0)
    },
  },
  'evict-bucket': { before: remote },
  'get-batch': { before: source },
  'index-shard': { before: named('l-arch-l10893'), waitMs: { 1: 3_000 } },
  'list-objects-one-page': { before: source },
  'object-put-get-head-delete': { before: named(SOURCE) },
  'prefetch-list': { before: all(source, evicted), waitMs: { 2: 5_000 } },
  promote: { before: source, promotedFiles: 0 },
  'rebalance-resilver-lru-start': { before: source, waitMs: { 1: 5_000 } },
  'rename-bucket': {
    before: (cluster) => {
      source(cluster)
      named('ck-l10893', 'l-dst-l10893')(cluster)
      const [from, to] = [bucketName(SOURCE), bucketName('l-dst-l10893')]
      copyObjects(cluster, from, to, { template: 'o00', text: '' }, {}, cluster.primary, 3_599_000)
    },
    waitMs: { 3: 20_000 },
  },
  'set-props': { before: named('l-arch-l10893') },
  'summary-bck': { before: source, waitMs: { 1: 3_000 } },
}
