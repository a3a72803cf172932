import type { Either } from 'fp-ts/lib/Either.js'
import type { Bucket } from '../codec/bucket.ts'
import type { StartMsg } from '../codec/messages.ts'
import type { TargetId } from '../codec/snapshots.ts'
import { isLeft, left, right } from '../common/either.ts'
import { invalidArgument, type InvalidArgument } from '../error.ts'
import type { KindInfo, KindName } from './kind.ts'
import { knownKind } from './kinds.ts'
import { checkBucket, checkKind, checkTarget } from './selection.ts'
import { hasControl, show } from '../common/text.ts'

/** The job to start. */
export interface StartOptions {
  /** A kind or its display name. */
  readonly kind: KindName
  /** The bucket of the job. Required for kinds with the scope `bucket`. */
  readonly bucket?: Bucket | undefined
  /** Several buckets, for `lru` and `cleanup-store`. */
  readonly buckets?: readonly Bucket[] | undefined
  /** The target that runs the job. Required for `resilver`; invalid for all other kinds. */
  readonly target?: TargetId | undefined
  /** The prefix for a `rebalance`, or the object for a `blob-download`. */
  readonly name?: string | undefined
  /** Only for `lru`, `cleanup-store` and a `rebalance` that cleans up. Defaults to false. */
  readonly force?: boolean | undefined
  /**
   * A sum of flags, 0 to 2^32-1: 1 remove zero-size objects, 2 latest version, 4 sync, 8 keep misplaced objects, 16
   * remove misplaced objects. Defaults to 0.
   */
  readonly flags?: number | undefined
}

type Checked<A> = Either<InvalidArgument, A>

const refuse = (argument: string, message: string): Checked<never> => left(invalidArgument(argument, message))

/**
 * Checks the options of a start before anything is sent.
 *
 * It also refuses requests that a server would accept but that harm the cluster: after a prefetch without a bucket, for
 * example, no target accepts a job until it is restarted (protocol T3).
 */
export function checkStart(options: StartOptions, kinds: readonly KindInfo[]): Checked<StartMsg> {
  const given: unknown = options
  if (typeof given !== 'object' || given === null)
    return refuse('options', `got ${show(given)}; takes an object such as { kind: "lru" }`)
  const { bucket, buckets, target, name, force = false, flags = 0 } = options
  const kind = checkKind(options.kind, kinds, { unknownPasses: false })
  if (isLeft(kind)) return kind
  const info = kinds.find((one) => one.kind === kind.right) ?? knownKind(kind.right)
  if (info?.startable !== true)
    return refuse(
      'kind',
      `got ${show(options.kind)}, which cannot be started like this: ${info?.advice ?? 'it is not startable'}`,
    )
  const bck = bucket === undefined ? right(undefined) : checkBucket('bucket', bucket)
  if (isLeft(bck)) return bck
  const many = checkBuckets(buckets)
  if (isLeft(many)) return many
  const node = target === undefined ? right(undefined) : checkTarget(target)
  if (isLeft(node)) return node
  if (name !== undefined && (typeof name !== 'string' || name.length > 1024 || hasControl(name)))
    return refuse('name', `got ${show(name)}; takes up to 1,024 characters without control characters`)
  if (typeof force !== 'boolean') return refuse('force', `got ${show(force)}; takes true or false`)
  if (!Number.isInteger(flags) || flags < 0 || flags > 0xffff_ffff)
    return refuse('flags', `got ${show(flags)}; takes a whole number from 0 to 4294967295`)
  const msg: StartMsg = {
    kind: kind.right,
    bucket: bck.right,
    buckets: many.right,
    target: node.right,
    name,
    force,
    flags,
  }
  return checkNeeds(msg, info)
}

function checkBuckets(buckets: StartOptions['buckets']): Checked<StartMsg['buckets']> {
  if (buckets === undefined) return right(undefined)
  // An empty list would mean every bucket.
  if (!Array.isArray(buckets) || buckets.length === 0)
    return refuse(
      'buckets',
      `got ${Array.isArray(buckets) ? 'an empty list' : show(buckets)}; takes at least one bucket`,
    )
  const checked = []
  for (const [index, bucket] of buckets.entries()) {
    const one = checkBucket(`buckets[${index}]`, bucket)
    if (isLeft(one)) return one
    checked.push(one.right)
  }
  return right(checked)
}

/** Checks the options that a kind requires, and refuses those that it would silently ignore (protocol 2.1). */
function checkNeeds(msg: StartMsg, info: KindInfo): Checked<StartMsg> {
  const { kind, bucket, buckets, target, name } = msg
  // These checks apply even if the `kinds` option redefines the kind: such a request makes every target unusable
  // (protocol T3).
  if (kind === 'prefetch-listrange' && bucket === undefined)
    return refuse('bucket', 'got none; without one, every target would stop taking jobs until it is restarted')
  if (kind === 'create-inventory' && (bucket?.provider ?? 'ais') === 'ais')
    return refuse('bucket', 'got none or one that is not remote; every target would go down')
  if (info.scope === 'bucket' && bucket === undefined) return refuse('bucket', `got none; ${kind} takes one bucket`)
  if (kind === 'blob-download' && (bucket === undefined || name === undefined || name === ''))
    return refuse(
      bucket === undefined ? 'bucket' : 'name',
      'got none; blob-download takes a remote bucket and the name of an object',
    )
  if (kind === 'resilver' && target === undefined)
    return refuse('target', 'got none; resilver takes the target that is to run it')
  if (kind !== 'resilver' && target !== undefined)
    return refuse('target', `got ${show(target)}; ${kind} runs on the targets that the cluster chooses`)
  if (kind === 'resilver' && bucket !== undefined) return refuse('bucket', 'got one; resilver covers a whole target')
  if (bucket !== undefined && buckets !== undefined) return refuse('buckets', 'got bucket too; takes bucket or buckets')
  if (buckets !== undefined && info.scope !== 'bucket-or-cluster')
    return refuse('buckets', `got a list; ${kind} takes bucket`)
  if (kind === 'rebalance' && name !== undefined && name !== '' && bucket === undefined)
    return refuse('bucket', 'got none; a rebalance of a prefix (name) takes its bucket')
  return right(msg)
}
