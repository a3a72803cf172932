import { expect } from 'chai'
import fc from 'fast-check'
import type { JobStatus } from '../../lib/codec/job-status.ts'
import { byId, tableOf } from '../../lib/request/table.ts'
import { PersistentMap } from '../../lib/common/persistent-map.ts'

/** A few rows, so that lists share some of them, have an id twice, or lack one that was there before. */
const ROWS: readonly JobStatus[] = ['a', 'b', 'c'].flatMap((id) => [
  { id, kind: 'lru', err: '', aborted: false },
  { id, kind: 'lru', err: '', aborted: false, endTime: 1n },
])

describe('tableOf', () => {
  it('holds the rows of the list whatever list came before; a job that is listed twice has ended (T9)', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.constantFrom(...ROWS), { maxLength: 5 }), { maxLength: 5 }), (lists) => {
        let table = PersistentMap.empty<JobStatus>()
        for (const rows of lists) {
          const before = table
          table = tableOf(rows, before)
          const expected = byId(rows)
          expect([...table].sort()).to.deep.equal([...expected].sort())
          for (const [id, row] of expected) expect(table.get(id)).to.equal(row)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('is the very same table for the same rows in another order', () => {
    const [first, , second] = ROWS as readonly [JobStatus, JobStatus, JobStatus]
    const table = tableOf([first, second])
    expect(tableOf([second, first], table)).to.equal(table)
  })
})
