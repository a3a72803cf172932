import type { KnownKind } from './kind.ts'

/** What to do instead of `start()` for the kinds that it cannot start. */
export const ADVICE = {
  election: 'the cluster elects by itself',
  'etl-inline': 'it begins with the first transformed read',
  'summary-bck': 'use summarizeBucket()',
  'summary-shard': 'it begins with a request for a summary of the shards of a bucket, which this library does not send',
  'index-shard': 'use indexShards()',
  'ec-get': 'erasure coding begins with reads',
  'ec-put': 'erasure coding begins with writes',
  'ec-resp': 'erasure coding begins with requests of other targets',
  'put-copies': 'it begins with writes to a mirrored bucket',
  archive: 'use archive()',
  'copy-listrange': 'use copyObjects()',
  'etl-listrange': 'use transformObjects()',
  download: 'use download()',
  dsort: 'use the dsort API',
  promote: 'use promote()',
  'evict-listrange': 'use evictObjects()',
  'evict-remote-bck': 'use evictBucket()',
  'delete-listrange': 'use deleteObjects()',
  'ec-encode': 'use erasureCode()',
  'make-n-copies': 'use mirror()',
  'move-bck': 'use renameBucket()',
  'copy-bck': 'use copyBucket()',
  'etl-bck': 'use transformBucket()',
  list: 'it begins with a listing of objects',
  'get-batch': 'it begins with a batch request',
  'create-inventory': 'use createInventory(); for a bucket that is not remote, a start brings every target down',
} as const satisfies Partial<Record<KnownKind, string>>

/** A kind that `start()` can start. */
export type StartableKind = Exclude<KnownKind, keyof typeof ADVICE>

/** What to do instead of `start()` for a kind of AIStore 5.0. */
export const adviceFor = (kind: keyof typeof ADVICE): string => ADVICE[kind]
