import { expect } from 'chai'
import { details, status, type Cluster, type JobError, type Result } from '../../../lib/index.ts'
import type { Observable } from 'rxjs'
import { observe } from '../../helpers/observe.ts'
import { errorOf, outcomeOf, settle } from '../../helpers/settle.ts'

// A server has dsort only if it was built with it. Its jobs are then jobs like others.

const ID = 'srt-gn2rQb_4k'

describe('the id of a dsort', () => {
  const lefts = (streamOf: (cluster: Cluster) => Observable<Result<unknown>>): readonly JobError['_tag'][] =>
    observe({}, streamOf, { unsubscribeAtMs: 20_000 }).values.flatMap((one) =>
      one._tag === 'Left' ? [one.left._tag] : [],
    )

  it('is NotFound where no server has dsort: status, details and wait', () => {
    expect(lefts((cluster) => status(cluster, { id: ID }))).to.deep.equal(['NotFound'])
    expect(lefts((cluster) => details(cluster, { id: ID }))).to.deep.equal(['NotFound'])
    for (const selector of [{ id: ID }, { id: ID, kind: 'dsort' }]) {
      const settled = settle({}, selector)
      expect(errorOf(settled)).to.have.property('_tag', 'NotFound')
      expect(settled.atMs).to.be.within(10_000, 13_000)
    }
  })

  it('is waited for like any other where a server has it', () => {
    const job = { id: ID, kind: 'dsort', endMs: 5_000 }
    expect(outcomeOf(settle({ jobs: [job] }, { id: ID }))).to.include({ outcome: 'finished', success: true })
    const aborted = { ...job, abort: { atMs: 2_000, texts: ['', 'too many errors', ''] } }
    expect(outcomeOf(settle({ jobs: [aborted] }, { id: ID }))).to.include({ outcome: 'aborted', success: false })
  })
})
