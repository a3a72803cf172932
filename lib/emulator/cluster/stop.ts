import { bucketUri, type BucketName } from './bucket.ts'
import { kindNamed, kinds } from './kind.ts'
import { isValidId } from './job-id.ts'
import { between } from './random.ts'
import type { Refusal } from './refusal.ts'
import { abortRun, isQuiescing } from './run.ts'
import type { Cluster, Job } from './state.ts'

/** The value of a stop, read. */
export interface StopArgs {
  readonly id: string
  readonly kind: string
  readonly bck: BucketName | undefined
}

const isMeant = (job: Job, { id, bck }: StopArgs, kind: string): boolean =>
  // The download API has jobs of its own, which this does not reach. With an id the kind is not even compared.
  job.proxiesOnly !== true &&
  (id === '' ? job.kind === kind && (!bck || bucketUri(job.bck) === bucketUri(bck)) : job.id === id)

/** Stops what is meant; says nothing of whether there was anything to stop. */
export const stop = (cluster: Cluster, args: StopArgs, now: number): Refusal | undefined => {
  const kind = kindNamed(args.kind)
  if (args.id === '' && kind === '') {
    return { status: 400, message: "cannot stop xaction given 'xa-[]' - expecting a valid kind and/or UUID" }
  }
  if (args.id !== '' && !isValidId(args.id)) return { status: 400, message: `invalid xaction (job) UUID "${args.id}"` }
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
