import * as fc from 'fast-check'
import { smaller } from '../arbitrary.ts'
import type { SimPlan } from '../plan.ts'
import type { Report } from '../simulate.ts'
import { failureOf, run, type Failure } from './run.ts'

/** The simplest plan that was found to break the same invariant. */
export interface Shrunk {
  readonly failure: Failure
  /** How many times a simpler plan was found. */
  readonly steps: number
  /** Which candidate was taken at each step, as fast-check writes it. */
  readonly path: string
}

/** One given plan, and what `smaller` makes of it. */
class PlanArbitrary extends fc.Arbitrary<SimPlan> {
  private readonly plan: SimPlan

  constructor(plan: SimPlan) {
    super()
    this.plan = plan
  }

  override generate(): fc.Value<SimPlan> {
    return new fc.Value(this.plan, undefined)
  }

  override canShrinkWithoutContext(value: unknown): value is SimPlan {
    return value === this.plan
  }

  override shrink(plan: SimPlan): fc.Stream<fc.Value<SimPlan>> {
    return fc.stream(values(plan))
  }
}

function* values(plan: SimPlan): IterableIterator<fc.Value<SimPlan>> {
  for (const candidate of smaller(plan)) yield new fc.Value(candidate, undefined)
}

/** Settings of {@link shrink}. */
export interface ShrinkOptions {
  /** Gives up after so long, in milliseconds of the real clock, with the simplest plan so far; default 30,000. */
  readonly forMs?: number
  /** What tells whether a plan fails; default {@link run}. */
  readonly by?: (plan: SimPlan) => Report
}

/**
 * Shrinks a failing plan for as long as the same invariant breaks.
 *
 * The seeds are walked by a loop of our own, which costs nothing; fast-check shrinks, with the plans of `smaller` as its
 * candidates. Shrinking the seed instead, which is what a property over seeds would do, leads to a plan that has nothing
 * in common with the one that failed.
 */
export function shrink(failure: Failure, { forMs = 30_000, by = run }: ShrinkOptions = {}): Shrunk {
  const [{ invariant }] = failure.violations
  const breaks = (plan: SimPlan): boolean => by(plan).violations.some((one) => one.invariant === invariant)
  const details = fc.check(
    fc.property(new PlanArbitrary(failure.plan), (plan) => !breaks(plan)),
    { numRuns: 1, seed: failure.seed, interruptAfterTimeLimit: forMs, markInterruptAsFailure: true },
  )
  const plan = details.counterexample?.[0]
  // A plan that fails at one time and holds at another breaks I7, of which the first report is the only witness.
  const again = plan === undefined ? undefined : failureOf(plan, by(plan))
  return { failure: again ?? failure, steps: details.numShrinks, path: details.counterexamplePath ?? '' }
}
