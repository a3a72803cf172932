import type { SchedulerLike } from 'rxjs'
import { kinds } from '../../../lib/emulator/cluster/kind.ts'
import { launch } from '../../../lib/emulator/cluster/launch.ts'
import { abortRun } from '../../../lib/emulator/cluster/run.ts'
import type { Cluster, Job, Run } from '../../../lib/emulator/cluster/state.ts'
import { defined } from '../../../lib/common/defined.ts'
import type { SnapOptions, StatusOptions } from './replies.ts'

/** The counters of a target, in objects. The emulator decides the counters that are absent. */
export interface Counters {
  readonly loc?: number
  readonly out?: number
  readonly in?: number
}

/** What the Information Center reports on a job. */
export interface InIc {
  /** When it learns of the job. Defaults to the start of the job. */
  readonly fromMs?: number
  /** When it forgets the job. */
  readonly untilMs?: number
  /** When it learns of the end. */
  readonly learnsMs?: number
  /** The error that it reports with the end. */
  readonly err?: string
  /** What it reports while it knows the job, whatever the targets show. */
  readonly reports?: (ms: number) => Omit<StatusOptions, 'id' | 'kind'>
}

/** A job of a script. All times are absolute. Targets are named by their index. */
export interface FakeJob {
  readonly id: string
  readonly kind: string
  /** When it starts. Defaults to 0. A negative time means before the start of the script. */
  readonly atMs?: number
  /** When it ends on all targets. Without it, the job runs for ever, or becomes idle if its kind idles. */
  readonly endMs?: number
  /** When its counters reach their total. Defaults to its end. */
  readonly workedMs?: number
  /** When its targets become idle, whatever the kind. The job then ends only at `endMs`. */
  readonly idleMs?: number
  /** When the targets forget it. */
  readonly goneMs?: number
  /** Objects of each target. Defaults to 100. */
  readonly objects?: number
  /** The only targets that have a part of it. Defaults to all. */
  readonly on?: readonly number[]
  /** Errors that the snapshots of these targets show from the end on. */
  readonly errors?: Readonly<Record<number, string>>
  /** An abort: its text on each target, and how long after the abort the targets end, by default 1 s. */
  readonly abort?: { readonly atMs: number; readonly texts: readonly string[]; readonly lagMs?: number }
  readonly ic?: InIc
  readonly counters?: (target: number, ms: number) => Counters
  /** What a target shows, whatever its state. */
  readonly shows?: (target: number, ms: number) => Omit<SnapOptions, 'id' | 'kind'>
  /** Whether a target does not show its part. */
  readonly hides?: (target: number, ms: number) => boolean
}

type Later = (ms: number, run: () => void) => void

const LONG_MS = 600_000
/** How long after an end the Information Center learns of it: as soon as possible, but later than the targets. */
const IC_LAG_MS = 0.001

/** Starts a job on the present targets. */
export function beginJob(cluster: Cluster, planned: FakeJob, later: Later, scheduler: SchedulerLike): void {
  const { id, kind, atMs = 0, objects = 100, on, goneMs } = planned
  const nowMs = Math.min(atMs, scheduler.now())
  const targets = on?.map((n) => cluster.targets[n]!)
  const plan = { id, kind, objects, objectSize: 1_024, spreadKey: id, undivided: true }
  const job = launch(cluster, nowMs, { ...plan, ...defined({ targets }) })
  const at = (ms: number, run: () => void): void => later(ms - scheduler.now(), run)
  planReports(cluster, job, planned.ic, at)
  for (const run of job.runs) {
    beginPart(run, nowMs, planned)
    planFailure(cluster, run, planned, at)
  }
  if (goneMs !== undefined)
    at(goneMs, () => {
      for (const { registry } of cluster.targets)
        registry.splice(0, Infinity, ...registry.filter((run) => run.job !== job))
    })
}

/** Starts the part of one target. */
function beginPart(run: Run, nowMs: number, { kind, endMs, objects = 100, ...planned }: FakeJob): void {
  const { workedMs = planned.idleMs ?? endMs ?? nowMs + LONG_MS } = planned
  // A job that ends at once must not start after its end.
  const startMs = Math.min(run.startMs, endMs ?? Infinity, planned.idleMs ?? Infinity)
  const idles = planned.idleMs === undefined ? {} : { idleAfterMs: 0 }
  const pace = objects / Math.max(1, workedMs - startMs)
  Object.assign(run, { startMs, burst: { fromMs: startMs, objects, pace }, ...idles })
  if (endMs !== undefined) run.endMs = endMs
  else if (kinds.get(kind)?.idles !== true || planned.idleMs !== undefined) run.endMs = Infinity
}

/** Plans the error or the abort of a part. */
function planFailure(cluster: Cluster, run: Run, { endMs, errors = {}, abort }: FakeJob, at: Later): void {
  const n = cluster.targets.indexOf(run.target)
  const error = errors[n]
  if (error !== undefined && endMs !== undefined) at(endMs, () => (run.err = error))
  if (abort === undefined) return
  const { atMs, texts, lagMs = 1_000 } = abort
  at(atMs, () => abortRun(run, atMs, lagMs, texts[n] ?? ''))
}

/** Plans what the Information Center reports on the job. */
function planReports({ proxies }: Cluster, { notice }: Job, ic: InIc | undefined, at: Later): void {
  if (notice === undefined) return
  // It learns of an end as early as possible, so that a bound of a spec measures the library alone.
  Object.assign(notice, { lags: new Map(proxies.map(({ id }) => [id, IC_LAG_MS])) })
  if (ic === undefined) return
  const { fromMs, untilMs, learnsMs } = ic
  if (learnsMs !== undefined) notice.notified = true
  const forget = (): void => proxies.forEach(({ id }) => notice.forgottenBy.add(id))
  if (fromMs !== undefined) {
    forget()
    at(fromMs, () => proxies.forEach(({ id }) => notice.forgottenBy.delete(id)))
  }
  if (untilMs !== undefined) at(untilMs, forget)
}
