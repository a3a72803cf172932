import * as t from 'io-ts'
import { listOf, recordOf } from '../codec/containers.ts'
import { absentOr, Flag, Text } from '../codec/members.ts'
import { sparse } from '../codec/renamed.ts'
import { Snapshots } from '../codec/snapshots.ts'
import type { JobState } from '../model/job-state.ts'
import type { Outcome, WaitResult } from '../model/wait-result.ts'
import type { EventType, JobEvent as Event } from '../view/job-event.ts'
import type { Progress as ProgressValue } from '../view/progress-of.ts'
import type { JobRow, JobTable as Table } from '../view/rows.ts'

// For server-sent events: a value that one process of this library sends to another.

const STATES = {
  starting: null,
  running: null,
  idle: null,
  finished: null,
  failed: null,
  aborted: null,
  lost: null,
} satisfies Readonly<Record<JobState, null>>

const EVENTS = {
  started: null,
  progressed: null,
  idle: null,
  resumed: null,
  finished: null,
  failed: null,
  aborted: null,
  vanished: null,
} satisfies Readonly<Record<EventType, null>>

const OUTCOMES = {
  finished: null,
  failed: null,
  aborted: null,
  idle: null,
  started: null,
  'not-running': null,
  lost: null,
} satisfies Readonly<Record<Outcome, null>>

const State = t.keyof(STATES, 'JobState')
const MaybeText = absentOr(Text)

/** A number. The parser reads a long number as a bigint. */
const Count = new t.Type<number>(
  'number',
  t.number.is,
  (value, context) => (typeof value === 'bigint' ? t.success(Number(value)) : t.number.validate(value, context)),
  t.identity,
)

/** Nanoseconds as a bigint, possibly beyond an int64. The parser reads a short integer as a number. */
const Instant = new t.Type<bigint>(
  'Instant',
  (value) => typeof value === 'bigint',
  (value, context) =>
    typeof value === 'bigint' || Number.isSafeInteger(value)
      ? t.success(BigInt(value as bigint | number))
      : t.failure(value, context),
  t.identity,
)

const MaybeCount = absentOr(Count)
const MaybeInstant = absentOr(Instant)

const Row: t.Type<JobRow, unknown> = sparse(
  {
    id: Text,
    kind: Text,
    state: t.keyof({ ...STATES, ended: null }, 'RowState'),
    endTime: MaybeInstant,
    error: MaybeText,
    carrier: absentOr(t.literal(true)),
    snapshots: absentOr(Snapshots),
  },
  'JobRow',
)

const Ended: t.Type<WaitResult, unknown> = sparse(
  {
    jobId: MaybeText,
    kind: MaybeText,
    outcome: t.keyof(OUTCOMES, 'Outcome'),
    success: Flag,
    aborted: Flag,
    error: MaybeText,
    endTime: MaybeInstant,
    lostTargets: absentOr(listOf(Text, 'lostTargets')),
  },
  'WaitResult',
)

/** Jobs by id. The object has no prototype. */
export type JobTable = Table

/** The table of `watchJobs`, for `sse` and `fromEventSource`. */
export const JobTable: t.Type<JobTable, unknown> = recordOf(Row, 'JobTable')

/** Something that happened to a job. */
export type JobEvent = Event

/** An event of `jobEvents`, for `sse` and `fromEventSource`. */
export const JobEvent: t.Type<JobEvent, unknown> = sparse(
  {
    type: t.keyof(EVENTS, 'EventType'),
    job: sparse({ id: Text, kind: Text }, 'JobRef'),
    atMs: Count,
    result: absentOr(Ended),
  },
  'JobEvent',
)

/** How far a job is, summed over its targets. */
export type Progress = ProgressValue

/** The progress of a job, for `sse` and `fromEventSource`. */
export const Progress: t.Type<Progress, unknown> = sparse(
  {
    objects: Count,
    bytes: Count,
    objectsPerSecond: MaybeCount,
    bytesPerSecond: MaybeCount,
    elapsedMs: Count,
    ratio: MaybeCount,
    etaMs: MaybeCount,
    state: State,
    stalled: Flag,
    windingDown: Flag,
    targets: recordOf(sparse({ objects: Count, bytes: Count, state: State }, 'Counters'), 'Targets'),
  },
  'Progress',
)
