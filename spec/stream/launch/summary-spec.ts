import { expect } from 'chai'
import { map, timer } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { summarizeBucket } from '../../../lib/launch/summarize-bucket.ts'
import { launchCapture, meaningOf, recordedMeaning } from '../../helpers/launched.ts'
import { observe } from '../../helpers/observe.ts'
import { clusterOf, failing, scripted, type Reply } from '../../helpers/scripted.ts'

// `summarizeBucket` starts a summary of a bucket and polls it until it is complete.

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

  it('starts one job on a slow cluster, and requests the result of a slow endpoint from a second one, too', () => {
    const scheduler = new TestScheduler(() => undefined)
    const slow = replies.slice(0, 2)
    // The endpoint p1 takes six seconds for each reply; p2 has the result at once.
    const sent = scripted(
      ({ host }) => (host === 'p1' ? timer(6_000).pipe(map(() => slow.shift()!)) : replies[1]!),
      scheduler,
    )
    const cluster = clusterOf(sent, { scheduler, discover: false }, ['http://p1', 'http://p2'])
    const values: unknown[] = []
    scheduler.run(() => summarizeBucket(cluster, { bucket }).subscribe((value) => values.push(value)))
    expect(sent.requests.map(({ host, atMs }) => `${host} ${atMs}`)).to.deep.equal(['p1 0', 'p1 6050', 'p2 11050'])
    expect(values[0]).to.have.nested.property('right.objects', 62n)
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
