import { expect } from 'chai'
import fc from 'fast-check'
import { NO_RUNS, allRuns, getRun, withRuns, type Runs } from '../../lib/view/runs.ts'

const id = fc.oneof(fc.stringMatching(/^[a-z]{1,2}$/), fc.constantFrom('__proto__', 'constructor', ''))
const changes = fc.array(fc.tuple(id, fc.option(fc.nat(9), { nil: undefined })), { maxLength: 8 })

describe('runs', () => {
  it('are what a Map would be, change by change', () => {
    fc.assert(
      fc.property(fc.array(changes), (all) => {
        const model = new Map<string, number>()
        let runs: Runs<number> = NO_RUNS
        for (const some of all) {
          runs = withRuns(runs, new Map(some))
          for (const [key, value] of new Map(some))
            if (value === undefined) model.delete(key)
            else model.set(key, value)
          expect([...allRuns(runs)].sort()).to.deep.equal([...model.values()].sort())
          for (const [key] of some) expect(getRun(runs, key)).to.equal(model.get(key))
        }
      }),
    )
  })

  it('stay what they were when others are made of them', () => {
    const before = withRuns(NO_RUNS, new Map([['a', 1]]))
    const after = withRuns(
      before,
      new Map<string, number | undefined>([
        ['a', undefined],
        ['b', 2],
      ]),
    )
    expect([getRun(before, 'a'), getRun(before, 'b')]).to.deep.equal([1, undefined])
    expect([getRun(after, 'a'), getRun(after, 'b')]).to.deep.equal([undefined, 2])
    expect([...allRuns(NO_RUNS)]).to.deep.equal([])
  })

  it('are the very same where nothing changes, and share all that does not', () => {
    const before = withRuns(NO_RUNS, new Map([['a', 1]]))
    expect(withRuns(before, new Map())).to.equal(before)
    const after = withRuns(before, new Map([['b', 2]]))
    expect(after.filter((bucket, n) => bucket !== before[n])).to.have.length(1)
  })
})
