import { mappedTargets, type Plan } from './launch.ts'
import { wakeOrLaunch } from './wake.ts'
import { workOn } from './work-on.ts'
import type { Bucket } from './bucket.ts'
import type { Cluster } from './state.ts'

/**
 * Starts or resumes the jobs that serve an erasure-coded bucket: `ec-put` encodes new objects, `ec-resp` passes slices
 * to other targets, `ec-get` restores lost objects. Each target runs them under its own job ids. They idle between
 * objects.
 */
export const runPerTarget = (cluster: Cluster, bucket: Bucket, objects: number, now: number): void => {
  const work: Plan = { ...workOn(bucket), bck: bucket.bck, kind: '', objects }
  for (const target of mappedTargets(cluster)) {
    for (const kind of ['ec-put', 'ec-resp']) wakeOrLaunch(cluster, { ...work, kind, targets: [target] }, now)
    wakeOrLaunch(cluster, { ...work, kind: 'ec-get', objects: 0, targets: [target] }, now)
  }
}

/** Encodes new objects, if the bucket is erasure-coded. */
export const encodePuts = (cluster: Cluster, bucket: Bucket, objects: number, now: number): void => {
  if (bucket.ec) runPerTarget(cluster, bucket, objects, now)
}
