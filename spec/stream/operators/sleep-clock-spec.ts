import os from 'node:os'
import { expect } from 'chai'
import { VirtualTimeScheduler, asyncScheduler } from 'rxjs'
import { stub, useFakeTimers, type SinonFakeTimers } from 'sinon'
import { monotonic } from '../../../lib/operators/monotonic.ts'
import { sleepClock } from '../../../lib/operators/sleep-clock.ts'

// `sleepClock` returns how long the machine has slept: it compares the wall clock, the monotonic clock and the uptime
// of the machine (`upMs`).

const HOUR_MS = 3_600_000

describe('sleepClock', () => {
  let clock: SinonFakeTimers
  let upMs = 0
  beforeEach(() => {
    clock = useFakeTimers({ now: 1_700_000_000_000 })
    upMs = 500_000
  })
  afterEach(() => clock.restore())

  const run = (ms: number): void => {
    clock.tick(ms)
    upMs += ms
  }
  /** The monotonic clock stands still while the machine sleeps. */
  const sleep = (ms: number): void => {
    clock.setSystemTime(Date.now() + ms)
    upMs += ms
  }
  const step = (ms: number): void => clock.setSystemTime(Date.now() + ms)
  const { now } = monotonic(asyncScheduler)
  const created = (up: (() => number | undefined) | undefined = () => upMs): (() => number) =>
    sleepClock({ scheduler: asyncScheduler, now, upMs: up })

  it('counts a sleep, and no step of the wall clock in either direction', () => {
    const slept = created()
    expect(slept()).to.equal(0)
    run(10_000)
    step(70_000)
    expect(slept()).to.equal(0)
    run(10_000)
    sleep(HOUR_MS)
    expect(slept()).to.equal(HOUR_MS)
    step(-24 * HOUR_MS)
    run(5)
    expect(slept()).to.equal(HOUR_MS)
    sleep(2 * HOUR_MS)
    step(-2 * HOUR_MS + 1000)
    expect(slept()).to.equal(3 * HOUR_MS)
  })

  it('counts a step forward as a sleep if the runtime does not report the uptime of the machine', () => {
    const slept = created(() => undefined)
    slept()
    step(-70_000)
    expect(slept()).to.equal(0)
    step(70_000)
    expect(slept()).to.equal(70_000)
  })

  it('reads the uptime of the machine only when the wall clock has moved against the monotonic one', () => {
    let reads = 0
    const slept = created(() => (reads++, upMs))
    for (let i = 0; i < 100; i++) {
      slept()
      run(1000)
    }
    expect(reads).to.equal(1)
    step(1000)
    slept()
    expect(reads).to.equal(2)
  })

  it('uses the uptime that Node reports by default', () => {
    const uptime = stub(os, 'uptime').callsFake(() => upMs / 1000)
    try {
      const slept = sleepClock({ scheduler: asyncScheduler, now })
      slept()
      step(HOUR_MS)
      expect(slept()).to.equal(0)
      sleep(HOUR_MS)
      expect(slept()).to.equal(HOUR_MS)
    } finally {
      uptime.restore()
    }
  })

  it('does not use the uptime in virtual time', () => {
    let atMs = 0
    const virtual = new VirtualTimeScheduler()
    const scheduler = { now: () => atMs, schedule: virtual.schedule.bind(virtual) }
    const slept = sleepClock({ scheduler, now: () => 0, upMs: () => NaN })
    slept()
    atMs = 5000
    expect(slept()).to.equal(5000)
  })
})
