import { expect } from 'chai'
import type { JobStatus } from '../../lib/codec/job-status.ts'
import { rowOf, tableOfRows } from '../../lib/jobs/row.ts'

const status: JobStatus = { id: 'g1', kind: 'rebalance', err: '', aborted: false }
const state = (more: Partial<JobStatus>, full: boolean): string => rowOf({ ...status, ...more }, full).state

describe('a row of a live table', () => {
  it('never claims success from a list, which tells no errors', () => {
    expect(state({}, false)).to.equal('running')
    expect(state({ endTime: 1n }, false)).to.equal('ended')
    expect(state({ aborted: true }, false)).to.equal('aborted')
    expect(state({ endTime: 1n, aborted: true }, false)).to.equal('aborted')
  })

  it('tells how a job ended from its status in full', () => {
    expect(state({}, true)).to.equal('running')
    expect(state({ endTime: 1n }, true)).to.equal('finished')
    expect(state({ endTime: 1n, err: 'no space' }, true)).to.equal('failed')
    expect(state({ endTime: 1n, err: 'user abort', aborted: true }, true)).to.equal('aborted')
  })

  it('has no members where there is nothing to tell', () => {
    expect(rowOf(status, false)).to.have.all.keys('id', 'kind', 'state')
    expect(rowOf({ ...status, endTime: 1n, err: 'x' }, true)).to.have.all.keys(
      'id',
      'kind',
      'state',
      'endTime',
      'error',
    )
  })

  it('is the very same object for the very same status, read in the very same way', () => {
    expect(rowOf(status, false)).to.equal(rowOf(status, false))
    expect(rowOf(status, true)).to.equal(rowOf(status, true))
    const over = { ...status, endTime: 1n }
    expect([rowOf(over, false), rowOf(over, true)].map((row) => row.state)).to.deep.equal(['ended', 'finished'])
  })

  it('stands in a table by its id, whatever that is', () => {
    const row = rowOf({ ...status, id: '__proto__' }, false)
    expect(tableOfRows([row])['__proto__']).to.equal(row)
    expect('toString' in tableOfRows([])).to.equal(false)
  })
})
