import { planOf } from '../generate.ts'
import { pairCounter, type Coverage } from './coverage.ts'
import { failureOf, run, type Failure } from './run.ts'

/** What to run. The run ends with the count or with the time, whichever comes first. */
export interface ExploreOptions {
  /** The first seed; the others follow it one by one. */
  readonly seed: number
  /** How many seeds. Defaults to no limit. */
  readonly count?: number
  /** For how long, in milliseconds of the real clock. Defaults to no limit. */
  readonly forMs?: number
  /** After how many failing seeds it stops. Defaults to 10. */
  readonly maxFailures?: number
  /** Called about once a second. */
  readonly progress?: (soFar: Explored) => void
}

/** The result of a run. */
export interface Explored {
  readonly seed: number
  readonly count: number
  readonly requests: number
  readonly tookMs: number
  readonly perSecond: number
  /** Relative to the processor time of this process, which other processes affect less. */
  readonly perCpuSecond: number
  readonly coverage: Coverage
  readonly failures: readonly Failure[]
}

/** The real clock is read only here, so that nothing in a plan can depend on it. */
const realMs = (): number => performance.now()

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Reading the clock costs as much as a small part of a plan, so it is read once for this many plans. */
const PLANS_PER_READING = 16

const perSecond = (count: number, ms: number): number => (ms <= 0 ? 0 : (count * 1000) / ms)

/** The seed after the last int32 is the first one. Larger seeds, of plans with downloads, have no end. */
export const nth = (seed: number, at: number): number => (seed >= 2 ** 31 ? seed + at : (seed + at) | 0)

/** Runs one seed after the other. */
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
  let reportedMs = 0
  const soFar = (): Explored => {
    const tookMs = realMs() - began
    return {
      seed,
      count: done,
      requests,
      tookMs,
      perSecond: perSecond(done, tookMs),
      perCpuSecond: perSecond(done, cpuMs() - cpuBegan),
      coverage: pairs.coverage(),
      failures: [...failures],
    }
  }
  while (done < count && failures.length < maxFailures) {
    if (done % PLANS_PER_READING === 0) {
      const tookMs = realMs() - began
      if (tookMs >= forMs) break
      if (tookMs - reportedMs >= 1000) {
        reportedMs = tookMs
        progress?.(soFar())
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
  return soFar()
}
