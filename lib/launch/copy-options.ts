import { requestBucket } from '../codec/messages.ts'
import { sameBucket, type Bucket } from '../codec/bucket.ts'
import { isLeft, right } from '../common/either.ts'
import { show } from '../common/text.ts'
import {
  sentAs,
  bucket,
  duration,
  flag,
  listOf,
  refuse,
  text,
  texts,
  workers,
  type Check,
  type Checked,
  type Values,
} from './fields.ts'
import { plainPrefix, type CheckedSelection } from './objects.ts'

/** Options of all jobs that copy. Absent options are not sent, so the server's own defaults apply. */
export interface CopyKnobs {
  /** A text that is put before each new name. */
  readonly prepend?: string | undefined
  /** New extensions of names by the old ones, such as `{ jpg: 'txt' }`. */
  readonly extensions?: Readonly<Record<string, string>> | undefined
  /** Whether to look for a newer version in the cloud. Only for a remote source. Defaults to false. */
  readonly latest?: boolean | undefined
  /** Whether to delete from the destination what the source no longer has. Defaults to false. */
  readonly deleteExtra?: boolean | undefined
  /** Whether to visit and count the objects only, and write nothing. Defaults to false. */
  readonly dryRun?: boolean | undefined
  /**
   * Whether to run beside a rebalance or resilver, with which it otherwise conflicts. Defaults to false. (The server's
   * name is `force`; it does not overwrite anything.)
   */
  readonly ignoreConflicts?: boolean | undefined
  /** Whether to go on after an object that cannot be copied. Defaults to false: then the job aborts. */
  readonly continueOnError?: boolean | undefined
  /** Workers on each target, from 0 (one for each mountpath), or `'serial'`. */
  readonly workers?: number | 'serial' | undefined
  /** Whether to descend below the prefix into "folders". Defaults to true. */
  readonly recursive?: boolean | undefined
}

/** Options of jobs that transform objects on the way. */
export interface TransformKnobs {
  /** Name of the ETL. */
  readonly etl: string
  /** Names of further ETLs, through which the objects go afterwards. */
  readonly pipeline?: readonly string[] | undefined
  /** The longest time for one object, in milliseconds. Defaults to the server's own limit. */
  readonly objectTimeoutMs?: number | undefined
}

/** A flag that is sent as its opposite. */
const negated: Check<boolean> = (argument, given) => {
  const checked = flag(argument, given)
  return isLeft(checked) ? checked : right(!checked.right)
}

/** The server's option has the opposite meaning. */
export const recursive: Check<Values> = sentAs('non-recurs', negated)

/** The option `continueOnError`: whether to go on after an object that fails. */
export const continueOnError: Check<Values> = sentAs('coer', flag)

/** The option `workers`: how many workers each target uses. */
export const workersField: Check<Values> = sentAs('num-workers', workers)

export const copyFields: Readonly<Record<string, Check<Values>>> = {
  prepend: sentAs('prepend', text),
  extensions: sentAs('ext', texts),
  latest: sentAs('latest-ver', flag),
  deleteExtra: sentAs('synchronize', flag),
  dryRun: sentAs('dry_run', flag),
  ignoreConflicts: sentAs('force', flag),
  continueOnError,
  workers: workersField,
  recursive,
}

const etls = listOf(/./, 'a list of names of ETLs')

export const transformFields: Readonly<Record<string, Check<Values>>> = {
  pipeline: sentAs('pipeline', etls),
  objectTimeoutMs: sentAs('request_timeout', duration),
}

/**
 * Which objects of a bucket are copied: those with a prefix, or all. For names and templates there is `copyObjects`.
 */
export const prefixOrEverything: Check<Values | undefined> = (argument, given) => {
  if (given === undefined) return right(undefined)
  if (given === 'everything') return right({})
  const prefix: unknown =
    typeof given === 'object' && given !== null ? (given as { prefix?: unknown }).prefix : undefined
  if (prefix === undefined || Object.keys(given as object).length > 1)
    return refuse(argument, `got ${show(given)}; takes { prefix: "a/" } or "everything"; for names, use copyObjects()`)
  return sentAs('prefix', plainPrefix)(`${argument}.prefix`, prefix)
}

/** The buckets of a copy. */
export const twoBuckets: { readonly from: Check<Bucket>; readonly to: Check<Bucket> } = { from: bucket, to: bucket }

/** The destination as `value` names it. */
export const toBucket = (to: Bucket): Values => ({ tobck: requestBucket(to) })

/** Refuses `recursive` without a prefix. */
export function checkRecursive({ byPrefix }: CheckedSelection, value: Values): Checked<void> {
  return value['non-recurs'] === undefined || byPrefix
    ? right(undefined)
    : refuse('recursive', `got ${show(!value['non-recurs'])} without a prefix; takes a prefix or "everything"`)
}

/** Refuses combinations that the server would refuse, or that lose objects. */
export function checkCopy(from: Bucket, to: Bucket, value: Values): Checked<void> {
  if (sameBucket(from, to) && value['dry_run'] !== true)
    return refuse('to', 'got the source; only a dry run may go from a bucket to itself')
  return checkSync(value)
}

/**
 * Does the same as `checkCopy` for a copy of chosen objects. The destination may be the source bucket if the copies get
 * other names or contents.
 */
export function checkCopyOfObjects(from: Bucket, to: Bucket, value: Values): Checked<void> {
  const differs = ['prepend', 'ext', 'id'].some((field) => value[field] !== undefined)
  return differs ? checkSync(value) : checkCopy(from, to, value)
}

function checkSync(value: Values): Checked<void> {
  if (value['synchronize'] === true && value['prepend'] !== undefined)
    return refuse('prepend', 'got deleteExtra too, which would delete every object whose name changes')
  return right(undefined)
}
