import { expect } from 'chai'
import { inspect } from 'node:util'
import {
  Subscription,
  VirtualTimeScheduler,
  asyncScheduler,
  distinctUntilChanged,
  ignoreElements,
  map,
  merge,
  switchMap,
  take,
  takeUntil,
  timer,
  type Observable,
} from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import sinon from 'sinon'
import { constant, type Cadence } from '../../lib/cadence.ts'
import { isRight } from '../../lib/common/either.ts'
import type { ClusterLike } from '../../lib/environment.ts'
import { jobEvents } from '../../lib/events.ts'
import { watchJobs } from '../../lib/jobs.ts'
import type { JobTable } from '../../lib/view/rows.ts'
import { rights } from '../../lib/operators/rights.ts'
import type { JobSelector } from '../../lib/model/selection.ts'
import { wait } from '../../lib/wait.ts'
import { watchDetails, type WatchOptions } from '../../lib/watch.ts'
import type { World } from '../helpers/fake-cluster.ts'
import { json, withoutBody, mapOf, statusesAre } from '../helpers/fake-cluster/replies.ts'
import { atWork, jobsWorld, type JobScript } from '../helpers/jobs-world.ts'
import { observe, virtual } from '../helpers/observe.ts'
import { clusterOf, silent } from '../helpers/scripted.ts'
import {
  ENDS,
  LONG,
  PAST,
  changes,
  during,
  resourceCountOf,
  tableText,
  assertEmits,
  timed,
  THREE_JOBS,
  textsAndTimes,
  worldOfJobs,
} from '../helpers/live.ts'
import { marbles } from '../helpers/marbles.ts'
import { refuses } from '../helpers/refusals.ts'

// `watchJobs` emits a table of jobs with each list of the Information Center, with the outcome of each job that has
// ended.

const usualJobs = THREE_JOBS
const worldWith = (jobs = usualJobs, latencyMs?: number): World => worldOfJobs(jobs, latencyMs)
/** The tables of a stream as texts. */
const tableTexts =
  (selector?: JobSelector, options?: WatchOptions) =>
  (cluster: ClusterLike): Observable<string> =>
    watchJobs(cluster, selector, options).pipe(map(tableText))

describe('watchJobs', () => {
  refuses(watchJobs, [
    [{ id: '../x' }, 'id'],
    [{ kind: 'lur' }, 'kind'],
    [{ onlyRunning: 1 }, 'onlyRunning'],
    [{ bucket: { name: 'b' } }, 'bucket'],
    [{ kind: 'archive', bucket: { name: 'b' } }, 'bucket'],
    [{ target: 't1' }, 'target'],
    [null, 'selector'],
  ])

  it('emits the table with each list, and the outcome of a job once it is certain', () => {
    const { values, times, requestLog } = observe(worldWith(), tableTexts(), { unsubscribeAtMs: 5000 })
    const texts = timed({ values, times }, (text) => text)
    // A job runs until its end is certain, so that a row never contradicts a wait.
    assertEmits(texts, [
      `${LONG} running, ${ENDS} running, ${PAST} ended @5`,
      `${LONG} running, ${ENDS} finished, ${PAST} ended @3125`,
    ])
    const lists = requestLog.filter((one) => one.startsWith('statuses@'))
    expect(lists).to.have.lengthOf(5)
    // One more table has the end time that the targets report for the old job: it is slightly before that of the IC.
    expect(values).to.have.lengthOf(lists.length + 2)
  })

  it('sends no request for a job that had ended before the first list', () => {
    const { requests, values } = observe(worldWith({ [PAST]: during(-3000, -2000) }), tableTexts(), {
      unsubscribeAtMs: 5000,
    })
    expect(values.at(-1)).to.equal(`${PAST} ended`)
    expect(requests.filter(({ query }) => query === 'what=status')).to.deep.equal([])
  })

  it('never requests that the Information Center queries the targets (T11)', () => {
    const { requests } = observe(worldWith(), tableTexts(), { unsubscribeAtMs: 5000 })
    expect(requests.map(({ query }) => query).filter((query) => query.includes('frc'))).to.deep.equal([])
  })

  it('reports errors and aborts of jobs that were running, or that started and ended between two lists', () => {
    const jobs = {
      jobIsBad01: during(-1, 500, { err: 'no space' }),
      jobIsStop1: during(-1, 500, { aborted: true }),
      jobIsFast1: during(300, 400, { err: 'no space' }),
    }
    const texts = textsAndTimes(worldWith(jobs), tableTexts(), 2000)
    expect(texts.at(-1)).to.match(
      /^jobIsBad01 failed: no space, jobIsStop1 aborted: user abort, jobIsFast1 failed: no space @/,
    )
    const known = texts.find((text) => text.includes('jobIsFast1 failed')) ?? ''
    // The second list, a second after the first one, shows the end, and further replies confirm it.
    expect(Number(known.replace(/.*@/, ''))).to.be.at.most(1210)
    expect(texts.filter((text) => text.includes('finished'))).to.deep.equal([])
  })

  it('drops a job when the cluster forgets it', () => {
    const texts = changes(textsAndTimes(worldWith(), tableTexts({}, { cadence: constant(30_000) }), 300_000))
    const withoutTime = (text: string | undefined): string => (text ?? '').replace(/ @.*/, '')
    expect(withoutTime(texts.at(-1))).to.equal(`${LONG} running`)
    expect(withoutTime(texts.at(-2))).to.equal(`${LONG} running, ${ENDS} finished, ${PAST} ended`)
    // Each two minutes, the Information Center forgets the jobs that ended more than 180 s ago. The next list is without
    // them: it is requested within 30 s.
    expect(Number(texts.at(-1)?.replace(/.*@/, ''))).to.be.within(240_000, 271_000)
  })

  it('selects by id, by kind and by onlyRunning', () => {
    const jobs = { ...usualJobs, jobIsOther: during(-1, Infinity, { kind: 'rebalance' }) }
    const of = (selector: JobSelector): readonly string[] => textsAndTimes(worldWith(jobs), tableTexts(selector), 4000)
    assertEmits(of({ id: `${ENDS},${PAST}` }), [
      `${ENDS} running, ${PAST} ended @5`,
      `${ENDS} finished, ${PAST} ended @3125`,
    ])
    assertEmits(of({ kind: 'rebalance' }), ['jobIsOther running @5'])
    assertEmits(of({ kind: 'copy-bucket', onlyRunning: true }), [
      `${LONG} running, ${ENDS} running @5`,
      `${LONG} running @3125`,
    ])
    assertEmits(of({ id: 'jobIsNone1' }), [' @5'])
  })

  it('returns the same table if nothing has changed, and the same unchanged rows in another table', () => {
    const { values } = observe(worldWith(), (cluster) => watchJobs(cluster).pipe(rights()), { unsubscribeAtMs: 8000 })
    expect(values).to.have.lengthOf(10)
    const distinct = observe(worldWith(), (cluster) => watchJobs(cluster).pipe(rights(), distinctUntilChanged()), {
      unsubscribeAtMs: 8000,
    })
    // The first table does not have the end time of the old job on its targets.
    expect(distinct.values).to.have.lengthOf(3)
    const [, first, second] = distinct.values as [JobTable, JobTable, JobTable]
    for (const id of [LONG, PAST]) expect(second[id]).to.equal(first[id])
    expect(second[ENDS]).not.to.equal(first[ENDS])
  })

  it('requests the outcome of a job again after a failure, without emitting a Left', () => {
    const flaky: World = { ...worldWith(), status: (ms, _, reply) => (ms < 3500 ? withoutBody(503) : reply) }
    const { values, times } = observe(flaky, tableTexts(), { unsubscribeAtMs: 6000 })
    assertEmits(
      timed({ values, times }, (text) => text),
      [`${LONG} running, ${ENDS} running, ${PAST} ended @5`, `${LONG} running, ${ENDS} finished, ${PAST} ended @4225`],
    )
  })

  it('requests at most 16 outcomes at a time, and emits few tables', () => {
    const jobs = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`jobNo${10_000 + n}`, during(-1, 500)]))
    const { values, requests } = observe(worldWith(jobs), (cluster) => watchJobs(cluster).pipe(rights()), {
      unsubscribeAtMs: 3000,
    })
    expect(Object.values(values.at(-1)!).every(({ state }) => state === 'finished')).to.equal(true)
    const ends = requests.filter(({ query }) => query === 'what=status')
    expect(ends).to.have.lengthOf(200)
    const open = ends.map(({ atMs }) => ends.filter((one) => one.atMs <= atMs && atMs < one.endedAtMs!).length)
    expect(Math.max(...open)).to.equal(16)
    // Three lists, and the outcomes in between: at most one table in 100 ms.
    expect(values.length).to.be.within(4, 6)
  })

  describe('for kinds that the Information Center does not list', () => {
    const idle = (fromMs: number): JobScript => ({
      ...atWork,
      kind: 'archive',
      atMs: -1,
      shows: (target, ms) => ({ idle: ms >= fromMs && (target !== 2 || ms >= fromMs + 1000) }),
    })
    const jobs = {
      jobIsIdle1: idle(1500),
      jobIsDone1: during(-1, 2500, { kind: 'archive', err: 'no space', forgottenMs: 4500 }),
      jobIsOther: during(-1),
    }

    it('uses the snapshots of the targets', () => {
      const { values, times, requestLog } = observe(worldWith(jobs), tableTexts({ kind: 'archive' }), {
        unsubscribeAtMs: 6000,
      })
      assertEmits(
        timed({ values, times }, (text) => text),
        [
          'jobIsIdle1 running, jobIsDone1 running @5',
          'jobIsIdle1 idle, jobIsDone1 failed: no space @3020',
          'jobIsIdle1 idle @5030',
        ],
      )
      expect(requestLog.filter((one) => one.startsWith('status'))).to.deep.equal([])
    })

    it('uses the snapshots of the targets also for kinds whose ends the Information Center learns of late', () => {
      for (const kind of ['load-lom-cache', 'download', 'resilver']) {
        const late: JobScript = { ...during(-1, 1500, { kind }), ic: { learnsMs: 30_000 } }
        const { values, times, requestLog } = observe(worldWith({ [ENDS]: late }), tableTexts({ kind }), {
          unsubscribeAtMs: 4000,
        })
        assertEmits(
          timed({ values, times }, (text) => text),
          [`${ENDS} running @5`, `${ENDS} finished @2215`],
        )
        expect(requestLog.filter((one) => one.startsWith('statuses'))).to.deep.equal([])
      }
    })

    it('emits the same object for a row that has not changed', () => {
      const { values, times } = observe(
        worldWith(jobs),
        (cluster) => watchJobs(cluster, { kind: 'archive' }).pipe(rights(), distinctUntilChanged()),
        { unsubscribeAtMs: 6000 },
      )
      expect(times).to.deep.equal([5, 3020, 5030])
      expect(values[1]!['jobIsIdle1']).to.equal(values[2]!['jobIsIdle1'])
    })

    it('emits an empty table for an id that the cluster no longer knows, and Lefts for other errors', () => {
      const world: World = {
        ...worldWith(jobs),
        snapshots: (ms, _, reply) => (ms > 900 && ms < 1900 ? withoutBody(503) : reply),
      }
      assertEmits(textsAndTimes(world, tableTexts({ id: 'jobIsDone1', kind: 'archive' }), 6000), [
        'jobIsDone1 running @5',
        'HttpError @1010',
        'jobIsDone1 running @2015',
        'jobIsDone1 failed: no space @3020',
        ' @5030',
      ])
    })
  })

  describe('while the details of a job are watched', () => {
    const has = (table: JobTable): string =>
      Object.values(table)
        .map(({ id, snapshots }) => `${id}${snapshots === undefined ? '' : ` of ${Object.keys(snapshots).join('')}`}`)
        .join(', ')
    /** The rows while the details are watched from 1.5 s to 4 s. */
    const withDetails =
      (selector: JobSelector) =>
      (cluster: ClusterLike): Observable<string> =>
        merge(
          watchJobs(cluster, { id: `${LONG},${ENDS}` }).pipe(rights(), map(has)),
          timer(1500).pipe(
            switchMap(() => watchDetails(cluster, selector)),
            ignoreElements(),
            takeUntil(timer(4000)),
          ),
        )

    it('shows the snapshots of that job', () => {
      assertEmits(textsAndTimes(worldWith(), withDetails({ id: LONG }), 6000), [
        `${LONG}, ${ENDS} @5`,
        `${LONG} of t1t2t3, ${ENDS} @2015`,
        `${LONG}, ${ENDS} @5035`,
      ])
    })

    it('shows the snapshots of all targets of that job, even if only a part of its details is watched', () => {
      for (const more of [{ target: 't1' }, { onlyRunning: true }, { bucket: { name: 'b' } }])
        expect(textsAndTimes(worldWith(), withDetails({ id: LONG, ...more }), 6000).join(), inspect(more)).to.include(
          `${LONG} of t1t2t3, ${ENDS} @`,
        )
    })
  })

  describe('handles', () => {
    it('replies that take longer than its cadence', () => {
      expect(textsAndTimes(worldWith(usualJobs, 3000), tableTexts({ id: LONG }), 10_000)).to.deep.equal([
        `${LONG} running @3000`,
        `${LONG} running @7000`,
      ])
    })

    it('failed replies: emits a Left for each, keeps the rows, and continues', () => {
      const world: World = {
        ...worldWith(),
        statuses: (ms, _, reply) => {
          if (ms <= 900 || ms >= 3500) return reply
          return ms < 2500 ? withoutBody(503) : json('?')
        },
      }
      const { values, times } = observe(world, (cluster) => watchJobs(cluster), { unsubscribeAtMs: 6000 })
      const texts = timed({ values, times }, tableText)
      expect(texts.map((text) => text.replace(/ @.*/, ''))).to.deep.equal([
        `${LONG} running, ${ENDS} running, ${PAST} ended`,
        // This table has the end time of the old job on its targets.
        `${LONG} running, ${ENDS} running, ${PAST} ended`,
        'HttpError',
        'HttpError',
        'DecodeError',
        // The list of running jobs is the first to show that a job has ended.
        `${LONG} running, ${ENDS} finished, ${PAST} ended`,
        `${LONG} running, ${ENDS} finished, ${PAST} ended`,
        `${LONG} running, ${ENDS} finished, ${PAST} ended`,
      ])
      // A reply that can be used comes with the first tick after 3.5 s.
      expect(times[5]).to.be.at.most(4120)
      const [before, later] = [values[1], values[5]].map((value) => (value && isRight(value) ? value.right : undefined))
      expect(later?.[LONG]).to.equal(before?.[LONG])
    })

    it('a reply that never arrives', () => {
      const world: World = { ...worldWith(), statuses: (ms, _, reply) => (ms === 0 ? silent : reply) }
      assertEmits(textsAndTimes(world, tableTexts({ id: LONG }), 5000, { requestTimeoutMs: 2000 }), [
        // The request at 0 s times out after 2 s. The next one follows a tick later, and two replies take 5 ms each.
        'RequestTimeout @2000',
        `${LONG} running @3010`,
      ])
    })

    it('a missing reply about an outcome: continues, and requests it again', () => {
      const world: World = { ...worldWith(), status: (ms, _, reply) => (ms < 3500 ? silent : reply) }
      const texts = textsAndTimes(world, tableTexts({ id: `${LONG},${ENDS}` }), 9000, { requestTimeoutMs: 2000 })
      assertEmits(texts, [`${LONG} running, ${ENDS} running @5`, `${LONG} running, ${ENDS} finished @6140`])
      expect(texts.length).to.be.at.least(9)
    })

    it('a subscriber that joins and one that unsubscribes: requests one list per tick for both', () => {
      marbles(({ expectObservable, flush }, scheduler) => {
        const fake = virtual(worldWith({ [LONG]: during(-1) }), scheduler)
        const cluster = clusterOf(fake, { scheduler, cadence: constant(100) })
        const text = tableTexts()(cluster)
        const first = '   ^ 249ms !                         '
        const second = '  150ms ^ 199ms !                   '
        const expected1 = '5ms a 104ms a 104ms a             '
        // It receives the last table immediately, since that is not older than one interval.
        const expected2 = '150ms a 64ms a 104ms a            '
        const values = { a: `${LONG} running` }
        expectObservable(text, first).toBe(expected1, values)
        expectObservable(text, second).toBe(expected2, values)
        flush()
        const lists = fake.requests.filter(({ query }) => query === 'what=status_all')
        expect(lists.map(({ atMs }) => atMs)).to.deep.equal([0, 105, 210, 315])
        expect(resourceCountOf(cluster)).to.equal(0)
      })
    })

    it('two schedulers: each cluster uses its own', () => {
      const [one, two] = [new VirtualTimeScheduler(), new VirtualTimeScheduler()]
      const texts: string[] = []
      const subscriptions = new Subscription()
      for (const [name, scheduler] of [
        ['one', one],
        ['two', two],
      ] as const)
        subscriptions.add(
          watchJobs(clusterOf(virtual(jobsWorld(usualJobs), scheduler), { scheduler, cadence: constant(1000) }), {
            id: ENDS,
          })
            .pipe(take(5), map(tableText))
            .subscribe((text) => texts.push(`${name} ${text} @${scheduler.now()}`)),
        )
      const all = (name: string): readonly string[] => [
        `${name} ${ENDS} running @1000`,
        `${name} ${ENDS} running @2000`,
        `${name} ${ENDS} running @3000`,
        `${name} ${ENDS} finished @3100`,
      ]
      const atOnce = [`one ${ENDS} running @0`, `two ${ENDS} running @0`]
      expect(texts).to.deep.equal(atOnce)
      one.flush()
      expect(texts).to.deep.equal([...atOnce, ...all('one')])
      two.flush()
      expect(texts).to.deep.equal([...atOnce, ...all('one'), ...all('two')])
    })

    it('a paused tab: a timer ten minutes late, after which the jobs that ended have their outcomes, and are dropped', () => {
      const clock = sinon.useFakeTimers({ now: 0 })
      try {
        const texts: string[] = []
        const fake = virtual(worldWith({ ...usualJobs, jobIsLate1: during(-1, 599_000) }, 0), asyncScheduler)
        const cluster = clusterOf(fake, { cadence: constant(1000) })
        const watching = tableTexts()(cluster).subscribe((text) => texts.push(`${text} @${clock.now}`))
        clock.tick(500)
        clock.jump(600_000)
        clock.tick(300)
        // The first list after the pause has the previous states. The outcomes of both arrive at the same time.
        expect(texts.at(-1)).to.match(
          new RegExp(`^${LONG} running, ${ENDS} finished, jobIsLate1 finished @600[56]00$`, 'u'),
        )
        clock.tick(1_000)
        watching.unsubscribe()
        expect(texts[0]).to.equal(`${LONG} running, ${ENDS} running, ${PAST} ended, jobIsLate1 running @0`)
        expect(texts.at(-1)).to.match(new RegExp(`^${LONG} running, jobIsLate1 finished @60[0-9]{4}$`, 'u'))
        expect(clock.countTimers()).to.equal(0)
        expect(resourceCountOf(cluster)).to.equal(0)
      } finally {
        clock.restore()
      }
    })

    it('an unsubscribe while a value is handled: sends nothing more', () => {
      for (const nth of [1, 4, 5]) {
        const scheduler = new TestScheduler(() => undefined)
        const fake = virtual(worldWith(usualJobs, 0), scheduler)
        const cluster = clusterOf(fake, { scheduler, cadence: constant(1000) })
        let left = -1
        scheduler.run(() => {
          watchJobs(cluster)
            .pipe(take(nth))
            .subscribe({ complete: () => (left = fake.requests.length) })
        })
        expect(left).to.equal(fake.requests.length)
        expect(fake.requests.filter(({ state }) => state === 'open')).to.deep.equal([])
        expect(resourceCountOf(cluster)).to.equal(0)
      }
    })

    it('a new subscription during the completion: starts exactly one new poll', () => {
      const scheduler = new TestScheduler(() => undefined)
      const fake = virtual(worldWith({ [LONG]: during(-1) }), scheduler)
      const cluster = clusterOf(fake, { scheduler, cadence: constant(1000) })
      const texts: string[] = []
      scheduler.run(() => {
        const twice = tableTexts()(cluster).pipe(take(2))
        const note = (text: string): unknown => texts.push(`${text} @${scheduler.now()}`)
        // eslint-disable-next-line rxjs-x/no-nested-subscribe
        twice.subscribe({ next: note, complete: () => twice.subscribe(note) })
      })
      expect(texts).to.deep.equal([5, 1010, 1010, 2015].map((ms) => `${LONG} running @${ms}`))
      const lists = fake.requests.filter(({ query }) => query === 'what=status_all')
      expect(lists.map(({ atMs }) => atMs)).to.deep.equal([0, 1005, 2010])
      expect(resourceCountOf(cluster)).to.equal(0)
    })

    it('a second subscription: starts with the outcomes that the first has received', () => {
      const scheduler = new TestScheduler(() => undefined)
      const cluster = clusterOf(virtual(worldWith(), scheduler), { scheduler, cadence: constant(1000) })
      const watched = watchJobs(cluster)
      const texts: string[] = []
      scheduler.run(({ expectObservable }) => {
        expectObservable(watched.pipe(map(tableText)), '^ 5s !')
        timer(4500)
          .pipe(switchMap(() => watched.pipe(take(1))))
          .subscribe((result) => texts.push(tableText(result)))
      })
      expect(texts).to.deep.equal([`${LONG} running, ${ENDS} finished, ${PAST} ended`])
    })

    it('a cadence that throws: ends only its own stream, and leaves nothing behind', () => {
      const defect = new Error('cadence')
      const thrower: Cadence = () => {
        throw defect
      }
      const scheduler = new TestScheduler(() => undefined)
      const cluster = clusterOf(virtual(worldWith(), scheduler), { scheduler, cadence: constant(1000) })
      const errors: unknown[] = []
      let tablesOfOther = 0
      scheduler.run(() => {
        const other = watchJobs(cluster).subscribe(() => (tablesOfOther += 1))
        watchJobs(cluster, {}, { cadence: thrower }).subscribe({ error: (error: unknown) => errors.push(error) })
        timer(4500).subscribe(() => {
          other.unsubscribe()
        })
      })
      expect(errors).to.deep.equal([defect])
      // One after the list that the second stream needs, one a second, and one with the outcome of a job that has ended.
      expect(tablesOfOther).to.equal(7)
      expect(resourceCountOf(cluster)).to.equal(0)
    })

    it('two alternating members of the Information Center, one of which lags behind', () => {
      const lagging: World = {
        ...worldWith({ [ENDS]: during(-1, 2500) }),
        statuses: (ms) =>
          ms % 2000 < 1000
            ? statusesAre([{ id: ENDS, ...(ms < 2500 ? {} : { endMs: 2500 }) }])
            : // Has not learnt of the end, and then forgets all jobs.
              statusesAre(ms < 6000 ? [{ id: ENDS }] : []),
        map: () => mapOf(['t1']),
      }
      // A reported end never disappears.
      const texts = textsAndTimes(lagging, tableTexts(), 9000)
      assertEmits(texts, [
        `${ENDS} running @5`,
        `${ENDS} finished @4225`,
        // The list is empty, so the map must confirm that the sender is a member.
        ' @7045',
        `${ENDS} finished @8155`,
      ])
    })
  })

  it('shares its requests with waits and with events', () => {
    const { requestLog } = observe(
      worldWith(),
      (cluster) =>
        merge(
          watchJobs(cluster),
          watchJobs(cluster, { kind: 'copy-bck' }),
          jobEvents(cluster),
          wait(cluster, { id: ENDS, kind: 'copy-bck' }),
          wait(cluster, { id: LONG, kind: 'copy-bck' }, { timeoutMs: 4500 }),
        ),
      { unsubscribeAtMs: 5000 },
    )
    const count = (query: string): number => requestLog.filter((one) => one.startsWith(`${query}@`)).length
    // One list each second, and the outcome of one job.
    expect(count('statuses')).to.equal(5)
    expect(count('status')).to.be.at.most(2)
    expect(count('running')).to.be.at.most(5)
    expect(requestLog.length).to.be.at.most(18)
  })

  it('does not mix up requests of waits and of tables for the same job', () => {
    // One wait is by id alone: the status of an unknown kind is another query.
    const { values } = observe(
      worldWith(),
      (cluster) =>
        merge(
          watchJobs(cluster, { id: ENDS }).pipe(map(tableText)),
          wait(cluster, { id: ENDS }).pipe(
            map((result) => (isRight(result) ? result.right.outcome : result.left._tag)),
          ),
          wait(cluster, { id: ENDS, kind: 'copy-bck' }).pipe(
            map((result) => (isRight(result) ? result.right.outcome : result.left._tag)),
          ),
        ),
      { unsubscribeAtMs: 5000 },
    )
    expect(values.filter((text) => text === 'finished')).to.have.lengthOf(2)
    expect(values.at(-1)).to.equal(`${ENDS} finished`)
  })
})
