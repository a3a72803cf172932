import { KNOWN, type KindInfo, type KnownKind } from './kind.ts'

/** Which kinds `start()` can start, and what to do instead for the other kinds. */
const STARTS: Readonly<Record<KnownKind, Pick<KindInfo, 'startable' | 'advice'>>> = {
  election: { advice: 'the cluster elects by itself' },
  rebalance: { startable: true },
  'etl-inline': { advice: 'it begins with the first transformed read' },
  lru: { startable: true },
  'cleanup-store': { startable: true },
  'summary-bck': { advice: 'use summarizeBucket()' },
  'summary-shard': {
    advice: 'it begins with a request for a summary of the shards of a bucket, which this library does not send',
  },
  resilver: { startable: true },
  rechunk: { startable: true },
  'index-shard': { advice: 'use indexShards()' },
  'ec-get': { advice: 'erasure coding begins with reads' },
  'ec-put': { advice: 'erasure coding begins with writes' },
  'ec-resp': { advice: 'erasure coding begins with requests of other targets' },
  'put-copies': { advice: 'it begins with writes to a mirrored bucket' },
  archive: { advice: 'use archive()' },
  'copy-listrange': { advice: 'use copyObjects()' },
  'etl-listrange': { advice: 'use transformObjects()' },
  'blob-download': { startable: true },
  download: { advice: 'use download()' },
  dsort: { advice: 'use the dsort API' },
  promote: { advice: 'use promote()' },
  'evict-listrange': { advice: 'use evictObjects()' },
  'evict-remote-bck': { advice: 'use evictBucket()' },
  'delete-listrange': { advice: 'use deleteObjects()' },
  'prefetch-listrange': { startable: true },
  'ec-encode': { advice: 'use erasureCode()' },
  'make-n-copies': { advice: 'use mirror()' },
  'move-bck': { advice: 'use renameBucket()' },
  'copy-bck': { advice: 'use copyBucket()' },
  'etl-bck': { advice: 'use transformBucket()' },
  list: { advice: 'it begins with a listing of objects' },
  'get-batch': { advice: 'it begins with a batch request' },
  'create-inventory': {
    advice: 'use createInventory(); for a bucket that is not remote, a start brings every target down',
  },
  'load-lom-cache': { startable: true },
}

/** The kinds of AIStore 5.0, with their properties. */
export const KINDS: readonly KindInfo[] = KNOWN.map((info) => ({ ...info, ...STARTS[info.kind] }))
