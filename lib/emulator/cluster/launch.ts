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
  /** Targets that run it of those that the proxies expect it from; all of them unless said. */
  readonly runOn?: (target: Target) => boolean
  /** Buckets that a filter of `status` finds it by. */
  readonly listenedBy?: readonly BucketName[]
  /** False where nobody listens although the kind's rule says so. */
  readonly listened?: boolean
}

/** A job id nobody has. */
export const freshId = (cluster: Cluster): string => {
  let id = uuid(cluster.random)
  while (cluster.jobs.has(id)) id = uuid(cluster.random)
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
    lags: new Map(cluster.proxies.map((proxy) => [proxy.id, between(cluster.random, 0.5, 30)])),
    forgottenBy: new Set(cluster.proxies.filter((proxy) => !proxy.inMap).map((proxy) => proxy.id)),
  }
}

/** When the idle timer that fires next finds a run without work; infinite for kinds without a timer. */
export const idleEndMs = (cluster: Cluster, startMs: number, idleFromMs: number): number => {
  const period = cluster.timing.idleTimerMs
  return startMs + Math.max(1, Math.ceil((idleFromMs - startMs) / period)) * period
}

const createRun = (cluster: Cluster, job: Job, target: Target, objects: number): Run => {
  const { random, timing } = cluster
  const life = lifeOf(job.kind)
  const startMs = job.startMs + between(random, 0.2, 2.5)
  const pace = (cluster.objectsPerSecond / 1_000) * life.pace * between(random, 0.9, 1.1)
  const workMs = objects === 0 ? between(random, 0.3, 5) : objects / pace
  const idleAfterMs = timing.idleAfterMs + between(random, 0, 500)
  const idles = kinds.get(job.kind)?.idles === true
  const idleEnd = idleEndMs(cluster, startMs, startMs + workMs + idleAfterMs)
  // An archive never ends: its targets wait for each other.
  const waits = job.kind === 'archive'
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
  for (const target of targets) {
    if (plan.runOn?.(target) === false) continue
    const run = createRun(cluster, job, target, parts[all.indexOf(target)] ?? 0)
    job.runs.push(run)
    keep(target, run, now)
  }
  cluster.jobs.set(job.id, job)
  return job
}

const MANY = 1_024
const OLD_MS = 3_600_000

/** Adds a record; a target that has very many forgets those that ended long ago. */
const keep = (target: Target, run: Run, now: number): void => {
  target.registry.push(run)
  if (target.registry.length <= MANY) return
  const kept = target.registry.filter((old) => Math.min(old.endMs, old.abortEndMs) > now - OLD_MS)
  target.registry.splice(0, target.registry.length, ...kept)
}
