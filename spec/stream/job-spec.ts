import { expect } from 'chai'
import { inspect } from 'node:util'
import { VirtualTimeScheduler, take, type Observable } from 'rxjs'
import { isLeft, right } from '../../lib/common/either.ts'
import type { Result } from '../../lib/error.ts'
import { clusterOf as leanCluster } from '../../lib/environment.ts'
import { jobOf, type Job, type JobIdentity } from '../../lib/job.ts'
import { abort, start } from '../../lib/commands.ts'
import { progress } from '../../lib/progress.ts'
import { constant } from '../../lib/cadence.ts'
import { jobEvents } from '../../lib/events.ts'
import { details, status } from '../../lib/queries.ts'
import { totalTime, withinTimeframe } from '../../lib/history.ts'
import { wait, waitForIdle, waitNotRunning, waitSingleNode, waitStarted } from '../../lib/wait.ts'
import { watchDetails, watchStatus } from '../../lib/watch.ts'
import { snapshotsAre, snap, statusIs } from '../helpers/fake-cluster/replies.ts'
import { clusterOf, only, scripted, type Scripted } from '../helpers/scripted.ts'

// A handle (`cluster.job(...)` or `jobOf`) has a method for each function that takes a job. Each method must send what
// its function sends, and emit what it emits.

/** A cluster in which g1 was aborted, g2 runs and a start begins g7. */
const scriptedJobs = (): Scripted =>
  scripted(({ method, query, body }) => {
    // A stop has an empty reply.
    if (method === 'PUT') return (body as { action?: string }).action === 'stop' ? {} : { body: 'g7' }
    // The job that runs.
    if ((body as { id?: string }).id === 'g2') return snapshotsAre({ t1: [snap({ id: 'g2', kind: 'lru' })] })
    if (query === 'what=status') return statusIs({ id: 'g1', kind: 'lru', endMs: 5, aborted: true })
    return snapshotsAre({ t1: [snap({ id: 'g1', kind: 'lru', endMs: 0, aborted: true })] })
  })

const fiveSeconds = { timeoutMs: 5000 }
const slowly = { cadence: constant(1000) }
/** A clock that stands still, so that the events of both streams have the same time. */
const still = { scheduler: new VirtualTimeScheduler() }
type Ask = (sent: Scripted) => Observable<Result<unknown>>
const METHODS: readonly { readonly method: string; readonly ofHandle: Ask; readonly ofFunction: Ask }[] = [
  {
    method: 'start',
    ofHandle: (sent) => clusterOf(sent).job({ kind: 'lru' }).start({ force: true }),
    ofFunction: (sent) => start(clusterOf(sent), { kind: 'lru', force: true }),
  },
  {
    method: 'status',
    ofHandle: (sent) => clusterOf(sent).job({ id: 'g1' }).status(),
    ofFunction: (sent) => status(clusterOf(sent), { id: 'g1' }),
  },
  {
    method: 'details',
    ofHandle: (sent) => clusterOf(sent).job({ id: 'g1', kind: 'lru' }).details(),
    ofFunction: (sent) => details(clusterOf(sent), { id: 'g1', kind: 'lru' }),
  },
  {
    method: 'abort',
    ofHandle: (sent) => clusterOf(sent).job({ id: 'g1' }).abort({ confirm: true }),
    ofFunction: (sent) => abort(clusterOf(sent), { id: 'g1' }, { confirm: true }),
  },
  {
    method: 'wait',
    ofHandle: (sent) => clusterOf(sent).job({ id: 'g1' }).wait(fiveSeconds),
    ofFunction: (sent) => wait(clusterOf(sent), { id: 'g1' }, fiveSeconds),
  },
  {
    method: 'waitForIdle',
    ofHandle: (sent) => clusterOf(sent).job({ id: 'g1' }).waitForIdle(fiveSeconds),
    ofFunction: (sent) => waitForIdle(clusterOf(sent), { id: 'g1' }, fiveSeconds),
  },
  {
    method: 'waitSingleNode',
    ofHandle: (sent) => clusterOf(sent).job({ id: 'g1' }).waitSingleNode(fiveSeconds),
    ofFunction: (sent) => waitSingleNode(clusterOf(sent), { id: 'g1' }, fiveSeconds),
  },
  {
    method: 'waitStarted',
    ofHandle: (sent) => clusterOf(sent).job({ id: 'g1' }).waitStarted(fiveSeconds),
    ofFunction: (sent) => waitStarted(clusterOf(sent), { id: 'g1' }, fiveSeconds),
  },
  {
    method: 'waitNotRunning',
    ofHandle: (sent) => clusterOf(sent).job({ kind: 'lru' }).waitNotRunning(fiveSeconds),
    ofFunction: (sent) => waitNotRunning(clusterOf(sent), { kind: 'lru' }, fiveSeconds),
  },
  {
    method: 'withinTimeframe',
    ofHandle: (sent) => clusterOf(sent).job({ id: 'g1' }).withinTimeframe({ from: 1n }),
    ofFunction: (sent) => withinTimeframe(clusterOf(sent), { id: 'g1' }, { from: 1n }),
  },
  {
    method: 'totalTime',
    ofHandle: (sent) => clusterOf(sent).job({ id: 'g1' }).totalTime(),
    ofFunction: (sent) => totalTime(clusterOf(sent), { id: 'g1' }),
  },
  {
    method: 'progress',
    ofHandle: (sent) =>
      clusterOf(sent)
        .job({ id: 'g1' })
        .progress({ total: { objects: 5 } })
        .pipe(take(1)),
    ofFunction: (sent) => progress(clusterOf(sent), { id: 'g1' }, { total: { objects: 5 } }).pipe(take(1)),
  },
  {
    method: 'watchStatus',
    ofHandle: (sent) => clusterOf(sent).job({ id: 'g1' }).watchStatus().pipe(take(1)),
    ofFunction: (sent) => watchStatus(clusterOf(sent), { id: 'g1' }).pipe(take(1)),
  },
  {
    method: 'watchDetails',
    ofHandle: (sent) => clusterOf(sent).job({ id: 'g1' }).watchDetails().pipe(take(1)),
    ofFunction: (sent) => watchDetails(clusterOf(sent), { id: 'g1' }).pipe(take(1)),
  },
  {
    method: 'events',
    ofHandle: (sent) => clusterOf(sent, still).job({ id: 'g2', kind: 'lru' }).events(slowly).pipe(take(1)),
    ofFunction: (sent) => jobEvents(clusterOf(sent, still), { id: 'g2', kind: 'lru' }, slowly).pipe(take(1)),
  },
]

describe('a job handle', () => {
  for (const { method, ofHandle, ofFunction } of METHODS)
    it(`${method}() equals the function ${method}(): the same requests and the same value for each subscription`, () => {
      const [a, b] = [scriptedJobs(), scriptedJobs()]
      const [query$, same] = [ofHandle(a), ofFunction(b)]
      expect(a.requests.length).to.equal(0)
      expect(b.requests.length).to.equal(0)
      const value = only(query$)
      expect(value).to.deep.equal(only(same))
      expect(isLeft(value)).to.equal(false)
      expect(only(query$)).to.deep.equal(value)
      // The map is requested once.
      const requestsOf = ({ requests }: Scripted): readonly (string | undefined)[] =>
        requests.filter(({ query }) => query !== 'what=smap').map(({ text }) => text)
      expect(requestsOf(a)).to.deep.equal([...requestsOf(b), ...requestsOf(b)])
    })

  it('has the compared methods and no others', () => {
    const job = clusterOf(scriptedJobs()).job({ id: 'g1', kind: 'lru' })
    expect(Object.keys(job).sort()).to.deep.equal(['id', 'kind', ...METHODS.map(({ method }) => method)].sort())
  })

  it('is the same from `jobOf`, whose cluster has no job(), as from job()', () => {
    const [a, b] = [scriptedJobs(), scriptedJobs()]
    const lean = leanCluster('http://p1', { transport: a.transport })
    expect(lean).not.to.have.any.keys('job', 'close')
    const handle = jobOf(lean, { id: 'g1' })
    expect(Object.keys(handle)).to.deep.equal(Object.keys(clusterOf(b).job({ id: 'g1' })))
    expect(only(handle.wait(fiveSeconds))).to.deep.equal(only(clusterOf(b).job({ id: 'g1' }).wait(fiveSeconds)))
    expect(a.requests.length).to.be.above(0)
    expect(a.requests.map(({ text }) => text)).to.deep.equal(b.requests.map(({ text }) => text))
  })

  it('has no state: a start does not change it', () => {
    const job = clusterOf(scriptedJobs()).job({ kind: 'lru' })
    expect(only(job.start())).to.deep.equal(right({ id: 'g7', kind: 'lru' }))
    expect(job.id).to.equal(undefined)
    expect(Object.keys(job)).not.to.include('id')
  })

  it('has its id and kind as plain data', () => {
    expect(JSON.stringify(clusterOf(scriptedJobs()).job({ id: 'g1', kind: 'lru-eviction' }))).to.equal(
      '{"id":"g1","kind":"lru-eviction"}',
    )
  })

  it('starts its own kind, whatever kind the options have', () => {
    const sent = scriptedJobs()
    const options = { kind: 'rebalance' } as Parameters<Job['start']>[0]
    only(clusterOf(sent).job({ kind: 'lru' }).start(options))
    expect(sent.requests.map(({ text }) => text)).to.deep.equal(['{"action":"start","name":"","value":{"Kind":"lru"}}'])
  })

  for (const identity of [undefined, null, {}, 'g1', 5, [], { id: 5 }, { id: '../x' }, { kind: 'lur' }])
    it(`does not throw for ${inspect(identity)}, and returns a Left on subscribe`, () => {
      const sent = scriptedJobs()
      const job = clusterOf(sent).job(identity as JobIdentity)
      for (const query$ of [job.status(), job.abort(), job.wait(), job.waitForIdle(), job.start()]) {
        const result = only<Result<unknown>>(query$)
        expect(isLeft(result) && result.left._tag).to.equal('InvalidArgument')
      }
      expect(sent.requests).to.have.lengthOf(0)
    })

  it('refuses a launch that left no job, and does not abort the other jobs of its kind', () => {
    const sent = scriptedJobs()
    const done: unknown = { done: true, kind: 'evict-remote-bck' }
    const job = clusterOf(sent).job(done as JobIdentity)
    for (const query$ of [job.status(), job.abort(), job.wait()]) {
      const result = only<Result<unknown>>(query$)
      expect(isLeft(result) && result.left._tag).to.equal('InvalidArgument')
    }
    expect(sent.requests).to.have.lengthOf(0)
  })
})
