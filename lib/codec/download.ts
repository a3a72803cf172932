import type * as t from 'io-ts'
import { listOf } from './containers.ts'
import { InstantFromRfc3339 } from './instant.ts'
import { Int64FromString } from './int64.ts'
import { absentIfZero, absentOr, Flag, integer, natural, nullAsEmpty, Text, withDefault } from './members.ts'
import { renamed, sparse } from './renamed.ts'

/** The zero time of the download API is the Unix epoch; the zero time of snapshots is in the year 1. */
const MaybeInstant = absentIfZero(InstantFromRfc3339, 0n)
const Count = withDefault(natural('Count'), 0)

const TaskSchema = renamed(
  { start_time: 'startTime', end_time: 'endTime' },

  {
    /** The name of the object. */
    name: Text,
    /** The bytes that have arrived. */
    downloaded: withDefault(Int64FromString, 0n),
    /** The size of the file, in bytes. Absent if the source does not report it. */
    total: absentIfZero(Int64FromString, 0n),
    /** When the target began with the file, in nanoseconds since the Unix epoch. */
    startTime: MaybeInstant,
    /** When the file had arrived, in nanoseconds since the Unix epoch. Absent until then. */
    endTime: MaybeInstant,
  },
  'DownloadTask',
)

/** One file of a download. */
export interface DownloadTask extends t.TypeOf<typeof TaskSchema> {}

const ErrorSchema = sparse(
  {
    /** The name of the object that was to be created. */
    name: Text,
    /** The error message of the target. */
    error: Text,
  },
  'DownloadError',
)

/** A file that could not be downloaded. */
export interface DownloadError extends t.TypeOf<typeof ErrorSchema> {}

const Tasks = withDefault(nullAsEmpty(listOf(TaskSchema, 'DownloadTasks'), []), [])

const DownloadStatusSchema = renamed(
  {
    xaction_id: 'xactionId',
    started_time: 'startTime',
    finished_time: 'endTime',
    finished_cnt: 'finished',
    scheduled_cnt: 'scheduled',
    skipped_cnt: 'skipped',
    error_cnt: 'failed',
    all_dispatched: 'allDispatched',
    current_tasks: 'currentTasks',
    finished_tasks: 'finishedTasks',
    download_errors: 'errors',
  },

  {
    /** The id of the download. */
    id: Text,
    /** The id of the job on the targets, of the kind `download`, which all downloads share. */
    xactionId: withDefault(Text, ''),
    /** The description in the request, or one that the cluster made from the request. */
    description: withDefault(Text, ''),
    /** When it started, in nanoseconds since the Unix epoch. */
    startTime: MaybeInstant,
    /** When the last target ended its part, in nanoseconds since the Unix epoch. Absent until then. */
    endTime: MaybeInstant,
    /** Files that have arrived, including skipped ones. */
    finished: Count,
    /** Files that the targets know of. */
    scheduled: Count,
    /** Files that the bucket already had, with the same size and checksum. */
    skipped: Count,
    /** Files that could not be downloaded. */
    failed: Count,
    /** The number of all files. Absent for the objects of a remote bucket, because the targets do not know their number. */
    total: absentIfZero(integer('Integer'), -1, (total) => total < 0),
    /** Whether each target has scheduled all its files. */
    allDispatched: Flag,
    /** Whether it was aborted. It may still be winding down. */
    aborted: Flag,
    /** The files that are being fetched. */
    currentTasks: Tasks,
    /** The files that have ended, including failed ones. Only in full detail. */
    finishedTasks: Tasks,
    /** The files that could not be downloaded. Only in full detail. */
    errors: withDefault(nullAsEmpty(listOf(ErrorSchema, 'DownloadErrors'), []), []),
  },
  'DownloadStatus',
)

/** How far a download is: sums over its targets. */
export interface DownloadStatus extends t.TypeOf<typeof DownloadStatusSchema> {}

/** A download as the cluster writes it. */
export interface DownloadStatusWire extends t.OutputOf<typeof DownloadStatusSchema> {}

/**
 * How far a download is: sums over its targets.
 *
 * A time is absent until it is known, and a total that the cluster does not know is absent.
 *
 * Source: protocol 2.10, T14.
 *
 * @example
 * import { DownloadStatus, isRight } from 'aistore-rx'
 *
 * const decoded = DownloadStatus.decode({ id: 'dnl-Tmo0T-jkA', error_cnt: 1, total: -3 })
 * if (isRight(decoded)) console.log(decoded.right.failed, decoded.right.total) // 1 undefined
 */
export const DownloadStatus: t.Type<DownloadStatus, DownloadStatusWire> = DownloadStatusSchema

/** The reply to a request for counters only. It is `null` until a target has reported. */
export const MaybeDownloadStatus: t.Type<DownloadStatus | undefined, unknown> = nullAsEmpty<
  DownloadStatus | undefined,
  unknown
>(absentOr(DownloadStatus), undefined)

/** A list of downloads. */
export const Downloads: t.Type<readonly DownloadStatus[], readonly DownloadStatusWire[]> = nullAsEmpty(
  listOf(DownloadStatus, 'Downloads'),
  [],
)

/** The reply to the start of a download. */
export const DownloadStarted: t.Type<{ readonly id: string }> = sparse({ id: Text }, 'DownloadStarted')
