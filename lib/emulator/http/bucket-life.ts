import { bucketUri, isBucketName, type BucketName } from '../cluster/bucket.ts'
import { addBucket, findBucket } from '../cluster/create.ts'
import { destroyBucket as destroy } from '../cluster/destroy-bucket.ts'
import { encodeBucket } from '../cluster/erasure.ts'
import { makeCopies } from '../cluster/bucket-jobs.ts'
import { checkBucket, refuse } from '../cluster/start-checks.ts'
import { changedProps, readProps } from './bucket-props.ts'
import { errorReply } from './error-reply.ts'
import { JSON_TYPE, reply, type Answer, type Request } from './exchange.ts'
import { GoJsonError } from './go-reader.ts'
import { member, slicesOf, positiveOf } from './selection.ts'
import type { Refusal } from '../cluster/refusal.ts'
import type { Cluster } from '../cluster/state.ts'
import type { Action } from './messages.ts'
import type { ActionHandler } from './more-actions.ts'

/** The properties in an action, or the refusal of unknown ones. */
const propsIn = ({ action, value }: Action): Readonly<Record<string, unknown>> | Refusal => {
  try {
    return readProps(value)
  } catch (error) {
    if (!(error instanceof GoJsonError)) throw error
    return refuse(400, `invalid set-bucket-props request (msg=actm[${action}]): ${error.message}`)
  }
}

const isRefused = (props: Readonly<Record<string, unknown>> | Refusal): props is Refusal =>
  typeof props['status'] === 'number'

/** Creates a bucket, with properties if the action has some. */
export const createBucket: ActionHandler = (cluster, bck, action, _proxy, now) => {
  if (!isBucketName(bck.name)) return checkBucket(cluster, bck) ?? { id: '' }
  if (findBucket(cluster, bck)) {
    return refuse(409, `bucket "${bucketUri(bck)}" already exists`, 'ErrBucketAlreadyExists')
  }
  const props = propsIn(action)
  if (isRefused(props)) return props
  const bucket = addBucket(cluster, bck, { mirrored: member(props['mirror'], 'enabled') === true }, now)
  bucket.props = changedProps(bucket, props)
  if (member(props['ec'], 'enabled') === true) bucket.ec = slicesOf(props['ec'])
  return { id: '' }
}

/** Destroys a bucket with its objects, and aborts the jobs that work on it. */
export const destroyBucket: ActionHandler = (cluster, bck, _action, _proxy, now) => {
  const refusal = checkBucket(cluster, bck)
  if (refusal) return refusal
  destroy(cluster, bck, now)
  return { id: '' }
}

/** Sets properties. A change of mirroring or erasure coding starts a job, whose id is in the reply. */
export const setProps: ActionHandler = (cluster, bck, action, proxy, now) => {
  const refusal = checkBucket(cluster, bck)
  const bucket = findBucket(cluster, bck)
  if (refusal || !bucket) return refusal ?? { id: '' }
  const props = propsIn(action)
  if (isRefused(props)) return props
  bucket.props = changedProps(bucket, props)
  const { ec, mirror } = props
  if (member(ec, 'enabled') === false) delete bucket.ec
  if (member(ec, 'enabled') === true && !bucket.ec)
    return encodeBucket(cluster, bck, slicesOf(ec), { recover: false }, proxy, now)
  const enabled = member(mirror, 'enabled')
  if (enabled === undefined && member(mirror, 'copies') === undefined) return { id: '' }
  const copies = enabled === false ? 1 : positiveOf(mirror, 'copies', 2)
  return copies === bucket.copies ? { id: '' } : makeCopies(cluster, bck, copies, proxy, now)
}

/** Resets all properties to the server's defaults. Objects keep their copies. */
export const resetProps: ActionHandler = (cluster, bck) => {
  const refusal = checkBucket(cluster, bck)
  const bucket = findBucket(cluster, bck)
  if (refusal || !bucket) return refusal ?? { id: '' }
  delete bucket.props
  delete bucket.ec
  bucket.copies = 1
  return { id: '' }
}

const byUri = (a: BucketName, b: BucketName): number => (bucketUri(a) < bucketUri(b) ? -1 : 1)

/** Lists the buckets of a provider, or all. Those of a remote cluster are listed only if its id is given. */
export const listBuckets = (cluster: Cluster, request: Request, { value }: Action): Answer => {
  if (value !== null) {
    const message = 'bad list-objects request: "" is not a bucket (is a bucket query?)'
    return errorReply({ status: 400, message }, { request, proxy: request.node })
  }
  const query = new URLSearchParams(request.query)
  const provider = query.get('provider') ?? ''
  const [, uuid = ''] = /^@([^#]*)/.exec(query.get('namespace') ?? '') ?? []
  const listed = [...cluster.buckets.values()]
    .map(({ bck }) => bck)
    .filter((bck) => (provider === '' || bck.provider === provider) && bck.namespace.uuid === uuid)
  return reply(`${JSON.stringify(listed.sort(byUri))}\n`, JSON_TYPE)
}
