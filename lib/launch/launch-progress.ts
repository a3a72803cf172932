import { map, scan, type Observable } from 'rxjs'
import type { ClusterLike, Environment } from '../environment.ts'
import type { JobSelector } from '../model/selection.ts'
import type { WaitResult } from '../model/wait-result.ts'
import { rights } from '../operators/rights.ts'
import { progress, type ProgressOptions } from '../progress.ts'
import { ratioAndEta, type Progress } from '../view/progress-of.ts'
import { defined } from '../common/defined.ts'
import type { Jobs, Total } from './launched.ts'
import { getOwn } from '../common/get-own.ts'
import { setOwn } from '../common/set-own.ts'

/** How much there is to do. A `BucketSummary` is one. */
export interface KnownTotal {
  /** Number of objects. */
  readonly objects?: number | bigint | undefined
  /** Number of bytes. */
  readonly bytes?: number | bigint | undefined
}

const count = (given: unknown): unknown => (typeof given === 'bigint' ? Number(given) : given)

/**
 * The total of a progress. If both numbers are given, it is the objects, because a copy does not count the bytes of an
 * object that stays on its target.
 */
export function totalFrom(given: KnownTotal | undefined): Total | undefined {
  if (given === undefined) return undefined
  const [objects, bytes] = [count(given.objects), count(given.bytes)]
  return (objects === undefined ? defined({ bytes }) : { objects }) as Total
}

type Settings = Pick<ProgressOptions, 'cadence' | 'stallMs'> & { readonly total?: Total }

/**
 * @internal The progress of launched jobs since their launch. It drops errors, because the wait beside it decides
 * whether they are permanent.
 */
export function progressSince(
  cluster: ClusterLike,
  env: Environment,
  selector: JobSelector,
  jobs: Jobs,
  { total = expectedOf(jobs), ...settings }: Settings,
): Observable<Progress> {
  const isShared = jobs.some((job) => 'shared' in job)
  const all = progress(cluster, selector, { ...settings, ...(isShared ? {} : defined({ total })) }).pipe(rights())
  if (!isShared) return all
  const sinceMs = Math.min(...jobs.map((job) => ('sinceMs' in job ? job.sinceMs : Infinity)))
  return all.pipe(
    scan<Progress, Since>(({ base }, now) => ({ base: base ?? baseOf(now, env.scheduler.now() - sinceMs), now }), {
      base: undefined,
      now: undefined,
    }),
    map(({ base, now }) => withoutBase(now as Progress, base, total)),
  )
}

interface Since {
  /** The progress at the first reply, whose counters are subtracted: see {@link baseOf}. */
  readonly base: Progress | 'none' | undefined
  /** The newest progress. */
  readonly now: Progress | undefined
}

/**
 * The counters to subtract: those of the first reply if the job is older than the launch, otherwise `none`. Undefined
 * until a target reports the job.
 */
function baseOf(now: Progress, sinceLaunchMs: number): Since['base'] {
  if (now.state === 'starting') return undefined
  return now.elapsedMs <= sinceLaunchMs ? 'none' : now
}

/** The progress without the work of earlier launches that the shared job had done before. */
function withoutBase(now: Progress, base: Since['base'], { objects: total }: Total = {}): Progress {
  const from =
    base === undefined || base === 'none' ? { objects: 0, bytes: 0, targets: {} as Progress['targets'] } : base
  const objects = Math.max(0, now.objects - from.objects)
  const targets: Record<string, Progress['targets'][string]> = {}
  for (const [target, own] of Object.entries(now.targets)) {
    const { objects: hadObjects = 0, bytes: hadBytes = 0 } = getOwn(from.targets, target) ?? {}
    setOwn(targets, target, {
      ...own,
      objects: Math.max(0, own.objects - hadObjects),
      bytes: Math.max(0, own.bytes - hadBytes),
    })
  }
  return {
    ...now,
    objects,
    bytes: Math.max(0, now.bytes - from.bytes),
    ...(total === undefined ? {} : ratioAndEta(now.state, objects, total, now.objectsPerSecond)),
    targets,
  }
}

/** The total that the launch contains, if there is one. */
function expectedOf(jobs: Jobs): Total | undefined {
  const [first] = jobs
  // All jobs of one launch share its work, so each has the same total.
  return first !== undefined && 'expected' in first ? totalFrom(first.expected) : undefined
}

/**
 * The last progress of a job that has ended. A success is complete whatever its counters, because skipped objects are
 * not counted.
 */
export function completed(last: Progress | undefined, { success }: WaitResult): Progress | undefined {
  if (last === undefined || !success || last.ratio === undefined) return last
  return { ...last, ratio: 1, etaMs: 0, windingDown: false }
}
