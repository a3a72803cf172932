import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import type { SimPlan } from '../../simulation/plan.ts'
import { run } from '../../simulation/runner/run.ts'

// Plans that the generator of the simulation once drew. The files keep them, although the generator has changed since.

const planOf = (seed: number): SimPlan =>
  JSON.parse(readFileSync(new URL(`plans/${seed}.json`, import.meta.url), 'utf8')) as SimPlan

describe('a plan of the simulation that once broke an invariant no longer breaks any:', () => {
  for (const [seed, violation] of [
    [20270666, 'two archives, idle after one reply'],
    [7023765, 'a request in the last millisecond of the budget, idle after one reply'],
    [588459307, 'a copy-listrange that winds down, idle but still working'],
    [70011096, 'lost, although no part was missing'],
    [828530885, 'idle after one reply'],
  ] as const)
    it(`seed ${seed} (${violation})`, () => {
      const { violations, requests } = run(planOf(seed))
      expect(requests, 'requests').to.be.above(0)
      expect(violations).to.deep.equal([])
    })
})
