// Waits for many jobs at once with the library.
import { constant, createCluster, isRight, wait } from 'aistore-rx'
import { serveWaits } from './serve-waits.ts'

serveWaits(({ endpoint, cadenceMs }) => {
  const cluster = createCluster(endpoint, cadenceMs === undefined ? {} : { cadence: constant(cadenceMs) })
  return (job, onOutcome) => {
    wait(cluster, job, { timeoutMs: 300_000 }).subscribe((result) => onOutcome(isRight(result) && result.right.success))
  }
})
