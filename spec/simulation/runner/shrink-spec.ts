import { expect } from 'chai'
import { planOf } from '../generate.ts'
import type { SimPlan } from '../plan.ts'
import type { Report } from '../simulate.ts'
import { failureOf, type Failure } from './run.ts'
import { shrink } from './shrink.ts'

// `shrink` makes a failing plan simpler, as long as it breaks the same invariant. A fake rule stands for the
// simulation.

const reportOf = (...invariants: readonly string[]): Report => ({
  violations: invariants.map((invariant) => ({ invariant, atMs: 0, text: '' })),
  trace: [],
  requests: 0,
})

/** The first plan that fails by a given rule. */
function foundBy(by: (plan: SimPlan) => Report): Failure {
  for (let seed = 1; ; seed++) {
    const plan = planOf(seed)
    const failure = failureOf(plan, by(plan))
    if (failure !== undefined) return failure
  }
}

const sizeOf = (plan: SimPlan): number => JSON.stringify(plan).length

describe('shrink', () => {
  it('keeps only what the failure needs', () => {
    const by = ({ net, jobs }: SimPlan): Report => (net.length >= 2 && jobs.length >= 2 ? reportOf('I1') : reportOf())
    const found = foundBy(by)
    const { failure, steps, path } = shrink(found, { by })

    expect(failure.plan.net).to.have.lengthOf(2)
    expect(failure.plan.jobs).to.have.lengthOf(2)
    expect(failure.plan.events).to.deep.equal([])
    expect(sizeOf(failure.plan)).to.be.below(sizeOf(found.plan))
    expect(steps).to.be.above(0)
    expect(path.split(':')).to.have.lengthOf(steps + 1)
  })

  it('does not switch to another invariant', () => {
    // Every simpler plan breaks another invariant.
    const wanted = ({ users, net }: SimPlan): boolean => users.length >= 2 && net.length >= 1
    const by = (plan: SimPlan): Report => (wanted(plan) ? reportOf('I2', 'I9') : reportOf('I9'))
    const { failure } = shrink(
      foundBy((plan) => (wanted(plan) ? by(plan) : reportOf())),
      { by },
    )

    expect(failure.violations[0].invariant).to.equal('I2')
    expect(failure.plan.users).to.have.lengthOf(2)
    expect(failure.plan.net).to.have.lengthOf(1)
  })

  it('returns the original failure if it does not fail again', () => {
    const found = foundBy(() => reportOf('I7'))

    expect(shrink(found, { by: () => reportOf() }).failure).to.equal(found)
  })

  it('stops when its time is over, with the simplest plan so far', () => {
    let runs = 0
    const by = (): Report => {
      const until = performance.now() + 20
      while (performance.now() < until);
      runs += 1
      return reportOf('I1')
    }
    const { failure } = shrink(
      { seed: 1, plan: planOf(1), violations: [reportOf('I1').violations[0]!] },
      { by, forMs: 10 },
    )

    // The plan itself, at most one candidate that had started, and the last plan again for its report.
    expect(runs).to.be.at.most(3)
    expect(failure.violations[0].invariant).to.equal('I1')
  })
})
