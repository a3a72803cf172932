import { bucketUri, type Bucket, type BucketName } from '../../cluster/bucket.ts'
import { bucketOf } from '../bucket-name.ts'
import { plainError } from '../error-reply.ts'
import type { Answer, Request } from '../exchange.ts'
import type { Cluster } from '../../cluster/state.ts'

/** A request for an object of an existing bucket, at the target that serves it. */
export interface ObjectRequest {
  readonly cluster: Cluster
  readonly request: Request
  readonly query: URLSearchParams
  readonly bucket: Bucket
  readonly name: string
  readonly now: number
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The bucket and the object in the path `/v1/objects/bucket/name`. The name may contain slashes. */
export const objectIn = ({ path, query }: Request): { readonly bck: BucketName; readonly name: string } => {
  const [, , , bucket = '', ...rest] = path.split('/')
  return { bck: bucketOf(bucket, new URLSearchParams(query)), name: decoded(rest.join('/')) }
}

/** The URI of an object, as error messages show it. */
export const objectUri = ({ bucket, name }: ObjectRequest): string => `${bucketUri(bucket.bck)}/${name}`

/** The error reply of the target. */
export const targetError = ({ request }: ObjectRequest, status: number, message: string, tcode?: string): Answer =>
  plainError(status, message, request, 't', tcode)

/** The reply if the object does not exist. */
export const missingObject = (objectRequest: ObjectRequest): Answer =>
  targetError(
    objectRequest,
    404,
    `t[${objectRequest.request.node}]: ${objectUri(objectRequest)} does not exist`,
    'ErrNotFound',
  )
