import { delay, isObservable, of, timer, type Observable, type SchedulerLike } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { constant } from '../../lib/cadence.ts'
import type { Cluster } from '../../lib/cluster.ts'
import type { ClusterOptions } from '../../lib/environment.ts'
import { fakeCluster, type FakeCluster, type World } from './fake-cluster.ts'
import type { Recorded, What } from './recorded.ts'
import { clusterOf, type Reply } from './scripted.ts'

// One stream of one cluster in virtual time, and all that comes of it.

/** All that came out of it. */
export interface Observed<A> {
  readonly values: readonly A[]
  /** When each value came. */
  readonly times: readonly number[]
  readonly completedAtMs: number | undefined
  readonly error: unknown
  /** `status@ms` and so on, in the order in which the requests were sent. */
  readonly asked: readonly string[]
  readonly requests: readonly Recorded[]
}

export interface ObserveOptions extends Omit<ClusterOptions, 'transport'> {
  readonly unsubscribeAtMs?: number
  readonly endpoints?: readonly string[]
}

/** Subscribes in virtual time and runs until nothing is left to happen; polls a second apart unless told. */
export function observe<A>(
  world: World,
  ask: (cluster: Cluster) => Observable<A>,
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
    const subscription = ask(
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
    return { ...seen, requests, asked: requests.map(({ what, atMs }) => `${what}@${atMs}`) }
  })
}

/** A fake cluster with one proxy, so that each request goes where the last one went. */
export const virtual = (world: World, scheduler: SchedulerLike): FakeCluster =>
  fakeCluster({ proxies: 1, ...world }, scheduler)

/** How many requests of a sort went out, of those that are listed as `status@ms` and so on. */
export const countOf = (asked: readonly string[], what: What): number =>
  asked.filter((one) => one.startsWith(`${what}@`)).length

/** The same reply, so much later. */
export const after = (ms: number, reply: Reply): Reply => (isObservable(reply) ? reply : of(reply)).pipe(delay(ms))
