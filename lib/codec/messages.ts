import { defined } from '../common/defined.ts'
import type { Bucket } from './bucket.ts'
import { stringifyJson } from './json.ts'

// The library writes requests and never reads them, so these are functions that return text, not codecs. (The emulator
// reads requests the way the server does, which is less strict.)

/** What `status`, `status_all`, `qryxstats` and `running_all` select. */
export interface QueryMsg {
  readonly id?: string | undefined
  readonly kind?: string | undefined
  readonly bck?: Bucket | undefined
  /** There is no `false`: for a query by kind, the server would return only jobs that do not run. */
  readonly show_active?: true | undefined
}

/** The job to start. */
export interface StartMsg {
  readonly kind: string
  readonly bucket?: Bucket | undefined
  readonly buckets?: readonly Bucket[] | undefined
  /** The target that runs the job. `resilver` requires one. */
  readonly target?: string | undefined
  /** A prefix for `rebalance`, an object for `blob-download`. */
  readonly name?: string | undefined
  readonly force?: boolean | undefined
  readonly flags?: number | undefined
}

/** The jobs to stop. */
export interface StopMsg {
  readonly id?: string | undefined
  readonly kind?: string | undefined
  readonly bucket?: Bucket | undefined
  readonly force?: boolean | undefined
}

/**
 * The body of a query.
 *
 * Source: protocol 2.0 (QueryMsg), 2.5.
 */
export function queryBody({ id, kind, bck, show_active }: QueryMsg): string {
  // A query contains no bigint, and `stringifyJson` is ten times slower.
  return JSON.stringify({
    id: id || undefined,
    kind: kind || undefined,
    bck: requestBucket(bck),
    show_active,
  })
}

/**
 * The body of a start request. `force` is part of the value: the server ignores it as a query parameter.
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
 * The body of a stop request.
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

// The server refuses an unknown key inside `value`, so these are its own spellings. Undefined members are not written.
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
 * Copies the known members, so that other members of the user's object are not sent. Always sets a provider, since not
 * every code path of the server has a default (without one, a rebalance gets 404 and an lru does nothing).
 */
export function requestBucket(bucket: Bucket | undefined): Partial<Bucket> | undefined {
  if (bucket === undefined) return undefined
  const { name, provider, namespace } = bucket
  return defined({
    name,
    provider: provider || 'ais',
    namespace: namespace && { uuid: namespace.uuid, name: namespace.name },
  })
}
