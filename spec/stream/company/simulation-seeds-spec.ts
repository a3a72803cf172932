import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import type { SimPlan } from '../../simulation/plan.ts'
import { run } from '../../simulation/runner/run.ts'

// Plans that the generator of the simulation once drew; they stay what they were when the generator draws others.

const planOf = (seed: number): SimPlan =>
  JSON.parse(readFileSync(new URL(`plans/${seed}.json`, import.meta.url), 'utf8')) as SimPlan

describe('a plan of the simulation that once broke an invariant breaks none', () => {
  for (const [seed, once] of [
    [20270666, 'two archives, idle after one look'],
    [7023765, 'a look in the last millisecond of the budget, idle after one look'],
    [588459307, 'a copy-listrange that winds down, idle but never at rest'],
    [70011096, 'lost, although every part is there'],
    [828530885, 'idle after one look'],
  ] as const)
    it(`seed ${seed} (${once})`, () => {
      const { violations, requests } = run(planOf(seed))
      expect(requests, 'requests').to.be.above(0)
      expect(violations).to.deep.equal([])
    })
})
