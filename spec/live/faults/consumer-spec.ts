import { until } from '../helpers/until.ts'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { bufferCount, firstValueFrom, from, mergeMap, NEVER, Observable } from 'rxjs'
import type { Emulator, Fault } from '../../../lib/emulator/index.ts'
import { clusterMap, constant, createCluster, isRight, start, wait, watchStatus } from '../../../lib/index.ts'
import { heapUsed } from './helpers/heap.ts'
import { closeAll, emulated, impatient, rightOf, started } from './helpers/live.ts'
import { closeServers, serveHttp } from './helpers/servers.ts'
import { allFree, connections, forgetConnections, forgetPeak, inUse, peak } from './helpers/sockets.ts'

// What an app does to the library: it unsubscribes, blocks, sleeps and ends. The ids K1 to K13 are rows of
// docs/faults.md.

const program = fileURLToPath(new URL('helpers/wait-and-tell.ts', import.meta.url))
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** How many calls are on the stack. */
const stackDepth = (): number => {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = Infinity
  const { stack = '' } = new Error()
  Error.stackTraceLimit = limit
  return stack.split('\n').length
}

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
  afterEach(allFree)
  afterEach(closeAll)
  afterEach(closeServers)
  afterEach(() => child?.kill('SIGKILL'))

  const runProgram = (...args: readonly string[]): { child: ChildProcess; lines: string[] } => {
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
  ] satisfies readonly (readonly [when: string, fault: Fault])[]) {
    it(`K1: an unsubscribe ${when} closes the connection and sends no more`, async () => {
      const cluster = impatient(emulator, { requestTimeoutMs: 30_000 })
      emulator.faults.always(fault, { method: 'GET' })
      const subscription = wait(cluster, { id: 'aB3dE5fG7', kind: 'lru' }).subscribe()
      await until(() => emulator.requests.count() > 0)
      await pause(20)
      expect(inUse().length).to.be.above(0)

      subscription.unsubscribe()
      const sent = emulator.requests.count()
      const fromMs = performance.now()

      await until(() => connections().every(({ destroyed }) => destroyed))
      expect(performance.now() - fromMs).to.be.below(10)
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

  it('K2: 20,000 subscriptions that leave during a request leave no connection and no memory', async () => {
    // Not an emulator, because it would record each request in the memory of this process.
    const server = await serveHttp(() => undefined)
    const cluster = createCluster(`http://127.0.0.1:${server.port}`, { discover: false })
    const churn = async (): Promise<void> => {
      for (let i = 0; i < 5_000; i++) {
        const subscription = clusterMap(cluster).subscribe()
        if (i % 20 === 0) await pause(0)
        subscription.unsubscribe()
      }
      await until(() => connections().every(({ destroyed }) => destroyed) && server.open() === 0)
      forgetConnections()
      server.forget()
    }
    await churn()
    const before = heapUsed()
    for (let i = 0; i < 3; i++) await churn()

    expect(inUse()).to.deep.equal([])
    expect(heapUsed() - before).to.be.below(0.5e6)
  })

  it('K2: an unsubscribe inside `next` closes the stream, and a new subscription inside `complete` grows no stack', async () => {
    const cluster = impatient(emulator)
    let values = 0
    const polls = watchStatus(cluster, await started(cluster)).subscribe(() => {
      values++
      polls.unsubscribe()
    })
    await until(() => values > 0)

    const depths: number[] = []
    await new Promise<void>((resolve) => {
      const again = (): void => {
        depths.push(stackDepth())
        if (depths.length < 200) clusterMap(cluster).subscribe({ complete: again })
        else resolve()
      }
      again()
    })

    expect(values).to.equal(1)
    expect(new Set(depths.slice(-100))).to.have.property('size', 1)
  })

  it('K7: a process that was stopped past the timeout of its wait reports the end of the job', async () => {
    const cluster = impatient(emulator)
    const { id = '' } = await started(cluster, 'lru')
    const slow = await emulated({ speed: 4 })
    const job = await started(impatient(slow), 'lru')
    const { child: stopped, lines } = runProgram(slow.endpoint, job.id ?? '', '2500')
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

  it('K9: 10,000 waits use at most 64 connections, and all outcomes are right', async () => {
    const cluster = createCluster(emulator.endpoint, { discover: false, cadence: constant(500) })
    // A job of its own for each bucket, since jobs of one bucket exclude each other. Every tenth is aborted.
    const jobs = await Promise.all(
      Array.from({ length: 100 }, (_, n) => {
        emulator.seedBucket(`b${n}`, { objects: 10_000_000 })
        return rightOf(start(cluster, { kind: 'load-lom-cache', bucket: { name: `b${n}` } }))
      }),
    )
    const wanted = new Map(jobs.map(({ id }, n) => [id, n % 10 === 0 ? 'aborted' : 'finished']))
    // Each command opens a connection of its own.
    await until(() => inUse().length === 0)
    forgetPeak()
    const outcomes = firstValueFrom(
      from(Array.from({ length: 10_000 }, (_, i) => jobs[i % jobs.length] ?? {})).pipe(
        mergeMap((job) => wait(cluster, job)),
        bufferCount(10_000),
      ),
    )
    for (let n = 0; n < 100; n += 10) await rightOf(cluster.job(jobs[n] ?? {}).abort())

    const reported = (await outcomes).map((result) =>
      isRight(result) ? `${result.right.jobId ?? ''} ${result.right.outcome}` : result.left._tag,
    )
    expect(new Set(reported)).to.deep.equal(new Set([...wanted].map(([id, outcome]) => `${id ?? ''} ${outcome}`)))
    expect(reported).to.have.length(10_000)
    // 64 for queries, and one for a command.
    expect(peak()).to.be.within(1, 65)
  }).timeout(90_000)

  it('K11: a process ends as soon as its wait is unsubscribed', async () => {
    emulator.faults.always({ type: 'stall' }, { method: 'GET' })
    const tookMs: number[] = []
    // The best of three, because other processes can delay the end of one.
    for (let i = 0; i < 3; i++) {
      const { child: leaving, lines } = runProgram(emulator.endpoint, 'aB3dE5fG7', '60000', '500')
      await until(() => lines.includes('left'))
      const fromMs = performance.now()
      expect(await once(leaving, 'close')).to.deep.equal([0, null])
      tookMs.push(performance.now() - fromMs)
    }

    expect(Math.min(...tookMs)).to.be.below(100)
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
