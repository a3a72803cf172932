import type { Objects } from '../store/objects.ts'

/** A bucket, as requests and replies identify it. A variable of this type is named `bck`, as on the wire. */
export interface BucketName {
  readonly name: string
  readonly provider: string
  readonly namespace: { readonly uuid: string; readonly name: string }
}

/**
 * The state of a bucket. Objects are only counted until a request names one: then `contents` has them, and `objects`
 * and `objectSize` follow it.
 */
export interface Bucket {
  readonly bck: BucketName
  contents?: Objects
  objects: number
  objectSize: number
  /** Number of copies of each object. If it is more than one, puts start `put-copies`. */
  copies: number
  /** Number of copies that the bucket properties show, even if mirroring is off. Defaults to 2. */
  shownCopies?: number
  /** Data and parity slices per object; absent if erasure coding is off. */
  ec?: { readonly data: number; readonly parity: number }
  /** Properties that differ from the server's defaults, other than those above. */
  props?: Readonly<Record<string, unknown>>
  /** Nanoseconds since the Unix epoch. */
  readonly createdNs: bigint
  /** The id that the cluster gives it: a bucket that is created again under its name has another one. */
  readonly bid: bigint
}

/** The empty bucket, which snapshots show for jobs without a bucket. */
export const noBucket: BucketName = { name: '', provider: '', namespace: { uuid: '', name: '' } }

const SCHEMES: Readonly<Record<string, string>> = { ais: 'ais', aws: 's3', gcp: 'gs', azure: 'az', oci: 'oc', ht: 'ht' }
const PROVIDERS: Readonly<Record<string, string>> = {
  s3: 'aws',
  gs: 'gcp',
  gcs: 'gcp',
  google: 'gcp',
  az: 'azure',
  oc: 'oci',
}

/** A bucket with a normalized provider. Like the server, it reads absent and unknown providers as `ais`. */
export const bucketName = (name: string, provider = '', uuid = '', namespace = ''): BucketName => {
  const known = PROVIDERS[provider] ?? provider
  return { name, provider: known in SCHEMES ? known : 'ais', namespace: { uuid, name: namespace } }
}

/** `ais://name`, `s3://name`, `ais://@uuid#space/name`. */
export const bucketUri = ({ name, provider, namespace }: BucketName): string => {
  const { uuid, name: space } = namespace
  const prefix =
    uuid === '' && space === '' ? '' : `${uuid === '' ? '' : `@${uuid}`}${space === '' ? '' : `#${space}`}/`
  return `${SCHEMES[provider] ?? provider}://${prefix}${name}`
}

/** Whether the bucket is in a cloud or in another AIS cluster. */
export const isRemote = ({ provider, namespace }: BucketName): boolean => provider !== 'ais' || namespace.uuid !== ''

/** Whether the server accepts the bucket name. */
export const isBucketName = (name: string): boolean => /^[A-Za-z0-9._-]+$/.test(name)
