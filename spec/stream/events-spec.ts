import { expect } from 'chai'
import { inspect } from 'node:util'
import {
  VirtualTimeScheduler,
  Subscription,
  asyncScheduler,
  map,
  merge,
  switchMap,
  take,
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
import { rights } from '../../lib/operators/rights.ts'
import type { JobSelector } from '../../lib/model/selection.ts'
import type { WatchOptions } from '../../lib/watch.ts'
import type { World } from '../helpers/fake-cluster.ts'
import { joins, leaves } from '../helpers/fake-cluster/happenings.ts'
import {
  json,
  snapshotsUnknown,
  withoutBody,
  mapOf,
  ns,
  statusUnknown,
  statusesAre,
} from '../helpers/fake-cluster/replies.ts'
import { atWork, jobsWorld, type JobScript } from '../helpers/jobs-world.ts'
import { after, observe, virtual } from '../helpers/observe.ts'
import { clusterOf, silent } from '../helpers/scripted.ts'
import {
  ENDS,
  LONG,
  PAST,
  during,
  eventText,
  resourceCountOf,
  assertEmits,
  textsAndTimes,
  THREE_JOBS,
  worldOfJobs,
} from '../helpers/live.ts'
import { marbles } from '../helpers/marbles.ts'
import { refuses } from '../helpers/refusals.ts'

// `jobEvents` emits one event for each change of a job: `started`, `progressed`, `idle`, `finished` and so on.

const FAST = 'jobIsFast1'
const usualJobs: Readonly<Record<string, JobScript>> = {
  ...THREE_JOBS,
  // Starts and ends between two polls.
  [FAST]: during(1300, 1700, { err: 'no space' }),
}
const worldWith = (jobs = usualJobs, latencyMs?: number): World => worldOfJobs(jobs, latencyMs)
/** The events of a stream as texts. */
const eventTexts =
  (selector?: JobSelector, options?: WatchOptions) =>
  (cluster: ClusterLike): Observable<string> =>
    jobEvents(cluster, selector, options).pipe(map(eventText))
/** The texts without the times. */
const texts = (...[world, stream, ms, options]: Parameters<typeof textsAndTimes>): readonly string[] =>
  textsAndTimes(world, stream, ms, options).map((text) => text.replace(/ @\d+$/, ''))
const KINDS: readonly (readonly [name: string, selector: JobSelector | undefined])[] = [
  ['for all jobs', undefined],
  ['for a kind', { kind: 'copy-bck' }],
]

describe('jobEvents', () => {
  refuses(jobEvents, [
    [{ id: '../x' }, 'id'],
    [{ kind: 'lur' }, 'kind'],
    [{ target: '..?' }, 'target'],
    [{ bucket: { name: '' } }, 'bucket'],
    [null, 'selector'],
  ])

  it('emits started for all running jobs, nothing for ended ones, and each later end with its result', () => {
    assertEmits(textsAndTimes(worldWith(), eventTexts(), 6000), [
      `started ${LONG} @5`,
      `started ${ENDS} @5`,
      `started ${FAST} @2120`,
      `failed ${FAST} @2230`,
      `finished ${ENDS} @3235`,
    ])
    const { values, times } = observe(worldWith(), (cluster) => jobEvents(cluster).pipe(rights()), {
      unsubscribeAtMs: 6000,
    })
    const failed = values.findIndex(({ type }) => type === 'failed')
    expect(values[failed]).to.deep.equal({
      type: 'failed',
      job: { id: FAST, kind: 'copy-bck' },
      atMs: times[failed],
      result: {
        jobId: FAST,
        kind: 'copy-bck',
        outcome: 'failed',
        success: false,
        aborted: false,
        error: 'no space',
        endTime: ns(1700),
      },
    })
  })

  it('emits the same events for a kind, and uses the snapshots of the targets', () => {
    const jobs = {
      ...usualJobs,
      jobIsOther: during(-1, 500, { kind: 'rebalance' }),
      jobIsStop1: during(500, 2500, { aborted: true }),
    }
    // With onlyRunning, ends are emitted, too.
    for (const selector of [{ kind: 'copy-bucket' }, { kind: 'copy-bck', onlyRunning: true }])
      expect(texts(worldWith(jobs), eventTexts(selector), 6000)).to.deep.equal([
        `started ${LONG}`,
        `started ${ENDS}`,
        'started jobIsStop1',
        `started ${FAST}`,
        `failed ${FAST}`,
        // Both ended at the same time. An abort needs no confirmation.
        'aborted jobIsStop1',
        `finished ${ENDS}`,
      ])
  })

  it('emits progressed, idle and resumed for a kind that the Information Center does not list', () => {
    const archive: JobScript = {
      ...atWork,
      kind: 'archive',
      shows: (_, ms) => ({ idle: (ms > 1500 && ms < 2500) || ms > 3500 }),
    }
    const ends = during(0, 2500, { kind: 'archive' })
    const jobs = { jobIsIdle1: archive, jobIsEnds2: ends }
    for (const selector of [{ kind: 'archive' }, { id: 'jobIsIdle1,jobIsEnds2' }])
      expect(texts(worldWith(jobs), eventTexts(selector), 8000), inspect(selector)).to.deep.equal([
        'started jobIsIdle1',
        'started jobIsEnds2',
        'idle jobIsIdle1',
        'resumed jobIsIdle1',
        'finished jobIsEnds2',
        'idle jobIsIdle1',
      ])
    // For all jobs, the list of running jobs reports their starts and ends.
    expect(texts(worldWith(jobs), eventTexts(), 8000)).to.deep.equal([
      'started jobIsIdle1',
      'started jobIsEnds2',
      'finished jobIsEnds2',
    ])
  })

  it('emits nothing for an unknown id, and all events once it is known', () => {
    const jobs = { jobIsLater: during(2500, 4500), ...usualJobs }
    expect(texts(worldWith(jobs), eventTexts({ id: 'jobIsLater' }), 8000)).to.deep.equal([
      'started jobIsLater',
      'finished jobIsLater',
    ])
    // Also if the job starts and ends between two polls.
    expect(texts(worldWith(), eventTexts({ id: FAST }), 8000)).to.deep.equal([`started ${FAST}`, `failed ${FAST}`])
  })

  it('emits only the events of the parts on the selected target', () => {
    const one: JobScript = {
      ...during(0, 1500),
      shows: (target, ms) => (target === 0 && ms > 1500 ? { endMs: 1500 } : {}),
    }
    expect(texts(worldWith({ jobIsParts: one }), eventTexts({ target: 't1' }), 5000)).to.deep.equal([
      'started jobIsParts',
      'finished jobIsParts',
    ])
  })

  it('emits vanished for a job that the cluster has forgotten before its end was reported', () => {
    const gone: JobScript = { ...atWork, goneMs: 2500, ic: { untilMs: 2500 } }
    for (const [, selector] of KINDS) {
      const { values } = observe(
        worldWith({ jobIsGone1: gone, ...usualJobs }),
        (cluster) => jobEvents(cluster, selector).pipe(rights()),
        {
          unsubscribeAtMs: 60_000,
        },
      )
      const [event, other] = values.filter(({ type }) => type === 'vanished')
      expect(other).to.equal(undefined)
      expect(event?.job.id).to.equal('jobIsGone1')
      expect(event?.result).to.include({ outcome: 'lost', success: false })
    }
  })

  it('emits nothing when the cluster forgets an ended job', () => {
    for (const [, selector] of KINDS)
      expect(
        texts(worldWith(usualJobs), eventTexts(selector, { cadence: constant(10_000) }), 600_000).filter((text) =>
          text.startsWith('vanished'),
        ),
      ).to.deep.equal([])
  })

  describe('handles', () => {
    for (const [name, selector] of KINDS) {
      it(`replies that take longer than its cadence, ${name}`, () => {
        expect([...texts(worldWith(usualJobs, 3000), eventTexts(selector), 30_000)].sort()).to.deep.equal([
          `failed ${FAST}`,
          `finished ${ENDS}`,
          `started ${ENDS}`,
          `started ${FAST}`,
          `started ${LONG}`,
        ])
      })

      it(`failed replies: emits a Left for each, and no event is missing or repeated, ${name}`, () => {
        const bad = (ms: number): boolean => ms > 900 && ms < 3500
        const world: World = {
          ...worldWith(),
          statuses: (ms, _, reply) => (bad(ms) ? withoutBody(503) : reply),
          snapshots: (ms, _, reply) => (bad(ms) ? withoutBody(503) : reply),
        }
        const all = texts(world, eventTexts(selector), 9000)
        expect(all.filter((text) => text === 'HttpError').length).to.be.within(2, 4)
        expect(all.filter((text) => text !== 'HttpError').sort()).to.deep.equal([
          `failed ${FAST}`,
          `finished ${ENDS}`,
          `started ${ENDS}`,
          `started ${FAST}`,
          `started ${LONG}`,
        ])
      })

      it(`a failed first reply: treats the next one as the first, ${name}`, () => {
        const world: World = {
          ...worldWith(),
          statuses: (ms, _, reply) => (ms < 900 ? withoutBody(503) : reply),
          snapshots: (ms, _, reply) => (ms < 900 ? withoutBody(503) : reply),
        }
        expect(texts(world, eventTexts(selector), 9000)).not.to.include(`started ${PAST}`)
        expect(texts(world, eventTexts(selector), 1500)).to.deep.equal([
          'HttpError',
          `started ${LONG}`,
          `started ${ENDS}`,
        ])
      })

      it(`a reply that never arrives, ${name}`, () => {
        const world: World = {
          ...worldWith(),
          statuses: (ms, _, reply) => (ms === 0 ? silent : reply),
          snapshots: (ms, _, reply) => (ms === 0 ? silent : reply),
        }
        const received = textsAndTimes(world, eventTexts(selector), 3500, { requestTimeoutMs: 2000 })
        expect(received).to.include('RequestTimeout @2000')
        // The other list may report it earlier.
        const started = received.filter((text) => text.startsWith(`started ${LONG}`))
        expect(started).to.have.lengthOf(1)
        expect(Number(started[0]?.replace(/.*@/, ''))).to.be.at.most(3010)
      })

      it(`a job whose end is not available at first: emits the end once, when it is, ${name}`, () => {
        // Three replies cannot be decoded, so a wait for the job gives up.
        const world: World = {
          ...worldWith({ [ENDS]: during(-1, 2500) }),
          status: (ms, _, reply) => (ms < 7500 ? json({ uuid: 7 }) : reply),
        }
        expect(texts(world, eventTexts(selector), 20_000)).to.deep.equal([`started ${ENDS}`, `finished ${ENDS}`])
      })

      it(`a subscriber that joins and one that unsubscribes: each receives its own events, ${name}`, () => {
        const { values, times, requests } = observe(
          worldWith(),
          (cluster) =>
            merge(
              eventTexts(selector)(cluster).pipe(map((text) => `1: ${text}`)),
              timer(1990).pipe(
                switchMap(() => eventTexts(selector)(cluster)),
                map((text) => `2: ${text}`),
              ),
              timer(2000).pipe(
                switchMap(() => eventTexts(selector)(cluster)),
                map((text) => `3: ${text}`),
                // Unsubscribes before the end.
                take(1),
              ),
            ),
          { unsubscribeAtMs: 6000 },
        )
        const of = (nth: number): readonly string[] =>
          values.filter((text) => text.startsWith(`${nth}: `)).map((text) => text.slice(3))
        expect(of(1)).to.deep.equal([
          `started ${LONG}`,
          `started ${ENDS}`,
          `started ${FAST}`,
          `failed ${FAST}`,
          `finished ${ENDS}`,
        ])
        // What was known before its subscription is no event for it.
        expect(of(2).filter((text) => !text.endsWith(FAST))).to.deep.equal([
          `started ${LONG}`,
          `started ${ENDS}`,
          `finished ${ENDS}`,
        ])
        expect(of(3)).to.deep.equal([`started ${LONG}`])
        expect(times.at(-1)).to.be.below(4000)
        const seconds = requests.filter(({ query }) => query === 'what=status_all').length
        expect(seconds).to.be.below(14)
      })

      it(`two schedulers: each cluster uses its own, ${name}`, () => {
        const [one, two] = [new VirtualTimeScheduler(), new VirtualTimeScheduler()]
        const received: string[] = []
        for (const [of, scheduler] of [
          ['one', one],
          ['two', two],
        ] as const)
          jobEvents(
            clusterOf(virtual(jobsWorld(usualJobs), scheduler), { scheduler, cadence: constant(1000) }),
            selector,
          )
            .pipe(rights(), take(5))
            .subscribe(({ type, atMs }) => {
              expect(atMs).to.equal(scheduler.now())
              received.push(`${of} ${type}`)
            })
        const first = ['one started', 'one started', 'two started', 'two started']
        expect(received).to.deep.equal(first)
        one.flush()
        const rest = ['started', 'failed', 'finished']
        expect(received).to.deep.equal([...first, ...rest.map((type) => `one ${type}`)])
        two.flush()
        expect(received.slice(7)).to.deep.equal(rest.map((type) => `two ${type}`))
      })

      it(`a paused tab: emits the starts, ends and losses during the pause, as far as they are known, ${name}`, () => {
        const clock = sinon.useFakeTimers({ now: 0 })
        try {
          const received: string[] = []
          const jobs = { ...usualJobs, jobIsSlept: during(400_000, 401_000), jobIsLate1: during(599_000) }
          const cluster = clusterOf(virtual(worldWith(jobs, 0), asyncScheduler), { cadence: constant(1000) })
          const subscription = eventTexts(selector)(cluster).subscribe((text) => received.push(text))
          clock.tick(500)
          clock.jump(600_000)
          clock.tick(20_000)
          subscription.unsubscribe()
          expect(received.slice(0, 2)).to.deep.equal([`started ${LONG}`, `started ${ENDS}`])
          // The Information Center has forgotten some jobs. The targets have not.
          expect(received.slice(2).sort()).to.deep.equal([
            `failed ${FAST}`,
            `finished ${ENDS}`,
            'finished jobIsSlept',
            `started ${FAST}`,
            'started jobIsLate1',
            'started jobIsSlept',
          ])
          expect(clock.countTimers()).to.equal(0)
          expect(resourceCountOf(cluster)).to.equal(0)
        } finally {
          clock.restore()
        }
      })

      it(`an unsubscribe while a value is handled: sends nothing more, ${name}`, () => {
        for (const nth of [1, 2, 3, 4, 5]) {
          const scheduler = new TestScheduler(() => undefined)
          const fake = virtual(worldWith(usualJobs, 0), scheduler)
          const cluster = clusterOf(fake, { scheduler, cadence: constant(1000) })
          let sentBefore = 0
          scheduler.run(() => {
            jobEvents(cluster, selector)
              .pipe(take(nth))
              .subscribe(() => (sentBefore = fake.requests.length))
          })
          expect(sentBefore, `${nth}`).to.be.above(0)
          expect(fake.requests.length, `${nth}`).to.equal(sentBefore)
          expect(resourceCountOf(cluster)).to.equal(0)
        }
      })

      it(`a new subscription during the completion: emits all events again, ${name}`, () => {
        const scheduler = new TestScheduler(() => undefined)
        const fake = virtual(worldWith({ [LONG]: during(-1) }), scheduler)
        const cluster = clusterOf(fake, { scheduler, cadence: constant(1000) })
        const received: string[] = []
        scheduler.run(() => {
          const once = eventTexts(selector)(cluster).pipe(take(1))
          const receive = (text: string): unknown => received.push(`${text} @${scheduler.now()}`)
          // eslint-disable-next-line rxjs-x/no-nested-subscribe
          once.subscribe({ next: receive, complete: () => once.subscribe(receive) })
        })
        expect(received).to.deep.equal([`started ${LONG} @5`, `started ${LONG} @5`])
        // It joins before the first subscriber has left, so that no request is repeated.
        const queries = fake.requests.filter(({ atMs }) => atMs < 100).map(({ query }) => query)
        expect(queries).to.have.lengthOf(new Set(queries).size)
        expect(resourceCountOf(cluster)).to.equal(0)
      })

      it(`a cadence that throws: ends only that stream, ${name}`, () => {
        const defect = new Error('cadence')
        const thrower: Cadence = () => {
          throw defect
        }
        const scheduler = new TestScheduler(() => undefined)
        const cluster = clusterOf(virtual(worldWith(), scheduler), { scheduler, cadence: constant(1000) })
        const errors: unknown[] = []
        const others: string[] = []
        scheduler.run(() => {
          const other = new Subscription()
          other.add(eventTexts(selector)(cluster).subscribe((text) => others.push(text)))
          jobEvents(cluster, selector, { cadence: thrower }).subscribe({
            error: (error: unknown) => errors.push(error),
          })
          timer(4500).subscribe(() => {
            other.unsubscribe()
          })
        })
        expect(errors).to.deep.equal([defect])
        expect(others).to.include(`finished ${ENDS}`)
        expect(resourceCountOf(cluster)).to.equal(0)
      })
    }

    it('targets that come and go: repeats and contradicts no event', () => {
      const world = jobsWorld(
        { ...usualJobs, [FAST]: during(0, 12_000) },
        {
          latencyMs: 5,
          events: Array.from({ length: 20 }, (_, n) => [3000 + 3000 * n, n % 2 === 0 ? leaves(0) : joins(0)] as const),
        },
      )
      for (const [, selector] of KINDS)
        expect(texts(world, eventTexts(selector), 20_000)).to.deep.equal([
          `started ${LONG}`,
          `started ${ENDS}`,
          `started ${FAST}`,
          `finished ${ENDS}`,
          `finished ${FAST}`,
        ])
    })

    it('two alternating members of the Information Center: repeats no event, and emits no false vanished', () => {
      const jobs = { [LONG]: during(-1), [ENDS]: during(-1, 2500), [PAST]: during(-3000, -2000) }
      const world: World = {
        ...worldWith(jobs),
        // One member is a minute late. The other has restarted, and has no statuses since.
        statuses: (ms, _, reply) => {
          if (ms % 3000 < 1000) return reply
          return after(5, statusesAre(ms % 3000 < 2000 ? [{ id: LONG }, { id: ENDS }, { id: PAST, endMs: -1990 }] : []))
        },
        status: (ms, _, reply) => (ms % 3000 < 1000 ? reply : after(ms % 3000 < 2000 ? 5 : 2000, statusUnknown)),
        map: () => mapOf(['t1', 't2', 't3']),
      }
      expect(texts(world, eventTexts(), 120_000)).to.deep.equal([
        `started ${LONG}`,
        `started ${ENDS}`,
        `finished ${ENDS}`,
      ])
    })

    it('targets that reply 404 for a while: emits no false vanished', () => {
      const world: World = {
        ...worldWith({ [LONG]: during(-1) }),
        snapshots: (ms, _, reply) => (ms > 900 && ms < 2900 ? snapshotsUnknown : reply),
      }
      expect(texts(world, eventTexts({ id: LONG }), 20_000)).to.deep.equal([`started ${LONG}`])
    })
  })

  it('emits both events in one frame for a job that starts and ends between two lists', () => {
    marbles(({ expectObservable, flush }, scheduler) => {
      const fake = virtual(worldWith({ [LONG]: during(-1), [FAST]: during(50, 60) }, 0), scheduler)
      const cluster = clusterOf(fake, { scheduler, cadence: constant(100) })
      const types = jobEvents(cluster).pipe(map((result) => (isRight(result) ? result.right.type : result.left._tag)))
      const unsub = '  ^ 350ms !'
      const expected = 'a 99ms (ab)'
      expectObservable(types, unsub).toBe(expected, { a: 'started', b: 'finished' })
      flush()
      expect(resourceCountOf(cluster)).to.equal(0)
    })
  })

  it('emits nothing to a second subscription for jobs that have ended before it', () => {
    const scheduler = new TestScheduler(() => undefined)
    const cluster = clusterOf(virtual(worldWith(), scheduler), { scheduler, cadence: constant(1000) })
    const events = jobEvents(cluster).pipe(map(eventText))
    const received: string[] = []
    scheduler.run(({ expectObservable }) => {
      expectObservable(events, '^ 8s !')
      timer(5500)
        .pipe(switchMap(() => events.pipe(take(1))))
        .subscribe((text) => received.push(text))
    })
    expect(received).to.deep.equal([`started ${LONG}`])
  })

  it('sends one list per tick and one request per end for 250 jobs, and emits each event once', () => {
    const ids = Array.from({ length: 250 }, (_, n) => `jobNo${10_000 + n}`)
    const { values, requests } = observe(
      jobsWorld(Object.fromEntries(ids.map((id, n) => [id, during(n < 125 ? -1 : 2500, 5000 + n)])), {
        latencyMs: 5,
        targets: 1,
      }),
      eventTexts(),
      { unsubscribeAtMs: 12_000 },
    )
    expect([...values].sort()).to.deep.equal([
      ...[...ids].sort().map((id) => `finished ${id}`),
      ...[...ids].sort().map((id) => `started ${id}`),
    ])
    const count = (query: string): number => requests.filter((one) => one.query === query).length
    expect(count('what=status_all')).to.be.below(20)
    expect(count('what=status')).to.equal(250)
  }).timeout(60_000)

  it('shares its requests with watchJobs', () => {
    const lists = (stream: (cluster: ClusterLike) => Observable<unknown>): number =>
      observe(worldWith({ [LONG]: during(-1) }), stream, { unsubscribeAtMs: 20_000 }).requestLog.filter((one) =>
        one.startsWith('statuses@'),
      ).length
    expect(lists((cluster) => merge(jobEvents(cluster), watchJobs(cluster), jobEvents(cluster)))).to.be.at.most(
      lists((cluster) => jobEvents(cluster)) + 1,
    )
  })
})
