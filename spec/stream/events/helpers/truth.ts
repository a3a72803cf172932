import { launch } from '../../../../lib/emulator/cluster/launch.ts'
import { loseNotifications } from '../../../../lib/emulator/cluster/nodes.ts'
import { endsAtMs, hasEnded } from '../../../../lib/emulator/cluster/run.ts'
import type { Job } from '../../../../lib/emulator/cluster/state.ts'
import { stop } from '../../../../lib/emulator/cluster/stop.ts'
import type { Bend, Bends, World } from '../../../helpers/fake-cluster.ts'
import { withoutBody } from '../../../helpers/fake-cluster/replies.ts'
import { refused, silent } from '../../../helpers/scripted.ts'

// Jobs that run in the emulator, and what really happens to them.

/** A planned job. The seed of the emulator determines the rest. */
export interface Planned {
  readonly kind: string
  readonly atMs: number
  readonly workMs: number
  /** The time from its start to the stop. */
  readonly stopMs?: number
  readonly errMs?: number
  /** No target notifies the proxies of its end. */
  readonly quiet?: boolean
}

export interface Truth {
  readonly id: string
  readonly kind: string
  readonly startMs: number
  /** When it had ended on all targets. */
  readonly endMs: number
  /** When it had ended, or was stopped: a stop is visible before the end. */
  readonly overMs: number
  readonly outcome: 'finished' | 'failed' | 'aborted'
}

const OBJECTS_PER_SECOND = 400

type Events = NonNullable<World['events']>

/** The events of the jobs. Each job is added to `started` when it starts. */
export const eventsOf = (jobs: readonly Planned[], started: Job[]): Events =>
  jobs.flatMap((job) => eventsOfJob(job, started))

/** What happens to one planned job in the emulator; it adds the job to `started` once it has begun. */
function eventsOfJob({ kind, atMs, workMs, stopMs, errMs, quiet }: Planned, started: Job[]): Events {
  let job: Job | undefined
  const begin: Events[number] = [
    atMs,
    ({ cluster, nowMs }) => {
      if (quiet === true) loseNotifications(cluster, 1)
      const objects = Math.max(1, Math.round((workMs * OBJECTS_PER_SECOND * 3) / 1_000))
      job = launch(cluster, nowMs, { kind, objects, objectSize: 1_024, spreadKey: 'data' })
      started.push(job)
    },
  ]
  const stops: Events[number] = [
    atMs + (stopMs ?? Infinity),
    ({ cluster, nowMs }) => void stop(cluster, { id: job!.id, kind, bck: undefined }, nowMs),
  ]
  const fails: Events[number] = [
    atMs + (errMs ?? Infinity),
    ({ nowMs }) => {
      const [run] = job!.runs
      if (run !== undefined && !hasEnded(run, nowMs)) run.err = 'failed to read object'
    },
  ]
  return [begin, stops, fails]
}

/** What is true about a job at the end, by the state of the emulator. */
export const truthOf = ({ id, kind, startMs, runs }: Job): Truth => {
  const endMs = Math.max(...runs.map(endsAtMs))
  const abortMs = Math.min(...runs.map((run) => run.abortMs))
  const endedOutcome = runs.some(({ err }) => err !== '') ? 'failed' : 'finished'
  const outcome = abortMs < Infinity ? 'aborted' : endedOutcome
  return { id, kind, startMs, endMs, overMs: Math.min(endMs, abortMs), outcome }
}

/** A fault of a request. */
export type Fault = 'refused' | 'silent' | 'unready'

/** The replies that take the place of a reply of the cluster. */
const FAULTS = { refused, silent, unready: withoutBody(503) }

/** Replaces the replies to all requests that are sent during a fault. */
export function faulty(faultAt: (ms: number) => Fault | undefined): Bends {
  const bend: Bend = (ms, _, reply) => {
    const fault = faultAt(ms)
    return fault === undefined ? reply : FAULTS[fault]
  }
  return { status: bend, statuses: bend, snapshots: bend, running: bend, map: bend, other: bend }
}
