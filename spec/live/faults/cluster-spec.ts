import { expect } from 'chai'
import { filter, firstValueFrom, map, take, toArray, type Subscription } from 'rxjs'
import type { Emulator } from '../../../lib/emulator/index.ts'
import { health, isRight, jobEvents, progress, wait, type Health, type WaitResult } from '../../../lib/index.ts'
import { accelerated, closeAll, emulated, rightOf, SPEED, started } from './helpers/live.ts'
import { allFree, forgetConnections } from './helpers/sockets.ts'

// The faults of docs/faults.md, section Cluster, over real sockets. The emulator and the timers of the library run
// `SPEED` times as fast as real time.

/** Waits for this many milliseconds of the cluster's time. */
const pass = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms / SPEED))

describe('faults of the cluster', () => {
  let emulator: Emulator
  let open: Subscription[] = []

  beforeEach(async () => {
    forgetConnections()
    emulator = await emulated({ speed: SPEED, proxies: 3 })
    emulator.seedBucket('b', { objects: 600_000 })
  })
  afterEach(() => {
    for (const subscription of open) subscription.unsubscribe()
    open = []
  })
  afterEach(closeAll)

  it('C1: a wait finishes although the primary dies, and although another proxy becomes the primary', async () => {
    const cluster = accelerated(emulator)
    const job = await started(cluster)
    const result = rightOf(wait(cluster, job))
    await pass(2_000)
    emulator.faults.movePrimary(1)
    await pass(2_000)
    await emulator.faults.killProxy(1)
    await emulator.faults.killProxy(0)

    expect((await result).outcome).to.equal('finished')
    await allFree()
  })

  it('C2: health is unreachable while all proxies are away for a minute, and the wait finishes when they are back', async () => {
    const cluster = accelerated(emulator)
    const job = await started(cluster)
    const states: Health['state'][] = []
    open.push(health(cluster).subscribe(({ state }) => states.push(state)))
    const result = rightOf(wait(cluster, job))
    await pass(1_000)
    for (const proxy of [0, 1, 2]) await emulator.faults.refuse(proxy)
    await pass(60_000)
    for (const proxy of [0, 1, 2]) await emulator.faults.accept(proxy)

    expect((await result).outcome).to.equal('finished')
    expect(states).to.include('unreachable')
    expect(states.at(-1)).to.equal('connected')
    await allFree()
  })

  it('C3: a job whose target dies is never reported as finished', async () => {
    const cluster = accelerated(emulator)
    const job = await started(cluster)
    const result = rightOf(wait(cluster, job))
    await pass(1_000)
    await emulator.faults.killTarget(emulator.targetIds[1] ?? '')

    expect((await result).outcome).to.be.oneOf(['aborted', 'failed', 'lost'])
    await allFree()
  })

  it('C4: a target that restarts without its records prevents a success, and progress never decreases', async () => {
    const cluster = accelerated(emulator)
    const job = await started(cluster, 'lru')
    const done: bigint[] = []
    open.push(
      progress(cluster, job)
        .pipe(filter(isRight))
        .subscribe(({ right }) => done.push(BigInt(right.objects))),
    )
    const result = rightOf(wait(cluster, job))
    await pass(6_000)
    await emulator.faults.restartTarget(emulator.targetIds[1] ?? '')

    expect((await result).outcome).to.be.oneOf(['aborted', 'failed', 'lost'])
    await allFree()
    expect(done.length).to.be.above(2)
    expect([...done].sort((a, b) => (a < b ? -1 : 1))).to.deep.equal(done)
  })

  it('C5, C6: a job whose target freezes for 25 s finishes after it continues', async () => {
    const cluster = accelerated(emulator)
    const job = await started(cluster)
    const result = rightOf(wait(cluster, job))
    await pass(1_000)
    const [frozen = ''] = emulator.targetIds
    emulator.faults.freezeTarget(frozen)
    await pass(25_000)
    emulator.faults.thawTarget(frozen)

    expect((await result).outcome).to.equal('finished')
    await allFree()
  })

  it('C7: an abort that the Information Center reports ends a wait', async () => {
    const cluster = accelerated(emulator)
    const job = await started(cluster)
    const result = rightOf(wait(cluster, job))
    await pass(2_000)
    const other = accelerated(emulator).job(job)
    await rightOf(other.abort())

    expect((await result).outcome).to.equal('aborted')
    await allFree()
  })

  for (const late of [0, 1]) {
    it(`C8: the events of a job do not flap while member ${late} of the Information Center is 20 s late`, async () => {
      const cluster = accelerated(emulator)
      emulator.faults.delayReports(late, 20_000)
      const job = await started(cluster)
      const events = firstValueFrom(
        jobEvents(cluster, job).pipe(
          filter(isRight),
          map(({ right }) => right.type),
          filter((type) => type !== 'progressed'),
          take(2),
          toArray(),
        ),
      )
      const result: WaitResult = await rightOf(wait(cluster, job))

      expect(result.outcome).to.equal('finished')
      expect(await events).to.deep.equal(['started', 'finished'])
      await allFree()
    })
  }

  it('C9: a job whose end notifications are lost still finishes', async () => {
    const cluster = accelerated(emulator)
    emulator.faults.loseNotifications()
    const job = await started(cluster)

    expect((await rightOf(wait(cluster, job))).outcome).to.equal('finished')
    await allFree()
  })
})
