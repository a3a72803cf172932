import type { SchedulerLike } from 'rxjs'
import { kinds } from '../../../lib/emulator/cluster/kind.ts'
import { launch } from '../../../lib/emulator/cluster/launch.ts'
import { abortRun } from '../../../lib/emulator/cluster/run.ts'
import type { Cluster, Job, Run } from '../../../lib/emulator/cluster/state.ts'
import { defined } from '../../../lib/common/defined.ts'
import type { SnapOptions, StatusOptions } from './replies.ts'

/** What a target counts, in objects; what is left out is as the emulator has it. */
export interface Counters {
  readonly loc?: number
  readonly out?: number
  readonly in?: number
}

/** What the Information Center makes of a job. */
export interface InIc {
  /** It knows the job from this moment on; default: from its start. */
  readonly fromMs?: number
  /** It forgets the job at this moment. */
  readonly untilMs?: number
  /** When it hears of the end. */
  readonly hearsMs?: number
  /** The error that it tells with the end. */
  readonly err?: string
  /** What it tells whatever the targets say, while it knows the job. */
  readonly says?: (ms: number) => Omit<StatusOptions, 'id' | 'kind'>
}

/** A job of a script. All times are absolute; targets go by their index. */
export interface FakeJob {
  readonly id: string
  readonly kind: string
  /** When it starts; default 0. It may have started before the time of the script begins. */
  readonly atMs?: number
  /** When it ends on all targets; a job that has none runs for ever, one of a kind that idles as its kind does. */
  readonly endMs?: number
  /** When its counters reach their total; default its end. */
  readonly workedMs?: number
  /** From when on its targets idle, in place of what their kind does; it ends at `endMs` only. */
  readonly idleMs?: number
  /** When the targets forget it. */
  readonly goneMs?: number
  /** Objects of each target; default 100. */
  readonly objects?: number
  /** The only targets that have a part in it. */
  readonly on?: readonly number[]
  /** Errors that the snapshots of these targets have from the end on. */
  readonly errors?: Readonly<Record<number, string>>
  /** An abort: each target has its own text for it, and ends so much later; default a second. */
  readonly abort?: { readonly atMs: number; readonly texts: readonly string[]; readonly lagMs?: number }
  readonly ic?: InIc
  readonly counters?: (target: number, ms: number) => Counters
  /** What a target shows whatever it does. */
  readonly shows?: (target: number, ms: number) => Omit<SnapOptions, 'id' | 'kind'>
  /** Whether a target shows nothing of it, although it has a part. */
  readonly hides?: (target: number, ms: number) => boolean
}

type Later = (ms: number, run: () => void) => void

const LONG_MS = 600_000
const IC_LAG_MS = 0.001

/** Starts a job on the targets that are there. */
export function beginJob(cluster: Cluster, planned: FakeJob, later: Later, scheduler: SchedulerLike): void {
  const { id, kind, atMs = 0, objects = 100, on, goneMs } = planned
  const nowMs = Math.min(atMs, scheduler.now())
  const targets = on?.map((n) => cluster.targets[n]!)
  const plan = { id, kind, objects, objectSize: 1_024, over: id, undivided: true }
  const job = launch(cluster, nowMs, { ...plan, ...defined({ targets }) })
  const at = (ms: number, run: () => void): void => later(ms - scheduler.now(), run)
  inIc(cluster, job, planned.ic, at)
  for (const run of job.runs) {
    beginRun(run, nowMs, planned)
    failsOrAborts(cluster, run, planned, at)
  }
  if (goneMs !== undefined)
    at(goneMs, () => {
      for (const { registry } of cluster.targets)
        registry.splice(0, Infinity, ...registry.filter((run) => run.job !== job))
    })
}

function beginRun(run: Run, nowMs: number, { kind, endMs, objects = 100, ...planned }: FakeJob): void {
  const { workedMs = planned.idleMs ?? endMs ?? nowMs + LONG_MS } = planned
  // Its start must not be after an end that comes at once.
  const startMs = Math.min(run.startMs, endMs ?? Infinity, planned.idleMs ?? Infinity)
  const idles = planned.idleMs === undefined ? {} : { idleAfterMs: 0 }
  const pace = objects / Math.max(1, workedMs - startMs)
  Object.assign(run, { startMs, burst: { fromMs: startMs, objects, pace }, ...idles })
  if (endMs !== undefined) run.endMs = endMs
  else if (kinds.get(kind)?.idles !== true || planned.idleMs !== undefined) run.endMs = Infinity
}

function failsOrAborts(cluster: Cluster, run: Run, { endMs, errors = {}, abort }: FakeJob, at: Later): void {
  const n = cluster.targets.indexOf(run.target)
  const error = errors[n]
  if (error !== undefined && endMs !== undefined) at(endMs, () => (run.err = error))
  if (abort === undefined) return
  const { atMs, texts, lagMs = 1_000 } = abort
  at(atMs, () => abortRun(run, atMs, lagMs, texts[n] ?? ''))
}

function inIc({ proxies }: Cluster, { notice }: Job, ic: InIc | undefined, at: Later): void {
  if (notice === undefined) return
  // It hears of an end as soon as may be, so that a bound of a spec is all the library's own.
  Object.assign(notice, { lags: new Map(proxies.map(({ id }) => [id, IC_LAG_MS])) })
  if (ic === undefined) return
  const { fromMs, untilMs, hearsMs } = ic
  if (hearsMs !== undefined) notice.notified = true
  const forget = (): void => proxies.forEach(({ id }) => notice.forgottenBy.add(id))
  if (fromMs !== undefined) {
    forget()
    at(fromMs, () => proxies.forEach(({ id }) => notice.forgottenBy.delete(id)))
  }
  if (untilMs !== undefined) at(untilMs, forget)
}
