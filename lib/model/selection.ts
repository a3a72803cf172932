import type { Either } from 'fp-ts/lib/Either.js'
import { isNoBucket, sameBucket, type Bucket } from '../codec/bucket.ts'
import type { JobSnap } from '../codec/job-snap.ts'
import type { TargetId } from '../codec/snapshots.ts'
import { isLeft, left, right } from '../common/either.ts'
import { invalidArgument, type InvalidArgument } from '../error.ts'
import { providerNamed } from './bucket-text.ts'
import { findKind, isKindName, suggestKind, type KindInfo, type KindName } from './kind.ts'
import { DOWNLOAD_KIND, DOWNLOAD_NAMES, isDownloadId } from './download.ts'
import { isTerminal } from './snapshot.ts'
import { show } from '../common/text.ts'
import { defined } from '../common/defined.ts'

/** Selects jobs. A job must match all members that are given. */
export interface JobSelector {
  /** An id, or several separated by commas. The library sends one request for each id. */
  readonly id?: string | undefined
  /** A kind or its display name. */
  readonly kind?: KindName | undefined
  /**
   * The bucket of a job, its source or its destination. With a kind such as `lru`, jobs that report no bucket match
   * too.
   */
  readonly bucket?: Bucket | undefined
  /** The id of a target: selects only the snapshots of this target. */
  readonly target?: TargetId | undefined
  /** Whether to leave out jobs that have ended or have not begun. Defaults to false. */
  readonly onlyRunning?: boolean | undefined
  /**
   * The total of the launch, as in `LaunchedJob`. A download that shows fewer files has lost some of them with a
   * target, so a wait for it does not succeed. For other jobs, it is ignored.
   */
  readonly expected?: { readonly objects?: number | undefined } | undefined
  /**
   * Whether a proxy gives the job its work page by page, as in `LaunchedJob`. Such a job may idle between two pages, so
   * a wait takes it for idle only after half a minute. Defaults to false.
   */
  readonly paged?: boolean | undefined
  /** Never present. An `AlreadyDone` has a kind but no job, so it would select other jobs of its kind. */
  readonly done?: undefined
}

/** A valid selector. */
export interface Selection {
  /** Empty if the selector has no id. */
  readonly ids: readonly string[]
  /** The name of the kind; never its display name. */
  readonly kind?: string | undefined
  readonly bucket?: Bucket | undefined
  readonly target?: TargetId | undefined
  readonly onlyRunning: boolean
  /** The number of files of the download, as its launch named them. */
  readonly files?: number | undefined
  /** Whether the job may idle between two pages of its work. */
  readonly paged?: true | undefined
}

type Checked<A> = Either<InvalidArgument, A>

/** AIStore's grammar (protocol 1.3): a generated id, or a letter and a number, such as the id of a rebalance. */
const ID = /^(?:[A-Za-z0-9][A-Za-z0-9_-]{7,30}[A-Za-z0-9]|[A-Za-z][+-]?[0-9]{1,18}|[0-9]{2,18})$/

/**
 * Checks a selector before anything is sent.
 *
 * @param need what the selector must contain: anything (an empty one selects all jobs), or an id or a kind
 * @param idGrammar pattern that job ids must match. Defaults to AIStore's grammar
 */
export function select(
  selector: JobSelector | undefined,
  kinds: readonly KindInfo[],
  need: 'anything' | 'job',
  idGrammar: RegExp = ID,
): Checked<Selection> {
  const given: unknown = selector === undefined ? {} : selector
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return left(invalidArgument('selector', `got ${show(given)}; takes an object such as { id } or { kind }`))
  if ('done' in given && given.done === true)
    return left(invalidArgument('selector', 'got { done: true }, a launch that left no job; takes { id } or { kind }'))
  const { id, kind, bucket, target, onlyRunning = false, expected, paged = false } = given as JobSelector
  const ids = id === undefined ? right([]) : checkIds(id, idGrammar)
  if (isLeft(ids)) return ids
  const name = kind === undefined ? right(undefined) : checkKind(kind, kinds, { unknownPasses: ids.right.length > 0 })
  if (isLeft(name)) return name
  const bck = bucket === undefined ? right(undefined) : checkBucket('bucket', bucket)
  if (isLeft(bck)) return bck
  const node = target === undefined ? right(undefined) : checkTarget(target)
  if (isLeft(node)) return node
  if (need === 'job' && ids.right.length === 0 && name.right === undefined)
    return left(invalidArgument('selector', 'got neither an id nor a kind; takes at least one of them'))
  const ownKind = ids.right.some(isDownloadId) ? checkOfDownload(name.right, node.right) : right(name.right)
  if (isLeft(ownKind)) return ownKind
  if (typeof onlyRunning !== 'boolean')
    return left(invalidArgument('onlyRunning', `got ${show(onlyRunning)}; takes true or false`))
  if (typeof paged !== 'boolean') return left(invalidArgument('paged', `got ${show(paged)}; takes true or false`))
  return right({
    ids: ids.right,
    ...defined({
      kind: ownKind.right,
      bucket: bck.right,
      target: node.right,
      files: filesOf(ids.right, expected),
      paged: paged || undefined,
    }),
    onlyRunning,
  })
}

/**
 * The number of files that the launch of one download named; undefined for other jobs and for several.
 */
function filesOf([id = '', ...others]: readonly string[], expected: JobSelector['expected']): number | undefined {
  const files = isDownloadId(id) && others.length === 0 ? (expected as typeof expected | null)?.objects : undefined
  return Number.isSafeInteger(files) ? files : undefined
}

/**
 * Checks the kind and the target beside the id of a download. Returns the kind, for which AIStore has several names
 * (protocol T14).
 */
function checkOfDownload(kind: string | undefined, target: TargetId | undefined): Checked<string | undefined> {
  if (target !== undefined)
    return left(invalidArgument('target', 'the cluster shows a download as a whole, not by target; leave it out'))
  return kind === undefined || DOWNLOAD_NAMES.has(kind)
    ? right(kind && DOWNLOAD_KIND)
    : left(invalidArgument('kind', `got ${show(kind)} for the id of a download; takes "download", or leave it out`))
}

/** Whether a text is a valid id of a job: by the grammar of the server, or by that of the option `ids`. */
export const isJobId = (text: string, grammar: RegExp = ID): boolean => grammar.test(text)

function checkIds(id: unknown, grammar: RegExp): Checked<readonly string[]> {
  const ids = typeof id === 'string' ? id.split(',') : []
  return ids.length > 0 && ids.every((one) => isJobId(one, grammar))
    ? right([...new Set(ids)])
    : left(
        invalidArgument(
          'id',
          `got ${show(id)}; takes 9 to 32 of A-Z a-z 0-9 - _ with a letter or digit at both ends, g and a number for a rebalance, or several of them with commas between`,
        ),
      )
}

const NAME = /^[A-Za-z0-9_.-]{1,64}$/

/**
 * Checks a kind, and returns its name. For an unknown kind without an id, the server would ignore the filter and return
 * all jobs (protocol T4).
 *
 * @param unknownPasses whether an unknown kind is valid, because the selector has an id
 */
export function checkKind(
  kind: unknown,
  kinds: readonly KindInfo[],
  { unknownPasses }: { readonly unknownPasses: boolean },
): Checked<string> {
  if (!isKindName(kind))
    return left(invalidArgument('kind', `got ${show(kind)}; takes the name of a kind such as "lru"`))
  const info = findKind(kind, kinds)
  if (info !== undefined) return right(info.kind)
  if (unknownPasses) return right(kind)
  const near = suggestKind(kind, kinds)
  const hint = near === undefined ? 'takes the name of a kind such as "lru"' : `did you mean ${show(near)}?`
  return left(
    invalidArgument(
      'kind',
      `got ${show(kind)}, which is no known kind; ${hint} (add kinds of a newer server with the kinds option)`,
    ),
  )
}

/** Checks the id of a target. */
export function checkTarget(target: unknown): Checked<TargetId> {
  return typeof target === 'string' && NAME.test(target)
    ? right(target)
    : left(invalidArgument('target', `got ${show(target)}; takes the id of a target such as "Dgct8282"`))
}

/** Checks a bucket, and copies its known members. */
export function checkBucket(argument: string, bucket: unknown): Checked<Bucket> {
  const refuse = (why: string): Checked<never> => left(invalidArgument(argument, why))
  if (!isObject(bucket)) return refuse(`got ${show(bucket)}; takes an object such as { name: "data" }`)
  const { name, provider, namespace } = bucket as Partial<Bucket>
  if (typeof name !== 'string' || !NAME.test(name) || /^\.+$/.test(name))
    return refuse(`got the name ${show(name)}; takes 1 to 64 of A-Z a-z 0-9 - _ .`)
  if (provider !== undefined && (typeof provider !== 'string' || !/^[A-Za-z0-9]{0,16}$/.test(provider)))
    return refuse(`got the provider ${show(provider)}; takes one such as "ais" or "aws"`)
  if (
    namespace !== undefined &&
    (!isObject(namespace) || !isNamespacePart(namespace.uuid) || !isNamespacePart(namespace.name))
  )
    return refuse(`got the namespace ${show(namespace)}; takes { uuid, name } of A-Z a-z 0-9 - _ .`)
  return right({
    name,
    // Otherwise a selector with another name would match no job, and none would seem to run.
    ...defined({ provider: provider === undefined ? undefined : providerNamed(provider) }),
    ...(namespace === undefined ? {} : { namespace: { uuid: namespace.uuid, name: namespace.name } }),
  })
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null

const isNamespacePart = (part: unknown): boolean => typeof part === 'string' && /^[A-Za-z0-9_.-]{0,64}$/.test(part)

/**
 * Whether a snapshot matches a selection. A reply may contain snapshots that do not, since a server ignores filters
 * that it does not know (protocol T4).
 */
export const selects = (selection: Selection, target: TargetId, snap: JobSnap): boolean =>
  (selection.ids.length === 0 || selection.ids.includes(snap.id)) &&
  (selection.kind === undefined || selection.kind === snap.kind) &&
  (selection.target === undefined || selection.target === target) &&
  (selection.bucket === undefined ||
    involves(snap, selection.bucket) ||
    // An `lru` reports no bucket, even if it was started with one, so every job of a given kind without a bucket may
    // match.
    (selection.kind !== undefined && bucketsOf(snap).length === 0)) &&
  (!selection.onlyRunning || (snap.startTime !== undefined && !isTerminal(snap)))

const bucketsOf = ({ bck, srcBck, dstBck }: JobSnap): readonly Bucket[] =>
  [bck, srcBck, dstBck].filter((one) => one !== undefined && !isNoBucket(one)) as readonly Bucket[]

const involves = (snap: JobSnap, bucket: Bucket): boolean => bucketsOf(snap).some((one) => sameBucket(one, bucket))
