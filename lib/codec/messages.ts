import type { Bucket } from './bucket.ts'
import { stringifyJson } from './json.ts'

// Requests are written and never read by us, so they are plain functions to text, not codecs: a reader that nobody
// calls would only be a second opinion about the wire. (The emulator reads requests as the server does, sloppily.)

/** What to ask of `status`, `status_all`, `qryxstats` and `running_all`. */
export interface QueryMsg {
  readonly id?: string | undefined
  readonly kind?: string | undefined
  readonly bck?: Bucket | undefined
  /** There is no `false`: by kind, the server takes that for "only those that do not run". */
  readonly show_active?: true | undefined
}

/** What to start. */
export interface StartMsg {
  readonly kind: string
  readonly bucket?: Bucket | undefined
  readonly buckets?: readonly Bucket[] | undefined
  /** The target that is to run it; `resilver` requires one. */
  readonly target?: string | undefined
  /** What else the kind needs: a prefix (`rebalance`), an object (`blob-download`). */
  readonly name?: string | undefined
  readonly force?: boolean | undefined
  readonly flags?: number | undefined
}

/** What to stop. */
export interface StopMsg {
  readonly id?: string | undefined
  readonly kind?: string | undefined
  readonly bucket?: Bucket | undefined
  readonly force?: boolean | undefined
}

/**
 * The body of a question.
 *
 * Source: protocol 2.0 (QueryMsg), 2.5.
 */
export function queryBody({ id, kind, bck, show_active }: QueryMsg): string {
  // No bigint is in a question, so that the writer that knows them, which costs ten times as much, is not needed.
  return JSON.stringify({
    id: id || undefined,
    kind: kind || undefined,
    bck: requestBucket(bck),
    show_active,
  })
}

/**
 * The body of a start. `force` travels in the value; as a query parameter the server would not see it.
 *
 * Source: protocol 2.0 (ArgsMsg), 2.1, T5.
 */
export function startBody({ kind, bucket, buckets, target, name, force, flags }: StartMsg): string {
  return actBody('start', name ?? '', {
    Kind: kind,
    DaemonID: target || undefined,
    Bck: requestBucket(bucket),
    Buckets: buckets?.map(requestBucket),
    Force: force || undefined,
    flags: flags || undefined,
  })
}

/**
 * The body of a stop.
 *
 * Source: protocol 2.0 (ArgsMsg), 2.2.
 */
export function stopBody({ id, kind, bucket, force }: StopMsg): string {
  return actBody('stop', '', {
    ID: id || undefined,
    Kind: kind || undefined,
    Bck: requestBucket(bucket),
    Force: force || undefined,
  })
}

// Names of ArgsMsg as the server spells them: an unknown key inside `value` is refused. Undefined members are not written.
interface ArgsMsg {
  readonly ID?: string | undefined
  readonly Kind?: string | undefined
  readonly DaemonID?: string | undefined
  readonly Bck?: Partial<Bucket> | undefined
  readonly Buckets?: readonly (Partial<Bucket> | undefined)[] | undefined
  readonly Force?: boolean | undefined
  readonly flags?: number | undefined
}

function actBody(action: 'start' | 'stop', name: string, value: ArgsMsg): string {
  return stringifyJson({ action, name, value })
}

/**
 * Built anew, so that what else an object of the user's holds does not travel; with a provider always, since not every
 * path of the server falls back to its own (a rebalance is 404 without, an lru finds nothing to do).
 */
function requestBucket(bucket: Bucket | undefined): Partial<Bucket> | undefined {
  if (bucket === undefined) return undefined
  const { name, provider, namespace } = bucket
  return {
    name,
    provider: provider || 'ais',
    ...(namespace ? { namespace: { uuid: namespace.uuid, name: namespace.name } } : undefined),
  }
}
