import { copying, workOf, type CopyOptions } from './acts.ts'
import { archiveWork, emptyArchive, type ArchiveOptions } from './archive-work.ts'
import { isCounted, type Selection } from './bucket-jobs.ts'
import { bucketUri, type Bucket, type BucketName } from './bucket.ts'
import { addBucket, findBucket } from './create.ts'
import { kinds } from './kind.ts'
import { freshId, launch, mappedTargets, type Plan } from './launch.ts'
import { unreachable } from './reach.ts'
import { ownerOf } from './owner.ts'
import { checkBucket, refuse, refuseConflict } from './start-checks.ts'
import { joinable, acceptsWork, wakeOrLaunch } from './wake.ts'
import { chosenOf } from '../store/chosen.ts'
import { isByName, objectsOf } from '../store/of-bucket.ts'
import { isRefusal, type Refusal } from './refusal.ts'
import type { Started } from './started.ts'
import { byOwner } from './work.ts'
import type { Cluster, Job, Target, Work } from './state.ts'

/** Kind, source and destination. Requests with the same route share one job. */
interface Route {
  readonly kind: 'archive' | 'copy-listrange'
  readonly from: BucketName
  readonly to: BucketName
}

/** The work on the objects that a request selects. */
type MakeWork = (from: Bucket, to: Bucket, names: readonly string[]) => Work

/** Archives objects into a shard. Requests for the same pair of buckets share one job while it takes work. */
export const archive = (
  cluster: Cluster,
  from: BucketName,
  to: BucketName,
  selection: Selection,
  options: ArchiveOptions,
  proxyId: string,
  now: number,
): Started | Refusal => {
  let fail: (jobId: string) => void = () => undefined
  const started = startOrJoin(
    cluster,
    { kind: 'archive', from, to },
    selection,
    proxyId,
    now,
    (source, destination, names) => {
      // If no object matches, no run works on the archive. The target that would write it then fails at once.
      if (names.length === 0) fail = (jobId) => failArchive(cluster, jobId, source, destination, options)
      return archiveWork(cluster, source, destination, names, selection.names !== undefined, options)
    },
  )
  if (!isRefusal(started)) fail(started.id)
  return started
}

/** Records the error of an empty archive at the target that would write it. */
const failArchive = (cluster: Cluster, jobId: string, from: Bucket, to: Bucket, options: ArchiveOptions): void => {
  const runs = cluster.jobs.get(jobId)?.runs ?? []
  const writer = ownerOf(
    runs.map(({ target }) => target),
    `${bucketUri(to.bck)}/${options.name}`,
  )
  runs.find(({ target }) => target === writer)?.work?.errors.push(emptyArchive(jobId, from, to, options))
}

/** Copies objects to another bucket, which is created if it does not exist. Requests share a job, as for `archive`. */
export const copyObjects = (
  cluster: Cluster,
  from: BucketName,
  to: BucketName,
  selection: Selection,
  options: CopyOptions,
  proxyId: string,
  now: number,
): Started | Refusal => {
  if (findBucket(cluster, from) && !findBucket(cluster, to) && to.provider === 'ais') addBucket(cluster, to, {}, now)
  const route = { kind: 'copy-listrange', from, to } as const
  return startOrJoin(cluster, route, selection, proxyId, now, (source, destination, names) =>
    workOf(source, names, copying(cluster, source, destination, options, selection.names !== undefined)),
  )
}

/** The work of a request. It is by name, unless the buckets have too many objects for that. */
const selected = (
  source: Bucket | undefined,
  destination: Bucket | undefined,
  selection: Selection,
  makeWork: MakeWork,
): Pick<Plan, 'objects' | 'objectSize' | 'work'> => {
  const objectSize = source?.objectSize ?? 0
  if (source && destination && isByName(source) && isByName(destination) && !isCounted(selection)) {
    const names = chosenOf(objectsOf(source), selection)
    return { objects: names.length, objectSize, work: makeWork(source, destination, names) }
  }
  return { objects: Math.min(selection.objects ?? Infinity, source?.objects ?? 0), objectSize }
}

/** Adds the work of a request to the running job with the same route, or starts a job. */
const startOrJoin = (
  cluster: Cluster,
  { kind, from, to }: Route,
  selection: Selection,
  proxyId: string,
  now: number,
  makeWork: MakeWork,
): Started | Refusal => {
  const known = kinds.get(kind)
  const refusal =
    checkBucket(cluster, from) ??
    checkBucket(cluster, to) ??
    unreachable(cluster, proxyId) ??
    (known ? refuseConflict(cluster, known, mappedTargets(cluster)[0], now) : undefined)
  if (refusal) return refusal
  const route = `${bucketUri(from)}=>${bucketUri(to)}`
  const plan: Plan = {
    kind,
    ...selected(findBucket(cluster, from), findBucket(cluster, to), selection, makeWork),
    spreadKey: bucketUri(from),
    requestText: kind === 'archive' ? route : `cp ${route}`,
    bck: from,
    src: from,
    dst: to,
  }
  const prefix = kind === 'archive' ? '' : 'tco-'
  const existing = joinable(cluster, plan, now)
  const disagreement = cluster.idDisagreements.shift()
  if (disagreement === 'list') return { id: launchPerTarget(cluster, plan, prefix, now) }
  if (disagreement === 'conflict' || (existing && !existing.runs.every((run) => acceptsWork(run, now)))) {
    return mismatch(cluster, plan, existing?.id ?? freshId(cluster, prefix), freshId(cluster, prefix))
  }
  return { id: wakeOrLaunch(cluster, { ...plan, id: freshId(cluster, prefix) }, now).id }
}

/** The part of a plan that one target carries out. */
const partOf = (cluster: Cluster, plan: Plan, target: Target): Plan => {
  const { work, ...others } = plan
  const names = work && byOwner(work, mappedTargets(cluster)).get(target.id)
  return {
    ...others,
    ...(work && names ? { work: { ...work, names, remaining: names.length } } : {}),
    targets: [target],
  }
}

/** Starts a separate job on each target, because the targets disagree on the id. The reply lists the ids. */
const launchPerTarget = (cluster: Cluster, plan: Plan, prefix: string, now: number): string =>
  mappedTargets(cluster)
    .map((target): Job => launch(cluster, now, { ...partOf(cluster, plan, target), id: freshId(cluster, prefix) }))
    .map(({ id }) => id)
    .join(',')

/** The refusal when the shared job is winding down on some targets only. */
const mismatch = (cluster: Cluster, { kind }: Plan, first: string, other: string): Refusal => {
  const from = mappedTargets(cluster).at(-1)?.id ?? ''
  const why = `xid mismatch: ${first} vs ${other} (from t[${from}])`
  return refuse(409, `xaction "${kind}" is currently busy (${why}), please try again`, 'ErrBusy')
}
