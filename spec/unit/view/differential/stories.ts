import fc from 'fast-check'
import type { ClusterMap } from '../../../../lib/codec/cluster-map.ts'
import type { JobSnap } from '../../../../lib/codec/job-snap.ts'
import type { Snapshots } from '../../../../lib/codec/snapshots.ts'
import { left, right } from '../../../../lib/common/either.ts'
import type { JobStatus } from '../../../../lib/codec/job-status.ts'
import type { JobError, Result } from '../../../../lib/error.ts'
import { part } from '../../../helpers/parts.ts'
import { foundBy } from './replies-so-far.ts'
import { defined } from '../../../../lib/common/defined.ts'

// Random stories of a wait: its goal, and the replies that it receives.

/** The goal of a wait. */
export interface StoryGoal {
  readonly until: 'kind' | 'end' | 'idle'
  readonly id?: string
  readonly kind?: string
  readonly target?: string
}

/** One reply; it arrives at the moment of its request. */
export type StoryReply =
  | { readonly query: 'status'; readonly run: string; readonly atMs: number; readonly result: Result<JobStatus> }
  | { readonly query: 'snapshots'; readonly atMs: number; readonly result: Result<Snapshots> }
  | { readonly query: 'map'; readonly atMs: number; readonly result: Result<ClusterMap> }

const request = { method: 'GET', path: '/v1/cluster', query: '' }
/** The job of most stories. */
export const ID = 'theJob123'
const OTHER = 'another12'
const TARGETS = ['t1', 't2', 't3'] as const
const KINDS = [
  'copy-bck',
  'lru',
  'load-lom-cache',
  'evict-remote-bck',
  'put-copies',
  'blob-download',
  'future-kind',
] as const

/** A record without a prototype, as decoded replies are. */
export const recordOf = <A>(entries: readonly (readonly [string, A])[]): Readonly<Record<string, A>> =>
  Object.assign(Object.create(null) as Record<string, A>, Object.fromEntries(entries))

const STATES = {
  running: {},
  begins: { startTime: undefined, isIdle: true },
  idle: { isIdle: true },
  idleFailed: { isIdle: true, err: 'no quota' },
  finished: { endTime: 50n, isIdle: true },
  finishedLater: { endTime: 70n, isIdle: true },
  failed: { endTime: 60n, err: 'disk full' },
  aborting: { aborted: true, abortErr: 'user abort' },
  aborted: { endTime: 40n, aborted: true },
  renewed: { endTime: 45n, abortErr: 'renewal abort' },
} satisfies Record<string, { [K in keyof JobSnap]?: JobSnap[K] | undefined }>

/** A snapshot in one of the states. */
function snapOf(id: string, kind: string, state: State): JobSnap {
  const { startTime, ...rest } = {
    ...part({ id, kind }),
    startTime: 1n as bigint | undefined,
    ...STATES[state],
  }
  return { ...rest, ...defined({ startTime }) }
}

type State = keyof typeof STATES
const anyState = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<State[]>('running', 'finished', 'finishedLater', 'idle') },
  { weight: 1, arbitrary: fc.constantFrom(...(Object.keys(STATES) as State[])) },
)

/** A reply of the targets. Each target is missing, or shows no snapshot, one, or two; most show one of the job. */
const snapshotsOf = (kind: string, prevailing: readonly State[]): fc.Arbitrary<Snapshots> => {
  const mine = fc
    .oneof({ weight: 4, arbitrary: fc.constantFrom(...prevailing) }, anyState)
    .map((one) => snapOf(ID, kind, one))
  const another = anyState.map((one) => snapOf(OTHER, kind, one))
  const shownByTarget = fc.oneof(
    { weight: 8, arbitrary: mine.map((one) => [one]) },
    { weight: 1, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.tuple(mine, mine) },
    { weight: 1, arbitrary: fc.tuple(another, mine) },
  )
  const targetOrNone = fc.oneof(
    { weight: 9, arbitrary: shownByTarget.map((one) => one as readonly JobSnap[] | undefined) },
    fc.constant(undefined),
  )
  return fc
    .tuple(targetOrNone, targetOrNone, targetOrNone)
    .map((targets) =>
      recordOf(targets.flatMap((snaps, n) => (snaps === undefined ? [] : [[TARGETS[n]!, snaps] as const]))),
    )
}

const anyFailure: fc.Arbitrary<JobError> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<JobError>({ _tag: 'NotFound', message: 'unknown', request }) },
  {
    weight: 3,
    arbitrary: fc.constant<JobError>({ _tag: 'HttpError', status: 400, code: 'ErrFailedTo', message: '', request }),
  },
  { weight: 2, arbitrary: fc.constant<JobError>({ _tag: 'RequestTimeout', afterMs: 30_000, request }) },
  { weight: 2, arbitrary: fc.constant<JobError>({ _tag: 'DecodeError', problems: ['$: nothing'], request }) },
  {
    weight: 1,
    arbitrary: fc.constant<JobError>({ _tag: 'DecodeError', problems: ['$: <html>'], notJson: true, request }),
  },
)
export const anyPermanentError: fc.Arbitrary<JobError> = fc.constantFrom<JobError>(
  { _tag: 'Unauthorized', status: 403, message: '', request },
  { _tag: 'HttpError', status: 501, message: '', request },
)

/** Any reply about the status of the run. */
const anyStatusOf = (
  kind: string,
  failure: fc.Arbitrary<JobError>,
): fc.Arbitrary<Extract<StoryReply, { query: 'status' }>['result']> => {
  const open = { id: ID, kind, err: '', aborted: false }
  return fc.oneof(
    { weight: 10, arbitrary: fc.constant(right(open)) },
    { weight: 3, arbitrary: fc.constant(right({ ...open, endTime: 80n })) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        right({ ...open, endTime: 80n, err: 'no quota' }),
        right({ ...open, aborted: true, err: 'user abort' }),
      ),
    },
    { weight: 6, arbitrary: failure.map(left) },
  )
}

const anyClusterMap = fc.tuple(fc.subarray([...TARGETS]), fc.boolean()).map(([targets, maintenance]): ClusterMap => ({
  uuid: 'u',
  version: 1n,
  primary: 'p1',
  proxies: {},
  ic: [],
  targets: recordOf(
    targets.map((id) => [id, { id, url: '', flags: 0, inIc: false, maintenance: maintenance && id === 't3' }]),
  ),
}))

const anyStepMs = fc.constantFrom(0, 300, 1000, 2000, 5000, 12_000, 31_000)

/** The goal of a wait, and the replies that it received. */
export interface Story {
  readonly goal: StoryGoal
  readonly replies: readonly StoryReply[]
}

/** A goal and a list of replies. The prevailing states make long stretches without change likely. */
export const anyStory: fc.Arbitrary<Story> = fc
  .record({
    kind: fc.constantFrom(...KINDS),
    prevailing: fc.array(anyState, { minLength: 1, maxLength: 2 }),
    until: fc.constantFrom('kind', 'end', 'idle'),
    usualFailure: anyFailure,
    successWeight: fc.constantFrom(1, 5, 20),
  })
  .chain(({ kind, prevailing, until, usualFailure, successWeight }) => {
    const fails = fc.oneof({ weight: 4, arbitrary: fc.constant(usualFailure) }, anyFailure)
    const reply = (atMs: number): fc.Arbitrary<StoryReply> =>
      fc.oneof(
        {
          weight: 10,
          arbitrary: fc
            .oneof(
              { weight: successWeight, arbitrary: snapshotsOf(kind, prevailing).map(right) },
              { weight: 2, arbitrary: fails.map(left) },
            )
            .map((result): StoryReply => ({ query: 'snapshots', atMs, result })),
        },
        {
          weight: 4,
          arbitrary: anyStatusOf(kind, fails).map((result): StoryReply => ({ query: 'status', run: ID, atMs, result })),
        },
        {
          weight: 2,
          arbitrary: fc
            .oneof({ weight: 3, arbitrary: anyClusterMap.map(right) }, anyFailure.map(left))
            .map((result): StoryReply => ({ query: 'map', atMs, result })),
        },
      )
    const times = fc
      .array(anyStepMs, { minLength: 1, maxLength: 18 })
      .map((steps) => steps.reduce<number[]>((all, step) => [...all, (all.at(-1) ?? -step) + step], []))
    const goal = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom<StoryGoal>({ until, id: ID, kind }, { until, id: ID }) },
      { weight: 1, arbitrary: fc.constant<StoryGoal>({ until: 'kind', kind }) },
      { weight: 1, arbitrary: fc.constant<StoryGoal>({ until, id: ID, kind, target: 't1' }) },
    )
    return fc.record({ goal, replies: times.chain((all) => fc.tuple(...all.map(reply))) }).map(withoutUnknownRuns)
  })

/** Drops statuses of unknown runs: a wait requests the status only of runs that it has found. */
function withoutUnknownRuns({ goal, replies }: Story): Story {
  const kept = replies.filter(({ query }, n) => query !== 'status' || foundBy(goal, replies.slice(0, n)).includes(ID))
  return { goal, replies: kept }
}
