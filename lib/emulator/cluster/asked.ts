import { bucketUri, type BucketName } from './bucket.ts'

/** A bucket as a request names it: what the server takes it for, and the provider as it came, which its texts quote. */
export interface AskedBucket {
  readonly bck: BucketName
  /** Empty where there was none. */
  readonly provider: string
}

/** The address of a bucket with the provider that was asked for: `://name` where there was none. */
export const askedUri = ({ bck, provider }: AskedBucket): string => bucketUri({ ...bck, provider })

/** A bucket in the words of errors: its bare name where it came without a provider. */
export const askedText = (asked: AskedBucket): string => {
  const { name, namespace } = asked.bck
  return asked.provider === '' && namespace.uuid === '' && namespace.name === '' ? name : askedUri(asked)
}

/** The arguments of a start or a stop in the words of errors. */
export const argsText = (kind: string, id: string, bck: AskedBucket | undefined): string =>
  `xa-${kind}[${id}]${bck ? `-${askedText(bck)}` : ''}`
