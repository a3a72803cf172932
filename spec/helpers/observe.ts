import { delay, isObservable, of, timer, type Observable, type SchedulerLike } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { constant } from '../../lib/cadence.ts'
import type { Cluster } from '../../lib/cluster.ts'
import type { ClusterOptions } from '../../lib/environment.ts'
import { fakeCluster, type FakeCluster, type World } from './fake-cluster.ts'
import type { Recorded, What } from './recorded.ts'
import { clusterOf, type Reply } from './scripted.ts'

// Runs one stream of one cluster in virtual time and records its values and requests.

/** The values that the stream emitted. */
export interface Observed<A> {
  readonly values: readonly A[]
  /** The time of each value, in milliseconds. */
  readonly times: readonly number[]
  readonly completedAtMs: number | undefined
  readonly error: unknown
  /** `status@ms` and so on, in the order in which the requests were sent. */
  readonly requestLog: readonly string[]
  readonly requests: readonly Recorded[]
}

export interface ObserveOptions extends Omit<ClusterOptions, 'transport'> {
  readonly unsubscribeAtMs?: number
  readonly endpoints?: readonly string[]
}

/** Subscribes in virtual time and runs until nothing is scheduled. Polls are 1 s apart by default. */
export function observe<A>(
  world: World,
  streamOf: (cluster: Cluster) => Observable<A>,
  { unsubscribeAtMs, endpoints, ...options }: ObserveOptions = {},
): Observed<A> {
  const scheduler = new TestScheduler(() => undefined)
  const seen: { values: A[]; times: number[]; completedAtMs: number | undefined; error: unknown } = {
    values: [],
    times: [],
    completedAtMs: undefined,
    error: undefined,
  }
  return scheduler.run(() => {
    const cluster = virtual(world, scheduler)
    const subscription = streamOf(
      clusterOf(cluster, { cadence: constant(1000), scheduler, ...options }, endpoints ?? 'http://p1'),
    ).subscribe({
      next: (value) => {
        seen.values.push(value)
        seen.times.push(scheduler.now())
      },
      error: (error: unknown) => (seen.error = error),
      complete: () => (seen.completedAtMs = scheduler.now()),
    })
    if (unsubscribeAtMs !== undefined)
      timer(unsubscribeAtMs, scheduler).subscribe(() => {
        subscription.unsubscribe()
      })
    scheduler.flush()
    const { requests } = cluster
    return { ...seen, requests, requestLog: requests.map(({ what, atMs }) => `${what}@${atMs}`) }
  })
}

/** A fake cluster with one proxy, so that every request goes to the same proxy. */
export const virtual = (world: World, scheduler: SchedulerLike): FakeCluster =>
  fakeCluster({ proxies: 1, ...world }, scheduler)

/** How many requests of a log, such as `status@ms`, are of one type. */
export const countOf = (requestLog: readonly string[], what: What): number =>
  requestLog.filter((one) => one.startsWith(`${what}@`)).length

/** Delays a reply. */
export const after = (ms: number, reply: Reply): Reply => (isObservable(reply) ? reply : of(reply)).pipe(delay(ms))
