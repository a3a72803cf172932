import { expect } from 'chai'
import { timer, type Observable, type Subscription } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { constant, createCluster, type Cluster, type ClusterOptions } from '../../../../lib/index.ts'
import { fakeCluster, type World } from '../../../helpers/fake-cluster.ts'
import type { Recorded } from '../../../helpers/recorded.ts'

/** A value of a stream, with its time. */
export interface Emitted<A> {
  readonly atMs: number
  readonly value: A
}

/** Streams of one cluster value, by name; subscribed to in this order. */
export type Streams = Readonly<Record<string, (cluster: Cluster) => Observable<unknown>>>

type ValueOf<F> = F extends (...args: never) => Observable<infer A> ? A : never

export interface Lived<S extends Streams> {
  readonly emitted: { readonly [K in keyof S]: readonly Emitted<ValueOf<S[K]>>[] }
  readonly requests: readonly Recorded[]
  readonly targets: readonly string[]
  readonly urls: readonly string[]
}

export interface LiveOptions extends Omit<ClusterOptions, 'transport' | 'scheduler'> {
  /** When all streams are subscribed to, in virtual milliseconds. Defaults to 0. */
  readonly fromMs?: number
  /** When all streams are unsubscribed from, in virtual milliseconds. */
  readonly untilMs: number
  /** The number of proxies whose addresses the cluster value is given. Defaults to 1. */
  readonly given?: number
}

/**
 * Runs a script in virtual time with these streams of one cluster value. The cadence defaults to `constant(1000)`.
 *
 * Asserts that no stream uses the error channel, and that no timer or open request is left after the last
 * unsubscription.
 */
export function live<S extends Streams>(script: World, streams: S, options: LiveOptions): Lived<S> {
  const { fromMs = 0, untilMs, given = 1, ...rest } = options
  const scheduler = new TestScheduler(() => undefined)
  const emitted: Record<string, Emitted<unknown>[]> = {}
  const defects: string[] = []
  return scheduler.run(() => {
    scheduler.maxFrames = untilMs
    const fake = fakeCluster(script, scheduler)
    const { transport, requests, urls, targets } = fake
    const settings = { random: () => 0.5, cadence: constant(1_000), ...rest, transport, scheduler }
    const cluster = createCluster(urls.slice(0, given), settings)
    const subscriptions: Subscription[] = []
    const begin = (): void => {
      for (const [name, stream] of Object.entries(streams)) {
        const values: Emitted<unknown>[] = (emitted[name] = [])
        subscriptions.push(
          stream(cluster).subscribe({
            next: (value) => values.push({ atMs: scheduler.now(), value }),
            error: (error: unknown) => defects.push(`${name}: ${String(error)}`),
          }),
        )
      }
    }
    if (fromMs === 0) begin()
    else timer(fromMs).subscribe(begin)
    timer(untilMs).subscribe(() => {
      for (const subscription of subscriptions) subscription.unsubscribe()
    })
    scheduler.flush()
    assertNoTrace(defects, scheduler, requests)
    return { emitted: emitted as Lived<S>['emitted'], requests, targets, urls }
  })
}

function assertNoTrace(defects: readonly string[], scheduler: TestScheduler, requests: readonly Recorded[]): void {
  expect(defects, 'errors').to.deep.equal([])
  expect(scheduler.actions.length, 'remaining timers').to.equal(0)
  expect(requests.filter(({ state }) => state === 'open').length, 'remaining requests').to.equal(0)
}
