// A separate program: waits for a job, prints its outcome, and should then end without being stopped.
import { constant, createCluster, isRight, wait } from '../../../../lib/index.ts'

const [endpoint = '', id = '', timeoutMs = '0', leaveMs = ''] = process.argv.slice(2)
const cluster = createCluster(endpoint, { cadence: constant(200), requestTimeoutMs: 2_000 })
const subscription = wait(cluster, { id, kind: 'lru' }, { timeoutMs: Number(timeoutMs) }).subscribe((result) => {
  console.log(isRight(result) ? result.right.outcome : result.left._tag)
})
console.log('waiting')
const leave = (): void => {
  console.log('left')
  subscription.unsubscribe()
}
if (leaveMs !== '') setTimeout(leave, Number(leaveMs))
