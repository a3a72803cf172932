import * as t from 'io-ts'
import { absentIfZero, mapped, nullAsEmpty, Text, withDefault } from './members.ts'
import { sparse } from './renamed.ts'

const MaybeText = withDefault(Text, '')

const Namespace = sparse(t.type({ uuid: MaybeText, name: MaybeText }, 'Namespace'))

/** A namespace as the cluster writes it; both empty is the global one. */
export interface NamespaceWire extends t.OutputOf<typeof Namespace> {}

const GLOBAL: NamespaceWire = { uuid: '', name: '' }

const isGlobal = ({ uuid, name }: NamespaceWire): boolean => uuid === '' && name === ''

const BucketSchema = sparse(
  t.type(
    {
      /** Without provider and namespace. */
      name: Text,
      /** Such as `aws`; absent means `ais`. */
      provider: absentIfZero(Text, ''),
      /** Absent means the global one. */
      // The Python SDK sends null.
      namespace: absentIfZero(nullAsEmpty(Namespace, GLOBAL), GLOBAL, isGlobal),
    },
    'Bucket',
  ),
)

/** A bucket as users name it; no provider means `ais`, no namespace means the global one. */
export interface Bucket extends t.TypeOf<typeof BucketSchema> {}

/** A bucket as the cluster writes it: always complete. */
export interface BucketWire extends t.OutputOf<typeof BucketSchema> {}

/** The bucket whose every member is empty, by which the wire says "none". */
export const NO_BUCKET: Bucket = Object.freeze({ name: '' })

/** Is it the bucket whose every member is empty? */
export function isNoBucket(bucket: Bucket | undefined): boolean {
  return bucket?.name === '' && bucket.provider === undefined && bucket.namespace === undefined
}

let last: Bucket = NO_BUCKET

/** The same bucket, as the very object that was read last if that one is the same. */
function shared(bucket: Bucket): Bucket {
  if (bucket.namespace !== undefined) return bucket
  if (isNoBucket(bucket)) return NO_BUCKET
  // Most snapshots that follow one another name the same bucket, and ten thousand jobs then hold it once.
  if (last.name !== bucket.name || last.provider !== bucket.provider) last = Object.freeze(bucket)
  return last
}

/**
 * A bucket: what the wire leaves empty is absent in the value, and empty again when encoded.
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
 * Do both name one bucket?
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
