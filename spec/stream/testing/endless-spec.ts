import { expect } from 'chai'
import { defer, ignoreElements, repeat, timer } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { constant } from '../../../lib/cadence.ts'
import { watchStatus } from '../../../lib/watch.ts'
import { fixtures, scriptedCluster, scriptedTransport } from '../../../lib/testing/index.ts'

// A watch never ends, so a marble test that does not unsubscribe would run for ever. The testing helpers stop it and
// say why.

const sentence = /^100000 requests in virtual time: a stream that never ends has no unsubscription/

describe('an endless watch in a marble without an unsubscription', function () {
  this.timeout(120_000)

  it('stops the run of a scripted cluster with a sentence', () => {
    const scheduler = new TestScheduler(() => undefined)
    expect(() => {
      scheduler.run((helpers) => {
        const cluster = scriptedCluster(helpers, { 'job-1': 'r' })
        const endless = watchStatus(cluster, { id: 'job-1' }, { cadence: constant(1_000) })
        helpers.expectObservable(endless.pipe(ignoreElements())).toBe('')
      })
    }).to.throw(sentence)
  })

  it('stops the flush of a scheduler that is given to the transport', () => {
    const scheduler = new TestScheduler(() => undefined)
    scheduler.maxFrames = Infinity
    const transport = scriptedTransport(() => fixtures.statusRunning, scheduler)
    defer(() => transport({ method: 'GET', url: 'http://c/v1/cluster', headers: {}, maxReplyBytes: 1_000 }))
      .pipe(repeat({ delay: () => timer(1_000, scheduler) }))
      .subscribe()
    expect(() => scheduler.flush()).to.throw(sentence)
    expect(transport.asked).to.have.lengthOf(100_000)
  })
})
