import { requestedText, type RequestedBucket } from './requested-bucket.ts'
import { isRemote } from './bucket.ts'
import { findBucket } from './create.ts'
import { kindNamed, kinds } from './kind.ts'
import { freshId, mappedTargets } from './launch.ts'
import { pick } from './random.ts'
import { failedCall, unreachable } from './reach.ts'
import { checkBucket, refuse, refuseByTarget, runsOf } from './start-checks.ts'
import { startOnTargets } from './start-kinds.ts'
import { downloadBlob } from './blob.ts'
import type { Refusal } from './refusal.ts'
import type { Started } from './started.ts'
import type { Cluster } from './state.ts'

/** The decoded value of a start. */
export interface StartArgs {
  readonly kind: string
  readonly daemonId: string
  readonly bck: RequestedBucket | undefined
  readonly buckets: readonly RequestedBucket[]
  readonly force: boolean
}

const startRebalance = (
  cluster: Cluster,
  { bck }: StartArgs,
  name: string,
  proxyId: string,
  now: number,
): Started | Refusal => {
  const targets = mappedTargets(cluster)
  if (bck) {
    // A missing provider means `ais` everywhere but here.
    const missing = bck.provider === '' || !findBucket(cluster, bck.bck)
    if (missing) return refuse(404, `bucket "${requestedText(bck)}" does not exist`, 'ErrBckNotFound')
  } else if (name !== '') return refuse(400, `invalid limited-scope "rebalance": (n/a bucket, "${name}" prefix)`)
  if (targets.length < 2) {
    const counted = `Smap v${cluster.version}, need 2, have ${targets.length}`
    return refuse(400, `p[${proxyId}]: not enough targets: ${counted}`, 'errNotEnoughTargets')
  }
  const [running] = runsOf(cluster, 'rebalance', now)
  if (running) {
    const why = `rebalance[${running.id}] is running`
    return refuse(409, `cluster membership "rebalance" is currently busy (${why}), please try again`, 'ErrBusy')
  }
  return unreachable(cluster, proxyId) ?? startOnTargets(cluster, 'rebalance', bck, [], now)
}

const startResilver = (cluster: Cluster, { daemonId }: StartArgs, proxyId: string, now: number): Started | Refusal => {
  const everywhere = 'cannot run resilver on all targets in the cluster - operation not supported'
  if (daemonId === '') return refuse(501, everywhere, 'ErrUnsupp')
  const target = mappedTargets(cluster).find((known) => known.id === daemonId)
  if (target) return unreachable(cluster, proxyId) ?? startOnTargets(cluster, 'resilver', undefined, [], now, target)
  const absent = `p[${proxyId}]: cannot resilver node ${daemonId} not present in <nil>`
  return refuse(400, absent, 'errNodeNotFound')
}

const startBlobDownload = (cluster: Cluster, { bck }: StartArgs, name: string, now: number): Started | Refusal => {
  if (!bck) return refuse(400, 'bucket name is missing')
  const refusal = checkBucket(cluster, bck.bck)
  if (refusal) return refusal
  const remote = `blob-download: expecting remote bucket (have ${requestedText(bck)})`
  if (!isRemote(bck.bck)) return refuse(400, remote, 'ErrNotRemoteBck')
  if (name === '') return refuse(400, `URL 'v1/objects/${bck.bck.name}/' is too short: expected 4 items, got 3`)
  const contents = findBucket(cluster, bck.bck)?.contents
  if (contents && !contents.get(name)) {
    const missing = `${requestedText(bck)}/${name} does not exist`
    return refuse(404, missing, 'ErrNotFound', pick(cluster.random, mappedTargets(cluster)))
  }
  downloadBlob(cluster, bck.bck, name, ' parent:x-start', now)
  // The server replies without an id, so clients find the job by its kind.
  return { id: '' }
}

/** The generic start, by the primary `proxyId`. `name` is the `name` member of the action. */
export const start = (
  cluster: Cluster,
  args: StartArgs,
  name: string,
  proxyId: string,
  now: number,
): Started | Refusal => {
  const kind = kinds.get(kindNamed(args.kind))
  const { bck } = args
  if (kind?.name === 'blob-download') return startBlobDownload(cluster, args, name, now)
  if (kind?.name === 'rebalance') return startRebalance(cluster, args, name, proxyId, now)
  if (kind?.name === 'resilver') return startResilver(cluster, args, proxyId, now)
  const targets = mappedTargets(cluster)
  // Without targets, no target can refuse: the server replies with an id that no job has.
  if (targets.length === 0) return { id: freshId(cluster) }
  const refusal = unreachable(cluster, proxyId)
  if (refusal) return refusal
  // The real target panics while it holds the lock of its registry, and so starts no job until it restarts.
  if (kind?.name === 'prefetch-listrange' && !bck) {
    for (const target of targets) target.wedged = true
    return failedCall(proxyId, pick(cluster.random, targets), 'Put', '/v1/xactions', 'EOF')
  }
  return (
    refuseByTarget(cluster, kind, bck, pick(cluster.random, targets), now) ??
    startOnTargets(cluster, kind?.name ?? '', bck, args.buckets, now)
  )
}
