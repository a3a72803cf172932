import { bucketUri, type BucketName } from './bucket.ts'

/** A bucket in a request: its normalized name, and the provider as sent, which messages quote. */
export interface RequestedBucket {
  readonly bck: BucketName
  /** The provider as sent; empty if the request has none. */
  readonly provider: string
}

/** The URI of a bucket with the provider as sent: `://name` if the request has none. */
export const requestedUri = ({ bck, provider }: RequestedBucket): string => bucketUri({ ...bck, provider })

/** A bucket, as error messages show it: only its name if the request has no provider. */
export const requestedText = (requested: RequestedBucket): string => {
  const { name, namespace } = requested.bck
  return requested.provider === '' && namespace.uuid === '' && namespace.name === '' ? name : requestedUri(requested)
}

/** The arguments of a start or stop, as error messages show them. */
export const argsText = (kind: string, id: string, bck: RequestedBucket | undefined): string =>
  `xa-${kind}[${id}]${bck ? `-${requestedText(bck)}` : ''}`
