import * as t from 'io-ts'
import { absentIfZero, mapped, nullAsEmpty, Text, withDefault } from './members.ts'
import { sparse } from './renamed.ts'

const MaybeText = withDefault(Text, '')

const Namespace = sparse({ uuid: MaybeText, name: MaybeText }, 'Namespace')

/** A namespace as the cluster writes it. The global namespace has both members empty. */
export interface NamespaceWire extends t.OutputOf<typeof Namespace> {}

const GLOBAL: NamespaceWire = { uuid: '', name: '' }

const isGlobal = ({ uuid, name }: NamespaceWire): boolean => uuid === '' && name === ''

const BucketSchema = sparse(
  {
    /** The name, without provider and namespace. */
    name: Text,
    /** The provider, such as `aws`. Absent means `ais`. */
    provider: absentIfZero(Text, ''),
    /** The namespace. Absent means the global one. */
    // The Python SDK sends null.
    namespace: absentIfZero(nullAsEmpty(Namespace, GLOBAL), GLOBAL, isGlobal),
  },
  'Bucket',
)

/** A bucket as users name it. No provider means `ais`, no namespace means the global one. */
export interface Bucket extends t.TypeOf<typeof BucketSchema> {}

/** A bucket as the cluster writes it: every member is present. */
export interface BucketWire extends t.OutputOf<typeof BucketSchema> {}

/** The bucket whose members are all empty. On the wire it means "no bucket". */
export const NO_BUCKET: Bucket = Object.freeze({ name: '' })

/** Whether all members of the bucket are empty. */
export function isNoBucket(bucket: Bucket | undefined): boolean {
  return bucket?.name === '' && bucket.provider === undefined && bucket.namespace === undefined
}

let last: Bucket = NO_BUCKET

/** Returns the last decoded object if it names the same bucket, otherwise `bucket` itself. */
function shared(bucket: Bucket): Bucket {
  if (bucket.namespace !== undefined) return bucket
  if (isNoBucket(bucket)) return NO_BUCKET
  // Consecutive snapshots mostly name the same bucket; ten thousand jobs then share one object.
  if (last.name !== bucket.name || last.provider !== bucket.provider) last = Object.freeze(bucket)
  return last
}

/**
 * A bucket. A member that is empty on the wire is absent in the value, and is empty again when encoded.
 *
 * Source: protocol 3.4.
 *
 * @example
 * import { Bucket } from 'aistore-rx'
 *
 * console.log(Bucket.encode({ name: 'photos', provider: 'aws' }))
 * // { name: 'photos', provider: 'aws', namespace: { uuid: '', name: '' } }
 */
export const Bucket: t.Type<Bucket, BucketWire> = mapped(BucketSchema, BucketSchema, shared, t.identity)

/**
 * Whether both name the same bucket.
 *
 * No provider means `ais`, no namespace means the global one.
 *
 * Source: protocol 3.4.
 */
export function sameBucket(a: Bucket, b: Bucket): boolean {
  return (
    a.name === b.name &&
    (a.provider || 'ais') === (b.provider || 'ais') &&
    (a.namespace?.uuid ?? '') === (b.namespace?.uuid ?? '') &&
    (a.namespace?.name ?? '') === (b.namespace?.name ?? '')
  )
}
