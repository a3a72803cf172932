import './compiled-modules.ts'
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import fc from 'fast-check'
import { createRandom, next } from '../lib/emulator/cluster/random.ts'
import { isProperty, publish } from './fuzz/property.ts'
import { casesOf, seedFor, specSeed } from './fuzz/seed.ts'

// Mocha requires this file before the specs. All randomness in them follows from one seed, so two runs of the same tree
// run the same cases: `npm test` always has the same seed, `npm run fuzz` uses new ones.

let test: Mocha.Test | undefined

let random = createRandom(seedFor(''))

/** Gives each spec the same random numbers, whichever specs ran before it. The seed of a later round differs. */
function seedAll(name: string): void {
  random = createRandom(seedFor(name))
  fc.configureGlobal({ seed: specSeed(), numRuns: casesOf(100) })
}

const whole = (min: number, max: number): number => min + Math.floor(next(random) * (max - min))

seedAll('')
Math.random = () => next(random)
// An emulator without a seed draws one from here.
Object.assign(crypto, { randomInt: (a: number, b?: number) => (b === undefined ? whole(0, a) : whole(a, b)) })
syncBuiltinESMExports()

fc.installGlobalPlugin(() => ({
  onAllRunsComplete: (details) => {
    // The simulation shrinks its plans with fast-check under the seeds of the plans. Those runs are not specs.
    if (details.seed !== specSeed() || test === undefined) return
    if (!isProperty(test))
      throw new Error('call fc.assert in the body of the spec: npm run fuzz finds properties by it')
    publish(details)
  },
}))

/** Hooks of all specs. They are root hooks, because each of Mocha's processes requires this file. */
export const mochaHooks: Mocha.RootHookObject = {
  beforeEach(this: Mocha.Context) {
    test = this.currentTest
    seedAll(test?.fullTitle() ?? '')
  },
}
