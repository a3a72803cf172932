import { expect } from 'chai'
import { NEVER } from 'rxjs'
import { right } from '../../lib/either.ts'
import { liveLines, resultLines, stepLines, type Shown } from '../../lib/cli/plan-lines.ts'
import type { Plan } from '../../lib/cli/plans.ts'
import type { Row, Rows } from '../../lib/cli/rows.ts'

const plan: Plan = { title: 'copies of new objects, until idle', total: 20_000, expected: 'idle', begin: () => NEVER }
const shown: Shown = { plan, job: { id: 'V7Bc1dasbT', kind: 'lru' } }
const rowsOf = (more: Partial<Row>): Rows => {
  const row: Row = {
    ...{ id: 'V7Bc1dasbT', kind: 'lru', state: 'running', objects: 12_345, bytes: 1024, objectsPerSecond: 123_456 },
    ...{ startTime: 1n, ...more },
  }
  return { atMs: 0, byId: new Map([[row.id, row]]) }
}

describe('what the demo shows of a job', () => {
  for (const columns of [80, 100, 130])
    it(`fits into ${columns} columns, its state and its rate included`, () => {
      const [line = ''] = liveLines([shown], rowsOf({}), columns)
      expect(line.length).to.be.below(columns)
      expect(line).to.match(/ running .* 62 % +12,345 +123,456\/s$/)
    })

  it('has a full bar once it is over, and an empty one before it is seen', () => {
    expect(liveLines([shown], rowsOf({ state: 'finished' }), 100)[0]).to.match(/finished +█+ +100 %/)
    expect(liveLines([{ plan }], rowsOf({}), 100)[0]).to.match(/starting +░+ +0 %/)
  })

  it('is a line for each quarter and each state where nothing can be drawn over', () => {
    const lineAt = (more: Partial<Row>): unknown => stepLines([shown], rowsOf(more))[0]
    expect(lineAt({ objects: 9_999 }))
      .to.equal(lineAt({ objects: 5_000 }))
      .and.match(/running 25 %$/)
    expect(lineAt({ objects: 10_000 })).to.match(/running 50 %$/)
    expect(lineAt({ state: 'idle' })).to.match(/idle$/)
  })

  it('is in the end an outcome, which says so if it is a failure', () => {
    const result = right({
      outcome: 'aborted',
      success: false,
      aborted: true,
      error: 'user abort',
      kind: 'lru',
      jobId: 'g1',
    } as const)
    expect(resultLines([{ ...shown, result }], rowsOf({}))[1]).to.match(
      /lru +g1 +aborted \(failed\) +12,345 .*user abort$/,
    )
  })
})
