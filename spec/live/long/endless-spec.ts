import { expect } from 'chai'
import { ignoreElements } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { constant } from '../../../lib/cadence.ts'
import { watchStatus } from '../../../lib/watch.ts'
import { scriptedCluster } from '../../../lib/testing/index.ts'

// The whole run of an endless watch, with 100,000 polls. spec/stream/testing/endless-spec.ts runs a bare transport.

describe('an endless watch in a marble without an unsubscription', () => {
  it('stops the run of a scripted cluster with a sentence', () => {
    const scheduler = new TestScheduler(() => undefined)
    expect(() => {
      scheduler.run((helpers) => {
        const cluster = scriptedCluster(helpers, { 'job-1': 'r' })
        const endless = watchStatus(cluster, { id: 'job-1' }, { cadence: constant(1_000) })
        helpers.expectObservable(endless.pipe(ignoreElements())).toBe('')
      })
    }).to.throw(/^100000 requests in virtual time: a stream that never ends has no unsubscription/)
  })
})
