import { between, next, pick, type Random } from '../../lib/emulator/cluster/random.ts'
import { near, type Has } from './generate-near.ts'
import type { PlannedJob } from './plan.ts'
import { defined } from '../../lib/common/defined.ts'

// The random draws follow each other in a fixed order: another order would make another plan of each seed.

/** Kinds whose targets notify the proxies of the end. */
const NOTIFIED = ['copy-bck', 'lru', 'rebalance', 'prefetch-listrange', 'make-n-copies', 'move-bck']
/** Kinds whose targets do not notify the proxies. */
const NOT_NOTIFIED = ['load-lom-cache', 'ec-encode', 'evict-remote-bck', 'summary-bck']
/** Kinds that run on one target. */
export const ON_ONE: readonly string[] = ['resilver', 'blob-download']
/** Kinds that become idle. */
export const IDLE: readonly string[] = ['put-copies', 'ec-put', 'get-batch', 'download', 'list']
/** Kinds whose targets seem idle while they wait for the other targets to end. */
export const WINDING: readonly string[] = ['archive', 'copy-listrange']
/** A table without a selector shows these kinds too. */
const OF_ALL_SORTS = [...NOTIFIED, ...NOT_NOTIFIED, ...ON_ONE, ...IDLE, ...WINDING]

/** The kind of the job that the users select. */
function drawnKind(random: Random, has: Has): string {
  if (has('winding-down')) return pick(random, WINDING)
  if (has('idle') || has('wake')) return pick(random, IDLE)
  if (has('one-target')) return pick(random, ON_ONE)
  if (has('table') || has('events')) return pick(random, OF_ALL_SORTS)
  return next(random) < 0.75 ? pick(random, NOTIFIED) : pick(random, NOT_NOTIFIED)
}

/** How long the targets work: usually briefly, because each second costs many requests. */
function drawnWorkMs(random: Random, has: Has): number {
  const share = next(random)
  if (has('fast')) return Math.floor(between(random, 0, 60))
  if (has('boundary') && next(random) < 0.5) return near(random)
  if (share < 0.6) return Math.floor(between(random, 0, 400))
  return Math.floor(share < 0.9 ? between(random, 0, 3_000) : between(random, 3_000, 30_000))
}

/** The error of the job, if it has one: when it appears, and who knows it. */
function drawnError(random: Random, has: Has, workMs: number): Pick<PlannedJob, 'errMs' | 'errKnownTo'> {
  // With several users, an error is lost more easily than anything else.
  const hasError = has('err') || has('target-err') || has('ic-err') || (has('crowd') && next(random) < 0.25)
  const errMs = hasError ? Math.floor(between(random, 0, workMs + 1)) : undefined
  if (has('target-err')) return { ...defined({ errMs }), errKnownTo: 'target' }
  return has('ic-err') ? { ...defined({ errMs }), errKnownTo: 'ic' } : defined({ errMs })
}

/** The jobs on the cluster: the one that the users select, and others that may interfere. */
export function jobsOf(random: Random, has: Has, targets: number): readonly PlannedJob[] {
  const kind = drawnKind(random, has)
  const workMs = drawnWorkMs(random, has)
  const job: PlannedJob = {
    kind,
    atMs: has('forgotten') ? 0 : 1_000,
    workMs,
    ...(ON_ONE.includes(kind) || (has('one-target') && next(random) < 0.2)
      ? { only: Math.floor(next(random) * targets) }
      : {}),
    ...(has('lost-notice') || (has('fast') && next(random) < 0.5) ? { quiet: true as const } : {}),
    ...(has('late-part') ? { lateMs: Math.floor(between(random, 1, 3_000)) } : {}),
    ...drawnError(random, has, workMs),
    ...(has('ic-open') ? { deaf: true as const } : {}),
  }
  // Other jobs in a reply that was not filtered: one that failed, and one that is still running.
  const more: PlannedJob[] = has('unfiltered')
    ? [
        { kind, atMs: 0, workMs: 50, errMs: 1 },
        { kind, atMs: 10, workMs: 90_000 },
      ].slice(0, 1 + Math.floor(next(random) * 2))
    : []
  if (has('second-run'))
    more.push({
      ...job,
      atMs: job.atMs + Math.floor(between(random, 200, workMs + 8_000)),
      workMs: Math.floor(between(random, 0, 5_000)),
    })
  // Users that start together wait for different jobs, which a single list can report.
  if (has('crowd') && next(random) < 0.7)
    more.push({
      ...job,
      kind: pick(random, [kind, kind, ...NOTIFIED, ...IDLE]),
      workMs: Math.floor(between(random, 0, 2_500)),
    })
  return [job, ...more]
}
