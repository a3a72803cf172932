import { findBucket } from '../cluster/create.ts'
import { fractionOf } from '../cluster/random.ts'
import { writeObject } from '../cluster/write-object.ts'
import { isByName, objectsOf, putInto } from '../store/of-bucket.ts'
import type { Bucket } from '../cluster/bucket.ts'
import type { Cluster, Download, Task } from '../cluster/state.ts'

const MIB = 1_048_576

/** The size of a file that is not fetched. It depends on its name only. */
export const sizeOf = (name: string): number => Math.floor((0.5 + fractionOf(name)) * MIB)

/** The made-up content of a link: the link, repeated. */
const contentOf = (link: string): string => `${link}\n`

/** Whether a bucket already has the file: an object with the same content or, for an object of the cloud, the object itself. */
export const hasFile = (bucket: Bucket | undefined, name: string, link: string): boolean => {
  if (!bucket || !isByName(bucket)) return false
  const object = objectsOf(bucket).get(name)
  if (link === '') return object?.present === true
  return object?.content === contentOf(link) && object.size === sizeOf(name)
}

/** Brings the object of the cloud into the cluster. */
const bringIn = (bucket: Bucket, name: string): void => {
  const object = isByName(bucket) ? objectsOf(bucket).get(name) : undefined
  if (object) putInto(bucket, { ...object, present: true })
}

/** Puts a file into the bucket of its download, and counts it in the job on its target. */
export const arrive = (cluster: Cluster, download: Download, task: Task, content: Uint8Array | string): void => {
  const { name, link, bytes, endMs } = task
  const bucket = findBucket(cluster, download.bck)
  if (!bucket) return
  if (link === '') bringIn(bucket, name)
  // The server also sets these properties of a downloaded object.
  else writeObject(cluster, bucket, { name, size: bytes, content, custom: { source: 'web', orig_url: link } }, endMs)
  const run = cluster.jobs.get(download.jobOnTargets)?.runs.find(({ target }) => target.id === task.target)
  if (!run) return
  run.work ??= { batches: [], objects: 0, bytes: 0, archives: 0, errors: [] }
  run.work.objects++
  run.work.bytes += bytes
}

/** Whether the file was complete before its target forgot or aborted the download. */
export const isInTime = ({ job, forgottenBy }: Download, { target, endMs }: Task): boolean =>
  !forgottenBy.has(target) && endMs <= (job.runs.find((run) => run.target.id === target)?.abortMs ?? Infinity)

/** Puts the files that have arrived until `now` into their buckets. */
export const arriveUntil = (cluster: Cluster, now: number): void => {
  for (const download of cluster.downloads.values()) {
    const { arriving } = download
    for (let task = arriving.at(-1); task && task.endMs <= now; task = arriving.at(-1)) {
      arriving.pop()
      if (task.error === '' && !task.skipped && isInTime(download, task))
        arrive(cluster, download, task, contentOf(task.link))
    }
  }
}
