import { argsText, type RequestedBucket } from './requested-bucket.ts'
import { bucketUri, isBucketName, isRemote, type BucketName } from './bucket.ts'
import { findBucket } from './create.ts'
import { freshId } from './launch.ts'
import { isRunning } from './run.ts'
import type { Kind } from './kind.ts'
import type { Refusal } from './refusal.ts'
import type { Cluster, Target } from './state.ts'
import { defined } from '../../common/defined.ts'

/** A refusal by the target, or by the proxy if no target is given. */
export const refuse = (status: number, message: string, tcode?: string, target?: Target): Refusal => ({
  status,
  message,
  ...defined({ tcode }),
  ...defined({ target: target?.id }),
})

/** Refuses a bucket that has an invalid name or does not exist. */
export const checkBucket = (cluster: Cluster, bck: BucketName, target?: Target): Refusal | undefined => {
  const allowed = 'may only contain letters, numbers, dashes (-), underscores (_), and dots (.)'
  if (!isBucketName(bck.name)) return refuse(400, `bucket name is invalid: ${allowed}`, undefined, target)
  if (findBucket(cluster, bck)) return undefined
  const missing = `bucket "${bucketUri(bck)}" does not exist`
  return bck.provider === 'ais'
    ? refuse(404, missing, 'ErrBckNotFound', target)
    : refuse(404, `${bck.provider} ${missing}`, 'ErrRemoteBckNotFound', target)
}

/** The job id and the target of each run of a kind that is running. */
export const runsOf = (
  cluster: Cluster,
  kind: string,
  now: number,
): readonly { readonly id: string; readonly target: Target }[] =>
  cluster.targets.flatMap((target) =>
    target.registry
      .filter((run) => run.job.kind === kind && isRunning(run, now, cluster.timing.quiesceMs))
      .map((run) => ({ id: run.job.id, target })),
  )

/** The refusal of a start by a target; undefined if the target accepts it. */
export const refuseByTarget = (
  cluster: Cluster,
  kind: Kind | undefined,
  requested: RequestedBucket | undefined,
  target: Target,
  now: number,
): Refusal | undefined => {
  const bck = requested?.bck
  const named = argsText(kind?.name ?? '', freshId(cluster), requested)
  if (!kind) return refuse(400, `invalid xaction (job) kind "": ${named}`, undefined, target)
  if (kind.needsBucket && !bck)
    return refuse(400, `xaction "${kind.name}" requires a bucket to start`, undefined, target)
  const refusal = bck && checkBucket(cluster, bck, target)
  if (refusal) return refusal
  switch (kind.startable) {
    case 'by-puts':
      return refuse(400, `cannot start "${named}" (is driven by PUTs into a mirrored bucket)`, undefined, target)
    case 'by-own-api':
      return refuse(400, `initiating "${named}" must be done via a separate documented API`, undefined, target)
    case 'no':
      return refuse(501, `cannot start xaction ${kind.name} - operation not supported`, 'ErrUnsupp', target)
    case 'yes':
  }
  if (kind.name === 'prefetch-listrange' && bck && !isRemote(bck)) {
    return refuse(400, `can only prefetch Cloud and remote AIS buckets (have ${bucketUri(bck)})`, undefined, target)
  }
  return refuseConflict(cluster, kind, target, now)
}

/** Refuses a kind that must not run at the same time as a rebalance or resilver. */
export const refuseConflict = (
  cluster: Cluster,
  kind: Kind,
  target: Target | undefined,
  now: number,
): Refusal | undefined => {
  if (!kind.conflicts) return undefined
  const [conflicting] = [...runsOf(cluster, 'rebalance', now), ...runsOf(cluster, 'resilver', now)]
  if (!conflicting) return undefined
  const running = cluster.jobs.get(conflicting.id)
  const message = `t[${conflicting.target.id}]: ${running?.kind ?? ''}[${conflicting.id}] is currently running, cannot run "${kind.name}" concurrently`
  return refuse(409, message, 'ErrLimitedCoexistence', target)
}
