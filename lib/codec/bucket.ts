import * as t from 'io-ts'
import { isObject, walked, type Walk } from './walk.ts'

/** A bucket as users name it; no provider means `ais`, no namespace means the global one. */
export interface Bucket {
  readonly name: string
  readonly provider?: string
  readonly namespace?: { readonly uuid: string; readonly name: string }
}

/** A bucket as the cluster writes it: always complete. */
export interface BucketWire {
  readonly name: string
  readonly provider: string
  readonly namespace: NamespaceWire
}

/** A namespace as the cluster writes it; both empty is the global one. */
export interface NamespaceWire {
  readonly uuid: string
  readonly name: string
}

/** Reads a bucket; `namespace` may be missing or null, as the Python SDK sends it. */
export function readBucket(value: unknown, walk: Walk): Bucket | undefined {
  const wire = walk.object(value)
  if (wire === undefined) return undefined
  const name = walk.text(wire, 'name')
  const provider = walk.text(wire, 'provider', '')
  const raw = wire['namespace']
  const namespace =
    raw === undefined || raw === null ? undefined : walk.within('namespace', Namespace, raw, readNamespace)
  if (namespace !== undefined && !isGlobal(namespace)) return { name, ...withProvider(provider), namespace }
  if (name === '' && provider === '') return NO_BUCKET
  // Most snapshots that follow one another name the same bucket.
  if (last.name !== name || (last.provider ?? '') !== provider)
    last = Object.freeze({ name, ...withProvider(provider) })
  return last
}

const NO_BUCKET: Bucket = Object.freeze({ name: '' })
let last: Pick<Bucket, 'name' | 'provider'> = NO_BUCKET

const withProvider = (provider: string): Pick<Bucket, 'provider'> => (provider === '' ? {} : { provider })

/** The complete wire form; no bucket at all is the one whose every member is empty. */
export function encodeBucket(bucket: Bucket | undefined): BucketWire {
  return {
    name: bucket?.name ?? '',
    provider: bucket?.provider ?? '',
    namespace: { uuid: bucket?.namespace?.uuid ?? '', name: bucket?.namespace?.name ?? '' },
  }
}

/** Is it the bucket whose every member is empty, by which the wire says "none"? */
export function isNoBucket(bucket: Bucket | undefined): boolean {
  return bucket?.name === '' && bucket.provider === undefined && bucket.namespace === undefined
}

function isBucket(value: unknown): value is Bucket {
  if (!isObject(value) || typeof value['name'] !== 'string') return false
  const { provider, namespace } = value
  return (
    (provider === undefined || typeof provider === 'string') && (namespace === undefined || Namespace.is(namespace))
  )
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
export const Bucket: t.Type<Bucket, BucketWire> = walked('Bucket', isBucket, readBucket, encodeBucket)

const Namespace: t.Type<NamespaceWire> = t.type({ uuid: t.string, name: t.string }, 'Namespace')

function readNamespace(value: unknown, walk: Walk): NamespaceWire | undefined {
  const wire = walk.object(value)
  return wire && { uuid: walk.text(wire, 'uuid', ''), name: walk.text(wire, 'name', '') }
}

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

function isGlobal(namespace: NamespaceWire): boolean {
  return namespace.uuid === '' && namespace.name === ''
}
