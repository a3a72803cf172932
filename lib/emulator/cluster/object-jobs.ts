import { bucketUri, type BucketName } from './bucket.ts'
import { addBucket, findBucket } from './create.ts'
import { kinds } from './kind.ts'
import { freshId, launch, mappedTargets, type Plan } from './launch.ts'
import { unreachable } from './reach.ts'
import { checkBucket, refuse, refuseConflict } from './start-checks.ts'
import { joinable, takesWork, wakeOrLaunch } from './wake.ts'
import type { Selection } from './bucket-jobs.ts'
import type { Refusal } from './refusal.ts'
import type { Started } from './started.ts'
import type { Cluster, Job } from './state.ts'

/** Kind, source and destination. Requests with the same route share one job. */
interface Route {
  readonly kind: 'archive' | 'copy-listrange'
  readonly from: BucketName
  readonly to: BucketName
}

/** Archives objects into a shard. Requests for the same pair of buckets share one job while it takes work. */
export const archive = (
  cluster: Cluster,
  from: BucketName,
  to: BucketName,
  selection: Selection,
  proxyId: string,
  now: number,
): Started | Refusal => join(cluster, { kind: 'archive', from, to }, selection, proxyId, now)

/** Copies objects to another bucket, which is created if it does not exist. Requests share a job, as for `archive`. */
export const copyObjects = (
  cluster: Cluster,
  from: BucketName,
  to: BucketName,
  selection: Selection,
  proxyId: string,
  now: number,
): Started | Refusal => {
  if (findBucket(cluster, from) && !findBucket(cluster, to)) addBucket(cluster, to, {}, now)
  const joined = join(cluster, { kind: 'copy-listrange', from, to }, selection, proxyId, now)
  const destination = findBucket(cluster, to)
  if ('id' in joined && destination) destination.objects += selection.objects ?? 0
  return joined
}

const join = (
  cluster: Cluster,
  { kind, from, to }: Route,
  selection: Selection,
  proxyId: string,
  now: number,
): Started | Refusal => {
  const known = kinds.get(kind)
  const refusal =
    checkBucket(cluster, from) ??
    checkBucket(cluster, to) ??
    unreachable(cluster, proxyId) ??
    (known ? refuseConflict(cluster, known, mappedTargets(cluster)[0], now) : undefined)
  if (refusal) return refusal
  const source = findBucket(cluster, from)
  const route = `${bucketUri(from)}=>${bucketUri(to)}`
  const plan: Plan = {
    kind,
    objects: Math.min(selection.objects ?? Infinity, source?.objects ?? 0),
    objectSize: source?.objectSize ?? 0,
    over: bucketUri(from),
    requestText: kind === 'archive' ? route : `cp ${route}`,
    bck: from,
    src: from,
    dst: to,
  }
  const prefix = kind === 'archive' ? '' : 'tco-'
  const living = joinable(cluster, plan, now)
  const disagreement = cluster.idDisagreements.shift()
  if (disagreement === 'list') return { id: launchApart(cluster, plan, prefix, now) }
  if (disagreement === 'conflict' || (living && !living.runs.every((run) => takesWork(run, now)))) {
    return mismatch(cluster, plan, living?.id ?? freshId(cluster, prefix), freshId(cluster, prefix))
  }
  return { id: wakeOrLaunch(cluster, { ...plan, id: freshId(cluster, prefix) }, now).id }
}

/** Starts a separate job on each target, because the targets disagree on the id. The reply lists the ids. */
const launchApart = (cluster: Cluster, plan: Plan, prefix: string, now: number): string =>
  mappedTargets(cluster)
    .map((target): Job => launch(cluster, now, { ...plan, id: freshId(cluster, prefix), targets: [target] }))
    .map(({ id }) => id)
    .join(',')

/** The refusal when the shared job is winding down on some targets only. */
const mismatch = (cluster: Cluster, { kind }: Plan, first: string, other: string): Refusal => {
  const from = mappedTargets(cluster).at(-1)?.id ?? ''
  const why = `xid mismatch: ${first} vs ${other} (from t[${from}])`
  return refuse(409, `xaction "${kind}" is currently busy (${why}), please try again`, 'ErrBusy')
}
