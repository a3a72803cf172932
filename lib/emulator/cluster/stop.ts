import { argsText, type AskedBucket } from './asked.ts'
import { bucketUri } from './bucket.ts'
import { kindNamed, kinds } from './kind.ts'
import { isValidId } from './job-id.ts'
import { mappedTargets } from './launch.ts'
import { between, pick } from './random.ts'
import { refuse } from './start-checks.ts'
import type { Refusal } from './refusal.ts'
import { abortRun, isQuiescing } from './run.ts'
import type { Cluster, Job } from './state.ts'

/** The value of a stop, read. */
export interface StopArgs {
  readonly id: string
  readonly kind: string
  readonly bck: AskedBucket | undefined
}

const isMeant = (job: Job, { id, bck }: StopArgs, kind: string): boolean =>
  // The download API has jobs of its own, which this does not reach. With an id the kind is not even compared.
  job.proxiesOnly !== true &&
  (id === '' ? job.kind === kind && (!bck || bucketUri(job.bck) === bucketUri(bck.bck)) : job.id === id)

/** What the targets have against a stop; the proxy only passes it on. Nobody is there to refuse where no target lives. */
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

/** Stops what is meant; says nothing of whether there was anything to stop. */
export const stop = (cluster: Cluster, args: StopArgs, now: number): Refusal | undefined => {
  const kind = kindNamed(args.kind)
  const refusal = refuseStop(cluster, args, kind)
  if (refusal) return refusal
  const { abortMs, quiesceMs } = cluster.timing
  for (const id of args.id === '' ? [''] : args.id.split(',')) {
    const jobs = id === '' ? [...cluster.jobs.values()] : [cluster.jobs.get(id)].filter((job) => job !== undefined)
    for (const job of jobs) {
      if (!isMeant(job, { ...args, id }, kind)) continue
      for (const run of job.runs) {
        // One that only waits for its peers cannot be stopped.
        if (isQuiescing(run, now, quiesceMs)) continue
        // An idle kind has nothing to wind up.
        const lagMs = kinds.get(job.kind)?.idles === true ? 5 : abortMs
        abortRun(run, now, lagMs * between(cluster.random, 0.8, 1.3), 'user abort')
      }
    }
  }
  return undefined
}
