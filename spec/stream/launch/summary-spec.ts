import { expect } from 'chai'
import { summarizeBucket } from '../../../lib/launch/summarize-bucket.ts'
import { launchCapture, meaningOf, recordedMeaning } from '../../helpers/launched.ts'
import { observe } from '../../helpers/observe.ts'
import { failing, type Reply } from '../../helpers/scripted.ts'

const bucket = { name: 'l-src-l10893' }
const exchanges = launchCapture('summary-bck')
const replies = exchanges.map(({ status, response_body: body }) => ({ status, body: body ?? '' }))

/** Gives one reply after the other. */
const inTurn = (given: readonly Reply[]): (() => Reply) => {
  let nth = 0
  return () => given[nth++] ?? failing('EUNASKED')
}

describe('summarizeBucket', () => {
  it('sends the recorded requests, and reads the recorded replies', () => {
    const { values, requests } = observe({ other: inTurn(replies) }, (cluster) => summarizeBucket(cluster, { bucket }))
    const sent = requests.filter(({ path }) => path.startsWith('/v1/buckets'))
    expect(sent.map(({ method, path, query, body }) => meaningOf(method, path, query, body))).to.deep.equal(
      exchanges.slice(0, 2).map(recordedMeaning),
    )
    expect(values).to.have.lengthOf(1)
    expect(values[0]).to.have.nested.property('right.objects', 62n)
    expect(values[0]).to.have.nested.property('right.bytes', 23_505n)
    expect(values[0]).to.have.nested.property('right.complete', true)
  })

  it('emits partial summaries, and completes after the complete one', () => {
    const [begun = {}, done = {}] = replies
    const script = inTurn([begun, { status: 202, body: '[]' }, { ...done, status: 206 }, done])
    const { values, completedAtMs } = observe({ other: script }, (cluster) => summarizeBucket(cluster, { bucket }))
    expect(values.map((one) => one._tag === 'Right' && one.right.complete)).to.deep.equal([false, true])
    expect(completedAtMs).to.be.a('number')
  })

  it('emits one Left if the reply is not an id, and one Left for unknown options', () => {
    const odd = observe({ other: () => ({ status: 202, body: 'wait' }) }, (cluster) =>
      summarizeBucket(cluster, { bucket }),
    )
    expect(odd.values[0]).to.have.nested.property('left._tag', 'DecodeError')
    const wrong = observe({}, (cluster) => summarizeBucket(cluster, { bucket, cached: true } as never))
    expect(wrong.values[0]).to.have.nested.property('left.argument', 'cached')
    expect(wrong.requestLog).to.deep.equal([])
  })
})
