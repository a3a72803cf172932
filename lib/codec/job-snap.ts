import type * as t from 'io-ts'
import { Bucket, encodeBucket, isNoBucket, readBucket, type BucketWire } from './bucket.ts'
import { encodeGlobId, readGlobId } from './glob-id.ts'
import { encodeInstant, Instant, readInstant } from './instant.ts'
import { Int64String, readInt64 } from './int64.ts'
import { encodeJobStats, JobStats, NO_STATS, readJobStats, type JobStatsWire } from './job-stats.ts'
import { isObject, walked, type Walk, type WireObject } from './walk.ts'

export type { JobStats } from './job-stats.ts'

/** One target's record of one job. */
export interface JobSnap {
  readonly id: string
  readonly kind: string
  /** Nanoseconds since the Unix epoch. */
  readonly startTime?: bigint
  /** Nanoseconds since the Unix epoch; absent while the job has not ended here. */
  readonly endTime?: bigint
  readonly bck: Bucket
  readonly srcBck?: Bucket
  readonly dstBck?: Bucket
  readonly stats: JobStats
  readonly aborted: boolean
  readonly abortErr: string
  readonly err: string
  readonly isIdle: boolean
  readonly ctlMsg?: string
  /** What only this kind of job reports; `null` for most. */
  readonly ext: unknown
  readonly joggers: number
  readonly workers: number
  readonly chanFull: number
}

/** A snapshot as the cluster writes it, in its order. */
export interface JobSnapWire {
  readonly ext: unknown
  readonly 'start-time': string
  readonly 'end-time': string
  readonly bck: BucketWire
  readonly 'src-bck': BucketWire
  readonly 'dst-bck': BucketWire
  readonly id: string
  readonly kind: string
  readonly ctlmsg?: string
  readonly 'abort-err': string
  readonly err: string
  readonly 'glob.id': string
  readonly stats: JobStatsWire
  readonly aborted: boolean
  readonly is_idle: boolean
}

type Draft = { -readonly [K in keyof JobSnap]: JobSnap[K] }

/** Reads a snapshot; members it does not know are dropped, so that a newer server does no harm. */
export function readJobSnap(value: unknown, walk: Walk): JobSnap | undefined {
  const wire = walk.object(value)
  if (wire === undefined) return undefined
  const packed = wire['glob.id'] === undefined ? 0n : readInt64(wire['glob.id'])
  if (packed === undefined) walk.wrong('glob.id', Int64String, wire['glob.id'])
  const { joggers, workers, chanFull } = readGlobId(packed ?? 0n)
  const snap: Draft = {
    id: walk.text(wire, 'id'),
    kind: walk.text(wire, 'kind'),
    bck: bucket(wire, 'bck', walk) ?? { name: '' },
    stats:
      (wire['stats'] === undefined ? NO_STATS : walk.within('stats', JobStats, wire['stats'], readJobStats)) ??
      NO_STATS,
    aborted: walk.flag(wire, 'aborted'),
    abortErr: walk.text(wire, 'abort-err', ''),
    err: walk.text(wire, 'err', ''),
    isIdle: walk.flag(wire, 'is_idle'),
    ext: wire['ext'] ?? null,
    joggers,
    workers,
    chanFull,
  }
  // Set only where there is something: an optional member is absent, never undefined.
  const startTime = instant(wire, 'start-time', walk)
  const endTime = instant(wire, 'end-time', walk)
  const srcBck = bucket(wire, 'src-bck', walk)
  const dstBck = bucket(wire, 'dst-bck', walk)
  const ctlMsg = walk.text(wire, 'ctlmsg', '')
  if (startTime !== undefined) snap.startTime = startTime
  if (endTime !== undefined) snap.endTime = endTime
  if (srcBck !== undefined) snap.srcBck = srcBck
  if (dstBck !== undefined) snap.dstBck = dstBck
  if (ctlMsg !== '') snap.ctlMsg = ctlMsg
  return snap
}

function instant(wire: WireObject, key: string, walk: Walk): bigint | undefined {
  const value = wire[key]
  if (value === undefined) return undefined
  const read = readInstant(value)
  if (read !== null) return read
  walk.wrong(key, Instant, value)
  return undefined
}

function bucket(wire: WireObject, key: string, walk: Walk): Bucket | undefined {
  const value = wire[key]
  if (value === undefined || value === null) return undefined
  const read = walk.within(key, Bucket, value, readBucket)
  return isNoBucket(read) ? undefined : read
}

function encodeJobSnap(snap: JobSnap): JobSnapWire {
  return {
    ext: snap.ext,
    'start-time': encodeInstant(snap.startTime),
    'end-time': encodeInstant(snap.endTime),
    bck: encodeBucket(snap.bck),
    'src-bck': encodeBucket(snap.srcBck),
    'dst-bck': encodeBucket(snap.dstBck),
    id: snap.id,
    kind: snap.kind,
    ...(snap.ctlMsg ? { ctlmsg: snap.ctlMsg } : undefined),
    'abort-err': snap.abortErr,
    err: snap.err,
    'glob.id': encodeGlobId(snap),
    stats: encodeJobStats(snap.stats),
    aborted: snap.aborted,
    is_idle: snap.isIdle,
  }
}

const MEMBERS: Readonly<Record<keyof JobSnap, (value: unknown) => boolean>> = {
  id: isText,
  kind: isText,
  startTime: Instant.is,
  endTime: Instant.is,
  bck: Bucket.is,
  srcBck: (value) => value === undefined || Bucket.is(value),
  dstBck: (value) => value === undefined || Bucket.is(value),
  stats: JobStats.is,
  aborted: isFlag,
  abortErr: isText,
  err: isText,
  isIdle: isFlag,
  ctlMsg: (value) => value === undefined || isText(value),
  ext: (value) => value !== undefined,
  joggers: Number.isSafeInteger,
  workers: Number.isSafeInteger,
  chanFull: Number.isSafeInteger,
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

function isFlag(value: unknown): boolean {
  return typeof value === 'boolean'
}

function isJobSnap(value: unknown): value is JobSnap {
  return isObject(value) && Object.entries(MEMBERS).every(([key, is]) => is(value[key]))
}

/**
 * One target's record of one job.
 *
 * What the wire leaves empty (a time, a bucket, `ctlmsg`) is absent in the value; counters are exact.
 *
 * Source: protocol 3.1.
 *
 * @example
 * import { isRight, JobSnap } from 'aistore-rx'
 *
 * const decoded = JobSnap.decode({ id: 'g3', kind: 'rebalance', stats: { 'loc-objs': '9007199254740993' } })
 * if (isRight(decoded)) console.log(decoded.right.stats.objects) // 9007199254740993n
 */
export const JobSnap: t.Type<JobSnap, JobSnapWire> = walked('JobSnap', isJobSnap, readJobSnap, encodeJobSnap)
