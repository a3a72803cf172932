import type { BucketName } from './bucket.ts'
import { addBucket, findBucket } from './create.ts'
import { freshId, launch, mappedTargets } from './launch.ts'
import { between } from './random.ts'
import { endsAtMs } from './run.ts'
import { wakeOrLaunch } from './wake.ts'
import type { Cluster, Download } from './state.ts'

/** A download request. */
export interface DownloadPlan {
  readonly type: 'single' | 'range' | 'multi' | 'backend'
  readonly bck: BucketName
  readonly description: string
  readonly files: readonly { readonly name: string; readonly link: string }[]
}

const hostOf = (link: string): { readonly host: string; readonly port: string } => {
  const url = URL.canParse(link) ? new URL(link) : undefined
  return { host: url?.hostname ?? '', port: url?.port === '' || !url ? '80' : url.port }
}

const blocked = (link: string): string => {
  const { host, port } = hostOf(link)
  return `Get "${link}": dial tcp ${host}:${port}: dload: egress blocked: ${host} (tcp4)`
}

/** Starts a download. Its bucket is created if it does not exist. */
export const startDownload = (cluster: Cluster, plan: DownloadPlan, now: number): Download => {
  if (!findBucket(cluster, plan.bck)) addBucket(cluster, plan.bck, {}, now)
  // One job on the targets serves all downloads, whatever bucket it was started for.
  const shared = { kind: 'download', objects: 0, objectSize: 0, listened: false }
  const living = [...cluster.jobs.values()].find((job) => job.kind === 'download')
  const onTargets = wakeOrLaunch(cluster, { ...shared, bck: living?.bck ?? plan.bck }, now)
  const id = freshId(cluster, 'dnl-')
  const job = launch(cluster, now, {
    kind: plan.type,
    id,
    objects: 0,
    objectSize: 0,
    listened: true,
    proxiesOnly: true,
    listenedBy: [plan.bck],
  })
  const tasks = plan.files.map(({ name, link }) => {
    const startMs = now + between(cluster.random, 0.1, 1)
    return { name, error: blocked(link), startMs, endMs: startMs + between(cluster.random, 0.02, 0.2) }
  })
  const { description } = plan
  const download = { job, jobOnTargets: onTargets.id, description, tasks, abortedMs: Infinity }
  cluster.downloads.set(id, download)
  return download
}

/** When the download ended on all targets; Infinity if it has not ended at `now`. */
export const downloadEndMs = ({ job }: Download, now: number): number => {
  const endMs = Math.max(...job.runs.map(endsAtMs))
  return endMs <= now ? endMs : Infinity
}

/** Aborts a download that has not ended. */
export const abortDownload = (download: Download, now: number): void => {
  if (downloadEndMs(download, now) === Infinity && download.abortedMs === Infinity) download.abortedMs = now
}

/** The target that reports that a download does not exist. */
export const downloadKeeper = (cluster: Cluster): string => mappedTargets(cluster)[0]?.id ?? ''
