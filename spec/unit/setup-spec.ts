import { expect } from 'chai'
import fc from 'fast-check'
import { startEmulator } from '../../lib/emulator/start-emulator.ts'
import { specSeed } from '../fuzz/seed.ts'

// The literals prove that each process draws the same numbers. They depend on the titles of these specs.

describe('the setup of the specs', () => {
  it('seeds Math.random, from which a cadence takes its jitter', () => {
    expect([Math.random(), Math.random()].map((one) => one.toFixed(6))).to.deep.equal(['0.326944', '0.314710'])
  })

  it('seeds an emulator that is given no seed', async () => {
    await using emulator = await startEmulator()
    expect(emulator.targetIds).to.deep.equal(['Mbtt8082', 'Xypt8083', 'cfMt8084'])
  })

  it('seeds fast-check', () => {
    expect(fc.readConfigureGlobal().seed).to.equal(specSeed())
    expect(fc.sample(fc.nat(), 3)).to.deep.equal([2147483624, 349214972, 720133767])
  })
})
