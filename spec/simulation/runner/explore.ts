import { planOf } from '../generate.ts'
import { pairCounter, type Coverage } from './coverage.ts'
import { failureOf, run, type Failure } from './run.ts'

/** What to run; it ends with the count or with the time, whichever comes first. */
export interface ExploreOptions {
  /** The first seed; the others follow it one by one. */
  readonly seed: number
  /** How many seeds; default no end. */
  readonly count?: number
  /** For how long, in milliseconds of the real clock; default no end. */
  readonly forMs?: number
  /** Stops after so many failing seeds; default 10. */
  readonly maxFailures?: number
  /** Told about once a second. */
  readonly progress?: (far: Explored) => void
}

/** What came of it. */
export interface Explored {
  readonly seed: number
  readonly count: number
  readonly requests: number
  readonly tookMs: number
  readonly perSecond: number
  /** By the time that this process had of a processor, which others cannot slow down as much. */
  readonly perCpuSecond: number
  readonly coverage: Coverage
  readonly failures: readonly Failure[]
}

/** The real clock is read only here, so that nothing of a plan can follow from it. */
const realMs = (): number => performance.now()

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Reading the clock costs as much as a small part of a plan, so that it is read for each so many only. */
const LOOK_EACH = 16

const rate = (count: number, ms: number): number => (ms <= 0 ? 0 : (count * 1000) / ms)

/** Seeds are int32, and a walk beyond the last one goes on at the first. */
export const nth = (seed: number, at: number): number => (seed + at) | 0

/** Runs seed after seed. */
export function explore({
  seed,
  count = Infinity,
  forMs = Infinity,
  maxFailures = 10,
  progress,
}: ExploreOptions): Explored {
  if (count === Infinity && forMs === Infinity) throw new RangeError('explore: neither a count nor a time')
  const began = realMs()
  const cpuBegan = cpuMs()
  const pairs = pairCounter()
  const failures: Failure[] = []
  let done = 0
  let requests = 0
  let toldMs = 0
  const far = (): Explored => {
    const tookMs = realMs() - began
    return {
      seed,
      count: done,
      requests,
      tookMs,
      perSecond: rate(done, tookMs),
      perCpuSecond: rate(done, cpuMs() - cpuBegan),
      coverage: pairs.coverage(),
      failures: [...failures],
    }
  }
  while (done < count && failures.length < maxFailures) {
    if (done % LOOK_EACH === 0) {
      const tookMs = realMs() - began
      if (tookMs >= forMs) break
      if (tookMs - toldMs >= 1000) {
        toldMs = tookMs
        progress?.(far())
      }
    }
    const plan = planOf(nth(seed, done))
    const report = run(plan)
    pairs.add(plan.faultClasses)
    requests += report.requests
    done += 1
    const failure = failureOf(plan, report)
    if (failure !== undefined) failures.push(failure)
  }
  return far()
}
