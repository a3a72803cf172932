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
   * Whether the Information Center may learn of an end late or never, so that waits also poll the snapshots. Defaults to
   * false.
   */
  readonly icLate?: boolean | undefined
  /** Whether a job stays alive without work. `wait()` then waits until the job is idle. Defaults to false. */
  readonly idles?: boolean | undefined
}

/** What waits and streams need to know of a job kind. */
export type Kind = Omit<KindInfo, 'startable' | 'advice'>

/** The kinds of AIStore 5.0. How each of them starts is in `kinds.ts`, since few programs need it. */
export const KNOWN = [
  { kind: 'election', displayName: 'elect-primary', scope: 'cluster' },
  { kind: 'rebalance', scope: 'cluster', ic: true },
  { kind: 'etl-inline', scope: 'cluster', ic: true },
  { kind: 'lru', displayName: 'lru-eviction', scope: 'bucket-or-cluster', ic: true },
  { kind: 'cleanup-store', displayName: 'cleanup', scope: 'bucket-or-cluster', ic: true },
  { kind: 'summary-bck', displayName: 'summary', scope: 'bucket-or-cluster' },
  { kind: 'summary-shard', displayName: 'shard-summary', scope: 'bucket' },
  { kind: 'resilver', scope: 'target', ic: true, icLate: true },
  { kind: 'rechunk', scope: 'bucket', ic: true },
  { kind: 'index-shard', displayName: 'shard-index', scope: 'bucket', ic: true },
  { kind: 'ec-get', scope: 'bucket', idles: true },
  { kind: 'ec-put', scope: 'bucket', idles: true },
  { kind: 'ec-resp', scope: 'bucket', idles: true },
  { kind: 'put-copies', scope: 'bucket', idles: true },
  { kind: 'archive', scope: 'bucket', idles: true },
  { kind: 'copy-listrange', displayName: 'copy-objects', scope: 'bucket', idles: true },
  { kind: 'etl-listrange', displayName: 'etl-objects', scope: 'bucket', idles: true },
  { kind: 'blob-download', scope: 'target' },
  { kind: 'download', scope: 'cluster', ic: true, idles: true },
  { kind: 'dsort', scope: 'bucket' },
  { kind: 'promote', displayName: 'promote-files', scope: 'bucket', ic: true },
  { kind: 'evict-listrange', displayName: 'evict-objects', scope: 'bucket', ic: true },
  { kind: 'evict-remote-bck', displayName: 'evict-remote-bucket', scope: 'bucket' },
  { kind: 'delete-listrange', displayName: 'delete-objects', scope: 'bucket', ic: true },
  { kind: 'prefetch-listrange', displayName: 'prefetch-objects', scope: 'bucket', ic: true },
  { kind: 'ec-encode', displayName: 'ec-bucket', scope: 'bucket', ic: true, icLate: true },
  { kind: 'make-n-copies', displayName: 'mirror', scope: 'bucket', ic: true },
  { kind: 'move-bck', displayName: 'rename-bucket', scope: 'bucket', ic: true },
  { kind: 'copy-bck', displayName: 'copy-bucket', scope: 'bucket', ic: true },
  { kind: 'etl-bck', displayName: 'etl-bucket', scope: 'bucket', ic: true },
  { kind: 'list', scope: 'bucket', idles: true },
  { kind: 'get-batch', scope: 'bucket-or-cluster', idles: true },
  { kind: 'create-inventory', scope: 'bucket', ic: true },
  { kind: 'load-lom-cache', displayName: 'warm-up-metadata', scope: 'bucket', ic: true, icLate: true },
] as const satisfies readonly Kind[]

/** The names of the kinds in {@link KINDS}. */
export type KnownKind = (typeof KNOWN)[number]['kind']

/** The name of a kind: a known name, which editors complete, or a name of a newer server. */
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

const namesOf = ({ kind, displayName }: Kind): readonly string[] =>
  displayName === undefined ? [kind] : [kind, displayName]

const byName: ReadonlyMap<string, Kind> = new Map(KNOWN.flatMap((info) => namesOf(info).map((name) => [name, info])))

/** Finds a kind by its name or display name. */
export const findKind = (name: string, more: readonly Kind[] = []): Kind | undefined =>
  more.find(({ kind, displayName }) => kind === name || displayName === name) ?? byName.get(name)

/** The known name that is most similar to a mistyped one; undefined if no name is similar. */
export function suggestKind(name: string, more: readonly Kind[] = []): string | undefined {
  const names = [...more, ...KNOWN].flatMap(namesOf)
  const wanted = name.slice(0, 40).toLowerCase()
  const near = names
    .map((known) => ({
      known,
      distance: known.startsWith(wanted) && wanted.length > 2 ? 0 : editDistance(wanted, known),
    }))
    .sort((a, b) => a.distance - b.distance)[0]
  return near !== undefined && near.distance <= Math.max(2, wanted.length / 3) ? near.known : undefined
}
