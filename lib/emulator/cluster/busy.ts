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

/** By kind, what a target does with a second start while it runs a first one: it ignores it (`unrun`) or refuses it. */
const SECOND: Readonly<Record<string, 'unrun' | 'refused'>> = {
  lru: 'unrun',
  'cleanup-store': 'unrun',
  'load-lom-cache': 'unrun',
  rechunk: 'refused',
}

/** The active runs of the kind that prevent another one, with their targets. For kinds with a bucket, only its runs. */
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

/** The targets that ignore a start of the kind because they already run one. No reply reports this. */
export const busyTargets = (
  cluster: Cluster,
  kind: string,
  bck: BucketName | undefined,
  now: number,
): readonly Target[] =>
  SECOND[kind] === 'unrun' ? runsInTheWay(cluster, kind, bck, now).map(([target]) => target) : []

/**
 * Refuses a second job of a kind while a target still runs a first one.
 *
 * The targets whose run has ended start the second job nevertheless, under an id that no reply contains.
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
