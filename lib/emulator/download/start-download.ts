import type { BucketName } from '../cluster/bucket.ts'
import { hasFile, sizeOf } from './arrive.ts'
import { isLoopback, refusalOf } from './link.ts'
import { addBucket, findBucket } from '../cluster/create.ts'
import { freshId, launch, mappedTargets } from '../cluster/launch.ts'
import { between, fractionOf } from '../cluster/random.ts'
import { abortRun } from '../cluster/run.ts'
import { acceptsWork, wakeOrLaunch } from '../cluster/wake.ts'
import { defined } from '../../common/defined.ts'
import type { Cluster, Download, Job, Run, Task } from '../cluster/state.ts'

/** A download request. */
export interface DownloadPlan {
  /** Defaults to a new id. */
  readonly id?: string
  readonly type: 'single' | 'range' | 'multi' | 'backend'
  readonly bck: BucketName
  readonly description: string
  readonly files: readonly { readonly name: string; readonly link: string }[]
}

/** The error of a link that a target refuses or that a fault breaks; empty for other links. */
const errorOf = ({ brokenLinks, toFetch }: Cluster, link: string): string =>
  (toFetch && isLoopback(link) ? '' : refusalOf(link)) || (brokenLinks.find(({ breaks }) => breaks(link))?.error ?? '')

/** How long a target takes for a link that it refuses, or for a file that the bucket already has. */
const REFUSED_MS = [0.02, 0.2] as const

/** The targets end a download about a second after their last file. */
const END_LAG_MS = [900, 1_100] as const

/**
 * The job on the targets that serves all downloads, whichever bucket it was started for. A request about one download
 * wakes this job or, if it has ended, starts it without a bucket.
 */
export const sharedJob = (cluster: Cluster, bck: BucketName | undefined, now: number): Job => {
  const shared = { kind: 'download', objects: 0, objectSize: 0, listened: false }
  const existing = [...cluster.jobs.values()].findLast(
    ({ kind, runs }) => kind === 'download' && runs.some((run) => acceptsWork(run, now)),
  )
  return wakeOrLaunch(cluster, { ...shared, ...defined({ bck: existing?.bck ?? bck }) }, now)
}

/** Starts a download. Its bucket is created if it does not exist. */
export const startDownload = (cluster: Cluster, plan: DownloadPlan, now: number): Download => {
  if (!findBucket(cluster, plan.bck)) addBucket(cluster, plan.bck, {}, now)
  const onTargets = sharedJob(cluster, plan.bck, now)
  const { id = freshId(cluster, 'dnl-') } = plan
  const job = launch(cluster, now, {
    kind: plan.type,
    id,
    objects: 0,
    objectSize: 0,
    listened: true,
    proxiesOnly: true,
    bck: plan.bck,
    listenedBy: [plan.bck],
  })
  const tasks = tasksOf(cluster, plan, now)
  for (const run of job.runs) endAfter(cluster, run, tasks, now)
  const { type, description, bck } = plan
  const arriving = tasks.filter(({ endMs }) => endMs < Infinity).sort((a, b) => b.endMs - a.endMs)
  const forgottenBy = new Set<string>()
  const download = { job, jobOnTargets: onTargets.id, type, description, bck, tasks, arriving, forgottenBy }
  cluster.downloads.set(id, download)
  cluster.toFetch?.push(...tasks.filter(({ endMs }) => endMs === Infinity).map((task) => ({ download, task })))
  return download
}

/**
 * A target ends its part of a download after its last file. While a link is still to be fetched, the part has no end.
 */
export const endAfter = (cluster: Cluster, run: Run, tasks: readonly Task[], now: number): void => {
  run.endMs = lastEndMs(tasks, run, now) + between(cluster.random, ...END_LAG_MS)
}

/** The files of a download. Each target fetches its files one after the other. */
const tasksOf = (cluster: Cluster, { files, bck }: DownloadPlan, now: number): readonly Task[] => {
  const targets = mappedTargets(cluster)
  const freeMs = new Map(targets.map(({ id }) => [id, now + between(cluster.random, 0.1, 1)]))
  const bucket = findBucket(cluster, bck)
  return files.map(({ name, link }) => {
    const target = targets[Math.floor(fractionOf(name) * targets.length)]?.id ?? ''
    const error = errorOf(cluster, link)
    // The times of a link that is really fetched are not known yet.
    if (error === '' && cluster.toFetch && isLoopback(link))
      return { name, link, target, error, bytes: 0, received: 0, startMs: Infinity, endMs: Infinity }
    const startMs = freeMs.get(target) ?? now
    const skipped = error === '' && hasFile(bucket, name, link)
    const isQuick = skipped || refusalOf(link) !== ''
    const tookMs = isQuick
      ? between(cluster.random, ...REFUSED_MS)
      : cluster.fileMs * between(cluster.random, 0.75, 1.25)
    freeMs.set(target, startMs + tookMs)
    const file = { name, link, target, error, bytes: sizeOf(name), startMs, endMs: startMs + tookMs }
    return skipped ? { ...file, skipped } : file
  })
}

/** When the last file of a run ends; `now` if it has no file. */
const lastEndMs = (tasks: readonly Task[], { target }: Run, now: number): number =>
  tasks.reduce((last, task) => (task.target === target.id ? Math.max(last, task.endMs) : last), now)

/** Aborts a download. Its targets wind down for about a second. */
export const abortDownload = (cluster: Cluster, { job }: Download, now: number, reason = 'user abort'): void => {
  for (const run of job.runs) abortRun(run, now, cluster.timing.abortMs * between(cluster.random, 0.8, 1.2), reason)
}
