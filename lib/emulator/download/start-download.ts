import type { BucketName } from '../cluster/bucket.ts'
import { addBucket, findBucket } from '../cluster/create.ts'
import { freshId, launch, mappedTargets } from '../cluster/launch.ts'
import { between, fractionOf } from '../cluster/random.ts'
import { abortRun } from '../cluster/run.ts'
import { acceptsWork, wakeOrLaunch } from '../cluster/wake.ts'
import { defined } from '../../common/defined.ts'
import type { Cluster, Download, Job, Run, Task } from '../cluster/state.ts'

/** A download request. */
export interface DownloadPlan {
  /** Defaults to a new one. */
  readonly id?: string
  readonly type: 'single' | 'range' | 'multi' | 'backend'
  readonly bck: BucketName
  readonly description: string
  readonly files: readonly { readonly name: string; readonly link: string }[]
}

const hostOf = (link: string): { readonly host: string; readonly port: string } => {
  const url = URL.canParse(link) ? new URL(link) : undefined
  return { host: url?.hostname ?? '', port: url?.port === '' || !url ? '80' : url.port }
}

/** Whether a target refuses to fetch from the host: a loopback or private address. */
const isPrivate = (host: string): boolean =>
  host === 'localhost' || /^(?:127|10|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01]))\./.test(host)

const errorOf = ({ brokenLinks }: Cluster, link: string): string => {
  const { host, port } = hostOf(link)
  if (isPrivate(host)) return `Get "${link}": dial tcp ${host}:${port}: dload: egress blocked: ${host} (tcp4)`
  return brokenLinks.find(({ breaks }) => breaks(link))?.error ?? ''
}

/** A link that a target refuses fails at once. */
const REFUSED_MS = [0.02, 0.2] as const

/** The targets end a download about a second after their last file. */
const END_LAG_MS = [900, 1_100] as const

/**
 * The job on the targets that serves all downloads, whatever bucket it was started for. A request about one download wakes it,
 * and starts it without a bucket if it has ended.
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
    listenedBy: [plan.bck],
  })
  const tasks = tasksOf(cluster, plan, now)
  for (const run of job.runs) run.endMs = lastEndMs(tasks, run, now) + between(cluster.random, ...END_LAG_MS)
  const { type, description } = plan
  const download = { job, jobOnTargets: onTargets.id, type, description, tasks, forgottenBy: new Set<string>() }
  cluster.downloads.set(id, download)
  return download
}

/** The files of a download. Each target fetches its files one after the other. */
const tasksOf = (cluster: Cluster, { files }: DownloadPlan, now: number): readonly Task[] => {
  const targets = mappedTargets(cluster)
  const freeMs = new Map(targets.map(({ id }) => [id, now + between(cluster.random, 0.1, 1)]))
  return files.map(({ name, link }) => {
    const target = targets[Math.floor(fractionOf(name) * targets.length)]?.id ?? ''
    const error = errorOf(cluster, link)
    const startMs = freeMs.get(target) ?? now
    const tookMs = isPrivate(hostOf(link).host)
      ? between(cluster.random, ...REFUSED_MS)
      : cluster.fileMs * between(cluster.random, 0.75, 1.25)
    freeMs.set(target, startMs + tookMs)
    return { name, target, error, bytes: sizeOf(name), startMs, endMs: startMs + tookMs }
  })
}

const MIB = 1_048_576

/** The size of a file, which depends on its name only. */
const sizeOf = (name: string): number => Math.floor((0.5 + fractionOf(name)) * MIB)

const lastEndMs = (tasks: readonly Task[], { target }: Run, now: number): number =>
  tasks.reduce((last, task) => (task.target === target.id ? Math.max(last, task.endMs) : last), now)

/** Aborts a download. Its targets wind down for about a second. */
export const abortDownload = (cluster: Cluster, { job }: Download, now: number, reason = 'user abort'): void => {
  for (const run of job.runs) abortRun(run, now, cluster.timing.abortMs * between(cluster.random, 0.8, 1.2), reason)
}
