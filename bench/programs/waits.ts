// Waits for many jobs at once with the library.
import { constant, createCluster, isRight, wait } from 'aistore-rx'
import { serveWaits } from './serve-waits.ts'

serveWaits(({ endpoint, cadenceMs }) => {
  const cluster = createCluster(endpoint, cadenceMs === undefined ? {} : { cadence: constant(cadenceMs) })
  return (job, answered) => {
    wait(cluster, job, { timeoutMs: 300_000 }).subscribe((result) => answered(isRight(result) && result.right.success))
  }
})
