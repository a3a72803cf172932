import { isNoBucket, type Bucket } from '../../codec/bucket.ts'
import { lastOf } from '../../codec/instant.ts'
import type { JobSnap } from '../../codec/job-snap.ts'
import type { Snapshots } from '../../codec/snapshots.ts'
import { defined } from '../../common/defined.ts'
import { isOver, stateOf, stateOfAll } from '../../model/job-state.ts'
import { partsById, type Parts } from '../../model/snapshot.ts'
import { causeOf } from '../../view/cause.ts'
import { countOf, sumOf } from '../../view/counters.ts'
import { totalOfSnaps } from '../../view/download.ts'
import { ratioAndEta } from '../../view/progress-of.ts'
import type { JobRow, JobTable } from '../../view/rows.ts'
import { bucketText } from '../../model/bucket-text.ts'
import { isOpen, type WatchedJob } from './watched-jobs.ts'
import { getOwn } from '../../common/get-own.ts'

/** One job as the command shows it. What is unknown is absent. */
export interface JobInfo {
  readonly id: string
  readonly kind: string
  readonly state: JobRow['state']
  readonly bucket?: string
  readonly objects?: bigint
  readonly bytes?: bigint
  readonly objectsPerSecond?: number
  /** The share of the total that is done, from 0 to 1. Absent without a total. */
  readonly ratio?: number
  /** The estimated remaining time, in milliseconds. */
  readonly etaMs?: number
  readonly startTime?: bigint
  readonly endTime?: bigint
  readonly error?: string
  readonly targets?: readonly TargetInfo[]
}

/** One target's part of a job. */
export interface TargetInfo {
  readonly target: string
  readonly state: JobRow['state']
  readonly objects: bigint
  readonly bytes: bigint
  readonly startTime?: bigint
  readonly endTime?: bigint
  readonly error?: string
}

/** Merges the jobs of a table and of snapshots. Either may have jobs that the other lacks. */
export function infosOf(table: JobTable, snapshots: Snapshots, nowMs: number): readonly JobInfo[] {
  const parts = partsById(snapshots)
  const rows = Object.values(table).map((row) => infoOfParts(row, parts.get(row.id) ?? [], nowMs))
  const others = [...parts]
    .filter(([id]) => getOwn(table, id) === undefined)
    .map(([id, own]) => infoOfParts(rowOf(id, own), own, nowMs))
  return inOrder([...rows, ...others])
}

/** The row of a job that only snapshots show. */
function rowOf(id: string, parts: Parts): JobRow {
  const snaps = parts.map(([, snap]) => snap)
  const state = stateOfAll(snaps)
  const endTime = isOver(state) ? lastOf(snaps.map((snap) => snap.endTime)) : undefined
  return { id, kind: snaps[0]?.kind ?? '', state, ...defined({ endTime }) }
}

function infoOfParts(row: JobRow, parts: Parts, nowMs: number): JobInfo {
  const { id, kind, state, endTime } = row
  const snaps = parts.map(([, snap]) => snap)
  // The row of a job that had already ended is from a list, and lists have no errors.
  const error = row.error ?? causeOf(snaps.flatMap(({ abortErr, err }) => [abortErr, err]))
  if (parts.length === 0) return { id, kind, state, ...defined({ endTime, error }) }
  const bucket = snaps.map(({ bck }) => bck).find((bck) => !isNoBucket(bck))
  const counted = sumOf(snaps.map(countOf))
  const startTime = firstStart(snaps)
  return {
    id,
    kind,
    state,
    ...counted,
    ...shareOf(row, Number(counted.objects), totalOfSnaps(snaps)?.objects, ageOf(startTime, nowMs)),
    ...defined({ bucket: textOf(bucket), startTime, endTime, error }),
    targets: parts.map(([target, snap]) => targetOf(target, snap)),
  }
}

/** A single poll has no rate, so the remaining time is estimated from the mean rate of the run so far. */
const shareOf = (
  row: JobRow,
  done: number,
  total: number | undefined,
  ageMs: number | undefined,
): Pick<JobInfo, 'ratio' | 'etaMs'> => {
  if (total === undefined || row.state === 'ended' || row.state === 'lost') return {}
  const { ratio, etaMs } = ratioAndEta(row.state, done, total, ageMs === undefined ? undefined : (done * 1_000) / ageMs)
  return defined({ ratio, etaMs: isOpen(row) ? etaMs : undefined })
}

const ageOf = (startTime: bigint | undefined, nowMs: number): number | undefined =>
  startTime === undefined ? undefined : Math.max(1, nowMs - Number(startTime / 1_000_000n))

function targetOf(target: string, snap: JobSnap): TargetInfo {
  const error = causeOf([snap.abortErr, snap.err])
  const { startTime, endTime } = snap
  return { target, state: stateOf(snap), ...sumOf([countOf(snap)]), ...defined({ startTime, endTime, error }) }
}

function firstStart(snaps: readonly JobSnap[]): bigint | undefined {
  const started = snaps.flatMap(({ startTime }) => (startTime === undefined ? [] : [startTime]))
  return started.reduce<bigint | undefined>(
    (first, one) => (first === undefined || one < first ? one : first),
    undefined,
  )
}

const textOf = (bucket: Bucket | undefined): string | undefined =>
  bucket === undefined ? undefined : bucketText(bucket)

/** A watched job. It has a rate and a remaining time only while it runs. */
export function infoOfWatched({ row, progress, bucket, startTime }: WatchedJob): JobInfo {
  const { id, kind, state, endTime, error } = row
  return {
    id,
    kind,
    state,
    ...(progress === undefined ? {} : { objects: BigInt(progress.objects), bytes: BigInt(progress.bytes) }),
    ...defined({
      bucket: textOf(bucket),
      objectsPerSecond: isOpen(row) ? progress?.objectsPerSecond : undefined,
      ratio: progress?.ratio,
      etaMs: isOpen(row) ? progress?.etaMs : undefined,
      startTime,
      endTime,
      error,
    }),
  }
}

/**
 * Sorts running jobs first, then idle ones, since many may be old, then ended ones, the latest end first. Equal jobs are
 * in the order of their ids, so that no row jumps.
 */
export function inOrder(jobs: readonly JobInfo[]): readonly JobInfo[] {
  const rankOf = (job: JobInfo): number => {
    if (isGone(job)) return 2
    return job.state === 'idle' ? 1 : 0
  }
  const timeOf = (job: JobInfo): bigint => (isGone(job) ? -(job.endTime ?? 0n) : (job.startTime ?? 0n))
  return [...jobs].sort((a, b) => rankOf(a) - rankOf(b) || compare(timeOf(a), timeOf(b)) || compare(a.id, b.id))
}

const isGone = ({ state, endTime }: JobInfo): boolean =>
  state === 'ended' || (isOver(state) && !(state === 'aborted' && endTime === undefined))

function compare<A extends bigint | string>(a: A, b: A): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
