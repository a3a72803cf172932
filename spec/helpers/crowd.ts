import { expect } from 'chai'
import { timer } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { constant } from '../../lib/cadence.ts'
import { isLeft } from '../../lib/common/either.ts'
import { environmentOf, type ClusterOptions } from '../../lib/environment.ts'
import type { Result } from '../../lib/error.ts'
import type { JobSelector } from '../../lib/model/selection.ts'
import type { WaitResult } from '../../lib/model/wait-result.ts'
import { resourceCount } from '../../lib/observer.ts'
import { wait, type WaitOptions } from '../../lib/wait.ts'
import { clusterOf, type Recorded } from './scripted.ts'
import { questionOf, virtual, type Asked, type World } from './virtual-cluster.ts'

/** One wait among others. */
export interface Guest extends WaitOptions {
  readonly selector: JobSelector
  readonly by?: typeof wait
  /** When it begins; default 0. */
  readonly atMs?: number
  /** When it is left. */
  readonly leavesMs?: number
  /** Inside of its value. */
  readonly onNext?: (result: Result<WaitResult>) => void
}

/** What came of one wait. */
export interface Ended {
  readonly result?: Result<WaitResult>
  readonly atMs?: number
  readonly error?: unknown
}

export interface Crowd {
  readonly ended: readonly Ended[]
  /** `question@ms`, in the order in which they were asked; with the id where one job was asked for. */
  readonly asked: readonly string[]
  readonly requests: readonly Recorded[]
  readonly count: (question: Asked['question'], fromMs?: number, toMs?: number) => number
}

const LONG_MS = 3_600_000

/**
 * Many waits on one cluster in virtual time, until nothing is left to happen; questions a second apart unless told.
 *
 * Holds them to what every wait promises: one value and an end, or a defect; and that nothing is left behind.
 */
export function crowd(
  world: World,
  guests: readonly Guest[],
  options: Omit<ClusterOptions, 'transport'> & { readonly endpoints?: readonly string[] } = {},
): Crowd {
  const scheduler = new TestScheduler(() => undefined)
  const cluster = virtual(world, scheduler)
  const { endpoints, ...rest } = options
  const c = clusterOf(cluster, { cadence: constant(1000), scheduler, ...rest }, endpoints ?? 'http://p1')
  const ended: Ended[] = guests.map(() => ({}))
  const internals = environmentOf(c)
  if (isLeft(internals)) throw new Error('no cluster')
  scheduler.run(() => {
    scheduler.maxFrames = LONG_MS
    for (const [n, { selector, by = wait, atMs = 0, leavesMs, onNext, ...o }] of guests.entries()) {
      const values: Result<WaitResult>[] = []
      const begin = (): void => {
        const subscription = by(c, selector, o).subscribe({
          next: (result) => {
            values.push(result)
            ended[n] = { result, atMs: scheduler.now() }
            onNext?.(result)
          },
          error: (error: unknown) => (ended[n] = { error, atMs: scheduler.now() }),
          complete: () => expect(values, 'values').to.have.lengthOf(1),
        })
        if (leavesMs !== undefined)
          timer(leavesMs - atMs, scheduler).subscribe(() => {
            subscription.unsubscribe()
          })
      }
      if (atMs === 0) begin()
      else timer(atMs, scheduler).subscribe(begin)
    }
  })
  expect(resourceCount(internals.right), 'kept').to.equal(0)
  expect(scheduler.actions.length, 'timers').to.equal(0)
  const { requests } = cluster
  expect(
    requests.filter(({ state }) => state === 'open'),
    'open',
  ).to.deep.equal([])
  for (const [n, { leavesMs }] of guests.entries())
    if (leavesMs === undefined) expect(ended[n], `guest ${n}`).to.have.property('atMs')
  return {
    ended,
    requests,
    asked: requests.map((request) => {
      const id = (request.body as { id?: string } | undefined)?.id
      return `${questionOf(request)}${id === undefined ? '' : ` ${id}`}@${request.atMs}`
    }),
    count: (question, fromMs = 0, toMs = Infinity) =>
      requests.filter((one) => questionOf(one) === question && one.atMs >= fromMs && one.atMs <= toMs).length,
  }
}

/** How a wait ended, in one word; fails where it had a defect. */
export function wordOf({ result, error }: Ended): string {
  expect(error, 'the error channel').to.equal(undefined)
  return result === undefined ? 'nothing' : isLeft(result) ? result.left._tag : result.right.outcome
}

/** How many requests were under way at the same time at most. */
export function mostAtOnce(requests: readonly Recorded[]): number {
  const turns = requests
    .flatMap(({ atMs, endedAtMs = Infinity }) => [
      { ms: atMs, by: 1 },
      { ms: endedAtMs, by: -1 },
    ])
    .sort((a, b) => a.ms - b.ms || a.by - b.by)
  let now = 0
  return turns.reduce((most, { by }) => Math.max(most, (now += by)), 0)
}
