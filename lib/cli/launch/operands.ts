import type { Bucket } from '../../codec/bucket.ts'
import { show } from '../../common/text.ts'
import { isRemote } from '../../launch/fields.ts'
import type { Arguments } from '../arguments.ts'
import { readBucket } from '../subject.ts'
import { bucketText } from '../../model/bucket-text.ts'
import { UsageError } from '../usage-error.ts'

/** Reads the words of a command line as one bucket for each name, such as `FROM`. A name in brackets is optional. */
export function bucketsOf(args: Arguments, ...names: readonly string[]): readonly Bucket[] {
  const { positionals } = args
  const least = names.filter((name) => !name.startsWith('[')).length
  if (positionals.length > names.length)
    throw new UsageError(
      `expected ${names.join(' ')}, got ${show(positionals[names.length])} too${args.text('template') === undefined ? '' : '; put a template in quotes'}`,
    )
  if (positionals.length < least) throw new UsageError(`expected ${names.join(' ')}`)
  return positionals.map(readBucket)
}

/** Reads the bucket of a command line. */
export function bucketOf(args: Arguments): Bucket {
  const [bucket] = bucketsOf(args, 'BUCKET') as readonly [Bucket]
  return bucket
}

/** Reads the bucket of a command line, which is in a cloud or in another cluster. */
export function remoteBucketOf(args: Arguments): Bucket {
  const bucket = bucketOf(args)
  if (!isRemote(bucket)) throw new UsageError(`expected a remote bucket such as s3://data, got ${bucketText(bucket)}`)
  return bucket
}

/** Returns the value of a flag that a verb requires. */
export function required<A>(value: A | undefined, flag: string): A {
  if (value === undefined) throw new UsageError(`expected --${flag}`)
  return value
}
