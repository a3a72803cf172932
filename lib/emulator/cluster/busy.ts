import { bucketUri, type BucketName } from './bucket.ts'
import { nanoseconds } from './instant.ts'
import { kinds } from './kind.ts'
import { launch, mappedTargets, type Plan } from './launch.ts'
import { pick } from './random.ts'
import { isRunning } from './run.ts'
import { refuse } from './start-checks.ts'
import { clockText } from './time-text.ts'
import type { Refusal } from './refusal.ts'
import type { Cluster, Run, Target } from './state.ts'

/** For some kinds: how a target treats a second start while its first job runs. It ignores or refuses the start. */
const SECOND_START: Readonly<Record<string, 'ignored' | 'refused'>> = {
  lru: 'ignored',
  'cleanup-store': 'ignored',
  'load-lom-cache': 'ignored',
  rechunk: 'refused',
}

/** The active runs of the kind that block a second start, with their targets. For kinds with a bucket, only runs on `bck`. */
const runsInTheWay = (
  cluster: Cluster,
  kind: string,
  bck: BucketName | undefined,
  now: number,
): readonly [target: Target, run: Run][] => {
  const onlyBucket = kinds.get(kind)?.needsBucket === true && bck ? bucketUri(bck) : undefined
  return mappedTargets(cluster).flatMap((target): [target: Target, run: Run][] => {
    const run = target.registry.find(
      (known) =>
        known.job.kind === kind &&
        isRunning(known, now, cluster.timing.quiesceMs) &&
        (onlyBucket === undefined || bucketUri(known.job.bck) === onlyBucket),
    )
    return run ? [[target, run]] : []
  })
}

/** The targets that ignore a start of the kind because they already run such a job. No reply reports this. */
export const busyTargets = (
  cluster: Cluster,
  kind: string,
  bck: BucketName | undefined,
  now: number,
): readonly Target[] =>
  SECOND_START[kind] === 'ignored' ? runsInTheWay(cluster, kind, bck, now).map(([target]) => target) : []

/**
 * Refuses a second job of a kind while a target still runs a first one.
 *
 * The other targets, whose first run has ended, start the second job nevertheless, under an id that no reply contains.
 */
export const refuseSecond = (cluster: Cluster, plan: Plan, now: number): Refusal | undefined => {
  const earlier = SECOND_START[plan.kind] === 'refused' ? runsInTheWay(cluster, plan.kind, plan.bck, now) : []
  if (earlier.length === 0) return undefined
  const busy = earlier.map(([target]) => target)
  if (busy.length < mappedTargets(cluster).length) {
    launch(cluster, now, { ...plan, listened: false, runOn: (target) => !busy.includes(target) })
  }
  const [target, { job, startMs }] = pick(cluster.random, earlier)
  const name = `x-${job.kind}[${job.id}]-${bucketUri(job.bck)}-${clockText(nanoseconds(cluster, startMs))}`
  return refuse(400, `${name} is already running - not starting`, 'ErrXactUsePrev', target)
}
