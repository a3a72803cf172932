import { expect } from 'chai'
import { inspect } from 'node:util'
import {
  NEVER,
  VirtualTimeScheduler,
  defer,
  first,
  ignoreElements,
  map,
  merge,
  mergeMap,
  of,
  take,
  timer,
  type Observable,
  type SchedulerLike,
  type Subscription,
  type VirtualAction,
} from 'rxjs'
import { useFakeTimers } from 'sinon'
import { constant } from '../../lib/cadence.ts'
import { JobSnap } from '../../lib/codec/job-snap.ts'
import { isLeft } from '../../lib/common/either.ts'
import type { ClusterLike } from '../../lib/environment.ts'
import type { Result } from '../../lib/error.ts'
import { rights } from '../../lib/operators/rights.ts'
import { progress, type ProgressOptions } from '../../lib/progress.ts'
import { status } from '../../lib/queries.ts'
import type { Progress } from '../../lib/view/progress-of.ts'
import type { JobSelector } from '../../lib/model/selection.ts'
import type { HttpResponse } from '../../lib/transport/transport.ts'
import { watchDetails } from '../../lib/watch.ts'
import { resourceCountOf } from '../helpers/live.ts'
import { marbles } from '../helpers/marbles.ts'
import { json, refusal, mapOf, statusIs } from '../helpers/fake-cluster/replies.ts'
import type { Recorded } from '../helpers/recorded.ts'
import { clusterOf, failing, only, scripted, type Script, type Scripted } from '../helpers/scripted.ts'
import { part, type PartOptions } from '../helpers/parts.ts'

// `progress` emits the counters, rates and remaining time of a job with each reply of the targets.

const cadence = constant(1000)

/** A reply of the targets. */
const reply = (targets: Readonly<Record<string, PartOptions>>): HttpResponse =>
  json(
    Object.fromEntries(
      Object.entries(targets).map(([target, one]) => [target, [JobSnap.encode(part({ id: 'g1', ...one }))]]),
    ),
  )

/**
 * A cluster whose targets reply by a script, and whose Information Center knows no job. `requests` are those to the
 * targets.
 */
function targets(script: Script, scheduler?: SchedulerLike): Scripted {
  const isPoll = ({ query }: Recorded): boolean => query === 'what=qryxstats'
  let nth = 0
  const { transport, requests } = scripted((request) => {
    if (isPoll(request)) return script(request, nth++)
    return request.query === 'what=smap' ? mapOf(['t1']) : refusal(404, 'p[p1]: x-[g1] does not exist', 'ErrNotFound')
  }, scheduler)
  return {
    transport,
    get requests() {
      return requests.filter(isPoll)
    },
  }
}

/** The job at a virtual time: ten objects per second. */
const work = (ms: number): HttpResponse => reply({ t1: { objects: Math.floor(ms / 100) } })

/** The progress as a short text. */
const brief = (result: Result<Progress>): string => {
  if (isLeft(result)) return result.left._tag
  const { objects, objectsPerSecond, state, stalled } = result.right
  return `${objects} ${objectsPerSecond === undefined ? '?' : Math.round(objectsPerSecond)}/s ${stalled ? 'stalled' : state}`
}
/** The progress as texts, polled each second. */
const briefProgress = (
  cluster: ClusterLike,
  options: ProgressOptions = {},
  selector: JobSelector = { id: 'g1' },
): Observable<string> => progress(cluster, selector, { cadence, ...options }).pipe(map(brief))

/** Declares a spec: progress refuses these arguments, before it sends anything, with one Left. */
function itRefuses(selector: unknown, options: unknown, argument: string): void {
  it(`emits one Left for an invalid ${argument}, and completes: ${inspect([selector, options])}`, () => {
    const sent = targets(() => json({}))
    const cluster = clusterOf(sent)
    for (const result of [0, 1].map(() =>
      only(progress(cluster, selector as JobSelector, options as ProgressOptions)),
    )) {
      if (!isLeft(result) || result.left._tag !== 'InvalidArgument') throw new Error('not refused')
      expect(result.left.argument).to.equal(argument)
    }
    expect(sent.requests).to.have.lengthOf(0)
    expect(resourceCountOf(cluster)).to.equal(0)
  })
}

describe('progress', () => {
  for (const wrong of [undefined, {}, null, 'g1', { bucket: { name: 'b' } }]) itRefuses(wrong, {}, 'selector')
  itRefuses({ id: '../x' }, {}, 'id')
  itRefuses({ kind: 'lur' }, {}, 'kind')
  itRefuses({ id: 'g1' }, { cadence: 7 }, 'cadence')
  for (const stallMs of [0, -1, NaN, '1', null]) itRefuses({ id: 'g1' }, { stallMs }, 'stallMs')
  for (const total of [7, null, [], 'all']) itRefuses({ id: 'g1' }, { total }, 'total')
  for (const count of [-1, NaN, Infinity, '1', 1n, null])
    for (const name of ['objects', 'bytes']) itRefuses({ id: 'g1' }, { total: { [name]: count } }, 'total')

  it('refuses anything but a cluster', () => {
    const result = only(progress({} as ClusterLike, { id: 'g1' }))
    expect(isLeft(result) && result.left._tag).to.equal('InvalidArgument')
  })

  it('sends nothing before a subscription, emits with each reply, and continues after the end', () => {
    marbles(({ expectObservable, flush }, scheduler) => {
      const end = reply({ t1: { objects: 45, endMs: 4500 } })
      const sent = targets(({ atMs }) => (atMs < 5000 ? work(atMs) : end), scheduler)
      const cluster = clusterOf(sent, { scheduler })
      const watched = progress(cluster, { id: 'g1' }, { cadence, total: { objects: 60 } })
      expect(sent.requests).to.have.lengthOf(0)
      const shown = watched.pipe(
        rights(),
        map(
          ({ ratio, etaMs, elapsedMs, state }) =>
            `${ratio?.toFixed(2) ?? ''} ${etaMs === undefined ? '' : Math.round(etaMs)} ${elapsedMs} ${state}`,
        ),
      )
      expectObservable(shown, '^ 6s !').toBe('a 999ms b 999ms c 999ms d 999ms e 999ms (gf) 996ms f', {
        a: '0.00  0 running',
        b: '0.17  1000 running',
        c: '0.33  2000 running',
        d: '0.50 3000 3000 running',
        e: '0.67 2000 4000 running',
        // The job runs until its end is certain.
        g: '0.75 1667 4500 running',
        f: '1.00 0 4500 finished',
      })
      flush()
      expect(sent.requests.every(({ text, query }) => text === '{"id":"g1"}' && query === 'what=qryxstats')).to.equal(
        true,
      )
      expect(resourceCountOf(cluster)).to.equal(0)
    })
  })

  it('emits exactly the documented members', () => {
    const sent = targets(() => reply({ t1: { objects: 2, endMs: 500 } }))
    const ended = progress(clusterOf(sent), { id: 'g1' }, { total: { objects: 2 } }).pipe(
      rights(),
      first(({ state }) => state === 'finished'),
    )
    expect(only(ended)).to.deep.equal({
      objects: 2,
      bytes: 2048,
      elapsedMs: 500,
      ratio: 1,
      etaMs: 0,
      state: 'finished',
      stalled: false,
      windingDown: false,
      targets: Object.assign(Object.create(null) as object, { t1: { objects: 2, bytes: 2048, state: 'finished' } }),
    })
  })

  it('shares the poll of watchDetails, whether the job runs or not', () => {
    marbles(({ expectObservable, flush }, scheduler) => {
      const sent = targets(({ atMs }) => work(atMs), scheduler)
      const cluster = clusterOf(sent, { scheduler })
      const unsub = '^ 1500ms !'
      for (const selector of [{ id: 'g1' }, { id: 'g1', onlyRunning: true }])
        expectObservable(briefProgress(cluster, {}, selector), unsub).toBe('a 999ms b', {
          a: '0 ?/s running',
          b: '10 ?/s running',
        })
      expectObservable(watchDetails(cluster, { id: 'g1' }, { cadence }).pipe(map(isLeft)), unsub).toBe('a 999ms a', {
        a: false,
      })
      flush()
      expect(sent.requests.map(({ atMs }) => atMs)).to.deep.equal([0, 1000])
    })
  })

  it('emits replies that take longer than its cadence, with the time of their arrival', () => {
    marbles(({ expectObservable, flush }, scheduler) => {
      const sent = targets(() => timer(5000).pipe(map(() => work(scheduler.now()))), scheduler)
      const watched = briefProgress(clusterOf(sent, { scheduler }))
      const values = { a: '50 ?/s running', b: '110 ?/s running', c: '170 10/s running' }
      expectObservable(watched, '^ 17500ms !').toBe('5s a 5999ms b 5999ms c', values)
      flush()
      expect(sent.requests.map(({ atMs }) => atMs)).to.deep.equal([0, 6000, 12_000])
    })
  })

  it('passes on Lefts, which do not affect the progress', () => {
    marbles(({ expectObservable }, scheduler) => {
      const faults = [refusal(503, 'busy'), failing('ECONNREFUSED'), json('?'), refusal(404, 'gone')]
      const sent = targets(({ atMs }, nth) => faults[nth - 2] ?? work(atMs), scheduler)
      const values = {
        a: '0 ?/s running',
        b: '10 ?/s running',
        g: '60 10/s running',
        c: 'HttpError',
        d: 'TransportError',
        e: 'DecodeError',
        f: 'NotFound',
      }
      const expected = 'a 999ms b 999ms c 999ms d 999ms e 999ms f 999ms g'
      // A failover would hide the errors.
      const watched = briefProgress(clusterOf(sent, { scheduler, discover: false }))
      expectObservable(watched, '^ 6500ms !').toBe(expected, values)
    })
  })

  it('emits an end that a failed request makes certain, before the Left', () => {
    marbles(({ expectObservable }, scheduler) => {
      const gone = refusal(400, 'failed to call t1', 'ErrFailedTo')
      const replies: Readonly<Record<string, (atMs: number) => HttpResponse>> = {
        'what=qryxstats': (atMs) => (atMs < 1500 ? work(atMs) : gone),
        'what=status': () => statusIs({ id: 'g1', kind: 'lru', err: 'disk full', endMs: 1 }),
      }
      const sent = scripted(({ query, atMs }) => replies[query]?.(atMs) ?? mapOf(['t1']), scheduler)
      const cluster = clusterOf(sent, { scheduler })
      const evidence = timer(1500, scheduler).pipe(
        mergeMap(() => status(cluster, { id: 'g1' })),
        ignoreElements(),
      )
      const values = { a: '0 ?/s running', b: '10 ?/s running', c: '10 ?/s failed', d: 'HttpError' }
      expectObservable(merge(briefProgress(cluster), evidence), '^ 2000ms !').toBe('a 999ms b 499ms (cd)', values)
    })
  })

  it('passes failures to the cadence, like poll', () => {
    marbles(({ expectObservable }, scheduler) => {
      const sent = targets(() => refusal(503, 'busy'), scheduler)
      const byFailures = briefProgress(clusterOf(sent, { scheduler }), { cadence: ({ failures }) => failures * 1000 })
      expectObservable(byFailures, '^ 3500ms !').toBe('a 999ms a 1999ms a', { a: 'HttpError' })
    })
  })

  it('emits nothing during a request without a reply, and continues after it', () => {
    marbles(({ expectObservable, flush }, scheduler) => {
      const sent = targets(({ atMs }, nth) => (nth === 1 ? NEVER : work(atMs)), scheduler)
      const watched = briefProgress(clusterOf(sent, { scheduler, requestTimeoutMs: 90_000 }))
      const values = { a: '0 ?/s running', b: 'RequestTimeout', c: '920 ?/s running', d: '930 10/s running' }
      expectObservable(watched, '^ 93500ms !').toBe('a 90999ms b 999ms c 999ms d', values)
      flush()
      expect(sent.requests.map(({ state }) => state)).to.deep.equal(['answered', 'cut', 'answered', 'answered'])
    })
  })

  it('reports a stall with the first reply after the given time, and continues', () => {
    marbles(({ expectObservable }, scheduler) => {
      const sent = targets(({ atMs }) => work(Math.min(atMs, 2000) + Math.max(0, atMs - 5000)), scheduler)
      const watched = briefProgress(clusterOf(sent, { scheduler }), { stallMs: 2500 })
      const values = {
        a: '0 ?/s running',
        b: '10 ?/s running',
        c: '20 ?/s running',
        d: '20 7/s running',
        e: '20 5/s running',
        f: '20 ?/s stalled',
        g: '30 ?/s running',
      }
      const expected = 'a 999ms b 999ms c 999ms d 999ms e 999ms f 999ms g'
      expectObservable(watched, '^ 6500ms !').toBe(expected, values)
    })
  })

  it('reports a stall after one minute by default', () => {
    marbles(({ expectObservable }, scheduler) => {
      const sent = targets(() => work(100), scheduler)
      const watched = briefProgress(clusterOf(sent, { scheduler }), { cadence: constant(20_000) })
      const values = { a: '1 ?/s running', b: '1 0/s running', c: '1 ?/s stalled' }
      expectObservable(watched, '^ 61s !').toBe('a 19999ms a 19999ms b 19999ms c', values)
    })
  })

  it('computes rates separately for each subscriber, also when others join or unsubscribe', () => {
    marbles(({ expectObservable, flush }, scheduler) => {
      const sent = targets(({ atMs }) => work(atMs), scheduler)
      const watched = briefProgress(clusterOf(sent, { scheduler }))
      const values = {
        a: '0 ?/s running',
        b: '10 ?/s running',
        c: '20 ?/s running',
        d: '30 10/s running',
        e: '40 10/s running',
        C: '20 ?/s running',
        D: '30 ?/s running',
        E: '40 ?/s running',
        F: '50 10/s running',
      }
      expectObservable(watched, '^ 4500ms !').toBe('a 999ms b 999ms c 999ms d 999ms e', values)
      // It receives the reply of 2000 at 2900. A time of 2900 would make the rate too high.
      expectObservable(watched, '2900ms ^ 2500ms !').toBe('2900ms C 99ms D 999ms E 999ms F', values)
      flush()
      expect(sent.requests.map(({ atMs }) => atMs)).to.deep.equal([0, 1000, 2000, 3000, 4000, 5000])
    })
  })

  it('starts again with a second subscription', () => {
    marbles(({ expectObservable }, scheduler) => {
      const sent = targets(({ atMs }) => work(atMs), scheduler)
      const watched = briefProgress(clusterOf(sent, { scheduler }))
      const values = {
        a: '0 ?/s running',
        b: '10 ?/s running',
        c: '20 ?/s running',
        d: '30 10/s running',
        A: '100 ?/s running',
        B: '110 ?/s running',
        C: '120 ?/s running',
        D: '130 10/s running',
      }
      expectObservable(watched, '^ 3500ms !').toBe('a 999ms b 999ms c 999ms d', values)
      expectObservable(watched, '10s ^ 3500ms !').toBe('10s A 999ms B 999ms C 999ms D', values)
    })
  })

  it('uses only the scheduler of its cluster', () => {
    const clock = useFakeTimers()
    try {
      const worlds = [1, 3].map((pace) => {
        const scheduler = new VirtualTimeScheduler()
        scheduler.maxFrames = 5500
        const sent = targets(({ atMs }) => work(pace * atMs), scheduler)
        const seen: string[] = []
        const subscription = briefProgress(clusterOf(sent, { scheduler })).subscribe((text) => seen.push(text))
        return { scheduler, seen, subscription }
      })
      clock.tick(60_000)
      for (const { seen } of worlds) expect(seen).to.have.lengthOf(1)
      worlds[0]?.scheduler.flush()
      expect(worlds.map(({ seen }) => seen.length)).to.deep.equal([6, 1])
      worlds[1]?.scheduler.flush()
      expect(worlds.map(({ seen }) => seen.at(-1))).to.deep.equal(['50 10/s running', '150 30/s running'])
      expect(clock.countTimers()).to.equal(0)
      for (const { subscription } of worlds) subscription.unsubscribe()
    } finally {
      clock.restore()
    }
  })

  it('is correct after a timer that is ten minutes late: the rate covers the whole time, without a stall or a jump of the ETA', () => {
    const scheduler = new Late()
    const sent = targets(({ atMs }) => work(atMs), scheduler)
    const seen: Progress[] = []
    const watched = progress(clusterOf(sent, { scheduler }), { id: 'g1' }, { cadence, total: { objects: 20_000 } })
    const subscription = watched.pipe(rights()).subscribe((one) => seen.push(one))
    for (let step = 0; step < 6; step += 1) scheduler.fire(step === 4 ? 600_000 : 0)
    subscription.unsubscribe()
    expect(sent.requests.map(({ atMs }) => atMs)).to.deep.equal([0, 1000, 2000, 3000, 4000, 605_000, 606_000])
    for (const { objectsPerSecond, stalled, elapsedMs, etaMs = NaN } of seen.slice(3)) {
      expect(objectsPerSecond).to.be.closeTo(10, 1e-9)
      expect(stalled).to.equal(false)
      expect(elapsedMs + etaMs).to.be.closeTo(2_000_000, 1)
    }
    expect(scheduler.waiting).to.equal(0)
  })

  it('can be unsubscribed while a value is handled, without an effect on other subscribers, and leaves no timer', () => {
    marbles(({ expectObservable, flush }, scheduler) => {
      const sent = targets(({ atMs }) => work(atMs), scheduler)
      const cluster = clusterOf(sent, { scheduler })
      const received: string[] = []
      const subscription: Subscription = briefProgress(cluster).subscribe((text) => {
        received.push(text)
        // A synchronous reply arrives before `subscription` is assigned.
        if (received.length === 2) subscription.unsubscribe()
      })
      expectObservable(briefProgress(cluster).pipe(take(3))).toBe('a 999ms b 999ms (c|)', {
        a: '0 ?/s running',
        b: '10 ?/s running',
        c: '20 ?/s running',
      })
      flush()
      expect(received).to.deep.equal(['0 ?/s running', '10 ?/s running'])
      expect(sent.requests.map(({ atMs }) => atMs)).to.deep.equal([0, 1000, 2000])
      expect(resourceCountOf(cluster)).to.equal(0)
    })
  })

  it('can be subscribed to again during its completion', () => {
    marbles(({ flush }, scheduler) => {
      const sent = targets(({ atMs }) => timer(10).pipe(map(() => work(atMs))), scheduler)
      const cluster = clusterOf(sent, { scheduler })
      const received: string[] = []
      const twice = defer(() => briefProgress(cluster).pipe(take(2)))
      const again = (): unknown => twice.subscribe((text) => received.push(`again ${text}`))
      twice.subscribe({ next: (text) => received.push(text), complete: () => again() })
      flush()
      // The poll continues: `take` completes before it unsubscribes.
      expect(received).to.deep.equal([
        '0 ?/s running',
        '10 ?/s running',
        'again 10 ?/s running',
        'again 20 ?/s running',
      ])
      expect(sent.requests.map(({ atMs, state }) => `${atMs} ${state}`)).to.deep.equal([
        '0 answered',
        '1010 answered',
        '2020 answered',
      ])
      expect(resourceCountOf(cluster)).to.equal(0)
    })
    const seen: string[] = []
    const refused = briefProgress(clusterOf(targets(() => json({}))), { stallMs: 0 })
    const note = (text: string): void => void seen.push(text)
    const again = (): unknown => refused.subscribe(note)
    refused.subscribe({ next: note, complete: () => again() })
    expect(seen).to.deep.equal(['InvalidArgument', 'InvalidArgument'])
  })

  it('follows the next run of a kind', () => {
    marbles(({ expectObservable }, scheduler) => {
      const sent = targets(({ atMs }) => {
        const first = { id: 'g1', objects: 5, endMs: 900 }
        return json({
          t1: (atMs < 2000 ? [first] : [first, { id: 'g2', objects: 1, startMs: 1900 }]).map((one) =>
            JobSnap.encode(part(one)),
          ),
        })
      }, scheduler)
      const watched = briefProgress(clusterOf(sent, { scheduler }), {}, { kind: 'lru' })
      const values = { a: '5 ?/s finished', b: '1 ?/s running' }
      expectObservable(watched, '^ 2500ms !').toBe('a 999ms a 999ms b', values)
    })
  })

  it('reports the state `starting` while no target has a part', () => {
    const sent = targets(() => of(json({ t1: [], t2: [] })))
    const result = only(briefProgress(clusterOf(sent), {}, { kind: 'lru' }).pipe(take(1)))
    expect(result).to.equal('0 ?/s starting')
  })
})

/** A scheduler whose timers fire late, like those of a tab in the background. */
class Late extends VirtualTimeScheduler {
  get waiting(): number {
    return this.actions.filter((action) => !action.closed).length
  }
  fire(lateMs: number): void {
    const action = this.actions.filter((one) => !one.closed).sort((a, b) => dueOf(a) - dueOf(b))[0]
    if (action === undefined) throw new Error('no timer')
    this.actions.splice(this.actions.indexOf(action), 1)
    this.frame = dueOf(action) + lateMs
    action.execute(action.state, action.delay)
  }
}

/** The time at which a virtual action is due. */
const dueOf = (action: unknown): number => (action as VirtualAction<unknown>).delay
