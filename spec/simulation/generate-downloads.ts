import { between, createRandom, next, pick, type Random } from '../../lib/emulator/cluster/random.ts'
import { FOR_EVER_MS } from './generate-faults.ts'
import { isWatcher, type PlannedEvent, type PlannedJob, type PlannedUser, type SimPlan, type UserType } from './plan.ts'
import { defined } from '../../lib/common/defined.ts'

/** Plans of this and later seeds may have a download. Those of earlier seeds stay as they were. */
export const DOWNLOADS_FROM = 49_000_000_000

const TYPES: readonly UserType[] = [
  'wait',
  'wait',
  'wait',
  'wait',
  'waitForIdle',
  'waitStarted',
  'waitNotRunning',
  'watchStatus',
  'watchDetails',
  'progress',
  'progress',
  'jobEvents',
  'jobEvents',
  'watchJobs',
  'watchJobs',
  'abort',
]

/** The plan with a download in place of its jobs, or beside them. The draws of the plan itself stay as they were. */
export function withDownload(plan: SimPlan): SimPlan {
  const random = createRandom(Math.imul(plan.seed, 0x85ebca6b) ^ 0x1b873593)
  next(random)
  // A user that selects downloads by their kind sees the job that all downloads share, and the downloads themselves.
  const isCrowded = plan.apart === true || plan.jobs.some(({ kind }) => kind === 'download')
  if (next(random) >= 0.4 || (isCrowded && next(random) < 0.5)) return plan
  return isCrowded || next(random) < 0.5 ? withOnlyDownload(random, plan) : withAddedDownload(random, plan)
}

/** The plan with one download in place of its jobs. */
function withOnlyDownload(random: Random, plan: SimPlan): SimPlan {
  const job = drawnDownload(random)
  const count = next(random) < 0.6 ? 1 : 2 + Math.floor(next(random) * 2)
  const users = Array.from({ length: count }, () => drawnUser(random, plan, job, 0))
  const { apart: _gone, ...rest } = plan
  _gone
  return withLateEnd({
    ...rest,
    jobs: [job],
    users,
    events: [...plan.events.filter(({ type }) => type !== 'wake'), ...drawnEvents(random, plan, job, 0)],
  })
}

/** The plan with one more job, a download, and one or two users of it. */
function withAddedDownload(random: Random, plan: SimPlan): SimPlan {
  const job = drawnDownload(random)
  const at = plan.jobs.length
  const count = 1 + Math.floor(next(random) * 2)
  // The index after the last job stands for an unknown id.
  const before = plan.users.map((user) => (user.job === at ? { ...user, job: at + 1 } : user))
  return withLateEnd({
    ...plan,
    jobs: [...plan.jobs, job],
    users: [...before, ...Array.from({ length: count }, () => drawnUser(random, plan, job, at))],
    events: [...plan.events, ...drawnEvents(random, plan, job, at)],
  })
}

/** How many links a download of this type has. */
function drawnLinks(random: Random, kind: string): number {
  const share = next(random)
  if (kind === 'single') return 1
  // If a download has very many files, the library polls only its counters.
  return share < 0.02 ? 1_001 + Math.floor(next(random) * 20) : 1 + Math.floor(share * 12)
}

/** How long the targets work: usually briefly, because each second costs many requests. */
function drawnWorkMs(random: Random): number {
  const share = next(random)
  if (share < 0.6) return Math.floor(between(random, 0, 400))
  return Math.floor(share < 0.9 ? between(random, 0, 3_000) : between(random, 3_000, 20_000))
}

/** Any download. */
function drawnDownload(random: Random): PlannedJob {
  const kind = pick(random, ['multi', 'multi', 'range', 'single'])
  const links = drawnLinks(random, kind)
  const workMs = drawnWorkMs(random)
  const bad =
    next(random) < 0.45
      ? [...new Set(Array.from({ length: pick(random, [1, 1, 2, links]) }, () => Math.floor(next(random) * links)))]
      : undefined
  return { kind, atMs: 1_000, workMs, links, ...defined({ bad }) }
}

/** What happens to a download: a stop, a removal, faults of a target. */
function drawnEvents(random: Random, { mode, targets }: SimPlan, job: PlannedJob, at: number): readonly PlannedEvent[] {
  const events: PlannedEvent[] = []
  const during = (ms: number): number => job.atMs + Math.floor(between(random, 1, job.workMs + ms))
  if (next(random) < 0.15) events.push({ type: 'stop', atMs: during(1_500), job: at })
  if (next(random) < 0.12) events.push({ type: 'remove', atMs: during(9_000), job: at })
  if (mode === 'clean' || next(random) > 0.2) return events
  const [atMs, target] = [during(2_000), Math.floor(next(random) * targets)]
  events.push({ type: 'crash', atMs, target })
  if (next(random) < 0.7) events.push({ type: 'restart', atMs: atMs + Math.floor(between(random, 1, 20_000)), target })
  return events
}

/** Any user of a download. */
function drawnUser(random: Random, { latencyMs }: SimPlan, { atMs, workMs }: PlannedJob, job: number): PlannedUser {
  const type = pick(random, TYPES)
  const watches = isWatcher({ type })
  const ofAll = (type === 'watchJobs' || type === 'jobEvents') && next(random) < 0.5
  const gapMs = next(random) < 0.6 ? pick(random, [100, 250, 1_000, 1_000, 2_500, 5_000, 10_000]) : undefined
  const timeoutMs = next(random) < 0.9 ? pick(random, [2_000, 6_000, 30_000, 90_000]) + 16 * latencyMs : undefined
  return {
    type,
    atMs: atMs + Math.floor(next(random) < 0.7 ? between(random, 0, 30) : between(random, 0, workMs + 3_000)),
    job,
    ...(ofAll ? { all: true as const } : {}),
    ...(watches ? { leaveMs: Math.floor(between(random, 0, workMs + 12_000)) } : defined({ timeoutMs })),
    ...defined({ gapMs }),
    ...(type === 'abort' && next(random) < 0.7 ? { confirm: true as const } : {}),
  }
}

/** The plan with an end so late that no user leaves before the bounds of all outcomes are over. */
function withLateEnd(plan: SimPlan): SimPlan {
  const { users, events, net, sleeps, endMs } = plan
  const unlimited = users.some((user) => user.timeoutMs === undefined && !isWatcher(user))
  const healMs = Math.max(0, ...net.flatMap(({ toMs }) => (toMs < FOR_EVER_MS ? [toMs] : [])))
  return {
    ...plan,
    endMs: Math.max(
      endMs,
      ...users.map(({ atMs, timeoutMs = 0, leaveMs = 0 }) => atMs + Math.max(timeoutMs, leaveMs) + 5_000),
      ...sleeps.map(({ atMs, forMs }) => atMs + forMs + 10_000),
      unlimited ? Math.max(healMs, ...events.map(({ atMs }) => atMs)) + 150_000 : 0,
    ),
  }
}
