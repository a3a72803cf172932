import { expect } from 'chai'
import { BehaviorSubject, Subject, map, mergeMap, of, repeat, take, timer } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { adaptive, backoff, constant, type Cadence, type Tick } from '../../../lib/cadence.ts'
import { isLeft } from '../../../lib/common/either.ts'
import { environmentOf } from '../../../lib/environment.ts'
import type { HttpResponse } from '../../../lib/transport/transport.ts'
import { resourceCount } from '../../../lib/observer.ts'
import { wait, waitForIdle, waitNotRunning, waitStarted } from '../../../lib/wait.ts'
import { crowd, mostAtOnce, outcomeOf, waitFor, idOf, idsOf, jobScripts } from '../../helpers/crowd.ts'
import type { World } from '../../helpers/fake-cluster.ts'
import { ns, statusRow } from '../../helpers/fake-cluster/replies.ts'
import { abortedAt, atWork, endsAt, jobsWorld, type JobScript } from '../../helpers/jobs-world.ts'
import { after, virtual } from '../../helpers/observe.ts'
import { clusterOf, silent } from '../../helpers/scripted.ts'
import { defined } from '../../../lib/common/defined.ts'

// Many waits on one cluster value share their requests, and each ends as if it were alone.

const kind = 'copy-bck'

/** How many requests for a status, and how many for the snapshots of a run, may be in flight (`MOST_OF_RUNS`). */
const MOST_AT_ONCE = 16

describe('waits on many jobs', () => {
  it('send one request a tick and one for each end, with at most 16 for each query in flight, and few to the targets', () => {
    const n = 1000
    const world = jobsWorld(
      jobScripts(n, (i) => endsAt(20_000 + i)),
      { latencyMs: 5, targets: 1 },
    )
    const { results, requests, count } = crowd(
      world,
      idsOf(n).map((id) => waitFor(id)),
    )
    expect(new Set(results.map(outcomeOf))).to.deep.equal(new Set(['finished']))
    for (const { atMs } of results) expect(atMs).to.be.within(20_000, 23_000)
    // The first wait was alone for a moment.
    expect(count('status', 0, 19_999)).to.be.at.most(2)
    expect(count('status', 20_000)).to.equal(n)
    expect(count('statuses')).to.be.within(20, 25)
    expect(count('snapshots', 0, 19_999)).to.be.at.most(4)
    // Polls of the targets become rare: fewer than one in 1.4 s of these 23 s.
    expect(count('running')).to.be.at.most(16)
    // The ends are confirmed in batches of the size that may be in flight: at most two requests for each batch.
    expect(count('snapshots', 20_000)).to.be.at.most(2 * Math.ceil(n / MOST_AT_ONCE) + 2)
    expect(count('map')).to.be.at.most(2)
    for (const what of ['what=status', 'what=qryxstats'])
      expect(mostAtOnce(requests.filter(({ query }) => query === what)), what).to.be.at.most(MOST_AT_ONCE)
  }).timeout(60_000)

  it('cost one request a tick in the long run, however many waits there are', () => {
    const totals = [2, 50].map((n) => {
      const world = jobsWorld(
        jobScripts(n, () => atWork),
        { latencyMs: 5 },
      )
      const { requests } = crowd(
        world,
        idsOf(n).map((id) => waitFor(id, { leavesMs: 60_000 })),
      )
      return requests.filter(({ atMs }) => atMs > 5_000).length
    })
    expect(totals[0]).to.be.closeTo(totals[1]!, 2)
    // One list a second for 55 s, and at most one poll of the targets every 2 s on average.
    expect(totals[0]).to.be.within(55, 55 + 28)
  })

  it('never derive a success from a row: the full status is requested, once', () => {
    const world = jobsWorld({
      ...jobScripts(3, () => endsAt(5_000)),
      failed001: { ...endsAt(5_000), ic: { err: 'disk full' } },
      aborted01: abortedAt(5_000),
    })
    const ids = [...idsOf(3), 'failed001', 'aborted01']
    const { results, requestLog } = crowd(
      world,
      ids.map((id) => waitFor(id)),
    )
    expect(results.map(outcomeOf)).to.deep.equal(['finished', 'finished', 'finished', 'failed', 'aborted'])
    expect(results.slice(3).map(({ result }) => (result as { right: { error?: string } }).right.error)).to.deep.equal([
      'disk full',
      'user abort',
    ])
    const late = requestLog.filter((one) => one.startsWith('status ') && Number(one.split('@')[1]) >= 5_000)
    expect(late.map((one) => one.split('@')[0]).sort()).to.deep.equal(ids.map((id) => `status ${id}`).sort())
  })

  it('accept a row that is aborted before it has an end time', () => {
    const world = jobsWorld({
      ...jobScripts(2, () => atWork),
      aborting1: { ...atWork, ic: { reports: (ms) => (ms < 3_000 ? {} : { aborted: true, err: 'user abort' }) } },
    })
    const { results } = crowd(world, [
      waitFor('aborting1'),
      waitFor('aborting1', { atMs: 500 }),
      waitFor(idOf(0), { leavesMs: 9_000 }),
      waitFor(idOf(1), { leavesMs: 9_000 }),
    ])
    expect(results.slice(0, 2).map(outcomeOf)).to.deep.equal(['aborted', 'aborted'])
    for (const { atMs } of results.slice(0, 2)) expect(atMs).to.be.within(3_000, 4_500)
  })

  it('prefer the ended one of two rows (T9)', () => {
    const world = jobsWorld(jobScripts(3, (i) => endsAt(i === 0 ? 38_000 : 60_000)))
    const open = statusRow({ id: idOf(0), kind })
    const twice = ({ body, ...reply }: HttpResponse) => ({
      ...reply,
      body: body.replace(']', `,${open}]`).replace('[', `[${open},`),
    })
    const { results } = crowd(
      { ...world, statuses: (_ms, _, reply) => reply.pipe(map(twice)) },
      idsOf(3).map((id) => waitFor(id)),
    )
    // The end comes from the list, before the next poll of the targets is due.
    expect(results[0]?.atMs).to.be.within(38_000, 39_200)
    expect(results.map(outcomeOf)).to.deep.equal(['finished', 'finished', 'finished'])
  })

  it('report each end in time, although replies for several jobs are shared', () => {
    const n = 40
    const world = jobsWorld(
      jobScripts(n, (i) => endsAt(3_000 + 700 * i)),
      { latencyMs: 30 },
    )
    const { results, count } = crowd(
      world,
      idsOf(n).map((id) => waitFor(id)),
    )
    for (const [i, one] of results.entries()) {
      expect(outcomeOf(one)).to.equal('finished')
      expect(one.atMs! - (3_000 + 700 * i)).to.be.within(0, 1_400)
      expect((one.result as { right: { endTime: bigint } }).right.endTime).to.equal(ns(3_000 + 700 * i))
    }
    expect(count('status')).to.be.at.most(n + 3)
  })
})

describe('waits on one job', () => {
  it('send one request a tick, for that job only, and end together', () => {
    const world = jobsWorld({ [idOf(0)]: endsAt(10_000) }, { latencyMs: 5 })
    const { results, count, requests } = crowd(
      world,
      Array.from({ length: 200 }, () => waitFor(idOf(0))),
    )
    expect(new Set(results.map(outcomeOf))).to.deep.equal(new Set(['finished']))
    const times = results.map(({ atMs }) => atMs!)
    expect(Math.max(...times) - Math.min(...times.slice(1))).to.be.at.most(2 * 5)
    expect(count('statuses')).to.equal(0)
    expect(count('status', 2_000, 9_000)).to.be.within(6, 8)
    // At most two requests a second for 10 s, and a few for the map and the confirmation of the end.
    expect(requests.length).to.be.at.most(2 * 10 + 4)
  })

  it('have their own state, budget and outcome', () => {
    const world = jobsWorld({ [idOf(0)]: endsAt(10_000) })
    const waits = [
      { one: waitFor(idOf(0)), outcome: 'finished' },
      { one: waitFor(idOf(0), { timeoutMs: 4_000 }), outcome: 'WaitTimeout' },
      { one: waitFor(idOf(0), { atMs: 2_000, timeoutMs: 4_000 }), outcome: 'WaitTimeout' },
      { one: waitFor(idOf(0), { by: waitStarted }), outcome: 'started' },
      { one: waitFor(idOf(0), { by: waitNotRunning }), outcome: 'not-running' },
      { one: { selector: { id: idOf(0), kind: 'lru' } }, outcome: 'NotFound' },
      { one: { selector: { id: idOf(0) } }, outcome: 'finished' },
      { one: waitFor(idOf(0), { leavesMs: 5_000 }), outcome: 'nothing' },
    ]
    const { results } = crowd(
      world,
      waits.map(({ one }) => one),
    )
    expect(results.map(outcomeOf)).to.deep.equal(waits.map(({ outcome }) => outcome))
    expect(results.slice(1, 3).map(({ atMs }) => atMs)).to.deep.equal([4_000, 6_000])
    const last = (results[1]?.result as { left: { last?: { status?: { id: string } } } }).left.last
    expect(last?.status?.id).to.equal(idOf(0))
  })
})

describe('a wait that joins late', () => {
  it('gets a new reply within 100 ms plus the duration of a request, however slow the other cadences are', () => {
    const world = jobsWorld(
      jobScripts(12, (i) => (i < 2 ? atWork : endsAt(1_000))),
      { latencyMs: 20 },
    )
    const { results } = crowd(
      world,
      [
        waitFor(idOf(0), { leavesMs: 40_000 }),
        waitFor(idOf(1), { leavesMs: 40_000 }),
        ...idsOf(12)
          .slice(2)
          .map((id, i) => waitFor(id, { atMs: 5_000 + 1_357 * i })),
      ],
      { cadence: constant(30_000) },
    )
    for (const [i, one] of results.slice(2).entries()) {
      expect(outcomeOf(one)).to.equal('finished')
      // The list, then the full status.
      expect(one.atMs! - (5_000 + 1_357 * i)).to.be.within(20, 100 + 3 * 20)
    }
  })

  it('never uses a reply to a request that was sent before the wait began', () => {
    // The reply that is in flight when the wait begins shows the job running, although the job has ended.
    const world = jobsWorld(jobScripts(3, (i) => (i < 2 ? atWork : endsAt(9_000))))
    const { results, requests } = crowd({ ...world, statuses: (_ms, _, reply) => after(900, reply) }, [
      waitFor(idOf(0), { leavesMs: 20_000 }),
      waitFor(idOf(1), { leavesMs: 20_000 }),
      waitFor(idOf(2), { atMs: 9_050 }),
    ])
    const askedAt = requests.filter(({ query }) => query === 'what=status_all').map(({ atMs }) => atMs)
    const first = askedAt.find((atMs) => atMs >= 9_050)!
    const joined = results[2]!
    expect(joined.atMs).to.be.at.least(first + 900)
    expect(outcomeOf(joined)).to.equal('finished')
  })

  it('repeats the list as soon as possible right after another one, although nothing has changed since', () => {
    const world = jobsWorld(
      jobScripts(2, (i) => (i === 0 ? endsAt(30_030) : atWork)),
      { latencyMs: 5 },
    )
    const { results } = crowd(
      world,
      [
        waitFor(idOf(0), { leavesMs: 40_000 }),
        waitFor(idOf(1), { leavesMs: 40_000 }),
        waitFor(idOf(0), { atMs: 30_050, cadence: constant(100) }),
      ],
      { cadence: constant(30_000) },
    )
    const joined = results[2]!
    expect(outcomeOf(joined)).to.equal('finished')
    // The others have requested the list at 30 s. Equal requests are at least 100 ms apart.
    expect(joined.atMs).to.be.within(30_100, 30_150)
  })

  it('is not delayed by a hanging status request that only one other job needs (a frozen target)', () => {
    const world = jobsWorld(jobScripts(2, (i) => (i === 0 ? atWork : endsAt(1_000))))
    const frozen: World = {
      ...world,
      status: (_, query, reply) => after(query.id === idOf(0) ? 20_000 : 0, reply),
    }
    const { results } = crowd(frozen, [
      waitFor(idOf(0), { leavesMs: 60_000 }),
      waitFor(idOf(0), { leavesMs: 60_000 }),
      waitFor(idOf(1), { atMs: 25_000 }),
      waitFor(idOf(1), { atMs: 27_000 }),
    ])
    const joined = results.slice(2)
    expect(joined.map(outcomeOf)).to.deep.equal(['finished', 'finished'])
    expect(joined[0]?.atMs).to.be.at.most(25_000 + 300)
    expect(joined[1]?.atMs).to.be.at.most(27_000 + 300)
  })

  it('does not cause more than ten list requests a second', () => {
    const world = jobsWorld(
      jobScripts(200, () => atWork),
      { latencyMs: 1 },
    )
    const { requests } = crowd(
      world,
      idsOf(200).map((id, i) => waitFor(id, { atMs: 17 * i, leavesMs: 10_000 })),
    )
    const times = requests.filter(({ query }) => query === 'what=status_all').map(({ atMs }) => atMs)
    for (const [n, ms] of times.slice(1).entries()) expect(ms - times[n]!).to.be.at.least(100)
    expect(times.filter((ms) => ms < 3_400).length).to.be.within(20, 34)
  })
})

describe('a wait that is unsubscribed', () => {
  it('affects no other wait: their outcomes and times are the same', () => {
    const world = jobsWorld(
      jobScripts(6, (i) => endsAt(10_000 + 500 * i)),
      { latencyMs: 10 },
    )
    const stay = idsOf(4).map((id) => waitFor(id))
    const others = [waitFor(idOf(4), { leavesMs: 30 }), waitFor(idOf(5), { leavesMs: 5_555 })]
    const [with_, without] = [
      crowd(world, [...stay, ...others]),
      crowd(world, [...stay, ...others.map((one) => ({ ...one, leavesMs: 9_990 }))]),
    ]
    expect(with_.results.slice(0, 4)).to.deep.equal(without.results.slice(0, 4))
  })

  it('as the last one leaves nothing in flight, during a request, a pause or a queue', () => {
    const world = jobsWorld(
      jobScripts(30, (i) => endsAt(4_000 + i)),
      { latencyMs: 50 },
    )
    for (const leavesMs of [1, 30, 60, 120, 160, 500, 1_130, 4_150, 4_175, 4_200, 4_260, 4_300, 5_000]) {
      const { requests } = crowd(
        world,
        idsOf(30).map((id) => waitFor(id, { leavesMs })),
      )
      expect(requests.filter(({ atMs }) => atMs > leavesMs)).to.deep.equal([])
    }
  })

  it('as the last one, at the moment at which the next list is due, leaves no list in flight for later waits', () => {
    const failed = { endMs: 2_000, err: 'disk full' }
    const world = jobsWorld({
      [idOf(0)]: atWork,
      [idOf(1)]: { ...atWork, ic: { reports: (ms) => (ms < 2_000 ? {} : failed) } },
      [idOf(2)]: endsAt(8_000),
      [idOf(3)]: endsAt(9_000),
    })
    const { results, count } = crowd(
      // The targets cannot report the cause, so the failure counts one second after a list has shown it: with the next
      // list.
      { ...world, snapshots: (ms, _, reply) => (ms >= 2_000 && ms < 4_000 ? silent : reply) },
      [
        waitFor(idOf(0), { leavesMs: 2_500 }),
        waitFor(idOf(1)),
        ...[2, 3].map((n) => waitFor(idOf(n), { atMs: 5_000, timeoutMs: 20_000 })),
      ],
    )
    expect(results.map(outcomeOf)).to.deep.equal(['nothing', 'failed', 'finished', 'finished'])
    expect(results[1]?.atMs).to.equal(3_000)
    expect(count('statuses', 5_000)).to.be.at.least(3)
  })

  it('and subscribed again while its value is delivered affects no other wait', () => {
    const world = jobsWorld(jobScripts(3, (i) => endsAt(3_000 + 1_000 * i)))
    const scheduler = new TestScheduler(() => undefined)
    const cluster = clusterOf(virtual(world, scheduler), { scheduler, cadence: constant(1_000) })
    const internals = environmentOf(cluster)
    const seen: string[] = []
    scheduler.run(() => {
      scheduler.maxFrames = 100_000
      const emitted = (name: string) => () => seen.push(`${name}@${scheduler.now()}`)
      const begin = (n: number, name: string) => wait(cluster, { id: idOf(n), kind }).subscribe(emitted(name))
      wait(cluster, { id: idOf(0), kind })
        .pipe(take(1))
        .subscribe(emitted('leaves'))
      wait(cluster, { id: idOf(0), kind })
        .pipe(repeat(3))
        .subscribe(emitted('again'))
      wait(cluster, { id: idOf(1), kind }).subscribe({
        next: () => {
          emitted('inside')()
          begin(0, 'after')
        },
        complete: () => begin(2, 'beside'),
      })
    })
    expect(seen.map((one) => one.split('@')[0]).sort()).to.deep.equal(
      ['after', 'again', 'again', 'again', 'beside', 'inside', 'leaves'].sort(),
    )
    const times = Object.fromEntries(seen.map((one) => one.split('@') as [string, string]))
    expect(Number(times['inside'])).to.be.within(4_000, 5_100)
    expect(Number(times['after']) - Number(times['inside'])).to.be.within(0, 300)
    expect(Number(times['beside'])).to.be.within(5_000, 6_200)
    expect(isLeft(internals) ? -1 : resourceCount(internals.right)).to.equal(0)
  })
})

describe('the cadences of several waits', () => {
  it('apply to each wait: the fastest one rules while its wait lasts', () => {
    const world = jobsWorld(jobScripts(3, () => atWork))
    const { requests } = crowd(world, [
      waitFor(idOf(0), { cadence: constant(10_000), leavesMs: 60_000 }),
      waitFor(idOf(1), { cadence: constant(5_000), leavesMs: 60_000 }),
      waitFor(idOf(2), { cadence: constant(500), atMs: 20_000, leavesMs: 30_000 }),
    ])
    const times = requests.filter(({ query }) => query === 'what=status_all').map(({ atMs }) => atMs)
    const between = (from: number, to: number): readonly number[] => times.filter((ms) => ms >= from && ms < to)
    expect(between(10_000, 20_000)).to.have.lengthOf(2)
    expect(between(20_000, 30_000).length).to.be.within(18, 21)
    expect(between(30_500, 60_000).length).to.be.within(5, 6)
  })

  it('receive the elapsed time and the number of replies of their own wait', () => {
    const ticks: Record<string, Tick[]> = { first: [], late: [] }
    const kept =
      (name: string): Cadence =>
      (tick) => (ticks[name]?.push(tick), 1_000)
    const world = jobsWorld(jobScripts(3, () => atWork))
    crowd(world, [
      waitFor(idOf(0), { cadence: kept('first'), leavesMs: 40_000 }),
      waitFor(idOf(1), { cadence: constant(1_000), leavesMs: 40_000 }),
      waitFor(idOf(2), { cadence: kept('late'), atMs: 30_000, leavesMs: 40_000 }),
    ])
    for (const name of ['first', 'late'] as const) {
      const all = ticks[name]!
      // The values continue from where they were when the wait joined, and never decrease.
      expect(all.map(({ n }) => n)).to.deep.equal(all.map(({ n }) => n).sort((a, b) => a - b))
      expect(all.map(({ elapsedMs }) => elapsedMs)).to.deep.equal(all.map((one) => one.elapsedMs).sort((a, b) => a - b))
    }
    expect(ticks['late']!.at(-1)!.elapsedMs).to.be.within(9_000, 10_000)
    expect(ticks['late']!.at(-1)!.n).to.be.within(8, 12)
    expect(ticks['first']!.at(-1)!.elapsedMs).to.be.within(39_000, 40_000)
    expect(ticks['first']!.at(-1)!.n).to.be.within(38, 42)
  })

  it('back off and adapt as for a single wait, even if the requests change', () => {
    // The kind is learnt only from the list, and it idles: the wait changes from one request to another.
    const idler: JobScript = { ...atWork, kind: 'put-copies' }
    for (const cadence of [backoff(), adaptive()]) {
      const world = jobsWorld({ idler0001: idler, ...jobScripts(2, () => atWork) })
      const { requests } = crowd(
        world,
        [
          waitFor(idOf(0), { leavesMs: 200_000 }),
          waitFor(idOf(1), { leavesMs: 200_000 }),
          { selector: { id: 'idler0001' }, leavesMs: 400_000, timeoutMs: Infinity },
        ],
        { cadence },
      )
      const pollTimes = requests
        .filter(({ query, body }) => query === 'what=qryxstats' && (body as { id?: string }).id === 'idler0001')
        .map(({ atMs }) => atMs)
      const waits = pollTimes.slice(1).map((ms, n) => ms - pollTimes[n]!)
      // The wait grows to its maximum, which is 10 s with a jitter of up to a fifth for `adaptive`, and stays there.
      expect(waits[0]).to.be.below(3_500)
      expect(Math.min(...waits.slice(-3))).to.be.above(7_900)
    }
  })

  it('may be Observables: one that emitted once, when its wait was alone, is not subscribed to again', () => {
    // The first emits its cadence to each subscriber, the second one only once.
    for (const cadence of [new BehaviorSubject<Cadence>(constant(2_000)), new Subject<Cadence>()]) {
      const world = jobsWorld(jobScripts(2, () => endsAt(10_000)))
      const scheduler = new TestScheduler(() => undefined)
      const cluster = clusterOf(virtual(world, scheduler), { scheduler, cadence: constant(60_000) })
      const seen: number[] = []
      scheduler.run(() => {
        scheduler.maxFrames = 400_000
        wait(cluster, { id: idOf(0), kind }, { cadence }).subscribe(() => seen.push(scheduler.now()))
        if (!(cadence instanceof BehaviorSubject)) cadence.next(constant(2_000))
        timer(500, scheduler)
          .pipe(mergeMap(() => wait(cluster, { id: idOf(1), kind })))
          .subscribe()
      })
      expect(seen).to.have.lengthOf(1)
      expect(seen[0]).to.be.within(10_000, 12_100)
    }
  })

  it('do not delay the first request, even if an Observable has not emitted a cadence', () => {
    const world = jobsWorld(jobScripts(3, (i) => (i < 2 ? atWork : endsAt(1_000))))
    const { results } = crowd(
      world,
      [
        waitFor(idOf(0), { leavesMs: 90_000 }),
        waitFor(idOf(1), { leavesMs: 90_000 }),
        waitFor(idOf(2), { atMs: 5_000, cadence: new Subject<Cadence>() }),
      ],
      { cadence: constant(60_000) },
    )
    expect(results[2]?.atMs).to.be.within(5_000, 5_200)
  })

  it('end only their own wait if they throw', () => {
    const defect = new Error('defect')
    const thrower: Cadence = ({ elapsedMs }) => {
      if (elapsedMs >= 2_000) throw defect
      return 1_000
    }
    const world = jobsWorld(jobScripts(3, () => endsAt(6_000)))
    const { results } = crowd(world, [
      waitFor(idOf(0)),
      waitFor(idOf(1), { cadence: thrower }),
      waitFor(idOf(2), { cadence: of(thrower) }),
      waitFor(idOf(1)),
    ])
    expect(results.map(({ error }) => error)).to.deep.equal([undefined, defect, defect, undefined])
    expect([results[0]!, results[3]!].map(outcomeOf)).to.deep.equal(['finished', 'finished'])
    for (const one of results.slice(1, 3)) expect(one.atMs).to.be.within(2_000, 3_200)
  })
})

describe('two clusters', () => {
  it('share nothing, not even a clock', () => {
    const world = jobsWorld(jobScripts(2, () => endsAt(5_000)))
    const [one, other] = [new TestScheduler(() => undefined), new TestScheduler(() => undefined)]
    const seen: string[] = []
    const begin = (name: string, scheduler: TestScheduler): readonly number[] => {
      const fake = virtual(world, scheduler)
      const cluster = clusterOf(fake, { scheduler, cadence: constant(1_000) })
      for (const id of idsOf(2))
        wait(cluster, { id, kind }).subscribe(() => seen.push(`${name} ${id}@${scheduler.now()}`))
      scheduler.maxFrames = 100_000
      return fake.requests.map(({ atMs }) => atMs)
    }
    begin('one', one)
    begin('other', other)
    one.flush()
    expect(seen.map((text) => text.split('@')[0]).sort()).to.deep.equal([`one ${idOf(0)}`, `one ${idOf(1)}`])
    other.flush()
    expect(seen).to.have.lengthOf(4)
    expect(seen.slice(2).map((text) => text.split('@')[1])).to.deep.equal(
      seen.slice(0, 2).map((text) => text.split('@')[1]),
    )
  })
})

describe('waits for jobs of several kinds', () => {
  /** A job that becomes idle at this time. */
  const idles = (idleMs: number): JobScript => ({ kind: 'put-copies', idleMs })
  /** A job whose end the Information Center learns of half a minute late. */
  const late = (endMs: number): JobScript => endsAt(endMs, { kind: 'load-lom-cache', icMs: 30_000 })

  it('end for a kind that idles when two replies, two seconds apart, show the job idle', () => {
    const world = jobsWorld({ idler0001: idles(3_000), idler0002: idles(6_000), ...jobScripts(2, () => endsAt(4_000)) })
    const { results, requestLog } = crowd(world, [
      { selector: { id: 'idler0001', kind: 'put-copies' } },
      { selector: { id: 'idler0002', kind: 'put-copies' } },
      { selector: { id: 'idler0001', kind: 'put-copies' }, by: waitForIdle },
      { selector: { id: 'idler0002' } },
      ...idsOf(2).map((id) => waitFor(id)),
    ])
    expect(results.map(outcomeOf)).to.deep.equal(['idle', 'idle', 'idle', 'idle', 'finished', 'finished'])
    for (const [n, fromMs] of [3_000, 6_000, 3_000, 6_000].entries())
      expect(results[n]!.atMs! - fromMs).to.be.within(2_000, 3_400)
    expect(requestLog.filter((one) => one.startsWith('status idler0001'))).to.deep.equal([])
  })

  it('poll the targets for a kind whose ends the Information Center learns of late', () => {
    const world = jobsWorld({ warmup001: late(3_000), warmup002: late(7_000), ...jobScripts(2, () => endsAt(4_000)) })
    const { results, count } = crowd(world, [
      { selector: { id: 'warmup001', kind: 'load-lom-cache' } },
      { selector: { id: 'warmup002', kind: 'load-lom-cache' } },
      { selector: { id: 'warmup002' } },
      ...idsOf(2).map((id) => waitFor(id)),
    ])
    expect(new Set(results.map(outcomeOf))).to.deep.equal(new Set(['finished']))
    const warmUpEndsMs = [3_000, 7_000, 7_000]
    for (const [n, endMs] of warmUpEndsMs.entries()) expect(results[n]!.atMs! - endMs).to.be.within(0, 1_400)
    expect(count('snapshots', 2_000, 2_999)).to.be.at.most(2)
  })

  it('accept an id without a kind, a kind without an id, and one target', () => {
    const world = jobsWorld({
      ...jobScripts(2, () => endsAt(4_000)),
      lru000001: endsAt(5_000, { kind: 'lru' }),
      onTarget1: { ...endsAt(3_000, { kind: 'resilver' }), on: [1], ic: { untilMs: 0 } },
      evict0001: endsAt(6_000, { kind: 'evict-remote-bck' }),
    })
    const known = [
      { selector: { id: idOf(0) }, outcome: 'finished', fromMs: 4_000 },
      { selector: { id: idOf(1), target: 't3' }, outcome: 'finished', fromMs: 4_000 },
      { selector: { kind: 'lru' }, outcome: 'finished', fromMs: 5_000 },
      { selector: { kind: 'lru' }, by: waitNotRunning, outcome: 'not-running', fromMs: 5_000 },
      { selector: { kind: 'lru' }, by: waitStarted, outcome: 'started', fromMs: 0 },
      { selector: { id: 'onTarget1', kind: 'resilver' }, outcome: 'finished', fromMs: 3_000 },
      { selector: { id: 'evict0001' }, outcome: 'finished', fromMs: 6_000 },
      { selector: { id: 'evict0001', kind: 'evict-remote-bck' }, outcome: 'finished', fromMs: 6_000 },
    ]
    const unknown = [{ selector: { id: 'unknown01', kind } }, { selector: { id: 'unknown02' } }]
    const { results } = crowd(world, [
      ...known.map(({ selector, by }) => ({ selector, ...defined({ by }) })),
      ...unknown,
    ])
    for (const [n, { outcome, fromMs }] of known.entries()) {
      expect(outcomeOf(results[n]!), `wait ${n}`).to.equal(outcome)
      expect(results[n]!.atMs! - fromMs, `wait ${n}`).to.be.within(0, 1_500)
    }
    for (const one of results.slice(known.length)) {
      expect(outcomeOf(one)).to.equal('NotFound')
      expect(one.atMs).to.be.within(10_000, 13_500)
    }
    expect(results).to.have.lengthOf(known.length + unknown.length)
  })
})

describe('a transport that replies at once', () => {
  it('has the same outcomes as one that emits asynchronously', () => {
    const world = jobsWorld(jobScripts(50, (i) => endsAt(2_000 + 100 * i)))
    const { results, count } = crowd(
      world,
      idsOf(50).map((id) => waitFor(id)),
    )
    expect(new Set(results.map(outcomeOf))).to.deep.equal(new Set(['finished']))
    for (const [i, { atMs }] of results.entries()) expect(atMs! - (2_000 + 100 * i)).to.be.within(0, 1_100)
    // Requests cannot be combined if no wait joins while one is in flight; but all waits share their ticks.
    expect(count('statuses')).to.be.at.most(10)
    expect(count('status')).to.be.at.most(50 + 2)
  })
})
