import { between, createRandom, next, pick, type Random } from '../../lib/emulator/cluster/random.ts'
import { DOWNLOADS_FROM, withDownload } from './generate-downloads.ts'
import { faultsOf } from './generate-faults.ts'
import { jobsOf } from './generate-jobs.ts'
import { near, type Has } from './generate-near.ts'
import { usersOf } from './generate-users.ts'
import { FAULT_CLASSES, isWatcher, type FaultClass, type SimPlan } from './plan.ts'
import { defined } from '../../lib/common/defined.ts'

/** Classes that describe a job or a user, or a fault that does no harm. They may occur in plans without faults. */
const NEEDS_NO_FAULT: ReadonlySet<FaultClass> = new Set<FaultClass>([
  'latency',
  'boundary',
  'err',
  'abort',
  'lost-notice',
  'fast',
  'late-part',
  'one-target',
  'idle',
  'winding-down',
  'wake',
  'second-run',
  'forgotten',
  'unknown',
  'leave',
  'watch',
  'start',
  'abort-confirm',
  'tight',
  'by-kind',
  'crowd',
  'unfiltered',
  'table',
  'events',
  'target-err',
  'ic-err',
  'ic-open',
])
/** Faults that no client can survive. */
const HOSTILE_ONLY: ReadonlySet<FaultClass> = new Set<FaultClass>(['permanent', 'garble'])

/** The classes that a plan of each mode may draw. */
const MAY_HAVE: Readonly<Record<SimPlan['mode'], readonly FaultClass[]>> = {
  clean: FAULT_CLASSES.filter((one) => NEEDS_NO_FAULT.has(one)),
  heals: FAULT_CLASSES.filter((one) => !HOSTILE_ONLY.has(one)),
  hostile: FAULT_CLASSES,
}

/** Latencies that were measured on a cluster, in milliseconds. */
const SLOW_LATENCIES_MS = [2_000, 20_000, 30_000, 299_000]

/** The plan of a seed: small on average, so that many can run; a few are long. */
export const planOf = (seed: number): SimPlan =>
  seed < DOWNLOADS_FROM ? planWithoutDownloads(seed) : withDownload(planWithoutDownloads(seed))

const planWithoutDownloads = (seed: number): SimPlan => {
  const random = createRandom(Math.imul(seed, 0x9e3779b1) ^ 0x5bf03635)
  next(random)
  const mode = pick(random, ['clean', 'heals', 'heals', 'hostile'] as const)
  const classes = classesOf(random, mode)
  const has: Has = (one) => classes.has(one)
  const targets = targetsOf(random)
  const proxies = next(random) < 0.6 ? 1 + Math.floor(next(random) * 2) : 3 + Math.floor(next(random) * 3)
  const pace = drawnPace(random, has)
  const { latencyMs, requestTimeoutMs } = pace
  const jobs = jobsOf(random, has, targets)
  const users = usersOf(random, { has, jobs, latencyMs, requestTimeoutMs })
  const from = Math.min(...users.map(({ atMs }) => atMs))
  const longest = Math.max(...users.map(({ atMs, timeoutMs = 0 }) => atMs + timeoutMs), from + 5_000)
  const faults = faultsOf(random, { has, mode, targets, proxies, jobs, users, fromMs: from })
  const tokens = has('token') ? [0, from + Math.floor(between(random, 1, 8_000))] : undefined
  const sleeps = sleepsOf(random, has, from, longest)
  const unlimited = users.some((user) => user.timeoutMs === undefined && !isWatcher(user))
  return {
    seed,
    mode,
    faultClasses: [...classes],
    targets,
    proxies,
    ...pace,
    jobs,
    users,
    // Identical users follow the same plan, but each in a process of its own.
    ...(users.length > 1 && users[0] === users[1] ? { apart: true as const } : {}),
    endpoints: 1 + Math.floor(next(random) * proxies),
    events: faults.events,
    net: faults.net,
    ...defined({ tokens }),
    jumps: drawnJumps(random, has, from),
    sleeps,
    // A user without a budget stays until long after all faults are over.
    endMs: Math.max(
      longest + 5_000,
      // A user whose machine sleeps beyond the end must stay for the last round of requests.
      ...sleeps.map(({ atMs, forMs }) => atMs + forMs + 10_000),
      unlimited ? Math.max(faults.healMs, ...faults.events.map(({ atMs }) => atMs)) + 120_000 : 0,
    ),
  }
}

/** The number of targets: usually few, because each target adds cost to each request. */
function targetsOf(random: Random): number {
  const share = next(random)
  if (share < 0.35) return 1
  if (share < 0.65) return 2
  if (share < 0.88) return 3
  return share < 0.98 ? 4 : 5 + Math.floor(next(random) * 12)
}

/** The latency of the cluster, and the request timeout. */
function drawnPace(random: Random, has: Has): Pick<SimPlan, 'latencyMs' | 'requestTimeoutMs'> {
  if (has('latency')) return { latencyMs: pick(random, SLOW_LATENCIES_MS) }
  if (has('boundary') && next(random) < 0.6) {
    if (next(random) < 0.5) return { latencyMs: near(random) }
    // A timeout that is too short for this cluster has to grow.
    const requestTimeoutMs = pick(random, [300, 500, 2_500])
    return { requestTimeoutMs, latencyMs: requestTimeoutMs + pick(random, [-1, 0, 1, 300]) }
  }
  return { latencyMs: pick(random, [1, 2, 3, 10, 40]) }
}

/** Steps of the wall clock. */
const drawnJumps = (random: Random, has: Has, fromMs: number): SimPlan['jumps'] =>
  has('clock-jump')
    ? [
        {
          atMs: fromMs + Math.floor(between(random, 0, 8_000)),
          byMs: pick(random, [-86_400_000, 86_400_000, -1_500, 3_600_000, 11_000]),
        },
      ]
    : []

/** Half of the sleeps begin during a wait, and last beyond every budget. */
const sleepsOf = (random: Random, has: Has, fromMs: number, longestMs: number): SimPlan['sleeps'] =>
  has('suspend')
    ? [
        next(random) < 0.5
          ? { atMs: fromMs + Math.floor(between(random, 1, 500)), forMs: longestMs - fromMs + 10_000 }
          : {
              atMs: fromMs + Math.floor(between(random, 0, 8_000)),
              forMs: pick(random, [900, 1_100, 61_000, 600_000]),
            },
      ]
    : []

/** Swarm testing: each plan has few of the classes, so that one class cannot hide the effects of another for long. */
function classesOf(random: Random, mode: SimPlan['mode']): ReadonlySet<FaultClass> {
  const allowed = MAY_HAVE[mode]
  const classes = new Set<FaultClass>()
  const count = Math.floor(next(random) * (mode === 'clean' ? 4 : 6)) + (mode === 'clean' ? 0 : 1)
  while (classes.size < count) classes.add(pick(random, allowed))
  return classes
}
