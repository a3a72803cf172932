import { randomInt } from 'node:crypto'
import { expect } from 'chai'
import { explore } from '../simulation/runner/explore.ts'
import { told } from '../simulation/runner/told.ts'

const FOR_MS = 60_000

describe('the simulation, with seeds that nobody has seen', function () {
  this.timeout(4 * FOR_MS)

  it('should hold for a minute', () => {
    const seed = randomInt(2 ** 31)
    const explored = explore({ seed, forMs: FOR_MS, maxFailures: 1 })
    console.log(`      from seed ${seed}: ${told.line(explored)}`)
    expect(explored.failures.map(told.shrunk).join('\n')).to.equal('')
    expect(explored.count).to.be.above(0)
  })
})
