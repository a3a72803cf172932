import { randomInt } from 'node:crypto'
import { expect } from 'chai'
import { explore } from '../simulation/runner/explore.ts'
import { told } from '../simulation/runner/told.ts'

const FOR_MS = 60_000
/**
 * Of so many lives one may fail, and is printed: what is found here is rare by now, and is for the corpus to hold. Each of
 * the mutants fails in one of 1,500 at least.
 */
const LIVES_A_FAILURE = 5_000

describe('the simulation, with seeds that nobody has seen', function () {
  this.timeout(4 * FOR_MS)

  it('should hold for a minute, but for what is rare', () => {
    const seed = randomInt(2 ** 31)
    const explored = explore({ seed, forMs: FOR_MS, maxFailures: 20 })
    console.log(`      from seed ${seed}: ${told.line(explored)}`)
    const shown = explored.failures.map(told.shrunk).join('\n')
    if (shown !== '') console.log(shown)
    expect(explored.count).to.be.above(LIVES_A_FAILURE)
    expect(explored.failures.length, shown).to.be.at.most(explored.count / LIVES_A_FAILURE)
  })
})
