import * as t from 'io-ts'
import { isLeft } from '../common/either.ts'
import { Bucket, NO_BUCKET } from './bucket.ts'
import { GlobId } from './glob-id.ts'
import { InstantFromRfc3339 } from './instant.ts'
import { JobStats, NO_STATS } from './job-stats.ts'
import { absentIfZero, Flag, nullAsEmpty, Text, TextIfAny, withDefault } from './members.ts'
import { isObject } from './object.ts'
import { renamed } from './renamed.ts'

export type { JobStats } from './job-stats.ts'

const MaybeText = withDefault(Text, '')
const MaybeInstant = withDefault(InstantFromRfc3339, undefined)
const MaybeBucket = nullAsEmpty(Bucket, NO_BUCKET)

const JobSnapSchema = renamed(
  {
    'start-time': 'startTime',
    'end-time': 'endTime',
    'src-bck': 'srcBck',
    'dst-bck': 'dstBck',
    ctlmsg: 'ctlMsg',
    'abort-err': 'abortErr',
    'glob.id': '...',
    is_idle: 'isIdle',
  },

  {
    /** The id of the job, as replies write it. */
    id: Text,
    /** AIStore's name of the job kind. */
    kind: Text,
    /** The bucket. Its name is empty for a job without a bucket. */
    bck: withDefault(MaybeBucket, NO_BUCKET),
    /** The source bucket. Absent if the kind has none. */
    srcBck: absentIfZero(MaybeBucket, NO_BUCKET),
    /** The destination bucket. Absent if the kind has none. */
    dstBck: absentIfZero(MaybeBucket, NO_BUCKET),
    /** When the job started on this target, in nanoseconds since the Unix epoch. */
    startTime: MaybeInstant,
    /** When the job ended on this target, in nanoseconds since the Unix epoch. Absent until then. */
    endTime: MaybeInstant,
    /** The counters of this target. */
    stats: withDefault(JobStats, NO_STATS),
    /** Whether the job was aborted on this target. It may still be winding down. */
    aborted: Flag,
    /** Why the job was aborted. Empty if it was not. */
    abortErr: MaybeText,
    /** The error on this target. Empty if there is none. */
    err: MaybeText,
    /**
     * Whether the job is idle: alive, but without work. Some jobs report it while they wind down, too (protocol T22).
     */
    isIdle: Flag,
    /** A text for people, specific to the kind. */
    ctlMsg: TextIfAny,
    /** Data specific to the kind. `null` for most kinds. */
    ext: withDefault(t.unknown, null),
    '...': withDefault(GlobId, { joggers: 0, workers: 0, chanFull: 0 }),
  },
  'JobSnap',
)

/** One target's record of one job. */
export interface JobSnap extends t.TypeOf<typeof JobSnapSchema> {}

/** A snapshot as the cluster writes it. */
export interface JobSnapWire extends t.OutputOf<typeof JobSnapSchema> {}

/**
 * One target's record of one job.
 *
 * A time, a bucket or a `ctlmsg` that is empty on the wire is absent in the value. Counters are exact.
 *
 * Source: protocol 3.1.
 *
 * @example
 * import { isRight, JobSnap } from 'aistore-rx'
 *
 * const decoded = JobSnap.decode({ id: 'g3', kind: 'rebalance', stats: { 'loc-objs': '9007199254740993' } })
 * if (isRight(decoded)) console.log(decoded.right.stats.objects) // 9007199254740993n
 */
export const JobSnap: t.Type<JobSnap, JobSnapWire> = new t.Type(
  JobSnapSchema.name,
  JobSnapSchema.is,
  (value, context) => {
    const read = JobSnapSchema.validate(value, context)
    return isLeft(read) || !isIdleInExt(value) ? read : t.success({ ...read.right, isIdle: true })
  },
  JobSnapSchema.encode,
)

/**
 * Whether a snapshot reports only in its `ext` that the job is idle, as servers before AIStore 3.16 do. If the snapshot
 * has an `is_idle` beside `ext`, as later servers write it, only this one counts.
 */
const isIdleInExt = (snap: unknown): boolean =>
  isObject(snap) && snap['is_idle'] === undefined && isObject(snap['ext']) && snap['ext']['is_idle'] === true
