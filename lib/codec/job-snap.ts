import * as t from 'io-ts'
import { Bucket, NO_BUCKET } from './bucket.ts'
import { GlobId } from './glob-id.ts'
import { InstantFromRfc3339 } from './instant.ts'
import { JobStats, NO_STATS } from './job-stats.ts'
import { absentIfZero, Flag, nullAsEmpty, Text, TextIfAny, withDefault } from './members.ts'
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
  t.type(
    {
      /** The id of the job, as replies name it. */
      id: Text,
      /** AIStore's own name for the kind. */
      kind: Text,
      /** The bucket; its name is empty for a job without a bucket. */
      bck: withDefault(MaybeBucket, NO_BUCKET),
      /** Absent if the kind has no source. */
      srcBck: absentIfZero(MaybeBucket, NO_BUCKET),
      /** Absent if the kind has no destination. */
      dstBck: absentIfZero(MaybeBucket, NO_BUCKET),
      /** Nanoseconds since the Unix epoch. */
      startTime: MaybeInstant,
      /** Nanoseconds since the Unix epoch; absent while the job has not ended here. */
      endTime: MaybeInstant,
      /** What this target has done so far. */
      stats: withDefault(JobStats, NO_STATS),
      /** Whether the job was stopped here; its part may still wind down. */
      aborted: Flag,
      /** Why it was stopped; empty if it was not. */
      abortErr: MaybeText,
      /** What went wrong here; empty if nothing did. */
      err: MaybeText,
      /** Alive without work; some jobs that wind down show it too (T22). */
      isIdle: Flag,
      /** Free text of the kind, for people. */
      ctlMsg: TextIfAny,
      /** What only this kind of job reports; `null` for most. */
      ext: withDefault(t.unknown, null),
      '...': withDefault(GlobId, { joggers: 0, workers: 0, chanFull: 0 }),
    },
    'JobSnap',
  ),
)

/** One target's record of one job. */
export interface JobSnap extends t.TypeOf<typeof JobSnapSchema> {}

/** A snapshot as the cluster writes it. */
export interface JobSnapWire extends t.OutputOf<typeof JobSnapSchema> {}

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
export const JobSnap: t.Type<JobSnap, JobSnapWire> = JobSnapSchema
