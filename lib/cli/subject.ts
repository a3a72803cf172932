import type { Bucket } from '../codec/bucket.ts'
import { defined } from '../common/defined.ts'
import { show } from '../common/text.ts'
import { findKind, suggestKind } from '../model/kind.ts'
import { isJobId } from '../model/selection.ts'
import type { JobRow } from '../view/rows.ts'
import type { Arguments } from './arguments.ts'
import { UsageError } from './usage-error.ts'
import { parseBucket } from '../model/bucket-text.ts'

/** The jobs that a command line names. */
export interface Subject {
  readonly ids: readonly string[]
  readonly kind?: string
  readonly bucket?: Bucket
}

/**
 * Reads `[NAME] [ID] [BUCKET]` in any order, as `ais` does, and the flags `--kind`, `--id`, `--bucket`.
 *
 * @param hasPlainBucket whether a name that is neither a kind nor an id is a bucket, as for `start`
 */
export function subjectOf(args: Arguments, { hasPlainBucket = false } = {}): Subject {
  const ids = args.text('id')?.split(',') ?? []
  let kind = args.text('kind')
  let bucket = args.text('bucket')
  // `show job X` and `wait job X` are habits of `ais` users.
  const words = args.positionals[0] === 'job' ? args.positionals.slice(1) : args.positionals
  for (const word of words) {
    const isKind = findKind(word) !== undefined
    // Where a plain name is a bucket, a kind must come first. So a word before the kind is no id, and a word after it may be
    // a bucket with the name of a kind.
    const mustBeKind = hasPlainBucket && kind === undefined
    const mayBeBucket = word.includes('://') || (hasPlainBucket && !mustBeKind)
    const wordIds = word.split(',')
    if (isKind && kind === undefined) kind = word
    else if (isKind && !hasPlainBucket) throw new UsageError(`expected one kind, got ${show(kind)} and ${show(word)}`)
    else if (mayBeBucket && bucket === undefined) bucket = word
    else if (!mustBeKind && wordIds.every(isIdOfJob)) ids.push(...wordIds)
    else throw new UsageError(unknownWord(word))
  }
  const wrong = ids.find((id) => !isJobId(id))
  if (wrong !== undefined) throw new UsageError(`${show(wrong)} is no id of a job`)
  if (kind !== undefined && findKind(kind) === undefined && ids.length === 0) throw new UsageError(unknownWord(kind))
  return { ids, ...defined({ kind, bucket: bucket === undefined ? undefined : readBucket(bucket) }) }
}

/** Whether a word is an id, and not a mistyped kind, which may have the form of an id. */
const isIdOfJob = (word: string): boolean =>
  isJobId(word) && !(/^[a-z-]+$/.test(word) && suggestKind(word) !== undefined)

function unknownWord(word: string): string {
  const near = suggestKind(word)
  const hint = near === undefined ? '`aistore-rx kinds` lists the kinds' : `did you mean ${near}?`
  return `${show(word)} is neither a kind, nor an id of a job, nor a bucket such as ais://name; ${hint}`
}

/** Reads a bucket of a command line. */
export function readBucket(text: string): Bucket {
  const bucket = parseBucket(text)
  if (bucket === undefined) throw new UsageError(`${show(text)} is no bucket; expected name, ais://name or s3://name`)
  return bucket
}

/** Whether a table hides a job. It hides the job that all downloads share, unless the command line has its id. */
export const isHidden = ({ id, carrier }: JobRow, { ids }: Subject): boolean => carrier === true && !ids.includes(id)
