import type { Bucket } from '../../codec/bucket.ts'
import { defined } from '../../common/defined.ts'
import { getOwn } from '../../common/get-own.ts'
import { emptyWindow, rateOf, withSample, type RateWindow } from '../../common/rate-window.ts'
import { toDate } from '../../codec/instant.ts'
import type { Parts } from '../../model/snapshot.ts'
import { countOf, sumOf } from '../../view/counters.ts'
import type { Progress } from '../../view/progress-of.ts'
import type { JobRow } from '../../view/rows.ts'
import { isOpenState, type State } from './states.ts'

/** One job as the page shows it. What is unknown is absent. */
export interface Shown {
  readonly id: string
  readonly kind: string
  readonly state: State
  readonly bucket?: string
  readonly objects?: number
  readonly bytes?: number
  readonly objectsPerSecond?: number
  readonly bytesPerSecond?: number
  /** The finished part of the work, from 0 to 1. */
  readonly ratio?: number
  /** The estimated time until the end. */
  readonly etaMs?: number
  readonly startMs?: number
  readonly endMs?: number
  readonly error?: string
  readonly message?: string
  /** Present if the job only carries downloads that the table shows. */
  readonly carrier?: true
  /** When the page received the end. */
  readonly overMs?: number
}

/** The data that each drawing needs beside the jobs. */
export interface Moment {
  /** The time of the newest answer, so that ages stand still while the cluster does not answer. */
  readonly nowMs: number
  /** Whether the newest answer is old. */
  readonly isStale: boolean
}

/** The recent counters of a job. */
export interface Pace {
  /** The newest snapshot of each target. Replies leave out the targets on which the job has ended. */
  readonly parts: Parts
  readonly objects: RateWindow
  readonly bytes: RateWindow
}

const NO_PACE: Pace = { parts: [], objects: emptyWindow(), bytes: emptyWindow() }

/** A bucket in the form of AIStore's command line. */
const uriOf = ({ provider = 'ais', namespace, name }: Bucket): string =>
  `${provider}://${namespace === undefined ? '' : `@${namespace.uuid}#${namespace.name}/`}${name}`

const bucketText = (bucket: Bucket | undefined): string | undefined =>
  bucket === undefined || bucket.name === '' ? undefined : uriOf(bucket)

/** The job with the state of its row. */
export function withRow(before: Shown | undefined, row: JobRow, nowMs: number): Shown {
  const { id, kind, state, error, carrier, endTime } = row
  const kept = before === undefined || isNewRun(before, state) ? undefined : before
  const isOver = !isOpenState(state)
  return {
    ...fromTargets(kept, isOver),
    id,
    kind,
    state,
    ...defined({
      error,
      carrier,
      endMs: endTime === undefined ? undefined : toDate(endTime).getTime(),
      overMs: isOver ? (kept?.overMs ?? nowMs) : undefined,
      ratio: state === 'finished' && kept?.ratio !== undefined ? 1 : kept?.ratio,
    }),
  }
}

/** The members of a job that come from its targets. A job that is over has no rates. */
function fromTargets(job: Shown | undefined, isOver: boolean): Partial<Shown> {
  if (job === undefined) return {}
  const { bucket, objects, bytes, startMs, message } = job
  const { objectsPerSecond, bytesPerSecond, etaMs } = isOver ? {} : job
  return defined({ bucket, objects, bytes, startMs, message, objectsPerSecond, bytesPerSecond, etaMs })
}

/** After an end, the same id means a new run, whose counters begin at 0. */
const isNewRun = (before: Shown, state: State): boolean =>
  before.overMs !== undefined && isOpenState(state) && before.state !== 'lost'

/** Adds the counters of the targets to a job. */
export function withParts(job: Shown, pace: Pace, objectsOf: Totals): Shown {
  const snaps = pace.parts.map(([, snap]) => snap)
  const [first] = snaps
  if (first === undefined) return job
  const sum = sumOf(snaps.map(countOf))
  const [objects, bytes] = [Number(sum.objects), Number(sum.bytes)]
  const starts = snaps.flatMap(({ startTime }) => (startTime === undefined ? [] : [toDate(startTime).getTime()]))
  const from = bucketText(first.srcBck)
  const to = bucketText(first.dstBck)
  const bucket = from !== undefined && to !== undefined ? `${from} → ${to}` : (bucketText(first.bck) ?? from ?? to)
  const isRunning = job.state === 'running'
  const objectsPerSecond = isRunning ? rateOf(pace.objects) : undefined
  const bytesPerSecond = isRunning ? rateOf(pace.bytes) : undefined
  const total = getOwn(objectsOf, job.id) ?? totalOf(job, bucket, objectsOf)
  const remaining = total === undefined ? undefined : total - objects
  return {
    ...identified(job),
    objects,
    bytes,
    ...defined({
      bucket,
      objectsPerSecond,
      bytesPerSecond,
      startMs: starts.length === 0 ? undefined : Math.min(...starts),
      message: first.ctlMsg,
      ratio: job.state === 'finished' ? job.ratio : ratioOf(objects, total),
      etaMs:
        remaining !== undefined && remaining > 0 && objectsPerSecond !== undefined && objectsPerSecond > 0
          ? (remaining / objectsPerSecond) * 1000
          : undefined,
    }),
  }
}

const totalOf = ({ kind }: Shown, bucket: string | undefined, objectsOf: Totals): number | undefined =>
  bucket === undefined || kind === 'put-copies' ? undefined : getOwn(objectsOf, bucket)

/** The members of a job that do not come from its targets. */
function identified({ id, kind, state, error, carrier, endMs, overMs }: Shown): Shown {
  return { id, kind, state, ...defined({ error, carrier, endMs, overMs }) }
}

/** The share of the total is absent for a kind that does not count its objects, such as load-lom-cache. */
const ratioOf = (done: number, total: number | undefined): number | undefined =>
  total === undefined || total === 0 || done === 0 ? undefined : Math.min(1, done / total)

/** The number of objects of each bucket and of each job, where it is known. */
export type Totals = Readonly<Record<string, number>>

/** Adds the counters of a reply to the recent ones. */
export function nextPace(before: Pace = NO_PACE, reply: Parts, atMs: number): Pace {
  const replied = new Set(reply.map(([target]) => target))
  const parts = [...before.parts.filter(([target]) => !replied.has(target)), ...reply]
  const sum = sumOf(parts.map(([, snap]) => countOf(snap)))
  return {
    parts,
    objects: withSample(before.objects, atMs, Number(sum.objects)),
    bytes: withSample(before.bytes, atMs, Number(sum.bytes)),
  }
}

/** The job with its progress, which has a total even if no bucket determines one. */
export function withTotal(job: Shown, now: Progress): Shown {
  const { objects, bytes, ratio, objectsPerSecond, bytesPerSecond, etaMs, elapsedMs } = now
  const isRunning = job.state === 'running'
  return {
    ...identified(job),
    objects,
    bytes,
    ...defined({
      ratio,
      startMs: job.startMs ?? Date.now() - elapsedMs,
      objectsPerSecond: isRunning ? objectsPerSecond : undefined,
      bytesPerSecond: isRunning ? bytesPerSecond : undefined,
      etaMs: isRunning ? etaMs : undefined,
    }),
  }
}
