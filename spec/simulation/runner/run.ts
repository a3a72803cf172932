import type { SimPlan } from '../plan.ts'
import { simulate, type Report, type Violation } from '../simulate.ts'

/** A plan that breaks an invariant, with its violations. */
export interface Failure {
  readonly seed: number
  readonly plan: SimPlan
  /** Never empty. */
  readonly violations: readonly [Violation, ...Violation[]]
}

/** Like `simulate`, but an exception is a violation like any other, so that one bad plan does not end a long run. */
export function run(plan: SimPlan): Report {
  try {
    return simulate(plan)
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { violations: [{ invariant: 'crash', atMs: 0, text }], trace: [], requests: 0 }
  }
}

/** The failure of a plan; undefined if it breaks no invariant. */
export function failureOf(plan: SimPlan, { violations }: Report): Failure | undefined {
  const [first, ...others] = violations
  return first === undefined ? undefined : { seed: plan.seed, plan, violations: [first, ...others] }
}
