import { expect } from 'chai'
import { NEVER, type SchedulerAction, type SchedulerLike } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { constant } from '../../../lib/cadence.ts'
import { wait, waitForIdle } from '../../../lib/wait.ts'
import { crowd, outcomeOf, waitFor, idOf, idsOf, jobScripts } from '../../helpers/crowd.ts'
import type { World } from '../../helpers/fake-cluster.ts'
import { leaves } from '../../helpers/fake-cluster/happenings.ts'
import {
  snapshotsUnknown,
  withoutBody,
  undecodable,
  htmlPage,
  statusUnknown,
  statusesAre,
  targetUnreachable,
} from '../../helpers/fake-cluster/replies.ts'
import { atWork, endsAt, failsAt, jobsWorld, type JobScript } from '../../helpers/jobs-world.ts'
import { after, virtual } from '../../helpers/observe.ts'
import { clusterOf, type Reply, refused } from '../../helpers/scripted.ts'

// Many waits on one cluster value while some replies fail, hang or contradict each other.

const kind = 'copy-bck'

/** Replies to the list of all statuses that no client can use. */
const BAD_REPLIES: Readonly<Record<string, Reply>> = {
  'is a 503': withoutBody(503),
  'is a 502 in HTML': htmlPage(502),
  'is HTML': htmlPage(200),
  'fails with a refused connection': refused,
  'never arrives': NEVER,
  'cannot be decoded': undecodable,
  'has one row that cannot be decoded': { status: 200, body: '[{"kind":"lru","uuid":"x","end_time":0},{"kind":7}]' },
  'is too large': { status: 200, body: `[${' '.repeat(70_000)}]` },
  'is not allowed': withoutBody(405),
  'is not implemented (501)': withoutBody(501),
  'is a 404': statusUnknown,
  'is a bad request': withoutBody(400),
  'is empty': withoutBody(200),
  'is null, from a proxy that is no member of the IC (T8)': statusesAre([]),
}

describe('a list of all statuses', () => {
  for (const [what, reply] of Object.entries(BAD_REPLIES))
    it(`that ${what} ends no wait early, and delays no wait whose end is known otherwise`, () => {
      const world = jobsWorld(
        {
          ...jobScripts(4, (i) => endsAt(5_000 + 3_000 * i)),
          failed001: failsAt(6_000, 'disk full'),
        },
        { latencyMs: 5 },
      )
      const bad: World = { ...world, statuses: () => (reply === NEVER ? NEVER : after(5, reply)) }
      const ids = [...idsOf(4), 'failed001']
      const { results } = crowd(
        bad,
        ids.map((id) => waitFor(id)),
        { maxReplyBytes: 60_000, requestTimeoutMs: 4_000 },
      )
      expect(results.map(outcomeOf)).to.deep.equal(['finished', 'finished', 'finished', 'finished', 'failed'])
      // As late as a single wait whose status is unavailable.
      const lateMs = reply === NEVER ? 20_000 : 3_500
      for (const [n, endMs] of [5_000, 8_000, 11_000, 14_000, 6_000].entries())
        expect(results[n]!.atMs! - endMs, `wait ${n}`).to.be.within(0, lateMs)
    })

  it('of one kind that no target implements (501) ends no wait: each run is polled alone', () => {
    const world = jobsWorld(
      jobScripts(3, () => endsAt(5_000)),
      { latencyMs: 5 },
    )
    const { results } = crowd(
      {
        ...world,
        snapshots: (ms, query, reply) => (query.id === undefined && ms > 4_000 ? withoutBody(501) : reply),
      },
      idsOf(3).map((id) => waitFor(id)),
    )
    for (const one of results) {
      expect(outcomeOf(one)).to.equal('finished')
      expect(one.atMs! - 5_000).to.be.within(0, 3_200)
    }
  })

  it('that fails every second time costs one tick, not more', () => {
    const world = jobsWorld(
      jobScripts(4, (i) => endsAt(5_000 + 3_000 * i)),
      { latencyMs: 5 },
    )
    let n = 0
    const { results } = crowd(
      { ...world, statuses: (_ms, _, reply) => ((n += 1) % 2 === 0 ? withoutBody(503) : reply) },
      idsOf(4).map((id) => waitFor(id)),
    )
    for (const [i, one] of results.entries()) {
      expect(outcomeOf(one)).to.equal('finished')
      expect(one.atMs! - (5_000 + 3_000 * i)).to.be.within(0, 3_200)
    }
  })

  it('that lists a job late, or forgets it (T10), leaves the outcome to the targets', () => {
    const world = jobsWorld({
      ...jobScripts(2, () => atWork),
      // Registered after 8 s.
      late00001: { ...endsAt(15_000), ic: { fromMs: 8_000 } },
      // Forgotten while it runs, like by a primary that restarts.
      forgotten: { ...endsAt(20_000), ic: { untilMs: 6_000 } },
      // Ended long ago, and forgotten since.
      endedLong: { ...endsAt(0), ic: { untilMs: 0 } },
      // Existed, and has disappeared everywhere.
      gone00001: { ...atWork, goneMs: 9_000, ic: { untilMs: 9_000 } },
      // Does not exist at first. For ten seconds, a wait does not treat that as an unknown job.
      young0001: { ...endsAt(12_000), atMs: 7_000 },
    })
    const expected = [
      { id: 'late00001', outcome: 'finished', fromMs: 15_000, toMs: 17_000 },
      { id: 'forgotten', outcome: 'finished', fromMs: 20_000, toMs: 22_000 },
      { id: 'endedLong', outcome: 'finished', fromMs: 0, toMs: 12_000 },
      { id: 'gone00001', outcome: 'lost', fromMs: 11_000, toMs: 16_000 },
      { id: 'young0001', outcome: 'finished', fromMs: 12_000, toMs: 14_000 },
      { id: 'unknown01', outcome: 'NotFound', fromMs: 10_000, toMs: 13_000 },
    ]
    const { results } = crowd(world, [
      ...expected.map(({ id }) => waitFor(id)),
      ...idsOf(2).map((id) => waitFor(id, { leavesMs: 60_000 })),
    ])
    for (const [n, { id, outcome, fromMs, toMs }] of expected.entries()) {
      expect(outcomeOf(results[n]!), id).to.equal(outcome)
      expect(results[n]!.atMs, id).to.be.within(fromMs, toMs)
    }
  })
})

describe('a job whose status stays open (T9)', () => {
  const endMs = 30_000
  const open = (): JobScript => ({ ...endsAt(endMs), ic: { learnsMs: Infinity } })

  it('ends by the next poll, because the job is not among the running ones', () => {
    const world = jobsWorld({ ...jobScripts(20, () => atWork), [idOf(20)]: open() }, { latencyMs: 5 })
    const { results, count } = crowd(world, [
      waitFor(idOf(20)),
      ...idsOf(20).map((id) => waitFor(id, { leavesMs: 50_000 })),
      waitFor(idOf(20), { atMs: 1_000 }),
    ])
    for (const one of [results[0]!, results[21]!]) {
      expect(outcomeOf(one)).to.equal('finished')
      expect(one.atMs! - endMs).to.be.within(0, 15_000)
    }
    // The other jobs are unchanged, so their snapshots are not polled one by one.
    expect(count('snapshots', 5_000)).to.be.at.most(8)
    expect(count('running', 5_000)).to.be.at.most(30)
  })

  for (const [what, reply] of Object.entries<Reply>({
    ...BAD_REPLIES,
    'blames a target (T27)': targetUnreachable,
    'is a 404 of the targets': snapshotsUnknown,
  }))
    it(`ends although the list of running jobs ${what}`, () => {
      const world = jobsWorld({ ...jobScripts(3, () => atWork), [idOf(3)]: open() }, { latencyMs: 5 })
      const { results } = crowd(
        { ...world, running: () => (reply === NEVER ? NEVER : after(5, reply)) },
        [waitFor(idOf(3)), ...idsOf(3).map((id) => waitFor(id, { leavesMs: 60_000 }))],
        { maxReplyBytes: 60_000, requestTimeoutMs: 2_000 },
      )
      expect(outcomeOf(results[0]!)).to.equal('finished')
      expect(results[0]!.atMs! - endMs).to.be.within(0, 15_000 + (reply === NEVER ? 20_000 : 1_500))
    })

  it('is `lost`, not `finished`, if a target has gone: a part that was seen must be seen to end (T30)', () => {
    const events = [[6_000, leaves(2)]] as const
    const world = jobsWorld({ ...jobScripts(2, () => atWork), [idOf(2)]: open() }, { events, latencyMs: 5 })
    const othersRun = idsOf(2).map((id) => waitFor(id, { leavesMs: 200_000 }))
    const { results } = crowd(world, [
      waitFor(idOf(2)),
      waitFor(idOf(2)),
      waitFor(idOf(2), { atMs: 1_000 }),
      ...othersRun,
    ])
    for (const one of results.slice(0, 3)) {
      expect(outcomeOf(one)).to.equal('lost')
      expect((one.result as { right: { lostTargets?: readonly string[] } }).right.lostTargets).to.deep.equal(['t3'])
    }
  })
})

describe('a request that hangs', () => {
  it('for one job (the status of a job on a frozen target) delays no other job', () => {
    const count = 12
    const endMsOf = (nth: number): number => 3_000 + 1_000 * nth
    const world = jobsWorld(
      jobScripts(count, (nth) => endsAt(endMsOf(nth))),
      { latencyMs: 5 },
    )
    // The first two jobs run on the frozen target: each request for their status takes 20 s.
    const frozen: World = {
      ...world,
      status: (_, query, reply) => after(query.id === idOf(0) || query.id === idOf(1) ? 20_000 : 5, reply),
    }
    const { results } = crowd(
      frozen,
      idsOf(count).map((id) => waitFor(id)),
    )
    for (const [nth, one] of results.entries()) {
      expect(outcomeOf(one)).to.equal('finished')
      expect(one.atMs! - endMsOf(nth), `wait ${nth}`).to.be.within(0, nth < 2 ? 45_000 : 1_400)
    }
  })

  it('to the targets does not hide a failure that the Information Center reports', () => {
    const world = jobsWorld(
      jobScripts(3, () => ({
        ...atWork,
        ic: { reports: (ms) => (ms < 8_000 ? {} : { endMs: 8_000, err: 'disk full' }) },
      })),
      { latencyMs: 5 },
    )
    const { results } = crowd(
      { ...world, snapshots: () => NEVER, running: () => NEVER },
      idsOf(3).map((id) => waitFor(id)),
    )
    // The first two waits have sent requests of their own, which are still in flight.
    expect(results.map(outcomeOf)).to.deep.equal(['failed', 'failed', 'failed'])
    for (const { atMs } of results.slice(1)) expect(atMs).to.be.within(8_000, 9_400)
  })

  describe('that is in flight when the Information Center reports an end', () => {
    // The job ends at 15 s, and a tick at 20 s reports the end; a request sent at 10 s gets its reply at 25 s.
    const world = jobsWorld({ ...jobScripts(2, () => atWork), [idOf(2)]: endsAt(15_000) }, { latencyMs: 5 })
    const endOf = (slow: World): { atMs: number; statuses: readonly string[] } => {
      const { results, requestLog } = crowd(
        { ...world, ...slow },
        // The first wait was alone at first, so the second one is the first to send requests that later waits share.
        [waitFor(idOf(0), { leavesMs: 90_000 }), waitFor(idOf(2)), waitFor(idOf(1), { leavesMs: 90_000 })],
        { cadence: constant(10_000) },
      )
      expect(outcomeOf(results[1]!)).to.equal('finished')
      return {
        atMs: results[1]!.atMs!,
        statuses: requestLog.filter((one) => one.startsWith(`status ${idOf(2)}`) && Number(one.split('@')[1]) > 15_000),
      }
    }

    it('for running jobs delays nothing: the targets are polled at once', () => {
      const { atMs, statuses } = endOf({ running: (_ms, _, reply) => after(15_000, reply) })
      expect(atMs).to.be.within(20_000, 21_000)
      expect(statuses).to.have.lengthOf(1)
    })

    it('for snapshots confirms nothing if it was sent before the end: only later requests confirm the end', () => {
      const { atMs, statuses } = endOf({
        running: () => withoutBody(503),
        snapshots: (ms, _, reply) => after(ms < 5_000 ? 5 : 15_000, reply),
      })
      expect(atMs).to.be.within(35_000, 36_000)
      // One request, however many ticks pass in the meantime.
      expect(statuses).to.have.lengthOf(1)
    })
  })
})

describe('a doubt that many waits have at once', () => {
  it('costs one or two requests a tick, however many waits there are', () => {
    const n = 300
    // From 10 s on, the Information Center knows none of the jobs.
    const world = jobsWorld(
      jobScripts(n, () => ({ ...endsAt(30_000), ic: { untilMs: 10_000 } })),
      { latencyMs: 20, targets: 1 },
    )
    const { results, count } = crowd(
      world,
      idsOf(n).map((id) => waitFor(id)),
    )
    expect(new Set(results.map(outcomeOf))).to.deep.equal(new Set(['finished']))
    // If the Information Center knows nothing of a job, 10 s (`visible` in docs/bounds.md) and one tick may pass.
    for (const { atMs } of results) expect(atMs! - 30_000).to.be.within(0, 12_000)
    // A round sends one request for the first wait and one for the others; there are as many rounds as ticks.
    expect(count('snapshots', 10_000, 29_000)).to.be.at.most(2 * 20)
    expect(count('status', 1_000)).to.be.at.most(20)
    expect(count('map')).to.be.at.most(2 * 20)
  }).timeout(60_000)
})

describe('the budget of a wait among others', () => {
  it('ends the wait to the millisecond, with the last replies', () => {
    const world = jobsWorld(
      jobScripts(3, () => atWork),
      { latencyMs: 10 },
    )
    const budgets = [1, 99, 100, 101, 1_000, 7_777, 30_000]
    const { results } = crowd(world, [
      ...idsOf(2).map((id) => waitFor(id, { leavesMs: 60_000 })),
      ...budgets.map((timeoutMs) => waitFor(idOf(2), { timeoutMs })),
    ])
    for (const [n, timeoutMs] of budgets.entries()) {
      const one = results[n + 2]!
      expect([outcomeOf(one), one.atMs]).to.deep.equal(['WaitTimeout', timeoutMs])
      const { left } = one.result as {
        left: { afterMs: number; last?: { status?: { id: string }; snapshots?: unknown } }
      }
      expect(left.afterMs).to.equal(timeoutMs)
      if (timeoutMs >= 1_000) expect(left.last?.status?.id).to.equal(idOf(2))
      if (timeoutMs >= 1_000) expect(left.last?.snapshots).to.not.equal(undefined)
    }
  })

  it('allows one last round for each wait if the timer comes late', () => {
    for (const n of [2, 40]) {
      const scheduler = new TestScheduler(() => undefined)
      const time: SchedulerLike = scheduler
      const world = jobsWorld(
        jobScripts(n, () => endsAt(20_000)),
        { latencyMs: 5 },
      )
      const fake = virtual(world, scheduler)
      // A machine that sleeps from 10 s to 100 s: timers that are due in between fire at 100 s.
      const sleepy: SchedulerLike = {
        now: () => scheduler.now(),
        schedule: <T>(work: (this: SchedulerAction<T>, state: T) => void, delay = 0, state?: T) => {
          const due = scheduler.now() + delay
          return time.schedule(work, due > 10_000 && due < 100_000 ? 100_000 - scheduler.now() : delay, state as T)
        },
      }
      const seen: string[] = []
      scheduler.run(() => {
        scheduler.maxFrames = 200_000
        const cluster = clusterOf(fake, { cadence: constant(1_000), scheduler: sleepy })
        for (const id of idsOf(n))
          for (const by of [wait, waitForIdle])
            by(cluster, { id, kind }, { timeoutMs: 15_000 }).subscribe((result) =>
              seen.push(`${result._tag === 'Right' ? result.right.outcome : result.left._tag}@${scheduler.now()}`),
            )
      })
      expect(seen).to.have.lengthOf(2 * n)
      for (const one of seen) {
        expect(one.split('@')[0]).to.equal('finished')
        expect(Number(one.split('@')[1])).to.be.within(100_000, 102_000)
      }
    }
  })

  it('does not exist if it is Infinity', () => {
    const world = jobsWorld({ ...jobScripts(1, () => atWork), [idOf(1)]: endsAt(400_000) }, { latencyMs: 5 })
    const { results } = crowd(
      world,
      [waitFor(idOf(0), { leavesMs: 500_000, timeoutMs: Infinity }), waitFor(idOf(1), { timeoutMs: Infinity })],
      { cadence: constant(5_000) },
    )
    expect(outcomeOf(results[1]!)).to.equal('finished')
  })
})
