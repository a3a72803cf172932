import { expect } from 'chai'
import { NEVER } from 'rxjs'
import { right } from '../../../lib/common/either.ts'
import { liveLines, resultLines, stepLines, type Shown } from '../../../lib/cli/demo/plan-lines.ts'
import type { Plan } from '../../../lib/cli/demo/plans.ts'
import type { Progress } from '../../../lib/view/progress-of.ts'

// The lines of `aistore-rx demo`: one for each job of its plan, redrawn on a terminal.

const PLAN: Plan = { title: 'copies of new objects, until idle', total: 20_000, expected: 'idle', begin: () => NEVER }
const shownWith = (more: Partial<Progress>): Shown => ({
  plan: PLAN,
  job: { id: 'V7Bc1dasbT', kind: 'lru' },
  progress: {
    state: 'running',
    ratio: 0.617,
    objects: 12_345,
    bytes: 1024,
    objectsPerSecond: 123_456,
    elapsedMs: 0,
    stalled: false,
    windingDown: false,
    targets: {},
    ...more,
  },
})

describe('the line of a job in the demo', () => {
  it('has its state and the share of its work in 40 columns', () => {
    const [line = ''] = liveLines([shownWith({})], 40)
    expect(line.length).to.be.at.most(40)
    expect(line).to.match(/^copies of .*… +running +62 % +12,345$/)
  })

  for (const columns of [80, 100, 130])
    it(`fits into ${columns} columns with its state and rate`, () => {
      const [line = ''] = liveLines([shownWith({})], columns)
      expect(line.length).to.be.at.most(columns)
      expect(line).to.match(/ running .* 62 % +12,345 +123,456\/s$/)
    })

  it('has a full bar after the end of the job, and an empty one before its start', () => {
    expect(liveLines([shownWith({ state: 'finished', ratio: 1 })], 100)[0]).to.match(/finished +█+ +100 %/)
    expect(liveLines([{ plan: PLAN }], 100)[0]).to.match(/starting +░+ +0 %/)
  })

  it('changes only with the state and each quarter of the work if the output is not a terminal', () => {
    const lineAt = (more: Partial<Progress>): unknown => stepLines([shownWith(more)])[0]
    expect(lineAt({ ratio: 0.49 }))
      .to.equal(lineAt({ ratio: 0.25 }))
      .and.match(/lru\[V7Bc1dasbT\] running 25 %$/)
    expect(lineAt({ ratio: 0.5 })).to.match(/running 50 %$/)
    expect(lineAt({ state: 'idle' })).to.match(/idle$/)
    expect(lineAt({ state: 'starting' })).to.equal(stepLines([{ plan: PLAN }])[0])
  })

  it('shows the outcome at the end, and marks a failure', () => {
    const result = right({
      outcome: 'aborted',
      success: false,
      aborted: true,
      error: 'user abort',
      kind: 'lru',
      jobId: 'V7Bc1dasbT',
    } as const)
    expect(resultLines([{ ...shownWith({}), result }], 200)[1]).to.match(
      /lru +V7Bc1dasbT +aborted \(failed\) +12,345 .*user abort$/,
    )
  })
})
