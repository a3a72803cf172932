import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { bufferCount, firstValueFrom, from, mergeMap, NEVER, Observable, toArray } from 'rxjs'
import type { Emulator, Fault } from '../../../lib/emulator/index.ts'
import { clusterMap, constant, createCluster, isRight, wait, watchStatus } from '../../../lib/index.ts'
import { closeAll, emulated, impatient, rightOf, started } from './helpers/live.ts'
import { allFree, connections, forgetConnections, inUse, until } from './helpers/sockets.ts'

const program = fileURLToPath(new URL('helpers/wait-and-tell.ts', import.meta.url))
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Keeps the event loop busy for that long. */
const block = (ms: number): void => {
  const endMs = performance.now() + ms
  while (performance.now() < endMs);
}

describe('what a consumer does', () => {
  let emulator: Emulator
  let child: ChildProcess | undefined

  beforeEach(async () => {
    forgetConnections()
    emulator = await emulated({ speed: 20 })
  })
  afterEach(closeAll)
  afterEach(() => child?.kill('SIGKILL'))

  const run = (...args: readonly string[]): { child: ChildProcess; lines: string[] } => {
    const running = spawn(process.execPath, [...process.execArgv, program, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    child = running
    const lines: string[] = []
    running.stdout.on('data', (chunk: Buffer) => lines.push(...chunk.toString().trim().split('\n')))
    return { child: running, lines }
  }

  for (const [when, fault] of [
    ['before the headers', { type: 'stall' }],
    ['in the middle of a body', { type: 'stall-body' }],
  ] satisfies readonly (readonly [string, Fault])[]) {
    it(`K1: an unsubscribe ${when} closes the connection and sends no more`, async () => {
      const cluster = impatient(emulator, { requestTimeoutMs: 30_000 })
      emulator.faults.always(fault, { method: 'GET' })
      const subscription = wait(cluster, { id: 'aB3dE5fG7', kind: 'lru' }).subscribe()
      await until(() => emulator.requests.count() > 0)
      await pause(20)
      expect(inUse().length).to.be.above(0)

      subscription.unsubscribe()
      const sent = emulator.requests.count()

      await until(() => connections().every(({ destroyed }) => destroyed))
      await pause(300)
      expect(emulator.requests.count()).to.equal(sent)
    })
  }

  it('K1: an unsubscribe during the pause between two polls sends no more', async () => {
    const cluster = impatient(emulator, { cadence: constant(200) })
    const job = await started(cluster)
    await new Promise<void>((resolve) => {
      const subscription = watchStatus(cluster, job).subscribe(() => {
        setTimeout(() => {
          subscription.unsubscribe()
          resolve()
        }, 20)
      })
    })
    const sent = emulator.requests.count()

    await pause(500)
    expect(emulator.requests.count()).to.equal(sent)
    expect(inUse()).to.deep.equal([])
  })

  it('K1: an unsubscribe during the renewal of a token sends nothing', async () => {
    let cancelled = 0
    const token = (): Observable<string> => new Observable(() => () => (cancelled += 1))
    const subscription = clusterMap(impatient(emulator, { token })).subscribe()

    subscription.unsubscribe()

    expect(cancelled).to.equal(1)
    await pause(50)
    expect(emulator.requests.count()).to.equal(0)
    expect(connections()).to.deep.equal([])
  })

  it('K2: 2,000 subscriptions that leave during a request leave no connection and no memory', async () => {
    const cluster = impatient(emulator, { requestTimeoutMs: 30_000 })
    emulator.faults.always({ type: 'stall' })
    const churn = async (): Promise<void> => {
      for (let i = 0; i < 500; i++) {
        const subscription = clusterMap(cluster).subscribe()
        if (i % 10 === 0) await pause(1)
        subscription.unsubscribe()
      }
      await until(() => connections().every(({ destroyed }) => destroyed))
      forgetConnections()
    }
    await churn()
    const before = process.memoryUsage().heapUsed
    for (let i = 0; i < 3; i++) await churn()

    expect(inUse()).to.deep.equal([])
    // Without a forced collection this only detects a gross leak, such as a body or a socket for each subscription.
    expect(process.memoryUsage().heapUsed - before).to.be.below(50e6)
  })

  it('K7: a process that was stopped past the timeout of its wait reports the end of the job', async () => {
    const cluster = impatient(emulator)
    const { id = '' } = await started(cluster, 'lru')
    const slow = await emulated({ speed: 4 })
    const job = await started(impatient(slow), 'lru')
    const { child: stopped, lines } = run(slow.endpoint, job.id ?? '', '2500')
    await until(() => slow.requests.count(({ method }) => method === 'GET') > 0)
    stopped.kill('SIGSTOP')
    await pause(4_000)
    await rightOf(wait(impatient(slow), job))
    stopped.kill('SIGCONT')

    expect(await once(stopped, 'close')).to.deep.equal([0, null])
    expect(lines).to.deep.equal(['waiting', 'finished'])
    expect(id).to.not.equal('')
  })

  it('K8: an event loop that was blocked past the timeout of a wait still reports the end of the job', async () => {
    const slow = await emulated({ speed: 4 })
    const cluster = impatient(slow)
    const job = await started(cluster, 'lru')
    const result = firstValueFrom(wait(cluster, job, { timeoutMs: 2_000 }))
    await pause(300)
    block(4_500)

    const ended = await result

    expect(isRight(ended) && ended.right.outcome).to.equal('finished')
    await allFree()
  })

  it('K9: 10,000 waits use at most 65 connections, and all outcomes are right', async () => {
    const cluster = createCluster(emulator.endpoint, { discover: false, cadence: constant(500) })
    const jobs = await firstValueFrom(
      from(Array.from({ length: 100 }, () => cluster)).pipe(
        mergeMap((one) => started(one, 'lru'), 4),
        toArray(),
      ),
    )
    // Each command opens a connection of its own.
    const before = connections().length
    const outcomes = await firstValueFrom(
      from(Array.from({ length: 10_000 }, (_, i) => jobs[i % jobs.length] ?? {})).pipe(
        mergeMap((job) => wait(cluster, job)),
        bufferCount(10_000),
      ),
    )

    // Jobs of one kind push each other out, so some are aborted. Each wait must report what a wait alone reports.
    const ends = new Map<unknown, string>()
    for (const job of jobs) ends.set(job.id, (await rightOf(wait(cluster, job))).outcome)
    const wrong = outcomes.filter((result) => !isRight(result) || ends.get(result.right.jobId) !== result.right.outcome)
    expect(wrong).to.deep.equal([])
    expect([...ends.values()]).to.include('finished')
    expect(connections().length - before).to.be.at.most(64)
    await allFree()
  }).timeout(90_000)

  it('K11: a process ends as soon as its wait is unsubscribed', async () => {
    emulator.faults.always({ type: 'stall' }, { method: 'GET' })
    const { child: leaving } = run(emulator.endpoint, 'aB3dE5fG7', '60000', '500')
    await until(() => emulator.requests.count() > 0)
    const fromMs = performance.now()

    expect(await once(leaving, 'close')).to.deep.equal([0, null])
    expect(performance.now() - fromMs).to.be.below(2_000)
  })

  it('K12: 1,000 waits send few requests to a server that always replies 503', async () => {
    const cluster = impatient(emulator, { cadence: constant(200) })
    const job = await started(cluster)
    emulator.faults.always({ type: 'status', status: 503 })
    emulator.requests.clear()
    const all = Array.from({ length: 1_000 }, () => wait(cluster, job).subscribe())
    await pause(2_000)
    for (const subscription of all) subscription.unsubscribe()

    // Ten polls, each of at most a status, the snapshots and the map.
    expect(emulator.requests.count()).to.be.within(5, 60)
    await allFree()
  })

  it('K13: a transport that completes without a reply is a Left, and a token that never comes is a timeout', async () => {
    const silent = createCluster('http://x', { transport: () => from([]), discover: false })
    const tokenless = impatient(emulator, { token: () => NEVER, requestTimeoutMs: 100 })

    const results = [await firstValueFrom(clusterMap(silent)), await firstValueFrom(clusterMap(tokenless))]
    expect(results.map((result) => (isRight(result) ? 'Right' : result.left._tag))).to.deep.equal([
      'TransportError',
      'RequestTimeout',
    ])
  })
})
