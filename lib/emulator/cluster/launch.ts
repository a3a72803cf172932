import { noBucket, type BucketName } from './bucket.ts'
import { kinds } from './kind.ts'
import { lifeOf } from './life.ts'
import { between, uuid } from './random.ts'
import { share } from './share.ts'
import { byOwner, giveWork } from './work.ts'
import { defined } from '../../common/defined.ts'
import { abortRun } from './run.ts'
import type { Cluster, Failing, Job, Notice, Run, Target, Work } from './state.ts'

/** A job to launch. */
export interface Plan {
  readonly kind: string
  readonly id?: string
  /** The bucket that the job is about. */
  readonly bck?: BucketName
  readonly src?: BucketName
  readonly dst?: BucketName
  /** Whether the job has created its destination: an abort destroys such a destination. */
  readonly madeDst?: boolean
  /** Text that describes the request; part of the `ctlmsg` of snapshots. */
  readonly requestText?: string
  /** The prefix of the names that a summary counts. */
  readonly prefix?: string
  /** Total number of objects to visit on all targets. */
  readonly objects: number
  readonly objectSize: number
  /** How long a run goes on after its work. Defaults to the time of its kind. */
  readonly settleMs?: number
  /** Objects to work on by name, instead of the number of objects. */
  readonly work?: Work
  /** Key that determines how objects are spread over targets. Equal keys give equal shares. */
  readonly spreadKey?: string
  /** The targets to start it on. Defaults to those in the cluster map. */
  readonly targets?: readonly Target[]
  /** Whether each target visits all objects, not only its share. */
  readonly undivided?: boolean
  /**
   * Selects the targets that run the job. Defaults to all `targets`. The proxies expect the job on all `targets`
   * anyway.
   */
  readonly runOn?: (target: Target) => boolean
  /** Buckets under which the bucket filter of `status` finds the job. */
  readonly listenedBy?: readonly BucketName[]
  /** Whether the proxies keep a status. Defaults to the rule of the kind. */
  readonly listened?: boolean
  /** Whether only the proxies know the job, so that no target keeps a record. */
  readonly proxiesOnly?: boolean
}

/** An unused job id. Some kinds have a prefix. */
export const freshId = (cluster: Cluster, prefix: string = ''): string => {
  let id = prefix + uuid(cluster.random)
  while (cluster.jobs.has(id)) id = prefix + uuid(cluster.random)
  return id
}

/** The targets in the cluster map. */
export const mappedTargets = (cluster: Cluster): readonly Target[] => cluster.targets.filter((target) => target.inMap)

/** What the proxies know of a new job: nothing yet, and each of them learns of its end with a delay of its own. */
const createNotice = (cluster: Cluster, plan: Plan): Notice => {
  const lost = cluster.notificationsToLose > 0
  if (lost) cluster.notificationsToLose--
  return {
    buckets: plan.listenedBy ?? [],
    notified: lifeOf(plan.kind).notified && !lost,
    deaf: false,
    ownErr: '',
    lags: new Map(cluster.proxies.map((proxy) => [proxy.id, between(cluster.random, 0.5, 30)])),
    polls: new Map(),
    forgottenBy: new Set(cluster.proxies.filter((proxy) => !proxy.inMap).map((proxy) => proxy.id)),
  }
}

/** When the idle timer of the kind first fires at or after `idleFromMs`. */
export const idleEndMs = (cluster: Cluster, kind: string, startMs: number, idleFromMs: number): number => {
  const period = kind === 'list' ? cluster.timing.listTimerMs : cluster.timing.idleTimerMs
  return startMs + Math.max(1, Math.ceil((idleFromMs - startMs) / period)) * period
}

/** The run of a job on one target, with random deviations of pace and times. It decides now when the run will end. */
const createRun = (cluster: Cluster, job: Job, plan: Plan, target: Target, objects: number, idleLagMs: number): Run => {
  const { random, timing } = cluster
  const life = lifeOf(job.kind)
  const startMs = job.startMs + between(random, 0.2, 2.5)
  const perSecond = cluster.paces.get(job.kind) ?? cluster.objectsPerSecond * life.pace
  const pace = (perSecond / 1_000) * between(random, 0.9, 1.1)
  const workMs = objects === 0 ? between(random, 0.3, 5) : objects / pace
  const idleAfterMs = timing.idleAfterMs + idleLagMs + between(random, 0, 100)
  const idles = kinds.get(job.kind)?.idles === true
  const idleEnd = idleEndMs(cluster, job.kind, startMs, startMs + workMs + idleAfterMs)
  const waits = life.waitsForPeers
  const settleMs = (plan.settleMs ?? life.settleMs) * between(random, 0.9, 1.1)
  let endMs = Infinity
  if (!waits) endMs = idles ? idleEnd + between(random, 1, 3) : startMs + workMs + settleMs
  return {
    job,
    target,
    startMs,
    base: 0,
    burst: { fromMs: startMs, objects, pace },
    endMs,
    quiesceMs: waits ? idleEnd : Infinity,
    idleAfterMs,
    abortMs: Infinity,
    abortEndMs: Infinity,
    abortErr: '',
    err: '',
    unreportedErr: '',
    lost: false,
  }
}

/** Fails a job on its first target, or aborts it on all, when half of the work is done. */
const failHalfWay = ({ random, timing }: Cluster, { runs }: Job, { error, aborts }: Failing): void => {
  const halfMs = ({ startMs, burst: { objects, pace } }: Run): number => startMs + objects / pace / 2
  const [first] = runs
  if (aborts) for (const run of runs) abortRun(run, halfMs(run), timing.abortMs * between(random, 0.8, 1.3), error)
  else if (first !== undefined) {
    first.err = error
    first.errMs = halfMs(first)
  }
}

/** Creates a job with its runs on the targets. For kinds with a status, the proxies get a notice of it. */
export const launch = (cluster: Cluster, now: number, plan: Plan): Job => {
  const targets = plan.targets ?? mappedTargets(cluster)
  const listened = plan.listened ?? (kinds.get(plan.kind)?.listened === true || plan.kind === 'resilver')
  const job: Job = {
    id: plan.id ?? freshId(cluster),
    kind: plan.kind,
    startMs: now,
    bck: plan.bck ?? noBucket,
    requestText: plan.requestText ?? '',
    objectSize: plan.objectSize,
    runs: [],
    requests: 1,
    ...(plan.proxiesOnly === true ? { proxiesOnly: true } : {}),
    ...(plan.madeDst === true ? { madeDst: true } : {}),
    ...defined({ prefix: plan.prefix }),
    ...(plan.src ? { src: plan.src } : {}),
    ...(plan.dst ? { dst: plan.dst } : {}),
    ...(listened ? { notice: createNotice(cluster, plan) } : {}),
  }
  const owned = plan.work ? byOwner(plan.work, targets) : undefined
  const all = mappedTargets(cluster)
  const parts = share(
    plan.objects,
    all.map((target) => target.id),
    plan.spreadKey ?? '',
  )
  const idleLagMs = between(cluster.random, 0, 300)
  for (const target of targets) {
    if (plan.runOn?.(target) === false) continue
    const names = owned?.get(target.id)
    const part = names?.length ?? (plan.undivided === true ? plan.objects : (parts[all.indexOf(target)] ?? 0))
    const run = createRun(cluster, job, plan, target, part, idleLagMs)
    if (plan.work && names) giveWork(cluster, run, names, plan.work, 0)
    job.runs.push(run)
    if (plan.proxiesOnly !== true) target.registry.push(run)
  }
  const failing = cluster.failing.get(job.kind)
  if (failing !== undefined) failHalfWay(cluster, job, failing)
  cluster.jobs.set(job.id, job)
  return job
}
