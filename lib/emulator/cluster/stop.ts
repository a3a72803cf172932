import { argsText, type RequestedBucket } from './requested-bucket.ts'
import { bucketUri } from './bucket.ts'
import { destroyMade } from './destroy-bucket.ts'
import { kindNamed, kinds } from './kind.ts'
import { isValidId } from './job-id.ts'
import { mappedTargets } from './launch.ts'
import { between, pick } from './random.ts'
import { refuse } from './start-checks.ts'
import type { Refusal } from './refusal.ts'
import { abortRun, isQuiescing } from './run.ts'
import type { Cluster, Job } from './state.ts'

/** The decoded value of a stop. */
export interface StopArgs {
  readonly id: string
  readonly kind: string
  readonly bck: RequestedBucket | undefined
}

const isSelected = (job: Job, { id, bck }: StopArgs, kind: string): boolean =>
  // A stop does not affect jobs of the download API. If it has an id, its kind is ignored.
  job.proxiesOnly !== true &&
  (id === '' ? job.kind === kind && (!bck || bucketUri(job.bck) === bucketUri(bck.bck)) : job.id === id)

/** The refusal of a stop. Only targets check a stop, so without a live target there is no refusal. */
const refuseStop = (cluster: Cluster, { id, bck }: StopArgs, kind: string): Refusal | undefined => {
  const living = mappedTargets(cluster).filter((target) => target.state === 'up')
  if (living.length === 0) return undefined
  const named = argsText(kind, id, bck)
  if (id !== '' && !isValidId(id)) {
    const message = `invalid xaction (job) UUID "${id}": ${named}`
    return refuse(400, message, undefined, pick(cluster.random, living))
  }
  if (id !== '' || kind !== '') return undefined
  const message = `cannot stop xaction given '${named}' - expecting a valid kind and/or UUID`
  return refuse(400, message, undefined, pick(cluster.random, living))
}

/** Stops the selected jobs. It succeeds even if there are none. */
export const stop = (cluster: Cluster, args: StopArgs, now: number): Refusal | undefined => {
  const kind = kindNamed(args.kind)
  const refusal = refuseStop(cluster, args, kind)
  if (refusal) return refusal
  const { abortMs, quiesceMs } = cluster.timing
  for (const id of args.id === '' ? [''] : args.id.split(',')) {
    const jobs = id === '' ? [...cluster.jobs.values()] : [cluster.jobs.get(id)].filter((job) => job !== undefined)
    for (const job of jobs) {
      if (!isSelected(job, { ...args, id }, kind)) continue
      for (const run of job.runs) {
        // A run that waits for its peers cannot be stopped.
        if (isQuiescing(run, now, quiesceMs)) continue
        // Runs of an idle kind end almost at once, because they have nothing to wind down.
        const lagMs = kinds.get(job.kind)?.idles === true ? 5 : abortMs
        abortRun(run, now, lagMs * between(cluster.random, 0.8, 1.3), 'user abort')
      }
      destroyMade(cluster, job, now)
    }
  }
  return undefined
}
