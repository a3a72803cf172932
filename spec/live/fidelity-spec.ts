import { expect } from 'chai'
import { planOf } from '../simulation/generate.ts'
import type { FaultClass, SimPlan } from '../simulation/plan.ts'
import { isExpressible } from '../simulation/sockets/expressed.ts'
import { isSteady, simulated, type Outcomes } from '../simulation/sockets/outcomes.ts'
import { overSockets } from '../simulation/sockets/sockets.ts'

// Plans of the simulation run again over real sockets, and must have the same outcomes. Words such as plan and
// outcome: spec/simulation/README.md.

/** Number of plans to choose from. One in a hundred is chosen. */
const PLANS = 3_200
const CHOSEN = PLANS / 100
const SPEED = 25
/** Number of plans that run at a time. With more, they would delay each other, which the simulation does not model. */
const CONCURRENCY = 4
/** Plans that take longer are excluded, because they would take too long in real time. */
const LONGEST_MS = 100_000

interface Chosen {
  readonly plan: SimPlan
  readonly outcomes: Outcomes
}

/**
 * Chooses one plan of each hundred: by turns the plan with the most faults, and the first one. The plan must be
 * possible with sockets, and its outcome must not depend on milliseconds.
 */
function chosen(): readonly Chosen[] {
  return Array.from({ length: CHOSEN }, (_, hundred) => {
    const fit = Array.from({ length: 100 }, (_, nth) => planOf(1 + hundred * 100 + nth))
      .filter((plan) => plan.endMs <= LONGEST_MS && isExpressible(plan))
      // With many faults, hardly any wait succeeds, so every other hundred contributes its first plan.
      .sort((a, b) => (hundred % 2 === 0 ? weightOf(b) - weightOf(a) : 0))
    for (const plan of fit) {
      const outcomes = simulated(plan)
      if (isSteady(plan, outcomes)) return [{ plan, outcomes }]
    }
    return []
  }).flat()
}

/** How much can go wrong in a plan. */
const weightOf = ({ net, events, users, jobs }: SimPlan): number =>
  2 * net.length + events.length + users.length + jobs.length

describe('the simulation and real sockets', function () {
  this.timeout(240_000)

  it(`should agree on the outcomes of ${CHOSEN} of ${PLANS} plans`, async () => {
    const queue = [...chosen()]
    const all = queue.length
    const differing: Chosen[] = []
    const ends = new Set<string>()
    const met = new Set<string>()
    const classes = new Set<FaultClass>()
    const worker = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const { plan, outcomes } = next
        const lived = await overSockets(plan, SPEED)
        outcomes.forEach((outcome) => ends.add(outcome))
        lived.faults.forEach((type) => met.add(type))
        plan.faultClasses.forEach((one) => classes.add(one))
        if (lived.outcomes.join() !== outcomes.join()) differing.push(next)
      }
    }
    await Promise.all(Array.from({ length: CONCURRENCY }, worker))

    // A pause of the machine can change outcomes, so repeat the differing plans at a lower speed.
    const wrong: string[] = []
    for (const { plan, outcomes } of differing) {
      const again = await overSockets(plan, SPEED / 5)
      if (again.outcomes.join() !== outcomes.join())
        wrong.push(`seed ${plan.seed}: simulated ${outcomes.join('; ')}, over sockets ${again.outcomes.join('; ')}`)
    }
    console.log(
      `      ${all} plans, ${differing.length} repeated; ${classes.size} fault classes, ` +
        `faults of the wire: ${[...met].sort().join(', ')}; ${ends.size} outcomes: ${[...ends].sort().join(', ')}`,
    )

    expect(wrong.join('\n')).to.equal('')
    expect(all).to.be.at.least(20)
    // Without various outcomes and faults, the comparison would prove little.
    expect(ends.size).to.be.at.least(6)
    expect(met.size).to.be.at.least(4)
  })
})
