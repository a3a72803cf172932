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

/** What becomes of a second start of a kind on a target that is at work on a first. */
const SECOND: Readonly<Record<string, 'unrun' | 'refused'>> = {
  lru: 'unrun',
  'cleanup-store': 'unrun',
  'load-lom-cache': 'unrun',
  rechunk: 'refused',
}

/** The runs in the way of one more: of the kind, and of the bucket where the kind works on one. */
const runsInTheWay = (
  cluster: Cluster,
  kind: string,
  bck: BucketName | undefined,
  now: number,
): readonly [Target, Run][] => {
  const scoped = kinds.get(kind)?.needsBucket === true && bck ? bucketUri(bck) : undefined
  return mappedTargets(cluster).flatMap((target): [Target, Run][] => {
    const run = target.registry.find(
      (known) =>
        known.job.kind === kind &&
        isRunning(known, now, cluster.timing.quiesceMs) &&
        (scoped === undefined || bucketUri(known.job.bck) === scoped),
    )
    return run ? [[target, run]] : []
  })
}

/** The targets that are so busy with a kind that they never run what is started now; nobody is told. */
export const busyTargets = (
  cluster: Cluster,
  kind: string,
  bck: BucketName | undefined,
  now: number,
): readonly Target[] =>
  SECOND[kind] === 'unrun' ? runsInTheWay(cluster, kind, bck, now).map(([target]) => target) : []

/**
 * Refuses a second job of a kind where a target is still at work on a first.
 *
 * The targets that are done with theirs start it all the same, under an id that nobody hears of.
 */
export const refuseSecond = (cluster: Cluster, plan: Plan, now: number): Refusal | undefined => {
  const earlier = SECOND[plan.kind] === 'refused' ? runsInTheWay(cluster, plan.kind, plan.bck, now) : []
  if (earlier.length === 0) return undefined
  const busy = earlier.map(([target]) => target)
  if (busy.length < mappedTargets(cluster).length) {
    launch(cluster, now, { ...plan, listened: false, runOn: (target) => !busy.includes(target) })
  }
  const [target, { job, startMs }] = pick(cluster.random, earlier)
  const name = `x-${job.kind}[${job.id}]-${bucketUri(job.bck)}-${clockText(nanoseconds(cluster, startMs))}`
  return refuse(400, `${name} is already running - not starting`, 'ErrXactUsePrev', target)
}
