import { between, next, pick, type Random } from '../../lib/emulator/cluster/random.ts'
import { IDLE, ON_ONE, WINDING } from './generate-jobs.ts'
import { near, type Has } from './generate-near.ts'
import { isWatcher, type PlannedJob, type PlannedUser, type UserType } from './plan.ts'
import { defined } from '../../lib/common/defined.ts'

// The users of a plan. The random draws follow each other in a fixed order: another order would make another plan of each
// seed.

/** What the users of a plan depend on. */
interface Setting {
  readonly has: Has
  readonly jobs: readonly PlannedJob[]
  readonly latencyMs: number
  readonly requestTimeoutMs: number | undefined
}

/** About how many polls a user sends. More polls rarely find more violations, so only a few users send many. */
const ROUNDS = 5
const MANY_ROUNDS = 30

/** After this time an unknown job certainly counts as unknown, if the net has no latency. */
const UNKNOWN_AFTER_MS = 12_000

/** All users of the library in a plan. */
export function usersOf(random: Random, setting: Setting): readonly PlannedUser[] {
  const { has, jobs, latencyMs } = setting
  const isLockstep = has('crowd') && next(random) < 0.15
  if (isLockstep) {
    // Identical users that start together and wait for an unknown job: their requests must drift apart (I14).
    const user: PlannedUser = {
      type: 'wait',
      atMs: 1_000,
      job: jobs.length,
      timeoutMs: UNKNOWN_AFTER_MS + 8 * latencyMs,
    }
    return [user, user]
  }
  const hasSeveral = (has('table') || has('events')) && next(random) < 0.5
  // Several are two, or three in a third of these plans.
  const count = has('crowd') || hasSeveral ? 2 + Math.floor(next(random) * 1.5) : 1
  const users = Array.from({ length: count }, () => drawnUser(random, setting))
  // A health stream sends no requests, so it only reports something if other users send some.
  return has('watch') && next(random) < 0.3
    ? [...users, { type: 'health', atMs: users[0]!.atMs, job: 0, leaveMs: Math.floor(between(random, 500, 9_000)) }]
    : users
}

/** The stream of a user. */
function drawnType(random: Random, has: Has, kind: string): UserType {
  if (has('table') && next(random) < 0.5) return 'watchJobs'
  if (has('events') && next(random) < 0.5) return 'jobEvents'
  if (has('watch') && next(random) < 0.6) return pick(random, ['watchStatus', 'watchDetails', 'progress', 'progress'])
  if (has('start') && next(random) < 0.7) return 'start'
  if (has('abort-confirm') && next(random) < 0.5) return 'abort'
  return pick(random, [
    'wait',
    'wait',
    'wait',
    'waitStarted',
    'waitNotRunning',
    ...(canIdle(kind) ? (['waitForIdle'] as const) : []),
    ...(ON_ONE.includes(kind) ? (['waitSingleNode'] as const) : []),
  ])
}

/** Whether jobs of a kind are idle before their end. */
const canIdle = (kind: string): boolean => IDLE.includes(kind) || WINDING.includes(kind)

/** Any user. */
function drawnUser(random: Random, { has, jobs, latencyMs, requestTimeoutMs }: Setting): PlannedUser {
  const job = jobs[0]!
  const type = drawnType(random, has, job.kind)
  const watches = isWatcher({ type })
  const gapMs = drawnGap(random, has)
  const timeoutMs = watches ? undefined : drawnBudget(random, has, job, latencyMs, requestTimeoutMs)
  const rounds = next(random) < 0.02 ? MANY_ROUNDS : ROUNDS
  const leastMs = leastBudgetMs(has, job)
  const byKind = has('by-kind') && type !== 'start' && type !== 'waitSingleNode'
  const ofAll = (type === 'watchJobs' && next(random) < 0.7) || (type === 'jobEvents' && next(random) < 0.4)
  const leaveMs = Math.floor(between(random, 0, longestStayMs(type, job)))
  const unlimited = timeoutMs === undefined || (gapMs === undefined && next(random) < 0.02)
  return {
    type,
    atMs: drawnBegin(random, has, job),
    job: drawnJob(random, has, jobs),
    ...(ofAll ? { all: true as const } : {}),
    ...(byKind && !ofAll ? { byKind: true as const } : {}),
    ...(unlimited
      ? {}
      : {
          timeoutMs:
            gapMs === undefined ? timeoutMs : Math.min(timeoutMs, Math.max(leastMs, rounds * gapMs) + 12 * latencyMs),
        }),
    ...defined({ gapMs }),
    ...(watches || has('leave') ? { leaveMs: Math.min(leaveMs, 10 * (gapMs ?? 500)) } : {}),
    ...(type === 'abort' && next(random) < 0.7 ? { confirm: true as const } : {}),
  }
}

/** A shorter budget would end before a job of this kind appears idle, or before an unknown job counts as unknown. */
function leastBudgetMs(has: Has, { kind }: PlannedJob): number {
  if (canIdle(kind)) return 8_500
  return has('unknown') ? UNKNOWN_AFTER_MS : 0
}

/** The longest time after which a user unsubscribes. */
function longestStayMs(type: UserType, { workMs }: PlannedJob): number {
  if (type === 'watchJobs' || type === 'jobEvents') return workMs + 12_000
  return isWatcher({ type }) ? 5_000 : workMs + 6_000
}

/** When a user subscribes, in milliseconds. */
function drawnBegin(random: Random, has: Has, { kind, atMs, workMs }: PlannedJob): number {
  // The proxies keep a status for three minutes.
  if (has('forgotten')) return atMs + workMs + pick(random, [179_000, 181_000, 240_000, 400_000, 3_500_000])
  if (has('by-kind') && next(random) < 0.5) return Math.max(0, atMs - Math.floor(between(random, 0, 900)))
  // A job appears idle only after a while. Some users start after that.
  if (canIdle(kind) && next(random) < 0.6) return atMs + Math.floor(between(random, 4_000, 8_000))
  return atMs + Math.floor(next(random) < 0.6 ? between(random, 0, 30) : between(random, 0, workMs + 3_000))
}

/** The number of the job of a user; the number after the last job stands for an unknown id. */
function drawnJob(random: Random, has: Has, jobs: readonly PlannedJob[]): number {
  if (has('unknown') && next(random) < 0.7) return jobs.length
  return has('second-run') || has('crowd') ? Math.floor(next(random) * jobs.length) : 0
}

/** The interval between two polls, or undefined for the default cadence. */
function drawnGap(random: Random, has: Has): number | undefined {
  if (next(random) >= 0.6) return undefined
  return has('boundary') ? near(random) : pick(random, [100, 250, 1_000, 1_000, 2_500, 2_500, 5_000, 10_000])
}

/** The time limit of a wait, in milliseconds. */
function drawnBudget(
  random: Random,
  has: Has,
  { workMs }: PlannedJob,
  latencyMs: number,
  requestTimeoutMs: number | undefined,
): number {
  if (has('tight'))
    return Math.max(0, has('boundary') ? near(random) : workMs + Math.floor(between(random, -500, 3_000)))
  const share = next(random)
  const withoutLatencyMs = pick(random, budgetsOf(share, has('forgotten')))
  // How many requests in a row the budget allows. Fewer if the latency is long, so that no plan takes too long.
  const requests = requestTimeoutMs !== undefined || latencyMs > 1_000 ? 16 : 40
  return withoutLatencyMs + requests * latencyMs
}

/** The budgets of the users, of which only a small share is long. */
function budgetsOf(share: number, isForgotten: boolean): readonly number[] {
  if (share < 0.01) return [300_000]
  return share < 0.05 || isForgotten ? [30_000] : [2_000, 3_000, 4_000, 6_000]
}
