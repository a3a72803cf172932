import { expect } from 'chai'
import { defer, repeat, timer } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { fixtures, scriptedTransport } from '../../../lib/testing/index.ts'

// A stream that never ends would keep a test in virtual time from ending if it is not unsubscribed. The testing helpers
// stop the test and say why. spec/live/long/endless-spec.ts does the same with a watch.

describe('a scripted transport that polls for ever in virtual time', () => {
  it('stops the flush of the scheduler with a sentence', () => {
    const scheduler = new TestScheduler(() => undefined)
    scheduler.maxFrames = Infinity
    const transport = scriptedTransport(() => fixtures.statusRunning, scheduler)
    defer(() => transport({ method: 'GET', url: 'http://c/v1/cluster', headers: {}, maxReplyBytes: 1_000 }))
      .pipe(repeat({ delay: () => timer(1_000, scheduler) }))
      .subscribe()
    expect(() => scheduler.flush()).to.throw(
      /^100000 requests in virtual time: a stream that never ends has no unsubscription/,
    )
    expect(transport.asked).to.have.lengthOf(100_000)
  })
})
