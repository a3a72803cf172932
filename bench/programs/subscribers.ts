// Many subscribers to one job, in virtual time: the cost of each per tick, and the number of requests.
import { constant, createCluster, watchStatus, type Transport } from 'aistore-rx'
import { VirtualAction, VirtualTimeScheduler, of } from 'rxjs'
import { costOf } from './cost.ts'
import { listen, say } from './lines.ts'

export interface SubscribersOrder {
  readonly count: number
  readonly ticks: number
}

export interface SubscribersReport {
  readonly requests: number
  readonly received: number
  readonly cpuMs: number
}

const TICK_MS = 1000
/** The number of first ticks that are not measured, because code is compiled in them. */
const WARM_UP = 50
const ID = 'zOCwz4iJS'
const body = `{"kind":"lru","uuid":"${ID}","err":"","end_time":0,"aborted":false}`

listen(({ count, ticks }: SubscribersOrder) => {
  const scheduler = new VirtualTimeScheduler(VirtualAction, WARM_UP * TICK_MS)
  let requests = 0
  let received = 0
  const transport: Transport = () => {
    requests++
    return of({ status: 200, headers: { 'content-type': 'application/json' }, body })
  }
  const cluster = createCluster('http://127.0.0.1:1', { transport, scheduler, cadence: constant(TICK_MS) })
  for (let i = 0; i < count; i++) watchStatus(cluster, { id: ID, kind: 'lru' }).subscribe(() => received++)
  scheduler.flush()
  requests = received = 0
  void costOf(() => {
    scheduler.maxFrames = (WARM_UP + ticks) * TICK_MS
    scheduler.flush()
  }).then(({ cpuMs }) => say({ requests, received, cpuMs } satisfies SubscribersReport))
})
say({ ready: true })
