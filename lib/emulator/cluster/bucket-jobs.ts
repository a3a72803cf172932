import { changing, copying, deleting, evicting, fetching, workOf, type CopyOptions } from './acts.ts'
import { downloadBlob } from './blob.ts'
import { bucketUri, isRemote, type Bucket, type BucketName } from './bucket.ts'
import { refuseSecond } from './busy.ts'
import { addBucket, findBucket } from './create.ts'
import { refuseSecondCopy } from './in-use.ts'
import { kinds } from './kind.ts'
import { launch, mappedTargets, type Plan } from './launch.ts'
import { isRefusal, type Refusal } from './refusal.ts'
import { unreachable } from './reach.ts'
import { checkBucket, refuse, refuseConflict } from './start-checks.ts'
import { chosenOf, type Choice } from '../store/chosen.ts'
import { dropFrom, isByName, objectsOf } from '../store/of-bucket.ts'
import { workOn } from './work-on.ts'
import type { Started } from './started.ts'
import type { Cluster, Run } from './state.ts'

/** Options of a copy of a bucket. */
export interface CopyBucketOptions extends CopyOptions {
  readonly prefix?: string
  /** Deletes the objects of the destination that the source does not have. */
  readonly synchronize?: boolean
}

/** Copies the objects of a bucket to another one, which is created if it does not exist. */
export const copyBucket = (
  cluster: Cluster,
  from: BucketName,
  to: BucketName,
  options: CopyBucketOptions,
  proxyId: string,
  now: number,
): Started | Refusal => {
  if (findBucket(cluster, from) && bucketUri(from) === bucketUri(to) && !options.dryRun) {
    return refuse(400, `cannot copy-bck bucket "${bucketUri(from)}" onto itself`)
  }
  // A destination that does not exist is created only if it is a bucket of the cluster itself.
  const missing = findBucket(cluster, from) && to.provider !== 'ais' ? checkBucket(cluster, to) : undefined
  if (missing) return missing
  const isDry = options.dryRun === true
  const second = findBucket(cluster, from) ? refuseSecondCopy(cluster, from, to, now) : undefined
  if (second) return second
  return begin(cluster, from, 'copy-bck', proxyId, now, (source) => {
    const existing = findBucket(cluster, to)
    const copy = existing ?? (isDry ? source : madeLike(cluster, source, to, now))
    const requestText = `cp ${bucketUri(from)}=>${bucketUri(to)}`
    const route = { bck: to, src: from, dst: to, madeDst: !existing && !isDry }
    const plan = { kind: 'copy-bck', ...route, requestText, listenedBy: [from, to] }
    if (isCopiedByName(source, copy, options)) return { ...copyWork(cluster, source, copy, options), ...plan }
    if (!isDry) copy.objects = Math.max(copy.objects, source.objects)
    return { ...workOn(source), ...plan }
  })
}

/**
 * Whether a copy acts on objects by name. If both buckets only count their objects, a copy of all objects copies only
 * the number.
 */
const isCopiedByName = (source: Bucket, copy: Bucket, options: CopyBucketOptions): boolean => {
  const { prefix = '', prepend = '', extensions = {}, dryRun, synchronize } = options
  const isPlain = prefix === '' && prepend === '' && Object.keys(extensions).length === 0 && !dryRun && !synchronize
  const isUsed = source.contents !== undefined || copy.contents !== undefined
  return (isUsed || !isPlain) && isByName(source) && isByName(copy)
}

/** A new bucket with the properties of another one. */
const madeLike = (cluster: Cluster, { objectSize, props }: Bucket, bck: BucketName, now: number): Bucket => {
  const made = addBucket(cluster, bck, { objectSize }, now)
  if (props) made.props = props
  return made
}

/** The work of a copy by name. With `synchronize`, it also deletes what the source does not have. */
const copyWork = (
  cluster: Cluster,
  source: Bucket,
  copy: Bucket,
  { prefix = '', synchronize, ...options }: CopyBucketOptions,
): Pick<Plan, 'objects' | 'objectSize' | 'work'> => {
  const chosen = chosenOf(objectsOf(source), { template: prefix })
  const names = chosen.filter((name) => objectsOf(source).get(name)?.present)
  const prune = (): void => {
    const extra = objectsOf(copy)
      .names()
      .filter((name) => name.startsWith(prefix) && !objectsOf(source).get(name))
    for (const name of extra) dropFrom(copy, name)
  }
  if (synchronize === true && names.length === 0) prune()
  return byName(source, names, copying(cluster, source, copy, options, false), synchronize === true ? prune : undefined)
}

/** The work on objects by name, as a part of a plan. */
export const byName = (
  bucket: Bucket,
  names: readonly string[],
  act: Parameters<typeof workOf>[2],
  finish?: Parameters<typeof workOf>[3],
): Pick<Plan, 'objects' | 'objectSize' | 'work'> => ({
  objects: names.length,
  objectSize: bucket.objectSize,
  work: workOf(bucket, names, act, finish),
})

/** The work of a job that changes each object of a bucket. */
const onEach = (
  bucket: Bucket,
  change: Parameters<typeof changing>[1],
): Pick<Plan, 'objects' | 'objectSize' | 'spreadKey'> =>
  bucket.contents
    ? { ...workOn(bucket), ...byName(bucket, bucket.contents.names(), changing(bucket, change)) }
    : workOn(bucket)

/** Keeps `copies` copies of each present and future object of a bucket. */
export const makeCopies = (
  cluster: Cluster,
  bck: BucketName,
  copies: number,
  proxyId: string,
  now: number,
): Started | Refusal =>
  begin(cluster, bck, 'make-n-copies', proxyId, now, (bucket) => {
    bucket.copies = copies
    bucket.shownCopies = copies
    const requestText = `mnc-actmnc, copies:${copies}`
    const work = onEach(bucket, (object) => ({ ...object, copies }))
    return { ...work, kind: 'make-n-copies', bck, requestText, listenedBy: [bck] }
  })

/** The objects that a list of names or a template selects. */
export interface Selection extends Choice {
  /** Number of objects. Absent if the selection covers all objects. */
  readonly objects?: number
  readonly text: string
  /** For a prefetch: each object from this size on is fetched by a separate job; 0 for none. */
  readonly blobBytes?: number
}

/** Deletes, evicts or prefetches objects of a bucket. An empty selection means all objects, as on the real server. */
export const onSelection = (
  cluster: Cluster,
  kind: string,
  bck: BucketName,
  selection: Selection,
  proxyId: string,
  now: number,
): Started | Refusal => {
  if (kind !== 'delete-listrange' && findBucket(cluster, bck) && !isRemote(bck)) {
    return refuse(400, `${kind}: expecting remote bucket (have ${bucketUri(bck)})`, 'ErrNotRemoteBck')
  }
  return begin(cluster, bck, kind, proxyId, now, (bucket) => {
    const plan = { kind, bck, requestText: selection.text, listenedBy: [bck] }
    if (!isByName(bucket) || isCounted(selection)) return { ...counted(bucket, kind, selection), ...plan }
    const isNamed = selection.names !== undefined
    const byBlob = (name: string, { job, target }: Run, at: number): void =>
      void downloadBlob(cluster, bck, name, ` parent:${job.id}`, at, target.id)
    const acts: Readonly<Record<string, Parameters<typeof workOf>[2]>> = {
      'delete-listrange': deleting(bucket, isNamed),
      'evict-listrange': evicting(bucket, isNamed),
    }
    const act = acts[kind] ?? fetching(bucket, isNamed, selection.blobBytes ?? 0, byBlob)
    return { ...byName(bucket, chosenOf(objectsOf(bucket), selection), act), ...plan }
  })
}

/** Whether a selection is only a number of objects. Only specs select in this way; a request on the wire cannot. */
export const isCounted = ({ objects, names, template }: Selection): boolean =>
  objects !== undefined && names === undefined && template === undefined

/** The work of a job on a bucket whose objects the emulator only counts. */
const counted = (
  bucket: Bucket,
  kind: string,
  selection: Selection,
): Pick<Plan, 'objects' | 'objectSize' | 'spreadKey'> => {
  const objects = Math.min(selection.objects ?? bucket.objects, bucket.objects)
  if (kind === 'delete-listrange') bucket.objects -= objects
  return { ...workOn(bucket), objects }
}

/** Rewrites each object of at least `fromBytes` in chunks. With 0, it rewrites each object in one piece. */
export const rechunk = (
  cluster: Cluster,
  bck: BucketName,
  { fromBytes, chunkBytes }: { readonly fromBytes: number; readonly chunkBytes: number },
  proxyId: string,
  now: number,
): Started | Refusal =>
  begin(cluster, bck, 'rechunk', proxyId, now, (bucket) => {
    const work = onEach(bucket, (object) => {
      if (fromBytes === 0 || chunkBytes === 0 || object.size < fromBytes) return { ...object, chunks: undefined }
      const count = Math.max(1, Math.ceil(object.size / chunkBytes))
      return { ...object, chunks: { count, maxBytes: Math.min(chunkBytes, object.size) } }
    })
    return { ...work, kind: 'rechunk', bck, listenedBy: [bck] }
  })

/** Starts the job that `plan` returns for an existing bucket, unless a check refuses it. */
export const begin = (
  cluster: Cluster,
  bck: BucketName,
  kind: string,
  proxyId: string,
  now: number,
  plan: (bucket: Bucket) => Plan,
): Started | Refusal => {
  const known = kinds.get(kind)
  const blocked =
    checkBucket(cluster, bck) ??
    unreachable(cluster, proxyId) ??
    (known ? refuseConflict(cluster, known, mappedTargets(cluster)[0], now) : undefined)
  if (blocked && isRefusal(blocked)) return blocked
  const bucket = findBucket(cluster, bck)
  if (!bucket) return { id: '' }
  const work = plan(bucket)
  const second = refuseSecond(cluster, work, now)
  return second ? { ...second, path: `/v1/buckets/${bck.name}` } : { id: launch(cluster, now, work).id }
}
