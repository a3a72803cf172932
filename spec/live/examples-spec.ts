import { EventEmitter, once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { constant, createCluster, isLeft, type Result, type WaitResult } from 'aistore-rx'
import { startEmulator, type Emulator } from 'aistore-rx/emulator'
import { expect } from 'chai'
import { delay, firstValueFrom, map, of, toArray, take, type Observable } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { main as cancel } from '../../examples/cancel.ts'
import { main as deadline } from '../../examples/deadline.ts'
import { main as eventPipeline } from '../../examples/event-pipeline.ts'
import { main as jobEvents } from '../../examples/job-events.ts'
import { main as liveTable } from '../../examples/live-table.ts'
import { asTheyEnd, main as manyJobs } from '../../examples/many-jobs.ts'
import { main as marbleTest } from '../../examples/marble-test.ts'
import { main as orchestration } from '../../examples/orchestration.ts'
import { lineOf, main as progressBar } from '../../examples/progress-bar.ts'
import { main as reactiveApp } from '../../examples/reactive-app.ts'
import { main as resume } from '../../examples/resume.ts'
import { main as retryAQuery } from '../../examples/retry-a-query.ts'
import { fixtures, scriptedCluster, scriptedTransport, type Answer, type ScriptedCluster } from 'aistore-rx/testing'
import { marbles } from '../helpers/marbles.ts'

// Runs each example in examples/.

describe('examples', () => {
  let emulator: Emulator
  beforeEach(async () => {
    emulator = await startEmulator({ seed: 7 })
    emulator.seedBucket('photos', { objects: 100, objectSize: 1024 })
  })
  afterEach(() => emulator.close())
  const cluster = () => createCluster(emulator.endpoint, { cadence: constant(100) })
  const startCount = () => emulator.requests.count(({ method }) => method === 'PUT')

  it('reactive app: shows the result of a job after a click', async () => {
    const button = new EventTarget()
    const shown = firstValueFrom(reactiveApp(cluster(), button, 'photos').pipe(take(3), toArray()))
    button.dispatchEvent(new Event('click'))
    button.dispatchEvent(new Event('click'))
    expect(await shown).to.deep.equal(['ready', 'warming up ...', 'warm-up finished'])
    expect(startCount(), 'a second click during a job starts nothing').to.equal(1)
  })

  it('Node event pipeline: emits an event with the result of a job that an event starts', async () => {
    const bus = new EventEmitter()
    const subscription = eventPipeline(cluster(), bus)
    const ready = once(bus, 'ready')
    bus.emit('filled', 'photos')
    const [bucket, result] = (await ready) as [string, WaitResult]
    expect(bucket).to.equal('photos')
    expect(result).to.include({ kind: 'load-lom-cache', outcome: 'finished', success: true })
    const unknown = once(bus, 'unknown')
    bus.emit('filled', 'no-such-bucket')
    expect((await unknown)[1]).to.include({ _tag: 'NotFound' })
    bus.emit('stop')
    expect(subscription.closed).to.equal(true)
  })

  it('marble test: compares the expected notifications', () => {
    const compared: [unknown, unknown][] = []
    marbleTest(
      new TestScheduler((actual, expected) => {
        compared.push([actual, expected])
        expect(actual).to.deep.equal(expected)
      }),
    )
    expect(compared).to.have.length(2)
  })

  const outcomeText = (result: Result<WaitResult>): string => (isLeft(result) ? result.left._tag : result.right.outcome)
  const commandTimes = ({ asked }: ScriptedCluster): readonly number[] =>
    asked.filter(({ request }) => request.method === 'PUT').map(({ subscribedAtMs }) => subscribedAtMs)
  const EACH_SECOND = { cadence: constant(1000) }

  it('cancelled wait: ends when the signal fires, cancels its request, and does not stop the job', () => {
    marbles((helpers) => {
      const cluster = scriptedCluster(helpers, { a: 'r 9s f' }, EACH_SECOND)
      const controller = new AbortController()
      of(0)
        .pipe(delay(2500))
        .subscribe(() => controller.abort())
      helpers.expectObservable(cancel(cluster, 'a', controller.signal)).toBe('2500ms |')
      helpers.flush()
      expect(cluster.asked.at(-1)?.subscribedAtMs).to.equal(2000)
      expect(commandTimes(cluster)).to.deep.equal([])
    })
    const transport = scriptedTransport([new TestScheduler(() => undefined).createColdObservable('-')])
    const controller = new AbortController()
    const waiting = cancel(createCluster('http://c', { transport }), 'V7Bc1dasbT', controller.signal).subscribe()
    controller.abort()
    expect(waiting.closed).to.equal(true)
    expect(transport.asked.map(({ cut }) => cut)).to.deep.equal([true])
  })

  it('cancelled wait: sends nothing if the signal fired before the call or the subscription', () => {
    marbles((helpers) => {
      const cluster = scriptedCluster(helpers, { a: 'r' }, EACH_SECOND)
      const controller = new AbortController()
      const waiting = cancel(cluster, 'a', controller.signal)
      controller.abort()
      helpers.expectObservable(waiting).toBe('|')
      helpers.expectObservable(cancel(cluster, 'a', AbortSignal.abort())).toBe('|')
      helpers.flush()
      expect(cluster.asked).to.deep.equal([])
    })
  })

  it('progress bar: emits a line for each change until the end of the job', () => {
    marbles((helpers) => {
      const cluster = scriptedCluster(helpers, { a: 'r 3999ms i 2999ms f', b: 'r 999ms a' }, EACH_SECOND)
      helpers
        .expectObservable(progressBar(cluster, 'a', 10_000))
        .toBe('a 999ms b 999ms c 999ms d 999ms e 2999ms (f|)', {
          a: '....................  0%  0 objects  running',
          b: '####................  20%  2000 objects  running',
          c: '########............  40%  4000 objects  running',
          d: '############........  60%  6000 objects  2000/s  2 s left  running',
          e: '################....  80%  8000 objects  idle',
          f: '####################  100%  8000 objects  finished',
        })
      helpers.expectObservable(progressBar(cluster, 'b', 4000)).toBe('a 999ms (b|)', {
        a: '....................  0%  0 objects  running',
        b: '##########..........  50%  2000 objects  aborted',
      })
    })
    expect(lineOf({ _tag: 'Left', left: { _tag: 'WaitTimeout', afterMs: 1 } })).to.equal('no news (WaitTimeout)')
  })

  it('many jobs: one failure does not affect other jobs, and `asTheyEnd` emits each result at once', () => {
    const jobs = {
      a: { kind: 'lru', onStart: 'r 4s f' },
      b: { kind: 'cleanup-store', onStart: 'r 1s e' },
      c: { kind: 'rebalance', onStart: 'r 2s a' },
    }
    const kinds = ['lru', 'cleanup-store', 'rebalance', 'rechunk', 'lur'].map((kind) => ({
      kind,
      bucket: { name: 'b' },
    }))
    marbles((helpers) => {
      const all = manyJobs(scriptedCluster(helpers, jobs, EACH_SECOND), kinds)
      const values = ['finished', 'failed', 'aborted', 'HttpError', 'InvalidArgument']
      helpers.expectObservable(all.pipe(map((results) => results.map(outcomeText)))).toBe('5s (a|)', { a: values })
      helpers.expectObservable(manyJobs(scriptedCluster(helpers, {}), [])).toBe('(a|)', { a: [] })
      const each = asTheyEnd(scriptedCluster(helpers, jobs, EACH_SECOND), kinds)
      const text = each.pipe(map(({ kind, result }) => `${kind} ${outcomeText(result)}`))
      helpers.expectObservable(text).toBe('(de) 1996ms b 999ms c 1999ms (a|)', {
        a: 'lru finished',
        b: 'cleanup-store failed',
        c: 'rebalance aborted',
        d: 'rechunk HttpError',
        e: 'lur InvalidArgument',
      })
    })
  })

  const LIVE_JOBS = { a: 'r 2s f', b: { kind: 'cleanup-store', states: 'p 1s r 2s e' }, c: 'r', d: 'f' }

  it('live table: emits a page after each change, and draws only changed rows', () => {
    marbles((helpers) => {
      const cluster = scriptedCluster(helpers, LIVE_JOBS, EACH_SECOND)
      const drawn: string[] = []
      const page = liveTable(cluster, ({ id, state }) => {
        drawn.push(`${id} ${state}`)
        return `${id} ${state}`
      })
      helpers.expectObservable(page, '^ 6s !').toBe('a 1999ms b 1099ms c 999ms d', {
        a: ['a running', 'c running', 'd ended'],
        b: ['a running', 'c running', 'd ended', 'b running'],
        c: ['a finished', 'c running', 'd ended', 'b running'],
        d: ['a finished', 'c running', 'd ended', 'b failed'],
      })
      helpers.flush()
      expect(drawn).to.deep.equal(['a running', 'c running', 'd ended', 'b running', 'a finished', 'b failed'])
    })
  })

  it('job events: emits a line for each start and end, and an alarm for a failure', () => {
    marbles((helpers) => {
      const lines = jobEvents(scriptedCluster(helpers, LIVE_JOBS, EACH_SECOND))
      helpers.expectObservable(lines, '^ 9s !').toBe('(ac) 1996ms b 999ms d 999ms e', {
        a: 'lru a started',
        b: 'cleanup-store b started',
        c: 'lru c started',
        d: 'lru a finished after 3 s',
        e: 'ALARM cleanup-store b failed after 2 s: scripted error',
      })
      const refused = jobEvents(createCluster('http://c', { transport: scriptedTransport([fixtures.unauthorized]) }))
      helpers.expectObservable(refused.pipe(take(1))).toBe('(a|)', {
        a: 'no events: not authorized (401): token required',
      })
    })
  })

  it('retried query: retries transient errors up to five requests, and no permanent error', () => {
    const requestsOf = (answers: readonly Answer[]): readonly [string, readonly number[]] => {
      const transport = scriptedTransport(answers)
      let tag = ''
      marbles(() => {
        retryAQuery(createCluster('http://c', { transport }), 'lru').subscribe((result) => {
          tag = isLeft(result) ? result.left._tag : 'Right'
        })
      })
      return [tag, transport.asked.map(({ subscribedAtMs }) => subscribedAtMs)]
    }
    const { notReady, snapshotsFinished, targetUnreachable, unauthorized } = fixtures
    expect(requestsOf([notReady, targetUnreachable, snapshotsFinished])).to.deep.equal(['Right', [0, 200, 500]])
    expect(requestsOf(Array<Answer>(9).fill(notReady))).to.deep.equal(['HttpError', [0, 200, 500, 950, 1625]])
    expect(requestsOf([notReady, unauthorized, snapshotsFinished])).to.deep.equal(['Unauthorized', [0, 200]])
    expect(requestsOf([{ status: 501 }, snapshotsFinished])).to.deep.equal(['HttpError', [0]])
  })

  it('deadline for a chain: ends with WaitTimeout, and starts no further job', () => {
    const jobs = (warmUp: string) => ({
      a: { kind: 'load-lom-cache', onStart: warmUp },
      b: { kind: 'lru', onStart: 'r 5s f' },
    })
    const run = (warmUp: string, diagram: string, value: string, starts: readonly number[]): void =>
      marbles((helpers) => {
        const cluster = scriptedCluster(helpers, jobs(warmUp), EACH_SECOND)
        helpers.expectObservable(deadline(cluster, 'b', 10_000).pipe(map(outcomeText))).toBe(diagram, { a: value })
        helpers.flush()
        expect(commandTimes(cluster)).to.deep.equal(starts)
        expect(cluster.asked.filter(({ subscribedAtMs }) => subscribedAtMs > 10_000)).to.deep.equal([])
      })
    run('r 1s f', '8s (a|)', 'finished', [0, 2000])
    run('r 20s f', '10s (a|)', 'WaitTimeout', [0])
    run('r 7s f', '10s (a|)', 'WaitTimeout', [0, 8000])
    run('r 1s a', '2s (a|)', 'JobFailed', [0])
  })

  describe('resumed job', () => {
    const storeOf = (text?: string) => {
      const kept = { text }
      return { kept, load: () => kept.text, save: (next: string) => void (kept.text = next) }
    }
    const options = { kind: 'lru' }

    it('is never started twice, however often the process restarts or subscribes', () => {
      marbles((helpers) => {
        const cluster = scriptedCluster(
          helpers,
          { a: { kind: 'lru', onStart: 'r 5s f' }, b: { kind: 'lru', onStart: 'r' } },
          EACH_SECOND,
        )
        const store = storeOf()
        const done = resume(cluster, options, store).pipe(map(outcomeText))
        helpers.expectObservable(done, '^ 1500ms !').toBe('-')
        helpers.expectObservable(done, '2s ^').toBe('6s (a|)', { a: 'finished' })
        helpers.expectObservable(resume(cluster, options, store).pipe(map(outcomeText)), '3s ^').toBe('6s (a|)', {
          a: 'finished',
        })
        helpers.flush()
        expect(commandTimes(cluster)).to.deep.equal([0])
        expect(store.kept.text).to.equal('{"id":"a","kind":"lru"}')
      })
    })

    it('is searched for, and not started again, if it is unknown whether its start arrived', () => {
      const lost: Answer = Object.assign(new Error('reset'), { code: 'ECONNRESET' })
      const transport = scriptedTransport(({ method }) => (method === 'PUT' ? lost : fixtures.statusNotFound))
      const store = storeOf()
      const run = (): Observable<string> =>
        resume(createCluster('http://c', { transport }), options, store).pipe(map(outcomeText))
      marbles((helpers) => {
        helpers.expectObservable(run()).toBe('(a|)', { a: 'TransportError' })
      })
      expect(store.kept.text).to.equal('{"kind":"lru"}')
      marbles((helpers) => {
        helpers.expectObservable(run(), '^ 5s !').toBe('-')
      })
      marbles((helpers) => {
        const cluster = scriptedCluster(helpers, { a: 'r 5s f' }, EACH_SECOND)
        helpers
          .expectObservable(resume(cluster, options, store).pipe(map(outcomeText)))
          .toBe('6s (a|)', { a: 'finished' })
      })
      expect(transport.asked.filter(({ request }) => request.method === 'PUT')).to.have.lengthOf(1)
    })

    it('can be started again if the cluster refused its start', () => {
      const store = storeOf()
      const transport = scriptedTransport([fixtures.unauthorized])
      marbles((helpers) => {
        const refused = resume(createCluster('http://c', { transport }), options, store).pipe(map(outcomeText))
        helpers.expectObservable(refused).toBe('(a|)', { a: 'Unauthorized' })
      })
      expect(store.kept.text).to.equal('')
      marbles((helpers) => {
        const cluster = scriptedCluster(helpers, { a: { kind: 'lru', onStart: 'r 5s f' } }, EACH_SECOND)
        helpers
          .expectObservable(resume(cluster, options, store).pipe(map(outcomeText)))
          .toBe('6s (a|)', { a: 'finished' })
      })
    })
  })

  it('orchestration of three jobs: passes its own marble test', () => {
    const compared: [unknown, unknown][] = []
    orchestration(
      new TestScheduler((actual, expected) => {
        compared.push([actual, expected])
        expect(actual).to.deep.equal(expected)
      }),
    )
    expect(compared).to.have.length(2)
  })

  it('have at most forty lines each, recipes at most seventy', () => {
    for (const name of readdirSync('examples', { recursive: true, encoding: 'utf8' })) {
      if (!name.includes('.')) continue
      const lines = readFileSync(`examples/${name}`, 'utf8').trimEnd().split('\n').length
      expect(lines, name).to.be.at.most(name.startsWith('recipes') ? 70 : 40)
    }
  })
})
