import type { SchedulerLike } from 'rxjs'
import { kinds } from '../../../lib/emulator/cluster/kind.ts'
import { launch } from '../../../lib/emulator/cluster/launch.ts'
import { abortRun } from '../../../lib/emulator/cluster/run.ts'
import type { Cluster } from '../../../lib/emulator/cluster/state.ts'
import { defined } from '../../../lib/common/defined.ts'

/** What a target counts, in objects; what is left out is as the emulator has it. */
export interface Counters {
  readonly loc?: number
  readonly out?: number
  readonly in?: number
}

/** A job of a script. All times are absolute; targets go by their index. */
export interface FakeJob {
  readonly id: string
  readonly kind: string
  /** When it starts; default 0. */
  readonly atMs?: number
  /** When it ends on all targets; a job that has none runs for ever, one of a kind that idles as its kind does. */
  readonly endMs?: number
  /** When its counters reach their total; default its end. */
  readonly workedMs?: number
  /** Objects of each target; default 100. */
  readonly objects?: number
  /** The only targets that have a part in it. */
  readonly on?: readonly number[]
  /** Errors that the snapshots of these targets have from the end on. */
  readonly errors?: Readonly<Record<number, string>>
  /** An abort: each target has its own text for it, and ends a second later. */
  readonly abort?: { readonly atMs: number; readonly texts: readonly string[] }
  /** What the Information Center makes of it: when it hears of the end, and the error that it tells. */
  readonly ic?: { readonly hearsMs?: number; readonly err?: string }
  readonly counters?: (target: number, ms: number) => Counters
}

const LONG_MS = 600_000

/** Starts a job on the targets that are there. */
export function beginJob(
  cluster: Cluster,
  planned: FakeJob,
  later: (ms: number, run: () => void) => void,
  scheduler: SchedulerLike,
): void {
  const { id, kind, endMs, objects = 100, on, errors = {}, abort, ic } = planned
  const nowMs = scheduler.now()
  const workedMs = planned.workedMs ?? endMs ?? nowMs + LONG_MS
  const targets = on?.map((n) => cluster.targets[n]!)
  const plan = { id, kind, objects, objectSize: 1_024, over: id, undivided: true }
  const job = launch(cluster, nowMs, { ...plan, ...defined({ targets }) })
  if (ic?.hearsMs !== undefined && job.notice !== undefined) job.notice.notified = true
  for (const run of job.runs) {
    run.burst = { fromMs: run.startMs, objects, pace: objects / Math.max(1, workedMs - run.startMs) }
    if (endMs !== undefined) run.endMs = endMs
    else if (kinds.get(kind)?.idles !== true) run.endMs = Infinity
    const n = cluster.targets.indexOf(run.target)
    const error = errors[n]
    if (error !== undefined && endMs !== undefined) later(endMs - nowMs, () => (run.err = error))
    if (abort !== undefined)
      later(abort.atMs - nowMs, () => abortRun(run, scheduler.now(), 1_000, abort.texts[n] ?? ''))
  }
}
