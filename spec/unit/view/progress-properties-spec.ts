import { expect } from 'chai'
import fc from 'fast-check'
import { Snapshots } from '../../../lib/codec/snapshots.ts'
import { isLeft, right } from '../../../lib/common/either.ts'
import type { Progress, Total } from '../../../lib/view/progress-of.ts'
import { snapshots } from '../../helpers/arbitraries.ts'
import { snapshotsOf, type PartOptions } from '../../helpers/parts.ts'
import { BY_ID, BY_KIND, repliesAt, progressesOf, type TimedReply } from './helpers/progresses-of.ts'
import { casesOf } from '../../fuzz/seed.ts'

// Properties of `progress` for any targets that join, leave, restart, end or report nonsense.

const TARGETS = ['t1', 't2', '__proto__'] as const

/** What may happen to one target between two replies. */
const anyAct = fc.record({
  shows: fc.boolean(),
  adds: fc.nat(1000),
  does: fc.constantFrom('works', 'works', 'works', 'idles', 'ends', 'fails', 'aborts', 'starts again', 'counts less'),
})
const anyStep = fc.record({
  // Two replies may come at the same time, or ten minutes apart because a timer is late.
  sinceMs: fc.oneof(fc.integer({ min: 0, max: 20_000 }), fc.constantFrom(0, 600_000)),
  acts: fc.tuple(anyAct, anyAct, anyAct),
})
const anyTotal: fc.Arbitrary<Total | undefined> = fc.option(
  fc.record(
    { objects: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }), bytes: fc.nat() },
    { requiredKeys: [] },
  ),
  { nil: undefined },
)

interface World {
  readonly readings: readonly TimedReply[]
  /** Whether a target started again since the previous reply that shows it. */
  readonly renewed: readonly boolean[]
}

type Step = typeof anyStep extends fc.Arbitrary<infer A> ? A : never
type Act = Step['acts'][number]['does']

/** The part of a target after it has done something at this time, and has counted `adds` objects. */
function afterAct({ startMs = 0, objects = 0 }: PartOptions, does: Act, adds: number, serverMs: number): PartOptions {
  const worked = { startMs, objects: Number(objects) + adds }
  switch (does) {
    case 'starts again':
      return { startMs: serverMs, objects: adds }
    case 'counts less':
      return { startMs, objects: Math.max(0, Number(objects) - adds) }
    case 'ends':
    case 'fails':
      return { ...worked, endMs: serverMs, more: { err: does === 'fails' ? 'disk full' : '' } }
    default:
      return { ...worked, more: { isIdle: does === 'idles', aborted: does === 'aborts' } }
  }
}

/** The replies of a cluster whose targets do these acts, one act of each target before each reply. */
function worldOf(steps: readonly Step[]): World {
  const parts = TARGETS.map((): { shown: number; startMs: number; now: PartOptions } => ({
    shown: 0,
    startMs: 0,
    now: {},
  }))
  const [readings, renewed]: [TimedReply[], boolean[]] = [[], []]
  let atMs = 0
  let serverMs = 0
  for (const { sinceMs, acts } of steps) {
    atMs += sinceMs
    serverMs += sinceMs + 1
    let hasRenewed = false
    const targets: Record<string, PartOptions> = Object.create(null) as Record<string, PartOptions>
    for (const [i, { shows, adds, does }] of acts.entries()) {
      const part = parts[i]!
      part.now = afterAct(part.now, does, adds, serverMs)
      if (!shows) continue
      hasRenewed ||= part.shown > 0 && part.startMs !== part.now.startMs
      Object.assign(part, { shown: part.shown + 1, startMs: part.now.startMs })
      Object.defineProperty(targets, TARGETS[i]!, { value: part.now, enumerable: true })
    }
    readings.push({ atMs, result: right(snapshotsOf(targets)) })
    renewed.push(hasRenewed)
  }
  return { readings, renewed }
}

const isCount = (count: number | undefined): boolean => count !== undefined && count >= 0 && count < Infinity

/** Expects that all values are within their bounds, and agree. */
function expectInBounds(one: Progress): void {
  const { objects, bytes, objectsPerSecond, bytesPerSecond, elapsedMs, ratio, etaMs, state, stalled } = one
  for (const count of [objects, bytes, elapsedMs, objectsPerSecond ?? 0, bytesPerSecond ?? 0])
    expect(isCount(count), String(count)).to.equal(true)
  if (ratio !== undefined) expect(ratio >= 0 && ratio <= 1, `ratio ${ratio}`).to.equal(true)
  if (etaMs !== undefined) expect(etaMs >= 0 && etaMs <= 86_400_000, `ETA ${etaMs}`).to.equal(true)
  if (state !== 'running')
    expect([objectsPerSecond, bytesPerSecond, stalled]).to.deep.equal([undefined, undefined, false])
  const targets = Object.values(one.targets)
  for (const target of targets) expect(isCount(target.objects) && isCount(target.bytes)).to.equal(true)
  for (const key of ['objectsPerSecond', 'bytesPerSecond', 'ratio', 'etaMs'] as const)
    if (one[key] === undefined) expect(one).not.to.have.property(key)
}

describe('progress, whatever happens', () => {
  const someSteps = fc.array(anyStep, { minLength: 1, maxLength: 25 })

  it('starts at 0, never decreases within a run, and has no value that is negative, infinite or out of bounds', () => {
    let renewals = 0
    fc.assert(
      fc.property(someSteps, anyTotal, fc.constantFrom(BY_ID, BY_KIND), (steps, sum, aim) => {
        const { readings, renewed } = worldOf(steps)
        const all = progressesOf(readings, aim, sum)
        all.forEach((one, i) => {
          expectInBounds(one)
          expect([one.ratio === undefined, one.etaMs !== undefined && one.ratio === undefined]).to.deep.equal([
            sum?.objects === undefined && sum?.bytes === undefined,
            false,
          ])
          const before = all[i - 1]
          if (before === undefined) return
          if (renewed[i]!) renewals += 1
          else {
            expect(one.objects, 'objects').to.be.at.least(before.objects)
            expect(one.bytes, 'bytes').to.be.at.least(before.bytes)
            for (const [target, { objects }] of Object.entries(before.targets))
              expect(one.targets[target]?.objects, target).to.be.at.least(objects)
          }
        })
      }),
      { numRuns: casesOf(300) },
    )
    expect(renewals, 'the number of runs that started again').to.be.above(casesOf(100))
  })

  it('has no rate before three replies about a run', () => {
    fc.assert(
      fc.property(someSteps, (steps) => {
        const { readings, renewed } = worldOf(steps)
        let count = 0
        progressesOf(readings).forEach((one, i) => {
          if (readings[i]?.result._tag === 'Right') count = renewed[i]! ? 1 : count + 1
          if (count < 3) expect(one).not.to.have.any.keys('objectsPerSecond', 'bytesPerSecond')
        })
      }),
    )
  })

  it('is the sum of its targets', () => {
    fc.assert(
      fc.property(someSteps, (steps) => {
        for (const { objects, targets } of progressesOf(worldOf(steps).readings))
          expect(objects).to.equal(Object.values(targets).reduce((sum, target) => sum + target.objects, 0))
      }),
    )
  })

  it('depends only on its input', () => {
    fc.assert(
      fc.property(someSteps, (steps) => {
        const { readings } = worldOf(steps)
        expect(progressesOf(readings)).to.deep.equal(progressesOf(readings))
      }),
    )
  })

  it('is valid whatever a cluster reports', () => {
    const any = fc.array(fc.tuple(fc.nat(1e6), snapshots), { maxLength: 6 })
    fc.assert(
      fc.property(any, anyTotal, (replies, sum) => {
        let nowMs = 0
        const readings = repliesAt(...replies.map(([sinceMs, one]) => [(nowMs += sinceMs), right(one)] as const))
        for (const aim of [
          BY_KIND,
          { ...BY_ID, ids: replies.flatMap(([, one]) => Object.values(one).flat()).map(({ id }) => id) },
        ])
          progressesOf(readings, aim, sum).forEach(expectInBounds)
      }),
    )
  })

  it('is valid for the extreme numbers of the wire', () => {
    const ends = ['9223372036854775807', '-9223372036854775808', '0']
    const replies = ends.flatMap((count, i) => {
      const wire = {
        id: 'a',
        kind: 'lru',
        'start-time': '2026-01-01T00:00:00Z',
        stats: { 'loc-objs': count, 'loc-bytes': count },
      }
      const decoded = Snapshots.decode({ t1: [wire], t2: [wire] })
      if (isLeft(decoded)) throw new Error('the wire has such numbers')
      return [[i * 5000, decoded] as const]
    })
    const all = progressesOf(repliesAt(...replies), BY_ID, { objects: 5e-324, bytes: 1e308 })
    all.forEach(expectInBounds)
    expect(all.map(({ objects }) => objects)).to.deep.equal([2 ** 64, 2 ** 64, 2 ** 64])
  })
})
