import { expectTypeOf } from 'expect-type'
import type { Either } from 'fp-ts/lib/Either.js'
import { of, type Observable } from 'rxjs'
import type { RunHelpers } from 'rxjs/testing'
import type { EmulatorOptions, Fault, Match, Put, Seed } from '../../lib/emulator/index.ts'
import * as rx from '../../lib/index.ts'
import type { JobError, Result, WaitResult } from '../../lib/index.ts'
import { running, statuses } from '../../lib/listings.ts'
import { clusterFromEnv } from '../../lib/node/index.ts'
import { totalTime, withinTimeframe, type Timeframe } from '../../lib/history.ts'
import {
  scriptedCluster,
  scriptedTransport,
  type Asked,
  type JobScript,
  type ScriptedOptions,
} from '../../lib/testing/index.ts'

// The compiler makes these assertions. The specs only group them.

type Emitted<F extends (...args: never[]) => unknown> = ReturnType<F> extends Observable<infer A> ? A : never

const assertNever = (value: never): never => {
  throw new Error(`unexpected: ${String(value)}`)
}

/** The optional members of T that refuse `undefined` under exactOptionalPropertyTypes. */
type Refusing<T> = {
  [K in keyof T]-?: object extends Pick<T, K> ? (undefined extends Required<T>[K] ? never : K) : never
}[keyof T]

describe('the types', () => {
  it('show what queries, commands and waits emit', () => {
    expectTypeOf<Result<number>>().toEqualTypeOf<Either<JobError, number>>()
    expectTypeOf<Emitted<typeof rx.status>>().toEqualTypeOf<Result<rx.JobStatus>>()
    expectTypeOf<Emitted<typeof statuses>>().toEqualTypeOf<Result<readonly rx.JobStatus[]>>()
    expectTypeOf<Emitted<typeof rx.details>>().toEqualTypeOf<Result<rx.Snapshots>>()
    expectTypeOf<Emitted<typeof running>>().toEqualTypeOf<Result<readonly rx.JobRef[]>>()
    expectTypeOf<Emitted<typeof withinTimeframe>>().toEqualTypeOf<Result<readonly rx.JobSnap[]>>()
    expectTypeOf<Emitted<typeof totalTime>>().toEqualTypeOf<Result<number | undefined>>()
    expectTypeOf<Emitted<typeof rx.clusterMap>>().toEqualTypeOf<Result<rx.ClusterMap>>()
    expectTypeOf<Emitted<typeof rx.start>>().toEqualTypeOf<rx.LaunchResult<rx.Started>>()
    expectTypeOf<Emitted<typeof rx.abort>>().toEqualTypeOf<Result<void>>()
    expectTypeOf<Emitted<typeof rx.copyBucket>>().toEqualTypeOf<
      Either<JobError & { readonly mayHaveStarted: boolean }, readonly [rx.LaunchedJob, ...rx.LaunchedJob[]]>
    >()
    expectTypeOf<Emitted<typeof rx.mirror>>().toEqualTypeOf<rx.LaunchResult<rx.LaunchedJob>>()
    expectTypeOf<Emitted<typeof rx.promote>>().toEqualTypeOf<rx.LaunchResult<rx.LaunchedJob | rx.AlreadyDone>>()
    expectTypeOf<Emitted<typeof rx.evictBucket>>().toEqualTypeOf<rx.LaunchResult<rx.AlreadyDone>>()
    expectTypeOf<Emitted<typeof rx.findJobs>>().toEqualTypeOf<Result<readonly rx.LaunchedJob[]>>()
    expectTypeOf<Emitted<typeof rx.follow>>().toEqualTypeOf<Either<rx.FollowError, rx.FollowEvent>>()
    expectTypeOf<Emitted<typeof rx.follow>>().toExtend<Result<rx.FollowEvent>>()
    expectTypeOf<Emitted<typeof rx.wait>>().toEqualTypeOf<Result<WaitResult>>()
    expectTypeOf<Emitted<typeof rx.waitForIdle>>().toEqualTypeOf<Result<WaitResult>>()
    expectTypeOf<Emitted<typeof rx.progress>>().toEqualTypeOf<Result<rx.Progress>>()
    expectTypeOf<Emitted<rx.Job['progress']>>().toEqualTypeOf<Result<rx.Progress>>()
    expectTypeOf<rx.Progress['targets'][string]['state']>().toEqualTypeOf<rx.JobState>()
    expectTypeOf<rx.Started>().toEqualTypeOf<{ readonly id?: string; readonly kind: string }>()
    expectTypeOf<rx.JobRef>().toEqualTypeOf<{ readonly id: string; readonly kind: string }>()
    expectTypeOf<Timeframe>().toEqualTypeOf<{ readonly from: Date | bigint; readonly to?: Date | bigint | undefined }>()
  })

  it('require a selector, except in queries that may select everything', () => {
    expectTypeOf(statuses).parameter(1).toEqualTypeOf<rx.JobSelector | undefined>()
    expectTypeOf(running).parameter(1).toEqualTypeOf<rx.JobSelector | undefined>()
    expectTypeOf(rx.details).parameter(1).toEqualTypeOf<rx.JobSelector | undefined>()
    expectTypeOf(withinTimeframe).parameter(1).toEqualTypeOf<rx.JobSelector | undefined>()
    expectTypeOf(withinTimeframe).parameter(2).toEqualTypeOf<Timeframe>()
    expectTypeOf(totalTime).parameter(1).toEqualTypeOf<rx.JobSelector>()
    expectTypeOf(rx.status).parameter(1).toEqualTypeOf<rx.JobSelector>()
    expectTypeOf(rx.wait).parameter(1).toEqualTypeOf<rx.JobSelector>()
    expectTypeOf(rx.abort).parameter(1).toEqualTypeOf<rx.JobSelector>()
    expectTypeOf<rx.Started>().toExtend<rx.JobSelector>()
    expectTypeOf<rx.JobRef>().toExtend<rx.JobSelector>()
    expectTypeOf<rx.LaunchedJob>().toExtend<rx.JobSelector>()
    // An AlreadyDone has a kind and no job. As a selector, it would abort or await other jobs of that kind.
    expectTypeOf<rx.AlreadyDone>().not.toExtend<rx.JobSelector>()
    expectTypeOf<rx.AlreadyDone>().not.toExtend<rx.JobIdentity>()
  })

  it('let an editor complete the known kinds, and accept any text as a kind', () => {
    expectTypeOf<'lru'>().toExtend<rx.KnownKind>()
    expectTypeOf<'lruu'>().not.toExtend<rx.KnownKind>()
    expectTypeOf<rx.KnownKind>().toExtend<rx.KindName>()
    expectTypeOf<string>().toExtend<rx.KindName>()
    expectTypeOf(rx.KINDS).toEqualTypeOf<readonly rx.KindInfo[]>()
  })

  it('accept undefined for each optional member of options and selectors', () => {
    expectTypeOf<Refusing<{ a?: string; b?: string | undefined; c: string }>>().toEqualTypeOf<'a'>()
    expectTypeOf<Refusing<rx.JobSelector>>().toBeNever()
    expectTypeOf<Refusing<rx.JobIdentity>>().toBeNever()
    expectTypeOf<Refusing<rx.ClusterOptions>>().toBeNever()
    expectTypeOf<Refusing<rx.StartOptions>>().toBeNever()
    expectTypeOf<Refusing<rx.AbortOptions>>().toBeNever()
    expectTypeOf<Refusing<rx.WaitOptions>>().toBeNever()
    expectTypeOf<Refusing<rx.WatchOptions>>().toBeNever()
    expectTypeOf<Refusing<rx.ProgressOptions>>().toBeNever()
    expectTypeOf<Refusing<NonNullable<rx.ProgressOptions['total']>>>().toBeNever()
    expectTypeOf<Refusing<rx.PollOptions<unknown>>>().toBeNever()
    expectTypeOf<Refusing<rx.RateOptions>>().toBeNever()
    expectTypeOf<Refusing<rx.AdaptiveOptions>>().toBeNever()
    expectTypeOf<Refusing<rx.BackoffOptions>>().toBeNever()
    expectTypeOf<Refusing<Timeframe>>().toBeNever()
    expectTypeOf<Refusing<rx.KindInfo>>().toBeNever()
    expectTypeOf<Refusing<ScriptedOptions>>().toBeNever()
    expectTypeOf<Refusing<Exclude<JobScript, string>>>().toBeNever()
    expectTypeOf<Refusing<EmulatorOptions>>().toBeNever()
    expectTypeOf<Refusing<Seed>>().toBeNever()
    expectTypeOf<Refusing<Put>>().toBeNever()
    expectTypeOf<Refusing<Extract<Fault, { readonly type: 'status' }>>>().toBeNever()
    expectTypeOf<Refusing<Exclude<Match, (...args: never[]) => unknown>>>().toBeNever()
  })

  it('are the same for the methods of a job handle as for the functions', () => {
    type Emits<K extends 'start' | 'status' | 'details' | 'abort' | 'wait' | 'waitForIdle'> = Emitted<rx.Job[K]>
    expectTypeOf<Emits<'start'>>().toEqualTypeOf<Emitted<typeof rx.start>>()
    expectTypeOf<Emits<'status'>>().toEqualTypeOf<Emitted<typeof rx.status>>()
    expectTypeOf<Emits<'details'>>().toEqualTypeOf<Emitted<typeof rx.details>>()
    expectTypeOf<Emits<'abort'>>().toEqualTypeOf<Emitted<typeof rx.abort>>()
    expectTypeOf<Emits<'wait'>>().toEqualTypeOf<Emitted<typeof rx.wait>>()
    expectTypeOf<Emits<'waitForIdle'>>().toEqualTypeOf<Emitted<typeof rx.waitForIdle>>()
    expectTypeOf(rx.createCluster).returns.toEqualTypeOf<rx.Cluster>()
    expectTypeOf(rx.createCluster).parameter(0).toEqualTypeOf<string | readonly string[]>()
  })

  it('show that live streams emit Results and take an optional selector', () => {
    expectTypeOf<Emitted<typeof rx.watchJobs>>().toEqualTypeOf<Result<rx.JobTable>>()
    expectTypeOf<Emitted<typeof rx.jobEvents>>().toEqualTypeOf<Result<rx.JobEvent>>()
    expectTypeOf<Emitted<rx.Job['events']>>().toEqualTypeOf<Result<rx.JobEvent>>()
    expectTypeOf(rx.watchJobs).parameter(1).toEqualTypeOf<rx.JobSelector | undefined>()
    expectTypeOf(rx.jobEvents).parameter(1).toEqualTypeOf<rx.JobSelector | undefined>()
    expectTypeOf(rx.jobEvents).parameter(2).toEqualTypeOf<rx.WatchOptions | undefined>()
    expectTypeOf<rx.JobTable>().toEqualTypeOf<Readonly<Record<string, rx.JobRow>>>()
    expectTypeOf<rx.JobRow>().toEqualTypeOf<
      Readonly<{
        id: string
        kind: string
        state: rx.JobState | 'ended'
        endTime?: bigint
        error?: string
        carrier?: true
        snapshots?: rx.Snapshots
      }>
    >()
    expectTypeOf<rx.JobState>().toEqualTypeOf<
      'starting' | 'running' | 'idle' | 'finished' | 'failed' | 'aborted' | 'lost'
    >()
    expectTypeOf<rx.JobEvent>().toEqualTypeOf<
      Readonly<{ type: rx.EventType; job: rx.JobRef; atMs: number; result?: WaitResult }>
    >()
    expectTypeOf<rx.EventType>().toEqualTypeOf<
      'started' | 'progressed' | 'idle' | 'resumed' | 'finished' | 'failed' | 'aborted' | 'vanished'
    >()
    // The job of an event is a valid selector.
    expectTypeOf<rx.JobEvent['job']>().toExtend<rx.JobSelector>()
  })

  it('show what the functions of the other entry points take and return', () => {
    expectTypeOf(clusterFromEnv).returns.toEqualTypeOf<Result<rx.Cluster>>()
    expectTypeOf(scriptedTransport).returns.toExtend<rx.Transport>()
    expectTypeOf(scriptedCluster).returns.toExtend<rx.Cluster>()
    expectTypeOf(scriptedCluster).parameter(0).toEqualTypeOf<RunHelpers>()
    expectTypeOf<ReturnType<typeof scriptedCluster>['asked']>().toEqualTypeOf<readonly Asked[]>()
  })

  it('show the members of each JobError', () => {
    expectTypeOf<JobError['_tag']>().toEqualTypeOf<
      | 'TransportError'
      | 'RequestTimeout'
      | 'HttpError'
      | 'NotFound'
      | 'Unauthorized'
      | 'DecodeError'
      | 'ReplyTooLarge'
      | 'RedirectRefused'
      | 'WaitTimeout'
      | 'JobFailed'
      | 'InvalidArgument'
    >()
    type Request = rx.RequestInfo
    expectTypeOf<Request>().toEqualTypeOf<{ readonly method: string; readonly path: string; readonly query: string }>()
    type Is<T extends JobError['_tag']> = Omit<Extract<JobError, { readonly _tag: T }>, '_tag'>
    expectTypeOf<Is<'TransportError'>>().toEqualTypeOf<
      Readonly<{ code: string; message: string; permanent: boolean; nothingSent?: true; request: Request }>
    >()
    expectTypeOf<Is<'RequestTimeout'>>().toEqualTypeOf<
      Readonly<{ afterMs: number; nothingSent?: true; request: Request }>
    >()
    expectTypeOf<Is<'HttpError'>>().toEqualTypeOf<
      Readonly<{
        status: number
        code?: string
        message: string
        node?: string
        retryAfterMs?: number
        notJson?: true
        permanent?: true
        request: Request
      }>
    >()
    expectTypeOf<Is<'NotFound'>>().toEqualTypeOf<Readonly<{ message: string; request: Request }>>()
    expectTypeOf<Is<'Unauthorized'>>().toEqualTypeOf<
      Readonly<{ status?: number; message: string; request?: Request }>
    >()
    expectTypeOf<Is<'DecodeError'>>().toEqualTypeOf<
      Readonly<{ problems: readonly string[]; notJson?: true; permanent?: true; request: Request }>
    >()
    expectTypeOf<Is<'ReplyTooLarge'>>().toEqualTypeOf<Readonly<{ limitBytes: number; request: Request }>>()
    expectTypeOf<Is<'RedirectRefused'>>().toEqualTypeOf<
      Readonly<{
        location: string
        reason?: 'no-member' | 'scheme' | 'credentials' | 'unreadable' | 'too-many'
        request: Request
      }>
    >()
    expectTypeOf<Is<'WaitTimeout'>>().toEqualTypeOf<Readonly<{ afterMs: number; last?: rx.LastSeen }>>()
    expectTypeOf<Is<'JobFailed'>>().toEqualTypeOf<Readonly<{ result: WaitResult }>>()
    expectTypeOf<Is<'InvalidArgument'>>().toEqualTypeOf<Readonly<{ argument: string; message: string }>>()
  })

  it('allow exhaustive switches over the tag and the outcome', () => {
    const byTag = (error: JobError): string => {
      switch (error._tag) {
        case 'TransportError':
          return error.code
        case 'HttpError':
          return `${error.status}`
        case 'RequestTimeout':
        case 'WaitTimeout':
          return `${error.afterMs}`
        case 'NotFound':
        case 'Unauthorized':
          return error.message
        case 'DecodeError':
          return error.problems.join()
        case 'ReplyTooLarge':
          return `${error.limitBytes}`
        case 'RedirectRefused':
          return error.location
        case 'JobFailed':
          return error.result.outcome
        case 'InvalidArgument':
          return error.argument
        default:
          return assertNever(error)
      }
    }
    const byOutcome = ({ outcome }: WaitResult): boolean => {
      switch (outcome) {
        case 'finished':
        case 'idle':
        case 'started':
        case 'not-running':
          return true
        case 'failed':
        case 'aborted':
        case 'lost':
          return false
        default:
          return assertNever(outcome)
      }
    }
    const notExhaustive = (outcome: rx.Outcome): void => {
      if (outcome === 'lost') return
      // @ts-expect-error the remaining outcomes are not never
      if (outcome !== 'finished') assertNever(outcome)
    }
    expectTypeOf(byTag).returns.toBeString()
    expectTypeOf(byOutcome).returns.toBeBoolean()
    notExhaustive('finished')
  })

  it('are inferred for operators in a pipe', () => {
    const cluster = rx.createCluster('http://c')
    const waited = rx.start(cluster, { kind: 'lru' }).pipe(
      rx.andThen((job) => {
        expectTypeOf(job).toEqualTypeOf<rx.Started>()
        return rx.wait(cluster, job)
      }),
    )
    expectTypeOf(waited).toExtend<Observable<Result<WaitResult>>>()
    expectTypeOf(waited.pipe(rx.requireSuccess())).toEqualTypeOf<Observable<Result<WaitResult>>>()
    expectTypeOf(waited.pipe(rx.requireSuccess(), rx.orThrow())).toEqualTypeOf<Observable<WaitResult>>()
    expectTypeOf(
      rx.start(cluster, { kind: 'lru' }).pipe(
        rx.andThen((job) => rx.wait(cluster, job)),
        rx.requireSuccess(),
        rx.orThrow(),
      ),
    ).toEqualTypeOf<Observable<WaitResult>>()
    expectTypeOf(waited.pipe(rx.rights())).toEqualTypeOf<Observable<WaitResult>>()
    expectTypeOf(waited.pipe(rx.within(1000))).toEqualTypeOf<Observable<Result<WaitResult>>>()
    expectTypeOf(waited.pipe(rx.poll(rx.constant(1000)))).toExtend<Observable<Result<WaitResult>>>()
    expectTypeOf(rx.details(cluster).pipe(rx.takeUntilDone((all) => 't1' in all))).toEqualTypeOf<
      Observable<Result<rx.Snapshots>>
    >()
    expectTypeOf(waited.pipe(rx.andThen(() => totalTime(cluster, { kind: 'lru' })))).toExtend<
      Observable<Result<number | undefined>>
    >()
    expectTypeOf(rx.details(cluster).pipe(rx.streak(2, (all) => 't1' in all))).toEqualTypeOf<
      Observable<Result<rx.Snapshots>>
    >()
    const foreign = of<Either<'mine', number>>({ _tag: 'Right', right: 1 })
    expectTypeOf(foreign.pipe(rx.andThen(() => rx.wait(cluster, { id: 'g1' })))).toEqualTypeOf<
      Observable<Either<'mine' | JobError, WaitResult>>
    >()
  })

  it('show what the functions for errors take and return, and what AisError holds', () => {
    expectTypeOf(rx.explain).toEqualTypeOf<(error: JobError) => string>()
    // No export of this package shadows the `describe` of a test runner.
    expectTypeOf<typeof rx>().not.toHaveProperty('describe')
    expectTypeOf(rx.isPermanent).toEqualTypeOf<(error: JobError) => boolean>()
    expectTypeOf<rx.AisError>().toExtend<Error>()
    expectTypeOf<rx.AisError['error']>().toEqualTypeOf<JobError>()
    expectTypeOf<rx.AisError['_tag']>().toEqualTypeOf<JobError['_tag']>()
  })
})
