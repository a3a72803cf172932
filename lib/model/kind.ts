import { editDistance } from '../common/edit-distance.ts'

/** The properties of one job kind (protocol 4). */
export interface KindInfo {
  /** The name that AIStore uses on the wire. */
  readonly kind: string
  /** The display name in AIStore, if it is different. */
  readonly displayName?: string | undefined
  /** Where a job of the kind runs: on all targets for the cluster, for one bucket, or for either; or on one target. */
  readonly scope: 'cluster' | 'bucket' | 'bucket-or-cluster' | 'target'
  /** Whether `start()` can start it. Defaults to false. */
  readonly startable?: boolean | undefined
  /** Why `start()` cannot start it, and what to do instead. */
  readonly advice?: string | undefined
  /** Whether the Information Center tracks it. Defaults to false. */
  readonly ic?: boolean | undefined
  /**
   * Whether the Information Center learns of its end late or not always, so that its snapshots are polled. Defaults to
   * false.
   */
  readonly icLate?: boolean | undefined
  /** Whether a job stays alive without work, so that `wait()` waits until it is idle. Defaults to false. */
  readonly idles?: boolean | undefined
}

const TABLE = [
  { kind: 'election', displayName: 'elect-primary', scope: 'cluster', advice: 'the cluster elects by itself' },
  { kind: 'rebalance', scope: 'cluster', startable: true, ic: true },
  { kind: 'etl-inline', scope: 'cluster', ic: true, advice: 'it begins with the first transformed read' },
  { kind: 'lru', displayName: 'lru-eviction', scope: 'bucket-or-cluster', startable: true, ic: true },
  { kind: 'cleanup-store', displayName: 'cleanup', scope: 'bucket-or-cluster', startable: true, ic: true },
  { kind: 'summary-bck', displayName: 'summary', scope: 'bucket-or-cluster', advice: 'use summarizeBucket()' },
  {
    kind: 'summary-shard',
    displayName: 'shard-summary',
    scope: 'bucket',
    advice: 'its own request of the bucket starts it',
  },
  { kind: 'resilver', scope: 'target', startable: true, ic: true, icLate: true },
  { kind: 'rechunk', scope: 'bucket', startable: true, ic: true },
  { kind: 'index-shard', displayName: 'shard-index', scope: 'bucket', ic: true, advice: 'use indexShards()' },
  { kind: 'ec-get', scope: 'bucket', idles: true, advice: 'erasure coding begins with reads' },
  { kind: 'ec-put', scope: 'bucket', idles: true, advice: 'erasure coding begins with writes' },
  { kind: 'ec-resp', scope: 'bucket', idles: true, advice: 'erasure coding begins with requests of other targets' },
  { kind: 'put-copies', scope: 'bucket', idles: true, advice: 'it begins with writes to a mirrored bucket' },
  { kind: 'archive', scope: 'bucket', idles: true, advice: 'use archive()' },
  { kind: 'copy-listrange', displayName: 'copy-objects', scope: 'bucket', idles: true, advice: 'use copyObjects()' },
  { kind: 'etl-listrange', displayName: 'etl-objects', scope: 'bucket', idles: true, advice: 'use transformObjects()' },
  { kind: 'blob-download', scope: 'target', startable: true },
  { kind: 'download', scope: 'cluster', ic: true, idles: true, advice: 'use download()' },
  { kind: 'dsort', scope: 'bucket', advice: 'use the dsort API' },
  {
    kind: 'promote',
    displayName: 'promote-files',
    scope: 'bucket',
    ic: true,
    advice: 'use promote()',
  },
  { kind: 'evict-listrange', displayName: 'evict-objects', scope: 'bucket', ic: true, advice: 'use evictObjects()' },
  { kind: 'evict-remote-bck', displayName: 'evict-remote-bucket', scope: 'bucket', advice: 'use evictBucket()' },
  { kind: 'delete-listrange', displayName: 'delete-objects', scope: 'bucket', ic: true, advice: 'use deleteObjects()' },
  { kind: 'prefetch-listrange', displayName: 'prefetch-objects', scope: 'bucket', startable: true, ic: true },
  { kind: 'ec-encode', displayName: 'ec-bucket', scope: 'bucket', ic: true, icLate: true, advice: 'use erasureCode()' },
  { kind: 'make-n-copies', displayName: 'mirror', scope: 'bucket', ic: true, advice: 'use mirror()' },
  { kind: 'move-bck', displayName: 'rename-bucket', scope: 'bucket', ic: true, advice: 'use renameBucket()' },
  { kind: 'copy-bck', displayName: 'copy-bucket', scope: 'bucket', ic: true, advice: 'use copyBucket()' },
  { kind: 'etl-bck', displayName: 'etl-bucket', scope: 'bucket', ic: true, advice: 'use transformBucket()' },
  { kind: 'list', scope: 'bucket', idles: true, advice: 'it begins with a listing of objects' },
  { kind: 'get-batch', scope: 'bucket-or-cluster', idles: true, advice: 'it begins with a batch request' },
  {
    kind: 'create-inventory',
    scope: 'bucket',
    ic: true,
    advice: 'use createInventory(); of a bucket that is not remote, it brings every target down',
  },
  { kind: 'load-lom-cache', displayName: 'warm-up-metadata', scope: 'bucket', startable: true, ic: true, icLate: true },
] as const satisfies readonly KindInfo[]

/** The kinds of AIStore 5.0, with their properties. */
export const KINDS: readonly KindInfo[] = TABLE

/** The names of the kinds in {@link KINDS}. */
export type KnownKind = (typeof TABLE)[number]['kind']

/** The name of a kind: a known one, for which an editor completes the name, or one of a newer server. */
export type KindName = KnownKind | (string & Record<never, never>)

const SCOPES: readonly unknown[] = ['cluster', 'bucket', 'bucket-or-cluster', 'target'] satisfies KindInfo['scope'][]

const NAME = /^[A-Za-z0-9_.-]{1,64}$/

/** Whether a value can be the name of a kind. */
export const isKindName = (value: unknown): value is string => typeof value === 'string' && NAME.test(value)

/** Whether a value from the `kinds` option is valid. */
export function isKindInfo(value: unknown): value is KindInfo {
  if (typeof value !== 'object' || value === null) return false
  const { kind, displayName, scope } = value as Partial<KindInfo>
  return isKindName(kind) && (displayName === undefined || isKindName(displayName)) && SCOPES.includes(scope)
}

const named = new Map<string, KindInfo>()
for (const info of KINDS)
  for (const name of [info.kind, info.displayName]) if (name !== undefined && !named.has(name)) named.set(name, info)

/** Finds a kind by its name or display name. */
export const findKind = (name: string, more: readonly KindInfo[] = []): KindInfo | undefined =>
  more.find((info) => info.kind === name || info.displayName === name) ?? named.get(name)

/** The known name that is most similar to a mistyped one; undefined if no name is similar. */
export function suggestKind(name: string, more: readonly KindInfo[] = []): string | undefined {
  const names = [...more, ...KINDS].flatMap((info) => [
    info.kind,
    ...(info.displayName === undefined ? [] : [info.displayName]),
  ])
  const wanted = name.slice(0, 40).toLowerCase()
  const near = names
    .map((known) => ({
      known,
      distance: known.startsWith(wanted) && wanted.length > 2 ? 0 : editDistance(wanted, known),
    }))
    .sort((a, b) => a.distance - b.distance)[0]
  return near !== undefined && near.distance <= Math.max(2, wanted.length / 3) ? near.known : undefined
}
