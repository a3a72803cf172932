import { expect } from 'chai'
import type { Observable } from 'rxjs'
import { left, right } from '../../../lib/common/either.ts'
import { invalidArgument, type Result } from '../../../lib/error.ts'
import type { JobSelector } from '../../../lib/model/selection.ts'
import type { Condition } from '../../../lib/view/conditions.ts'
import type { JobView } from '../../../lib/view/job-view.ts'
import { waitUntil } from '../../../lib/wait.ts'
import type { FakeJob, World } from '../../helpers/fake-cluster.ts'
import { ns } from '../../helpers/fake-cluster/replies.ts'
import { abortedAt, atWork, endsAt, failsAt, jobsWorld, type JobScript } from '../../helpers/jobs-world.ts'
import { observe } from '../../helpers/observe.ts'

// `waitUntil` calls a condition with a view of the job after each reply.

const ID = 'theJob123'
const kind = 'copy-bck'
const theJob = { id: ID, kind }

/** The cluster with one job. */
const worldOf = (life: JobScript, more: Omit<World, 'jobs'> = {}): World => jobsWorld({ [ID]: life }, more)

interface Waited<A> {
  readonly values: readonly Result<A>[]
  readonly atMs: number | undefined
}

/** The values of a wait with this condition, and when it emitted. */
function waited<A>(world: World, condition: Condition<A>, selector: JobSelector = theJob): Waited<A> {
  const { values, times } = observe(world, (cluster): Observable<Result<A>> => {
    return waitUntil(cluster, selector, condition, { timeoutMs: 60_000 })
  })
  return { values, atMs: times[0] }
}

/** The values of a member of the view until the wait ends, as JSON, without repetitions. */
function emitted(world: World, member: (job: JobView) => unknown, selector: JobSelector = theJob): readonly string[] {
  const seen: string[] = []
  waited(
    world,
    (job) => {
      const text = JSON.stringify(member(job), (_, value: unknown) =>
        typeof value === 'bigint' ? String(value) : value,
      )
      if (seen.at(-1) !== text) seen.push(text)
      return false
    },
    selector,
  )
  return seen
}

/** Reads one result of the view: its outcome, or `not yet`. */
const outcomeIn = (member: 'ended' | 'endedOnTargets' | 'idle' | 'settled' | 'started' | 'notRunning') =>
  ((job) => job[member]?.outcome ?? 'not yet') satisfies (job: JobView) => unknown

describe('the view of a job that waitUntil hands to its condition', () => {
  it('gives the wait the value of its condition, on the first reply for which it holds', () => {
    const counters: FakeJob['counters'] = (_, ms) => ({ loc: ms / 100, in: 0, out: 0 })
    const world = worldOf({ ...atWork, kind: 'load-lom-cache', counters })
    const { values, atMs } = waited(world, ({ objects }) => objects >= 60n && `${objects} objects`, { id: ID })
    // Three targets process ten objects per second each. There is one poll per second.
    expect(values).to.deep.equal([right('60 objects')])
    expect(atMs).to.equal(2_000)
  })

  it('is first handed over with the first reply about the job, or about the kind', () => {
    const doesNotRun = ({ state }: JobView): boolean => state !== 'running'
    for (const selector of [theJob, { id: ID }, { kind }]) {
      const { values, atMs } = waited(worldOf(endsAt(3_000)), doesNotRun, selector)
      expect(values).to.deep.equal([right(true)])
      expect(atMs).to.be.within(3_000, 6_000)
    }
  })

  it('refuses a condition that is an async function, before anything is sent', () => {
    const { values, requests } = observe(worldOf(atWork), (cluster) =>
      waitUntil(cluster, theJob, async ({ objects }) => await Promise.resolve(objects > 0n)),
    )
    expect(requests).to.deep.equal([])
    expect(values).to.deep.equal([
      left(
        invalidArgument(
          'condition',
          'got an async function; takes a function of a JobView that returns its answer at once',
        ),
      ),
    ])
  })

  it('has the id and the kind', () => {
    expect(waited(worldOf(atWork), ({ id }) => id).values).to.deep.equal([right(ID)])
    expect(waited(worldOf({ ...atWork, kind: 'lru' }), (job) => job.kind, { id: ID }).values).to.deep.equal([
      right('lru'),
    ])
  })

  it('has no id before a run of the kind is known, and then the ids of all runs', () => {
    const jobs = { runOfLru2: { ...endsAt(5_000), kind: 'lru', atMs: 2_500 } }
    expect(emitted(jobsWorld(jobs), ({ id = 'none' }) => id, { kind: 'lru' })).to.deep.equal(['"none"', '"runOfLru2"'])
    const two = { runOfLru2: { ...endsAt(5_000), kind: 'lru' }, runOfLru1: { ...endsAt(5_000), kind: 'lru' } }
    expect(waited(jobsWorld(two), ({ id }) => id, { kind: 'lru' }).values).to.deep.equal([right('runOfLru1,runOfLru2')])
  })

  it('sums objects and bytes over the targets', () => {
    const counters: FakeJob['counters'] = (target) => ({ loc: target + 1, in: 0, out: 0 })
    const world = worldOf({ ...atWork, counters })
    const counted = waited(world, ({ objects, bytes, targets }) => targets['t3'] && [objects, bytes])
    expect(counted.values).to.deep.equal([right([6n, 6n * 1_024n])])
  })

  it('has the last status of the Information Center', () => {
    const { values } = waited(worldOf(endsAt(-1_000)), ({ status }) => status)
    // The Information Center learns of the end one microsecond later.
    const endTime = ns(-1_000) + 1_000n
    expect(values).to.deep.equal([right({ id: ID, kind, err: '', aborted: false, endTime })])
    expect(emitted(worldOf(endsAt(3_000)), ({ status }) => status?.id ?? 'none')).to.deep.equal(['"none"', `"${ID}"`])
  })

  it('has the last snapshot of each target, and whether it was missing from the last reply', () => {
    const hides: FakeJob['hides'] = (target, ms) => target === 1 && ms >= 1_500 && ms < 3_500
    const world = worldOf({ ...endsAt(6_000), kind: 'load-lom-cache', hides })
    const targets = emitted(
      world,
      (job) =>
        Object.entries(job.targets)
          .map(([id, { snap, missing }]) => [id, snap.id, missing])
          .sort(),
      { id: ID },
    )
    const row = (id: string, missing = false): string => `["${id}","${ID}",${missing}]`
    const all = `[${row('t1')},${row('t2')},${row('t3')}]`
    expect(targets.filter((text) => text !== '[]').slice(0, 3)).to.deep.equal([
      all,
      `[${row('t1')},${row('t2', true)},${row('t3')}]`,
      all,
    ])
    const { values } = waited(world, (job) => Object.getPrototypeOf(job.targets) === Object.prototype && 'plain')
    expect(values).to.deep.equal([right('plain')])
  })

  for (const [how, life, outcome] of [
    ['finished', endsAt(3_000), 'finished'],
    ['failed', failsAt(3_000, 'disk full'), 'failed'],
    ['aborted', abortedAt(3_000), 'aborted'],
  ] as const) {
    it(`has the state of a job that runs and is then ${how}`, () => {
      const states = emitted(worldOf(life), ({ state }) => state)
      expect(states.filter((state) => state === '"running"')).to.have.lengthOf(1)
      expect(states.at(-1)).to.equal(`"${outcome}"`)
    })

    it(`has no result for the end of a job before it is ${how}`, () => {
      for (const member of ['ended', 'endedOnTargets', 'settled'] as const)
        expect(emitted(worldOf(life), outcomeIn(member)), member).to.deep.equal(['"not yet"', `"${outcome}"`])
      const { values, atMs } = waited(worldOf(life), ({ ended }) => ended)
      expect(values[0])
        .to.have.nested.property('right')
        .that.deep.includes({ jobId: ID, outcome, endTime: ns(3_000) })
      expect(atMs).to.be.within(3_000, 4_000)
    })
  }

  it('has an idle result once the job idles, and a result for its end only later', () => {
    const world = worldOf({ kind: 'put-copies', idleMs: 2_500, endMs: 20_000 })
    const selector = { id: ID }
    expect(emitted(world, outcomeIn('idle'), selector).slice(0, 2)).to.deep.equal(['"not yet"', '"idle"'])
    expect(emitted(world, outcomeIn('settled'), selector).slice(0, 2)).to.deep.equal(['"not yet"', '"idle"'])
    expect(emitted(world, outcomeIn('ended'), selector)).to.deep.equal(['"not yet"', '"finished"'])
    const { atMs } = waited(world, ({ idle }) => idle, selector)
    expect(atMs).to.be.within(4_500, 6_000)
  })

  it('has a started result once each target with a snapshot has started', () => {
    const shows: FakeJob['shows'] = (target, ms) => (target === 2 && ms < 2_500 ? { startMs: null } : { startMs: 0 })
    const world = worldOf({ ...atWork, kind: 'load-lom-cache', shows })
    expect(emitted(world, outcomeIn('started'), { id: ID })).to.deep.equal(['"not yet"', '"started"'])
    expect(waited(world, ({ started }) => started, { id: ID }).atMs).to.equal(3_000)
  })

  it('reports that no job of a kind runs, until its first run is known', () => {
    const world = worldOf({ ...endsAt(6_000), kind: 'lru', atMs: 2_500 })
    const seen = emitted(world, outcomeIn('notRunning'), { kind: 'lru' })
    expect(seen).to.deep.equal(['"not-running"', '"not yet"'])
  })

  it('reports that a job does not run once it has ended', () => {
    expect(emitted(worldOf(endsAt(3_000)), outcomeIn('notRunning'))).to.deep.equal(['"not yet"', '"not-running"'])
  })

  it('returns JobFailed if the job ends and the condition never held', () => {
    const { values, atMs } = waited(worldOf(endsAt(3_000)), ({ objects }) => objects > 1_000_000n)
    expect(values).to.have.lengthOf(1)
    expect(values[0]).to.have.nested.property('left._tag', 'JobFailed')
    expect(atMs).to.be.within(3_000, 4_000)
  })
})
