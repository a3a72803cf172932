import { expect } from 'chai'
import type { Either } from 'fp-ts/lib/Either.js'
import {
  EMPTY,
  NEVER,
  asyncScheduler,
  concat,
  defer,
  first,
  map,
  of,
  take,
  timer,
  type Observable,
  type SchedulerLike,
  concatMap,
  from,
  mergeMap,
  takeWhile,
} from 'rxjs'
import type { Cluster } from '../../../lib/cluster.ts'
import { isLeft, left, right } from '../../../lib/common/either.ts'
import type { Result } from '../../../lib/error.ts'
import * as rx from '../../../lib/index.ts'
import type { FakeJob, World } from '../../helpers/fake-cluster.ts'
import { ID, ORIGIN_NS, json, ns, refusal } from '../../helpers/fake-cluster/replies.ts'
import { resourceCountOf } from '../../helpers/live.ts'
import { marbles } from '../../helpers/marbles.ts'
import { after, observe, type Observed, type ObserveOptions } from '../../helpers/observe.ts'
import type { Recorded } from '../../helpers/recorded.ts'

// `follow` launches jobs, and emits their launch, their progress and their end.

type Event = Result<rx.FollowEvent>

const bucketA = { name: 'a' }
const bucketB = { name: 'b' }
const cloudBucket = { name: 'g', provider: 'gcp' }
/** Launches a copy. */
const launchCopy = (cluster: Cluster): Observable<Result<rx.Launched>> =>
  rx.copyBucket(cluster, { from: bucketA, to: bucketB })

/** A job that copies 300 objects on three targets in 9 s, and ends after 20 s. */
const job: FakeJob = { id: ID, kind: 'copy-bck', atMs: 100, workedMs: 9_100, endMs: 20_000, objects: 100 }

/** A cluster with these jobs. It replies to each launch with their ids, and ignores a stop. */
const clusterWith = (jobs: readonly FakeJob[], more: World = {}): World => ({
  jobs,
  other: (_, request) => (isStop(request) ? {} : after(100, { body: jobs.map(({ id }) => id).join(',') })),
  ...more,
})

const isStop = ({ body }: Recorded): boolean => (body as { readonly action?: string }).action === 'stop'
/** The requests that change something. */
const commandsOf = ({ requests }: Observed<unknown>): readonly Recorded[] =>
  requests.filter(({ method }) => method !== 'GET')
/** The bodies of the requests that stop a job. */
const stopsOf = (observed: Observed<unknown>): readonly unknown[] =>
  commandsOf(observed)
    .filter(isStop)
    .map(({ body }) => body)
/** The body of a request that stops the job. */
const stopBody = (id: string): object => ({ action: 'stop', name: '', value: { ID: id } })

/** An event as a short text. */
function brief(event: Event): string {
  if (isLeft(event)) return event.left._tag
  const { right: one } = event
  if (one.type === 'launched') return `launched ${one.jobs.map(({ id }) => id).join(' ')}`
  if (one.type === 'ended') return `ended ${one.result.outcome}`
  const { state, objects, ratio, etaMs, windingDown } = one.progress
  return `${state} ${objects} ${ratio?.toFixed(2) ?? '-'}${etaMs === undefined ? '' : ' eta'}${windingDown ? ' winding down' : ''}`
}

/** All events but repetitions. */
const briefs = ({ values }: Observed<Event>): readonly string[] =>
  values.map(brief).filter((text, n, all) => text !== all[n - 1])

/** Follows the launch in a world, and records what happens. */
const followed = (
  world: World,
  options: rx.FollowOptions = {},
  launch: (cluster: Cluster) => Observable<Result<rx.Launched>> = launchCopy,
  env: ObserveOptions = {},
): Observed<Event> => observe(world, (cluster) => rx.follow(cluster, launch(cluster), options), env)

const lastOf = ({ values }: Observed<Event>): Event => values.at(-1)!

describe('follow', () => {
  it('emits the launch, the progress and the end, and then completes', () => {
    const seen = followed(clusterWith([job]), { total: { objects: 300 } })
    const [launched, ...others] = briefs(seen)
    expect(launched).to.equal(`launched ${ID}`)
    expect(seen.times[0]).to.equal(100)
    expect(others.at(-1)).to.equal('ended finished')
    expect(others.at(-2), 'the last progress is that of the end').to.equal('finished 300 1.00 eta')
    expect(others).to.include('running 300 1.00 winding down')
    expect(
      others.some((text) => /^running \d+ 0\.\d+ eta$/.test(text)),
      'a time left before the end',
    ).to.equal(true)
    expect(seen.completedAtMs).to.equal(seen.times.at(-1))
    expect(seen.times.at(-1)).to.be.within(20_000, 22_500)
    expect(commandsOf(seen)).to.have.lengthOf(1)
  })

  it('has references in each event that are plain data, and the last progress in the last event', () => {
    const seen = followed(clusterWith([job]), { total: { objects: 300 } })
    const reference = { id: ID, kind: 'copy-bck', inBucket: bucketA, sinceMs: 0 }
    for (const value of seen.values) expect(value).to.have.nested.property('right.jobs').deep.equal([reference])
    expect(lastOf(seen)).to.deep.nested.include({ 'right.result.endTime': ns(20_000), 'right.progress.objects': 300 })
  })

  it('has no ratio without a total, and ends with the failure of one target', () => {
    const seen = followed(clusterWith([{ ...job, errors: { 1: 'disk full' } }]))
    expect(briefs(seen).slice(-2)).to.deep.equal(['failed 300 -', 'ended failed'])
    expect(lastOf(seen)).to.have.nested.property('right.result.error').that.contains('disk full')
  })

  it('is cold, and launches once for each subscription', () => {
    const seen = observe(clusterWith([job]), (cluster) => {
      const followed = rx.follow(cluster, launchCopy(cluster))
      return concat(followed, followed)
    })
    expect(commandsOf(seen)).to.have.lengthOf(2)
    expect(
      observe(clusterWith([job]), (cluster) => defer(() => (rx.follow(cluster, launchCopy(cluster)), of(0)))).requests,
    ).to.deep.equal([])
  })

  it('uses the number of names as the total, and is complete although missing objects are not counted', () => {
    const names = Array.from({ length: 400 }, (_, n) => `o${n}`)
    const deleted = { ...job, kind: 'delete-listrange' }
    const seen = followed(clusterWith([deleted]), {}, (cluster) =>
      rx.deleteObjects(cluster, { bucket: bucketA, what: { names: [names[0]!, ...names] } }),
    )
    expect(briefs(seen)).to.include('running 300 0.75 eta')
    expect(lastOf(seen)).to.deep.nested.include({ 'right.progress.ratio': 1, 'right.progress.objects': 300 })
  })

  it('keeps the ratio of a job that has failed', () => {
    const seen = followed(clusterWith([{ ...job, errors: { 0: 'x' } }]), { total: { objects: 400 } })
    expect(lastOf(seen)).to.deep.nested.include({ 'right.progress.ratio': 0.75 })
  })

  it('passes on the Left of the launch as its last value, and sends nothing more', () => {
    const seen = followed({ other: () => refusal(500, 'no', 'ErrFailedTo') })
    expect(seen.values).to.have.lengthOf(1)
    expect(lastOf(seen)).to.deep.nested.include({ 'left._tag': 'HttpError', 'left.mayHaveStarted': true })
    expect(seen.requests.filter(({ what }) => what !== 'map')).to.have.lengthOf(1)
    expect(seen.completedAtMs).to.equal(seen.times[0])
  })

  for (const [argument, options] of Object.entries<unknown>({
    timeoutMs: { timeoutMs: -1 },
    cadence: { cadence: 7 },
    stallMs: { stallMs: 0 },
    total: { total: { objects: -1 } },
    abortOnUnsubscribe: { abortOnUnsubscribe: 'yes' },
  }))
    it(`launches nothing if ${argument} is invalid`, () => {
      const seen = followed(clusterWith([job]), options as rx.FollowOptions)
      expect(seen.values).to.have.lengthOf(1)
      expect(lastOf(seen)).to.deep.nested.include({ 'left._tag': 'InvalidArgument', 'left.argument': argument })
      expect(seen.requests).to.deep.equal([])
    })

  it('takes null for no options', () => {
    const seen = followed(clusterWith([job]), null as never)
    expect(lastOf(seen)).to.have.nested.property('right.type', 'ended')
  })

  it('refuses an argument that is not a launch or not a cluster', () => {
    const seen = observe({}, (cluster) => rx.follow(cluster, Promise.resolve() as never))
    expect(lastOf(seen)).to.have.nested.property('left.argument', 'launch')
    expect(lastOf(observe({}, () => rx.follow({} as never, NEVER)))).to.have.nested.property(
      'left._tag',
      'InvalidArgument',
    )
  })

  it('ends at once if the server had done the work before it replied', () => {
    const seen = followed({ other: () => ({}) }, {}, (cluster) =>
      rx.evictBucket(cluster, { bucket: cloudBucket, keepProperties: true }),
    )
    expect(briefs(seen)).to.deep.equal(['launched ', 'ended finished'])
    expect(lastOf(seen)).to.have.nested.property('right.result.kind', 'evict-remote-bck')
    expect(commandsOf(seen)).to.have.lengthOf(1)
  })

  it('treats an empty reply as done only if it is a 200, which AIStore sends', () => {
    const seen = followed({ other: () => ({ status: 204 }) }, {}, (cluster) =>
      rx.evictBucket(cluster, { bucket: cloudBucket, keepProperties: true }),
    )
    expect(briefs(seen)).to.deep.equal(['DecodeError'])
    expect(lastOf(seen)).to.have.nested.property('left.mayHaveStarted', true)
  })

  it('follows all jobs of a list, and ends once, with the worst of their outcomes (T23)', () => {
    const other = { ...job, id: 'zOCwz4iJS', endMs: 5_000, workedMs: 4_000, errors: { 2: 'disk full' } }
    const seen = followed(clusterWith([job, other]), { total: { objects: 600 } })
    expect(briefs(seen)[0]).to.equal(`launched ${ID} zOCwz4iJS`)
    expect(briefs(seen)).to.include('running 600 1.00 winding down')
    expect(seen.values.filter((one) => brief(one).startsWith('ended'))).to.have.lengthOf(1)
    expect(lastOf(seen)).to.deep.nested.include({
      'right.result.outcome': 'failed',
      'right.result.jobId': `${ID},zOCwz4iJS`,
    })
  })

  it('ends as finished if no target ever knows a copy that may have had nothing to do', () => {
    const nothing: World = { other: () => ({ body: 'DlevkRzIuW' }) }
    const seen = followed(nothing, {}, (cluster) =>
      rx.copyBucket(cluster, { from: cloudBucket, to: bucketB, include: 'all' }),
    )
    expect(briefs(seen)).to.deep.equal(['launched DlevkRzIuW', 'ended finished'])
    const copied = followed(nothing, {}, (cluster) =>
      rx.copyObjects(cluster, { from: bucketA, to: bucketB, what: { names: ['x'] } }),
    )
    expect(briefs(copied)).to.deep.equal(['launched DlevkRzIuW', 'NotFound'])
  })

  it('ends with NotFound if no target knows a copy whose id shows that the targets have started it', () => {
    const world: World = { other: () => ({ body: 'tco-DlevkRzIuW' }) }
    const seen = followed(world, {}, (cluster) =>
      rx.copyBucket(cluster, { from: cloudBucket, to: bucketB, include: 'all' }),
    )
    expect(briefs(seen)).to.deep.equal(['launched tco-DlevkRzIuW', 'NotFound'])
  })

  for (const [what, message, code] of [
    ['a cloud bucket', 'gcp bucket "gs://g" does not exist', 'ErrRemoteBckNotFound'],
    ['an ais bucket', 'bucket "ais://g" does not exist', 'ErrBckNotFound'],
  ] as const)
    it(`ends with NotFound if the cluster reports that ${what} is missing, and not the job`, () => {
      const gone = refusal(404, message, code)
      const world: World = { other: () => ({ body: 'DlevkRzIuW' }), status: () => gone, snapshots: () => gone }
      const seen = followed(world, {}, (cluster) =>
        rx.copyBucket(cluster, { from: cloudBucket, to: bucketB, include: 'all' }),
      )
      expect(briefs(seen)).to.deep.equal(['launched DlevkRzIuW', 'NotFound'])
      expect(lastOf(seen)).to.have.nested.property('left.message', message)
    })

  it('passes on the NotFound of a launch whose source is missing', () => {
    const world: World = { other: () => refusal(404, 'gcp bucket "gs://g" does not exist', 'ErrRemoteBckNotFound') }
    const seen = followed(world, {}, (cluster) =>
      rx.copyBucket(cluster, { from: cloudBucket, to: bucketB, include: 'all' }),
    )
    expect(briefs(seen)).to.deep.equal(['NotFound'])
  })

  it('still waits for the other jobs of a copy if no target knows one of them', () => {
    const unknownId = 'DlevkRzIuW'
    const late: FakeJob = {
      ...job,
      id: 'Second0ne',
      kind: 'copy-listrange',
      workedMs: 40_000,
      endMs: 40_000,
      errors: { 1: 'disk full' },
    }
    const world: World = { jobs: [late], other: () => ({ body: `${unknownId},${late.id}` }) }
    const seen = followed(world, {}, (cluster) =>
      rx.copyBucket(cluster, { from: cloudBucket, to: bucketB, include: 'all' }),
    )
    expect(briefs(seen).at(-1)).to.equal('ended failed')
    expect(lastOf(seen)).to.have.nested.property('right.result.jobId', `${unknownId},${late.id}`)
  })

  it('follows what start() has started, by its kind if there is no id (T12)', () => {
    const lru = { ...job, kind: 'lru' }
    const seen = followed(clusterWith([lru]), {}, (cluster) => rx.start(cluster, { kind: 'lru' }))
    expect(briefs(seen).at(-1)).to.equal('ended finished')
    const unnamed = { ...clusterWith([lru]), other: () => ({}) }
    const byKind = followed(unnamed, {}, (cluster) => rx.start(cluster, { kind: 'lru' }))
    expect(briefs(byKind)[0]).to.equal('launched ')
    expect(lastOf(byKind)).to.have.nested.property('right.result.jobId', ID)
  })

  it('goes on after transient errors, and has a Left only as its last value', () => {
    const world = clusterWith([job], {
      snapshots: (ms, _, reply) => (ms < 15_000 && ms > 2_000 ? refusal(503, 'starting') : reply),
    })
    const seen = followed(world)
    expect(seen.values.filter(isLeft)).to.deep.equal([])
    expect(briefs(seen).at(-1)).to.equal('ended finished')
    const slow = followed(clusterWith([job]), { timeoutMs: 5_000 })
    expect(briefs(slow).at(-1)).to.equal('WaitTimeout')
    expect(slow.values.filter(isLeft)).to.have.lengthOf(1)
    expect(slow.completedAtMs).to.equal(5_100)
  })
})

describe('the total in follow', () => {
  const totalOf = (objects: number): Result<rx.KnownTotal> => right({ objects, bytes: 7n })

  it('is the last value of a stream that ends before the launch', () => {
    const totals = concat(of(totalOf(7)), timer(2_000).pipe(map(() => totalOf(600))))
    const seen = followed(clusterWith([job]), { total: totals })
    expect(commandsOf(seen).map(({ atMs }) => atMs)).to.deep.equal([2_000])
    expect(briefs(seen)).to.include('running 300 0.50 eta')
  })

  it('may be the summary of the bucket, which is requested before the launch', () => {
    const summary = [{ ObjCount: { obj_count_present: '300' }, ObjSize: {}, TotalSize: { size_all_present_objs: '9' } }]
    const world = clusterWith([{ ...job, atMs: 0 }], {
      other: (_, { method, body }) => {
        if (method === 'POST') return after(100, { body: ID })
        return (body as { value: { uuid: string } }).value.uuid === ''
          ? { status: 202, body: 'sumsumsum' }
          : json(summary)
      },
    })
    const seen = observe(world, (cluster) =>
      rx.follow(cluster, launchCopy(cluster), { total: rx.summarizeBucket(cluster, { bucket: bucketA }) }),
    )
    expect(seen.requests.filter(({ what }) => what === 'other').map(({ method }) => method)).to.deep.equal([
      'GET',
      'GET',
      'POST',
    ])
    expect(briefs(seen)).to.include('running 300 1.00 winding down')
  })

  it('is unknown if the stream of totals has a Left or no value, and the job is launched all the same', () => {
    const wrong = left({ _tag: 'WaitTimeout' as const, afterMs: 1 })
    for (const none of [of(totalOf(600), wrong), EMPTY])
      expect(briefs(followed(clusterWith([job]), { total: none })).slice(-2)).to.deep.equal([
        'finished 300 -',
        'ended finished',
      ])
  })

  for (const wrong of [{ objects: NaN }, { bytes: -1 }, null, 'all'])
    it(`launches nothing if it is ${JSON.stringify(wrong)}, alone or in a stream`, () => {
      for (const total of [wrong, of(right(wrong))]) {
        const seen = followed(clusterWith([job]), { total: total as rx.KnownTotal })
        expect(lastOf(seen)).to.deep.nested.include({ 'left._tag': 'InvalidArgument', 'left.argument': 'total' })
        expect(seen.requests).to.deep.equal([])
      }
    })

  it('launches nothing if the subscriber unsubscribes while the total is requested', () => {
    const seen = followed(clusterWith([job]), { total: NEVER, abortOnUnsubscribe: true }, launchCopy, {
      unsubscribeAtMs: 500,
    })
    expect(seen.requests).to.deep.equal([])
  })
})

describe('follow of a job that others share (T15)', () => {
  /** The clock of the client agrees with that of the cluster. */
  const scheduler: SchedulerLike = {
    now: () => asyncScheduler.now() + Number(ORIGIN_NS / 1_000_000n),
    schedule: asyncScheduler.schedule.bind(asyncScheduler),
  }
  const launchSharedCopy = (cluster: Cluster): Observable<Result<rx.Launched>> =>
    rx.copyObjects(cluster, { from: bucketA, to: bucketB, what: { template: 'x{1..400}' } })
  const sharedJob = (more: Partial<FakeJob>): World =>
    clusterWith([
      { id: 'tco-DlevkRzIuW', kind: 'copy-listrange', idleMs: 10_000, workedMs: 10_000, objects: 100, ...more },
    ])

  it('counts from the first reply if the job is older than the launch, and ends once the job is idle', () => {
    const seen = followed(sharedJob({ atMs: -10_000 }), {}, launchSharedCopy, { scheduler })
    const counts = seen.values.flatMap((one) =>
      isLeft(one) || one.right.type !== 'progressed' ? [] : [one.right.progress],
    )
    expect(counts[0]).to.deep.include({ objects: 0, bytes: 0, ratio: 0 })
    expect(counts.at(-1)?.objects).to.be.within(140, 152)
    for (const { objects, targets } of counts) {
      expect(Object.getPrototypeOf(targets)).to.equal(Object.prototype)
      expect(Object.values(targets).reduce((sum, one) => sum + one.objects, 0)).to.equal(objects)
    }
    expect(briefs(seen).at(-1)).to.equal('ended idle')
    expect(lastOf(seen)).to.have.nested.property('right.progress.ratio', 1)
  })

  it('counts all the work of a job that started after the launch', () => {
    const late = { other: () => after(3_000, { body: 'tco-DlevkRzIuW' }) }
    const seen = followed({ ...sharedJob({ atMs: 50 }), ...late }, {}, launchSharedCopy, { scheduler })
    expect(lastOf(seen)).to.have.nested.property('right.progress.objects', 300)
  })
})

describe('unsubscribing from follow', () => {
  /** Follows the launch and unsubscribes at a time. */
  const unsubscribed = (
    options: rx.FollowOptions,
    unsubscribeAtMs: number,
    launch = launchCopy,
    jobs: readonly FakeJob[] = [job],
  ): Observed<Event> => followed(clusterWith(jobs), options, launch, { unsubscribeAtMs })

  it('does not stop the job, and leaves no request or timer behind', () => {
    let kept: Cluster | undefined
    const seen = observe(clusterWith([job]), (cluster) => rx.follow((kept = cluster), launchCopy(cluster)), {
      unsubscribeAtMs: 3_000,
    })
    expect(stopsOf(seen)).to.deep.equal([])
    expect(seen.requests.filter(({ atMs }) => atMs > 3_000)).to.deep.equal([])
    expect(kept && resourceCountOf(kept)).to.equal(0)
  })

  it('cancels a launch that is in flight, unless its job is to be aborted', () => {
    const cancelled = unsubscribed({}, 50)
    expect(commandsOf(cancelled).map(({ state }) => state)).to.deep.equal(['cut'])
    expect(stopsOf(cancelled)).to.deep.equal([])
  })

  it('aborts the job once with abortOnUnsubscribe', () => {
    expect(stopsOf(unsubscribed({ abortOnUnsubscribe: true }, 3_000))).to.deep.equal([stopBody(ID)])
  })

  it('awaits the reply to a launch in flight, and aborts the job', () => {
    const seen = unsubscribed({ abortOnUnsubscribe: true }, 50)
    expect(commandsOf(seen).map(({ state, atMs }) => [state, atMs])).to.deep.equal([
      ['answered', 0],
      ['answered', 100],
    ])
    expect(stopsOf(seen)).to.deep.equal([stopBody(ID)])
    expect(seen.values).to.deep.equal([])
  })

  it('aborts nothing if the launch in flight is refused', () => {
    const world = clusterWith([job], { other: () => after(100, refusal(404, 'no')) })
    const seen = followed(world, { abortOnUnsubscribe: true }, launchCopy, { unsubscribeAtMs: 50 })
    expect(commandsOf(seen)).to.have.lengthOf(1)
  })

  it('aborts each job of a list, and a shared one only with "shared"', () => {
    const other = { ...job, id: 'zOCwz4iJS' }
    const many = unsubscribed({ abortOnUnsubscribe: true }, 3_000, launchCopy, [job, other])
    expect(stopsOf(many)).to.deep.equal([stopBody(ID), stopBody('zOCwz4iJS')])
    const copying = (cluster: Cluster): Observable<Result<rx.Launched>> =>
      rx.copyObjects(cluster, { from: bucketA, to: bucketB, what: { names: ['x'] } })
    const shared = { ...job, id: 'tco-DlevkRzIuW', kind: 'copy-listrange' }
    expect(stopsOf(unsubscribed({ abortOnUnsubscribe: true }, 3_000, copying, [shared]))).to.deep.equal([])
    expect(stopsOf(unsubscribed({ abortOnUnsubscribe: 'shared' }, 3_000, copying, [shared]))).to.deep.equal([
      stopBody('tco-DlevkRzIuW'),
    ])
  })

  it('does not abort a job that has ended, nor one whose wait has timed out', () => {
    const isEnd = (one: Event): boolean => !isLeft(one) && one.right.type === 'ended'
    const ended = observe(clusterWith([job]), (cluster) =>
      rx.follow(cluster, launchCopy(cluster), { abortOnUnsubscribe: true }).pipe(first(isEnd)),
    )
    expect(stopsOf(ended)).to.deep.equal([])
    const late = observe(clusterWith([job]), (cluster) =>
      rx.follow(cluster, launchCopy(cluster), { abortOnUnsubscribe: true, timeoutMs: 3_000 }).pipe(first(isLeft)),
    )
    expect(late.values.map(brief)).to.deep.equal(['WaitTimeout'])
    expect(stopsOf(late)).to.deep.equal([])
    const early = observe(clusterWith([job]), (cluster) =>
      rx.follow(cluster, launchCopy(cluster), { abortOnUnsubscribe: true }).pipe(take(1)),
    )
    expect(stopsOf(early)).to.deep.equal([stopBody(ID)])
  })
})

describe('launches that are followed one after the other', () => {
  const ids = ['jobNumber1', 'jobNumber2', 'jobNumber3']
  /** Each launch starts the next job, which takes 5 s. */
  const mirrors = (errors: Partial<FakeJob> = {}): World => {
    let nth = 0
    const jobs = ids.map((id, n) => ({
      id,
      kind: 'make-n-copies',
      atMs: 10_000 * n,
      endMs: 10_000 * n + 5_000,
      ...errors,
    }))
    return { jobs, other: () => ({ body: ids[nth++] ?? 'nothing' }) }
  }
  const followMirror = (cluster: Cluster): Observable<Result<rx.WaitResult>> =>
    rx.follow(cluster, rx.mirror(cluster, { bucket: bucketA, copies: 2 })).pipe(rx.ended())
  const launchTimes = (observed: Observed<unknown>): readonly number[] => commandsOf(observed).map(({ atMs }) => atMs)

  it('concatMap launches one job after the other, and mergeMap(n) launches n at a time', () => {
    const sequence = observe(mirrors(), (cluster) => from(ids).pipe(concatMap(() => followMirror(cluster))))
    const [first = NaN, second = NaN, third = NaN] = launchTimes(sequence)
    expect(first).to.equal(0)
    expect(second).to.be.within(5_000, 8_000)
    expect(third).to.be.within(15_000, 18_000)
    expect(sequence.values.map((one) => !isLeft(one) && one.right.jobId)).to.deep.equal(ids)
    const parallel = observe(mirrors(), (cluster) => from(ids).pipe(mergeMap(() => followMirror(cluster), 2)))
    expect(launchTimes(parallel).slice(0, 2)).to.deep.equal([0, 0])
    expect(launchTimes(parallel)[2]).to.be.within(5_000, 8_000)
  })

  it('takeWhile stops at the first failure, and launches nothing more', () => {
    const failing = mirrors({ errors: { 0: 'disk full' } })
    const seen = observe(failing, (cluster) =>
      from(ids).pipe(
        concatMap(() => followMirror(cluster).pipe(rx.requireSuccess())),
        takeWhile((result) => !isLeft(result), true),
      ),
    )
    expect(seen.values).to.have.lengthOf(1)
    expect(seen.values[0]).to.have.nested.property('left._tag', 'JobFailed')
    expect(launchTimes(seen)).to.deep.equal([0])
  })
})

describe('ended', () => {
  it('keeps the result of the end and each Left', () => {
    marbles(({ cold, expectObservable }) => {
      const result = { outcome: 'finished', success: true, aborted: false } as const
      const values: Readonly<Record<string, Either<string, rx.FollowEvent>>> = {
        l: right({ type: 'launched', jobs: [] }),
        e: right({ type: 'ended', jobs: [], result }),
        x: left('no'),
      }
      const events = cold('-l--e-x|', values)
      const expected = '   ----r-x|'
      expectObservable(events.pipe(rx.ended())).toBe(expected, { r: right(result), x: left('no') })
    })
  })
})
