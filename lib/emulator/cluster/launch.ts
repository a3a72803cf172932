import { noBucket, type BucketName } from './bucket.ts'
import { kinds } from './kind.ts'
import { lifeOf } from './life.ts'
import { between, uuid } from './random.ts'
import { share } from './share.ts'
import type { Cluster, Job, Notice, Run, Target } from './state.ts'

/** What a job is made of. */
export interface Plan {
  readonly kind: string
  readonly id?: string
  readonly bck?: BucketName
  readonly src?: BucketName
  readonly dst?: BucketName
  readonly asked?: string
  /** Objects to visit, over all targets. */
  readonly objects: number
  readonly objectSize: number
  /** What the objects are divided by: the same text gives the same parts. */
  readonly over?: string
  readonly targets?: readonly Target[]
  /** True where each of the targets does all of it. */
  readonly undivided?: boolean
  /** Targets that run it of those that the proxies expect it from; all of them unless said. */
  readonly runOn?: (target: Target) => boolean
  /** Buckets that a filter of `status` finds it by. */
  readonly listenedBy?: readonly BucketName[]
  /** False where nobody listens although the kind's rule says so. */
  readonly listened?: boolean
  /** True where only the proxies know of it: no target keeps a record. */
  readonly proxiesOnly?: boolean
}

/** A job id nobody has; some kinds put a mark in front. */
export const freshId = (cluster: Cluster, prefix: string = ''): string => {
  let id = prefix + uuid(cluster.random)
  while (cluster.jobs.has(id)) id = prefix + uuid(cluster.random)
  return id
}

/** Targets that the cluster map holds. */
export const mappedTargets = (cluster: Cluster): readonly Target[] => cluster.targets.filter((target) => target.inMap)

const createNotice = (cluster: Cluster, plan: Plan): Notice => {
  const lost = cluster.losing > 0
  if (lost) cluster.losing--
  return {
    buckets: plan.listenedBy ?? [],
    told: lifeOf(plan.kind).told && !lost,
    deaf: false,
    ownErr: '',
    lags: new Map(cluster.proxies.map((proxy) => [proxy.id, between(cluster.random, 0.5, 30)])),
    polls: new Map(),
    forgottenBy: new Set(cluster.proxies.filter((proxy) => !proxy.inMap).map((proxy) => proxy.id)),
  }
}

/** When the idle timer that fires next finds a run of the kind without work. */
export const idleEndMs = (cluster: Cluster, kind: string, startMs: number, idleFromMs: number): number => {
  const period = kind === 'list' ? cluster.timing.listTimerMs : cluster.timing.idleTimerMs
  return startMs + Math.max(1, Math.ceil((idleFromMs - startMs) / period)) * period
}

const createRun = (cluster: Cluster, job: Job, target: Target, objects: number, idleLagMs: number): Run => {
  const { random, timing } = cluster
  const life = lifeOf(job.kind)
  const startMs = job.startMs + between(random, 0.2, 2.5)
  const pace = (cluster.objectsPerSecond / 1_000) * life.pace * between(random, 0.9, 1.1)
  const workMs = objects === 0 ? between(random, 0.3, 5) : objects / pace
  const idleAfterMs = timing.idleAfterMs + idleLagMs + between(random, 0, 100)
  const idles = kinds.get(job.kind)?.idles === true
  const idleEnd = idleEndMs(cluster, job.kind, startMs, startMs + workMs + idleAfterMs)
  const waits = life.waitsForPeers
  const settleMs = life.settleMs * between(random, 0.9, 1.1)
  const endMs = waits ? Infinity : idles ? idleEnd + between(random, 1, 3) : startMs + workMs + settleMs
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
    untoldErr: '',
    lost: false,
  }
}

/** Puts a job on its targets and, where its kind is listened to, before the proxies. */
export const launch = (cluster: Cluster, now: number, plan: Plan): Job => {
  const targets = plan.targets ?? mappedTargets(cluster)
  const listened = plan.listened ?? (kinds.get(plan.kind)?.listened === true || plan.kind === 'resilver')
  const job: Job = {
    id: plan.id ?? freshId(cluster),
    kind: plan.kind,
    startMs: now,
    bck: plan.bck ?? noBucket,
    asked: plan.asked ?? '',
    objectSize: plan.objectSize,
    runs: [],
    requests: 1,
    ...(plan.proxiesOnly === true ? { proxiesOnly: true } : {}),
    ...(plan.src ? { src: plan.src } : {}),
    ...(plan.dst ? { dst: plan.dst } : {}),
    ...(listened ? { notice: createNotice(cluster, plan) } : {}),
  }
  const all = mappedTargets(cluster)
  const parts = share(
    plan.objects,
    all.map((target) => target.id),
    plan.over ?? '',
  )
  const idleLagMs = between(cluster.random, 0, 300)
  for (const target of targets) {
    if (plan.runOn?.(target) === false) continue
    const part = plan.undivided === true ? plan.objects : (parts[all.indexOf(target)] ?? 0)
    const run = createRun(cluster, job, target, part, idleLagMs)
    job.runs.push(run)
    if (plan.proxiesOnly !== true) target.registry.push(run)
  }
  cluster.jobs.set(job.id, job)
  return job
}
