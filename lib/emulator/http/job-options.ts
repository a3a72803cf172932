import { refuse } from '../cluster/start-checks.ts'
import { formatOf } from '../store/archive.ts'
import { member, textOf, positiveOf } from './selection.ts'
import type { CopyOptions } from '../cluster/acts.ts'
import type { ArchiveOptions } from '../cluster/archive-work.ts'
import type { CopyBucketOptions } from '../cluster/bucket-jobs.ts'
import type { Refusal } from '../cluster/refusal.ts'

const isOn = (value: unknown, name: string): boolean => member(value, name) === true

const extensionsIn = (value: unknown): Readonly<Record<string, string>> => {
  const extensions = member(value, 'ext')
  if (extensions === null || typeof extensions !== 'object') return {}
  return Object.fromEntries(Object.entries(extensions).map(([from, to]) => [from, String(to)]))
}

/** How a copy names its objects. */
export const copyOptionsOf = (value: unknown): CopyOptions => ({
  prepend: textOf(value, 'prepend'),
  extensions: extensionsIn(value),
  dryRun: isOn(value, 'dry_run'),
})

/** Which objects a copy of a bucket copies, and how it names the copies. */
export const copyBucketOptionsOf = (value: unknown): CopyBucketOptions => ({
  ...copyOptionsOf(value),
  prefix: textOf(value, 'prefix'),
  synchronize: isOn(value, 'synchronize'),
})

/** The archive that a request asks for, or the refusal if its name does not end like the name of an archive. */
export const archiveOptionsOf = (value: unknown): ArchiveOptions | Refusal => {
  const name = textOf(value, 'archname')
  const format = formatOf(name, textOf(value, 'mime'))
  if (name === '' || !format) return refuse(400, `unknown filename extension in "${name}"`)
  return {
    name,
    format,
    // The keys stand for "base name only", "include source bucket name" and "append to archive if it exists".
    baseNames: isOn(value, 'bnonly'),
    bucketInNames: isOn(value, 'isbn'),
    append: isOn(value, 'aate'),
  }
}

/** The size from which objects are stored in chunks, and the size of a chunk. */
export const chunkSizesOf = (value: unknown): { readonly fromBytes: number; readonly chunkBytes: number } => ({
  fromBytes: positiveOf(value, 'objsize-limit', 0),
  chunkBytes: positiveOf(value, 'chunk-size', 0),
})
