import { createCluster } from '../../lib/emulator/cluster/create.ts'
import { lifeOf } from '../../lib/emulator/cluster/life.ts'
import { launch, mappedTargets } from '../../lib/emulator/cluster/launch.ts'
import {
  freezeTarget,
  killProxy,
  killTarget,
  restartProxy,
  restartTarget,
  thawTarget,
} from '../../lib/emulator/cluster/nodes.ts'
import { loseNotifications } from '../../lib/emulator/cluster/nodes.ts'
import { hasEnded } from '../../lib/emulator/cluster/run.ts'
import { advance } from '../../lib/emulator/cluster/advance.ts'
import type { Cluster, Job, Run } from '../../lib/emulator/cluster/state.ts'
import { stop } from '../../lib/emulator/cluster/stop.ts'
import { wake } from '../../lib/emulator/cluster/wake.ts'
import { seedBucket } from '../../lib/emulator/cluster/create.ts'
import { bucketName } from '../../lib/emulator/cluster/bucket.ts'
import { isOver as isDownloadOver } from '../../lib/emulator/download/record.ts'
import { abortDownload, startDownload } from '../../lib/emulator/download/start-download.ts'
import { defined } from '../../lib/common/defined.ts'
import { downloadOf, keepDownload, markForgotten, markRemoved } from './downloads.ts'
import { TARGETS_AT_START } from './parts.ts'
import type { PlannedEvent, PlannedJob, SimPlan } from './plan.ts'
import type { SimTime } from './time.ts'

// The cluster of a plan: the emulator, with the jobs and events of the plan.

/** The cluster of a plan, and those of its jobs that have started. */
export interface World {
  readonly cluster: Cluster
  /** By index in the plan. */
  readonly jobs: (Job | undefined)[]
  /** When each late part appears in snapshots. A part that is not late has no entry. */
  readonly shownMs: ReadonlyMap<Run, number>
  /** The id that a job has, or will have. */
  readonly idOf: (job: number) => string
}

export const BUCKET_NAME = 'data'

/** Seeds the emulator's random numbers from the plan and the number of an event, so that earlier requests do not change them. */
export function reseed({ random }: Cluster, { seed }: SimPlan, act: number): void {
  random.state = Math.imul(seed ^ 0x2545f491, 0x9e3779b1) ^ Math.imul(act + 1, 0x85ebca6b)
}

/** Starts of jobs, events and commands of users have numbers in separate ranges. */
const EVENT_ACT = 1_000
export const COMMAND_ACT = 2_000

const OBJECTS_PER_SECOND = 400

/** Creates the cluster, and schedules everything that happens to it. */
export function worldOf(plan: SimPlan, time: SimTime): World {
  const { targets, proxies, seed } = plan
  const fileMs = fileMsOf(plan)
  const cluster = createCluster({
    targets,
    proxies,
    seed,
    objectsPerSecond: OBJECTS_PER_SECOND,
    ...defined({ fileMs }),
  })
  if (fileMs !== undefined)
    cluster.brokenLinks.push({ breaks: (link) => link.endsWith(BAD_SUFFIX), error: 'does not exist' })
  if (plan.users.some(({ type }) => type === 'start')) seedBucket(cluster, BUCKET_NAME, { objects: 400 }, 0)
  const jobs: (Job | undefined)[] = []
  const shownMs = new Map<Run, number>()
  plan.jobs.forEach((job, index) => {
    time.at(job.atMs, () => {
      advance(cluster, time.frame)
      reseed(cluster, plan, index)
      // A start that cannot reach all its targets fails as a whole.
      if (mappedTargets(cluster).every(({ state }) => state === 'up'))
        jobs[index] = (job.links === undefined ? beginJob : beginDownload)(
          cluster,
          time,
          job,
          idOf(plan, index),
          shownMs,
        )
    })
  })
  plan.events.forEach((event, index) => {
    time.at(event.atMs, () => {
      reseed(cluster, plan, EVENT_ACT + index)
      applyEvent(cluster, jobs, event, time.frame, shownMs)
    })
  })
  return { cluster, jobs, shownMs, idOf: (job) => idOf(plan, job) }
}

/** The plan determines the ids, so that a user may select a job that does not exist yet. */
const idOf = ({ seed, jobs }: SimPlan, job: number): string =>
  jobs[job]?.kind === 'rebalance'
    ? `g${job + 1}`
    : `${jobs[job]?.links === undefined ? 'J' : 'dnl-J'}${(seed >>> 0).toString(36).padStart(7, '0')}${String.fromCharCode(97 + (job % 26))}`

/** Starts a job of the plan. */
function beginJob(cluster: Cluster, time: SimTime, planned: PlannedJob, id: string, shownMs: Map<Run, number>): Job {
  const { kind, workMs, only, quiet, lateMs, deaf } = planned
  const all = mappedTargets(cluster)
  if (quiet === true) loseNotifications(cluster, 1)
  const one = only === undefined ? undefined : cluster.targets[only % cluster.targets.length]
  const parts = one === undefined ? Math.max(1, all.length) : 1
  const objects = Math.max(0, Math.round((workMs * OBJECTS_PER_SECOND * lifeOf(kind).pace * parts) / 1_000))
  const job = launch(cluster, time.frame, {
    kind,
    id,
    objects,
    objectSize: 1_024,
    spreadKey: BUCKET_NAME,
    ...(one === undefined ? {} : { targets: one.inMap ? [one] : [], undivided: true }),
  })
  TARGETS_AT_START.set(job, all.length)
  const last = job.runs[job.runs.length - 1]
  if (lateMs !== undefined && last !== undefined && !last.lost) hideUntilLate(time, last, lateMs, shownMs)
  if (deaf === true && job.notice !== undefined) job.notice.deaf = true
  scheduleError(time, planned, job)
  return job
}

/** How long a target takes for a file of the first download, so that the target works for `workMs` in all. */
const fileMsOf = ({ jobs, targets }: SimPlan): number | undefined => {
  const first = jobs.find(({ links }) => links !== undefined)
  return first && (first.workMs * targets) / first.links!
}

/** The end of a link that fails. */
const BAD_SUFFIX = '.bad'

/** Starts a download of the plan, with one file for each link. */
function beginDownload(cluster: Cluster, time: SimTime, planned: PlannedJob, id: string): Job {
  const { kind, links = 1, bad = [] } = planned
  const files = Array.from({ length: links }, (_, at) => {
    const name = `file-${at}${bad.includes(at) ? BAD_SUFFIX : ''}`
    return { name, link: `http://files.example/${id}/${name}` }
  })
  const bck = bucketName('downloads')
  const type = kind as 'single' | 'multi' | 'range'
  const download = startDownload(cluster, { id, type, bck, description: '', files }, time.frame)
  keepDownload(download)
  TARGETS_AT_START.set(download.job, download.job.runs.length)
  return download.job
}

/** Schedules the error of a job: it appears on the first target, only in that target's snapshots, or only in the proxies. */
function scheduleError(time: SimTime, { errMs, errKnownTo }: PlannedJob, { notice, runs: [first] }: Job): void {
  if (errMs === undefined || first === undefined) return
  time.at(time.frame + errMs, () => {
    if (first.lost || first.target.state !== 'up' || hasEnded(first, time.frame)) return
    if (errKnownTo === 'target') first.unreportedErr = 'disk full'
    else if (errKnownTo !== 'ic') first.err = 'failed to read object'
    else if (notice !== undefined) notice.ownErr = 'a target did not commit'
  })
}

/** Removes a part from its target's registry for `lateMs`, as if the target had been slow to start it. */
function hideUntilLate(time: SimTime, run: Run, lateMs: number, shownMs: Map<Run, number>): void {
  const { registry } = run.target
  registry.splice(registry.indexOf(run), 1)
  const atMs = time.frame + lateMs
  shownMs.set(run, atMs)
  time.at(atMs, () => {
    // If the target has crashed or restarted in the meantime, the part is lost.
    if (shownMs.get(run) === atMs) registry.push(run)
  })
}

/** Something happens to the cluster. */
function applyEvent(
  cluster: Cluster,
  jobs: readonly (Job | undefined)[],
  event: PlannedEvent,
  now: number,
  shownMs: Map<Run, number>,
): void {
  advance(cluster, now)
  switch (event.type) {
    case 'crash':
    case 'restart':
    case 'freeze':
    case 'thaw': {
      const target = cluster.targets[event.target % cluster.targets.length]!
      const { id } = target
      if (event.type === 'crash' || event.type === 'restart') markForgotten(cluster.jobs.values(), target, now)
      // A part that was still hidden is lost with its target.
      if (event.type === 'crash' || event.type === 'restart')
        for (const [run, atMs] of shownMs)
          if (run.target === target && atMs > now) {
            run.lost ||= !hasEnded(run, now)
            shownMs.set(run, Infinity)
          }
      const act = { crash: killTarget, restart: restartTarget, freeze: freezeTarget, thaw: thawTarget }[event.type]
      act(cluster, id, now)
      return
    }
    case 'kill-proxy':
    case 'restart-proxy': {
      const id = cluster.proxies[event.proxy % cluster.proxies.length]!.id
      ;(event.type === 'kill-proxy' ? killProxy : restartProxy)(cluster, id, now)
      return
    }
    case 'stop': {
      const job = jobs[event.job]
      const one = job && downloadOf(job)
      if (one !== undefined) abortDownload(cluster, one, now)
      else if (job !== undefined) stop(cluster, { id: job.id, kind: job.kind, bck: undefined }, now)
      return
    }
    case 'remove': {
      const job = jobs[event.job]
      const one = job && downloadOf(job)
      if (job === undefined || one === undefined || !isDownloadOver(one, now)) return
      cluster.downloads.delete(job.id)
      markRemoved(job, now)
      return
    }
    case 'wake': {
      const job = jobs[event.job]
      if (job?.runs.some((run) => !run.lost && !hasEnded(run, now)) === true)
        wake(cluster, job, { objects: 4 * job.runs.length * OBJECTS_PER_SECOND }, now)
    }
  }
}
