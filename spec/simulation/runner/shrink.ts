import * as fc from 'fast-check'
import { smaller } from '../arbitrary.ts'
import type { SimPlan } from '../plan.ts'
import type { Report } from '../simulate.ts'
import { failureOf, run, type Failure } from './run.ts'

/** The simplest plan found that breaks the same invariant. */
export interface Shrunk {
  readonly failure: Failure
  /** How many times a simpler plan was found. */
  readonly steps: number
  /** Which candidate was chosen at each step, in fast-check's notation. */
  readonly path: string
}

/** One given plan, and the candidates of `smaller`. */
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
  /** After how long it stops with the simplest plan so far, in milliseconds of the real clock. Defaults to 30,000. */
  readonly forMs?: number
  /** Runs a plan. Defaults to {@link run}. */
  readonly by?: (plan: SimPlan) => Report
}

/**
 * Shrinks a failing plan as long as the same invariant breaks.
 *
 * `explore` runs the seeds in a loop of its own. Only fast-check shrinks, with the plans of `smaller` as candidates.
 * A property over seeds would shrink the seed instead, and a smaller seed leads to a plan that has nothing in common
 * with the one that failed.
 */
export function shrink(failure: Failure, { forMs = 30_000, by = run }: ShrinkOptions = {}): Shrunk {
  const [{ invariant }] = failure.violations
  const breaks = (plan: SimPlan): boolean => by(plan).violations.some((one) => one.invariant === invariant)
  const details = fc.check(
    fc.property(new PlanArbitrary(failure.plan), (plan) => !breaks(plan)),
    { numRuns: 1, seed: failure.seed | 0, interruptAfterTimeLimit: forMs, markInterruptAsFailure: true },
  )
  const plan = details.counterexample?.[0]
  // A plan that fails only sometimes breaks I7, and the first report is the only evidence of that.
  const again = plan === undefined ? undefined : failureOf(plan, by(plan))
  return { failure: again ?? failure, steps: details.numShrinks, path: details.counterexamplePath ?? '' }
}
