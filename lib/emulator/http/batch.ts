import { workOf } from '../cluster/acts.ts'
import { bucketName, type Bucket, type BucketName } from '../cluster/bucket.ts'
import { findBucket } from '../cluster/create.ts'
import { nanoseconds } from '../cluster/instant.ts'
import { freshId, mappedTargets } from '../cluster/launch.ts'
import { letters } from '../cluster/random.ts'
import { unreachable } from '../cluster/reach.ts'
import { checkBucket } from '../cluster/start-checks.ts'
import { wakeOrLaunch } from '../cluster/wake.ts'
import { formatOf, writeArchive, filesIn } from '../store/archive.ts'
import { objectsOf } from '../store/of-bucket.ts'
import { joined } from '../store/parts.ts'
import { contentOf } from '../store/stored-object.ts'
import { bucketOf } from './bucket-name.ts'
import { errorReply, plainError } from './error-reply.ts'
import { redirectToTarget } from './object-actions.ts'
import { defined } from '../../common/defined.ts'
import { member, textOf, positiveOf } from './selection.ts'
import type { Answer, Request } from './exchange.ts'
import type { Cluster } from '../cluster/state.ts'

/** A request of the batch: an object, or a file in an archive. */
interface Wanted {
  /** The object. */
  readonly name: string
  /** A file in the object, if that is an archive. */
  readonly path: string
  readonly bucket: string
  readonly provider: string
  /** First byte and number of bytes; 0 for all. */
  readonly start: number
  readonly length: number
  /** A value of the client, which the reply repeats. */
  readonly opaque: unknown
  /** The bucket of the object; undefined if it does not exist. */
  readonly from: Bucket | undefined
}

/** A request of the batch with its bytes. They are absent if there is no such object. */
interface Found extends Wanted {
  /** The content; absent if the object or the file does not exist. */
  readonly bytes?: Uint8Array
}

const bodyOf = (body: string): unknown => {
  try {
    return JSON.parse(body) as unknown
  } catch {
    return undefined
  }
}

/** The requests in the body of a batch. `otherwise` is the bucket of requests that name none. */
const wantedIn = (cluster: Cluster, body: unknown, otherwise: BucketName): readonly Wanted[] => {
  const listed = member(body, 'in')
  if (!Array.isArray(listed)) return []
  return listed.map((item) => {
    const [bucket, provider] = [textOf(item, 'bucket'), textOf(item, 'provider')]
    const from = bucket === '' ? otherwise : bucketName(bucket, provider)
    return {
      name: textOf(item, 'objname'),
      path: textOf(item, 'archpath'),
      bucket,
      provider,
      start: positiveOf(item, 'start', 0),
      length: positiveOf(item, 'length', 0),
      opaque: member(item, 'opaque'),
      from: findBucket(cluster, from),
    }
  })
}

const partOf = ({ start, length }: Wanted, bytes: Uint8Array): Uint8Array =>
  bytes.subarray(start, length > 0 ? start + length : undefined)

/** Looks up the bytes of a request. */
const findOf = (wanted: Wanted): Found => {
  const object = wanted.from && objectsOf(wanted.from).get(wanted.name)
  if (!object) return wanted
  if (wanted.path === '') return { ...wanted, bytes: partOf(wanted, contentOf(object)) }
  const file = filesIn(object)?.find(({ name }) => name === wanted.path)
  return file ? { ...wanted, bytes: partOf(wanted, file.bytes) } : wanted
}

/** The name of an entry in the archive. The name for a missing object begins with the folder `__404__`. */
const entryName = ({ name, path, from, bytes }: Found, onlyNames: boolean): string => {
  const inBucket = onlyNames ? name : `${from?.bck.name ?? ''}/${name}`
  const whole = path === '' ? inBucket : `${inBucket}/${path}`
  return bytes ? whole : `__404__/${whole}`
}

/** Replies to a GetBatch request at a proxy, which redirects it to a target. */
export const answerBatch = (cluster: Cluster, request: Request, name: string): Answer => {
  const refusal = name === '' ? undefined : checkBucket(cluster, bucketOf(name, new URLSearchParams(request.query)))
  const failed = refusal ?? unreachable(cluster, request.node)
  if (failed) return errorReply(failed, { request, proxy: request.node })
  const targets = mappedTargets(cluster).length
  const path = `/v1/ml/moss/${name}/${freshId(cluster, 'gbt-')}/${request.node.slice(0, 7)}-${letters(cluster.random, 5)}/${targets}`
  return redirectToTarget(cluster, { ...request, path: name === '' ? request.path : path })
}

/** The reply in two parts: what each request of the batch found, as JSON, and the archive. */
const multipart = (id: string, found: readonly Found[], archive: Uint8Array): Answer => {
  const boundary = `${id}-${archive.length.toString(16)}`
  const out = found.map(({ name, path, bucket, provider, opaque, from, bytes }) => ({
    objname: name,
    ...(path === '' ? {} : { archpath: path }),
    bucket: bucket === '' ? (from?.bck.name ?? '') : bucket,
    provider: provider === '' ? (from?.bck.provider ?? '') : provider,
    ...defined({ opaque }),
    size: bytes?.length ?? 0,
    ...(bytes ? {} : { err_msg: `${from?.bck.name ?? ''}/${name} does not exist` }),
  }))
  const head = (disposition: string, more = ''): string =>
    `--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n${more}\r\n`
  const before = `${head('name="metadata"')}${JSON.stringify({ uuid: id, out })}\n\r\n`
  const archived = head(`name="archive"; filename="get-batch[${id}]"`, 'Content-Type: application/octet-stream\r\n')
  const text = new TextEncoder()
  const bytes = joined([text.encode(before + archived), archive, text.encode(`\r\n--${boundary}--\r\n`)])
  const headers = { 'content-type': `multipart/mixed; boundary=${boundary}`, 'ais-xaction-id': id }
  return { status: 200, headers, body: '', delayMs: 0, bytes }
}

/** Replies to a GetBatch request at a target: starts or resumes a `get-batch` job, and returns the objects archived. */
export const serveBatch = (cluster: Cluster, request: Request, name: string, now: number): Answer => {
  const bck = bucketOf(name, new URLSearchParams(request.query))
  const body = bodyOf(request.body)
  const wanted = wantedIn(cluster, body, bck)
  const total = wanted.reduce(
    (sum, { from, name: object }) => sum + ((from && objectsOf(from).get(object)?.size) ?? 0),
    0,
  )
  if (total > cluster.memoryBytes) return plainError(507, 'out of space', request, 't', 'ErrCapExceeded')
  const founds = wanted.map(findOf)
  const missing = founds.find(({ bytes }) => !bytes)
  const continuesOnError = member(body, 'coer') === true
  if (missing && !continuesOnError) {
    const message = `t[${request.node}]: ${missing.from?.bck.name ?? name}/${missing.name} does not exist`
    return plainError(404, message, request, 't', 'ErrNotFound')
  }
  const bucket = findBucket(cluster, bck)
  const sizes = founds.map(({ bytes }) => bytes?.length ?? 0)
  const read = (index: string) =>
    ({ objects: founds[Number(index)]?.bytes ? 1 : 0, bytes: sizes[Number(index)] ?? 0 }) as const
  const work = bucket ? { work: workOf(bucket, [...founds.keys()].map(String), read), bck } : {}
  const plan = { kind: 'get-batch', id: freshId(cluster, 'gbt-'), objects: founds.length, objectSize: 0, ...work }
  const job = wakeOrLaunch(cluster, plan, now)
  const onlyNames = member(body, 'onob') === true
  const entries = founds.map((found) => ({ name: entryName(found, onlyNames), bytes: found.bytes ?? new Uint8Array() }))
  const format = formatOf('', textOf(body, 'mime')) ?? '.tar'
  const archive = writeArchive(format, entries, Number(nanoseconds(cluster, now) / 1_000_000_000n))
  const isStreamed = member(body, 'strm') === true
  if (!isStreamed) return multipart(job.id, founds, archive)
  const headers = { 'content-type': 'application/x-tar', 'ais-xaction-id': job.id }
  return { status: 200, headers, body: '', delayMs: 0, bytes: archive }
}
