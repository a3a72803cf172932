import { wait, watchJobs } from 'aistore-rx'
import { scriptedCluster } from 'aistore-rx/testing'
import { map, take } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'

/** A marble test of a consumer; `deepEqual` throws if its arguments differ. */
export function marbleTest(deepEqual) {
  const scheduler = new TestScheduler((actual, expected) => deepEqual(actual, expected))
  scheduler.run((helpers) => {
    const cluster = scriptedCluster(helpers, { a: 'r 9s f' }, { cadence: () => 1000 })
    const outcome = wait(cluster, { id: 'a' }).pipe(map((result) => result.right.outcome))
    helpers.expectObservable(outcome).toBe('10s (a|)', { a: 'finished' })
    const states = watchJobs(cluster).pipe(map((result) => result.right.a.state))
    helpers.expectObservable(states.pipe(take(1))).toBe('(a|)', { a: 'running' })
  })
}
