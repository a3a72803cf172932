import { bucketUri, type Bucket, type BucketName } from './bucket.ts'
import { nanoseconds } from './instant.ts'
import { kinds } from './kind.ts'
import { isRunning } from './run.ts'
import { clockText } from './time-text.ts'
import type { Refusal } from './refusal.ts'
import type { Cluster, Job, Run } from './state.ts'

/** The first run that is running and whose job `matches`, in the order of the targets. */
const runningRun = (cluster: Cluster, matches: (job: Job) => boolean, now: number): Run | undefined => {
  for (const target of cluster.targets) {
    const found = target.registry.find((run) => matches(run.job) && isRunning(run, now, cluster.timing.quiesceMs))
    if (found) return found
  }
  return undefined
}

const routeOf = ({ src, dst }: Job): string => `${src ? bucketUri(src) : ''}=>${dst ? bucketUri(dst) : ''}`

/** The name of a job in errors about buckets that are in use. */
const nameOf = (cluster: Cluster, { job, startMs }: Run): string => {
  if (kinds.get(job.kind)?.idles !== true) return `${job.kind}[${job.id}]-p3-${routeOf(job)}`
  const at = clockText(nanoseconds(cluster, startMs))
  const [from, to] = [job.src, job.dst].map((bck) => (bck ? bucketUri(bck) : ''))
  return `x-${job.kind}[${job.id}]-${from}-${at}-dm-open-${job.id} => ${to}`
}

const isDestination = ({ dst }: Job, uri: string): boolean => dst !== undefined && bucketUri(dst) === uri

/** Refuses a second copy of a bucket to the same destination while the first one runs. */
export const refuseSecondCopy = (
  cluster: Cluster,
  from: BucketName,
  to: BucketName,
  now: number,
): Refusal | undefined => {
  const uri = bucketUri(to)
  const run = runningRun(cluster, (job) => job.kind === 'copy-bck' && isDestination(job, uri), now)
  if (!run) return undefined
  const message = `${nameOf(cluster, run)} is already running - not starting`
  return { status: 400, tcode: 'ErrXactUsePrev', message, target: run.target.id, path: `/v1/txn/${from.name}/begin` }
}

/** Kinds that read or write a bucket as a whole, so that it cannot be renamed. */
const HOLDING: ReadonlySet<string> = new Set(['copy-bck', 'copy-listrange', 'move-bck', 'archive', 'ec-encode'])

/** Refuses to rename a bucket while a job uses it or its new name. */
export const refuseMove = (cluster: Cluster, from: Bucket, to: BucketName, now: number): Refusal | undefined => {
  const uris = [bucketUri(from.bck), bucketUri(to)]
  const uses = ({ kind, src, dst }: Job): boolean =>
    HOLDING.has(kind) && [src, dst].some((bck) => bck !== undefined && uris.includes(bucketUri(bck)))
  const run = runningRun(cluster, uses, now)
  if (!run) return undefined
  const id = (from.bid & 0xffffn).toString(16)
  const moved = `"move-bck"(${uris[0]}(0x${id}) => ${uris[1]})`
  const target = run.target.id
  const message = `t[${target}]: ${nameOf(cluster, run)} is currently running, cannot run ${moved} concurrently`
  return { status: 409, tcode: 'ErrLimitedCoexistence', message, target, path: `/v1/txn/${from.bck.name}/begin` }
}
