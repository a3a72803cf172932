/** A bucket as requests and replies name it. */
export interface BucketName {
  readonly name: string
  readonly provider: string
  readonly namespace: { readonly uuid: string; readonly name: string }
}

/** A bucket as the cluster keeps it: objects are counted, never stored. */
export interface Bucket {
  readonly bck: BucketName
  objects: number
  objectSize: number
  /** Copies of each object; more than one means that puts start `put-copies`. */
  copies: number
  /** The number of copies that its properties show, mirrored or not; 2 where it was never set. */
  shownCopies?: number
  /** Slices that objects are coded into; absent where erasure coding is off. */
  ec?: { readonly data: number; readonly parity: number }
  readonly createdNs: bigint
  readonly bid: bigint
}

/** No bucket: what a snapshot shows where a job has none. */
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

/** A name made whole: absent and unknown providers mean `ais`, as the server reads them. */
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

/** True where the data lives elsewhere: a cloud, or another AIS cluster. */
export const isRemote = ({ provider, namespace }: BucketName): boolean => provider !== 'ais' || namespace.uuid !== ''

/** True for what the server accepts as a name. */
export const isBucketName = (name: string): boolean => /^[A-Za-z0-9._-]+$/.test(name)
