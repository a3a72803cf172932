import { expect } from 'chai'
import { planOf } from '../simulation/generate.ts'
import type { FaultClass, SimPlan } from '../simulation/plan.ts'
import { isExpressible } from '../simulation/sockets/expressed.ts'
import { isSteady, simulated, type Outcomes } from '../simulation/sockets/outcomes.ts'
import { overSockets } from '../simulation/sockets/sockets.ts'

/** One in a hundred of so many plans. */
const PLANS = 3_200
const CHOSEN = PLANS / 100
const SPEED = 25
/** At a time: more would wait for each other, which is time that a plan does not know of. */
const TOGETHER = 4
/** Longer lives are left out, since they would be waited for. */
const LONGEST_MS = 100_000

interface Chosen {
  readonly plan: SimPlan
  readonly outcomes: Outcomes
}

/**
 * Evenly from all of them: of every other hundred, the plan in which the most goes wrong that sockets can live through and
 * that is not decided by milliseconds.
 */
function chosen(): readonly Chosen[] {
  return Array.from({ length: CHOSEN }, (_, hundred) => {
    const fit = Array.from({ length: 100 }, (_, nth) => planOf(1 + hundred * 100 + nth))
      .filter((plan) => plan.endMs <= LONGEST_MS && isExpressible(plan))
      // Where all goes wrong nobody succeeds: of every other hundred, the first will do.
      .sort((a, b) => (hundred % 2 === 0 ? weight(b) - weight(a) : 0))
    for (const plan of fit) {
      const outcomes = simulated(plan)
      if (isSteady(plan, outcomes)) return [{ plan, outcomes }]
    }
    return []
  }).flat()
}

const weight = ({ net, events, users, jobs }: SimPlan): number =>
  2 * net.length + events.length + users.length + jobs.length

describe('the simulation and real sockets', function () {
  this.timeout(240_000)

  it(`should agree on how ${CHOSEN} plans of ${PLANS} end`, async () => {
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
        lived.met.forEach((type) => met.add(type))
        plan.faultClasses.forEach((one) => classes.add(one))
        if (lived.outcomes.join() !== outcomes.join()) differing.push(next)
      }
    }
    await Promise.all(Array.from({ length: TOGETHER }, worker))

    // A machine that stood still for a moment was late for all; what is the simulation's own shows again when there is time.
    const wrong: string[] = []
    for (const { plan, outcomes } of differing) {
      const again = await overSockets(plan, SPEED / 5)
      if (again.outcomes.join() !== outcomes.join())
        wrong.push(`seed ${plan.seed}: simulated ${outcomes.join('; ')}, over sockets ${again.outcomes.join('; ')}`)
    }
    console.log(
      `      ${all} plans, ${differing.length} tried twice; ${classes.size} fault classes, ` +
        `of the wire ${[...met].sort().join(', ')}; ${ends.size} ends: ${[...ends].sort().join(', ')}`,
    )

    expect(wrong.join('\n')).to.equal('')
    expect(all).to.be.at.least(20)
    // Plans that all end well, or in which nothing happens, would show little.
    expect(ends.size).to.be.at.least(6)
    expect(met.size).to.be.at.least(4)
  })
})
