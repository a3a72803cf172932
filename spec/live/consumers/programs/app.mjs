import { createCluster, constant, details, isLeft, start, status, wait, watchJobs } from 'aistore-rx'
import { firstValueFrom } from 'rxjs'

/** Runs a job with the main functions, and describes their results. */
export async function run(endpoint) {
  const cluster = createCluster(endpoint, { cadence: constant(100) })
  const answer = async (stream) => {
    const result = await firstValueFrom(stream)
    if (isLeft(result)) throw new Error(JSON.stringify(result.left))
    return result.right
  }
  const job = await answer(start(cluster, { kind: 'lru' }))
  const table = await answer(watchJobs(cluster))
  const { kind } = await answer(status(cluster, job))
  const snapshots = await answer(details(cluster, job))
  const { outcome, endTime } = await answer(wait(cluster, job))
  await cluster.close()
  return [kind, job.id in table, Object.keys(snapshots).length, outcome, typeof endTime].join(' ')
}
