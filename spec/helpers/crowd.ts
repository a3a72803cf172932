import { expect } from 'chai'
import { timer } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { constant } from '../../lib/cadence.ts'
import { isLeft } from '../../lib/common/either.ts'
import type { Cluster } from '../../lib/cluster.ts'
import { environmentOf, type ClusterOptions } from '../../lib/environment.ts'
import type { Result } from '../../lib/error.ts'
import type { JobSelector } from '../../lib/model/selection.ts'
import type { WaitResult } from '../../lib/model/wait-result.ts'
import { resourceCount } from '../../lib/observer.ts'
import { wait, type WaitOptions } from '../../lib/wait.ts'
import type { World } from './fake-cluster.ts'
import type { JobScript } from './jobs-world.ts'
import { virtual } from './observe.ts'
import type { Recorded, What } from './recorded.ts'
import { clusterOf } from './scripted.ts'

/** One wait among others. */
export interface CrowdWait extends WaitOptions {
  readonly selector: JobSelector
  /** The wait to run. Defaults to `wait`. */
  readonly by?: typeof wait
  /** When it begins, in milliseconds. Defaults to 0. */
  readonly atMs?: number
  /** When its subscriber unsubscribes, in milliseconds. */
  readonly leavesMs?: number
  /** Called with the result of the wait. */
  readonly onNext?: (result: Result<WaitResult>) => void
}

/** The result of one wait. */
export interface CrowdResult {
  readonly result?: Result<WaitResult>
  readonly atMs?: number
  readonly error?: unknown
  readonly completed?: true
}

export interface Crowd {
  readonly results: readonly CrowdResult[]
  /** `status@ms` and so on, in the order in which the requests were sent; `status <id>@ms` for a request about one job. */
  readonly requestLog: readonly string[]
  readonly requests: readonly Recorded[]
  readonly count: (what: What, fromMs?: number, toMs?: number) => number
}

const HOUR_MS = 3_600_000

/** Runs many waits on one cluster in virtual time until nothing is scheduled, and asserts what every wait promises. */
export function crowd(
  world: World,
  waits: readonly CrowdWait[],
  clusterOptions: Omit<ClusterOptions, 'transport'> & { readonly endpoints?: readonly string[] } = {},
): Crowd {
  const scheduler = new TestScheduler(() => undefined)
  const fake = virtual(world, scheduler)
  const { endpoints, ...rest } = clusterOptions
  const cluster = clusterOf(fake, { cadence: constant(1000), scheduler, ...rest }, endpoints ?? 'http://p1')
  const ended: CrowdResult[] = waits.map(() => ({}))
  const counts = waits.map(() => 0)
  scheduler.run(() => {
    scheduler.maxFrames = HOUR_MS
    for (const [n, { selector, by = wait, atMs = 0, leavesMs, onNext, ...options }] of waits.entries()) {
      const begin = (): void => {
        const subscription = by(cluster, selector, options).subscribe({
          next: (result) => {
            counts[n]!++
            ended[n] = { ...ended[n], result, atMs: scheduler.now() }
            onNext?.(result)
          },
          error: (error: unknown) => (ended[n] = { error, atMs: scheduler.now() }),
          complete: () => (ended[n] = { ...ended[n], completed: true }),
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
  const { requests } = fake
  assertNothingLeft(cluster, scheduler, requests)
  for (const [n, oneWait] of waits.entries()) assertOneEnd(`wait ${n}`, oneWait, ended[n]!, counts[n]!)
  return {
    results: ended,
    requests,
    requestLog: requests.map(({ what, id, atMs }) => `${what}${id === undefined ? '' : ` ${id}`}@${atMs}`),
    count: (what, fromMs = 0, toMs = Infinity) =>
      requests.filter((one) => one.what === what && one.atMs >= fromMs && one.atMs <= toMs).length,
  }
}

/** After the last wait, nothing remains: no entry in memory, no timer, no request in flight. */
function assertNothingLeft(cluster: Cluster, scheduler: TestScheduler, requests: readonly Recorded[]): void {
  const environment = environmentOf(cluster)
  expect(isLeft(environment) ? environment : resourceCount(environment.right), 'remaining entries').to.equal(0)
  expect(scheduler.actions.length, 'remaining timers').to.equal(0)
  const open = requests.filter(({ state }) => state === 'open')
  expect(open, 'requests in flight').to.deep.equal([])
}

/** A wait emits one value and completes, or throws a defect. After an unsubscribe it may do neither. */
function assertOneEnd(
  name: string,
  { leavesMs }: CrowdWait,
  { atMs, completed, error }: CrowdResult,
  values: number,
): void {
  if (completed === true) expect(values, `values of ${name}`).to.equal(1)
  else expect(error !== undefined || leavesMs !== undefined, `${name} ends`).to.equal(true)
  if (leavesMs === undefined) expect(atMs, `the end of ${name}`).to.be.a('number')
}

/** The outcome of a wait as one word. Throws the defect if the wait had one. */
export function outcomeOf({ result, error }: CrowdResult): string {
  if (error !== undefined) throw error as Error
  if (result === undefined) return 'nothing'
  return isLeft(result) ? result.left._tag : result.right.outcome
}

/** The largest number of requests in flight at one time. */
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

/** The ids of many jobs. */
export const idOf = (n: number): string => `jobNo${String(n).padStart(4, '0')}`
/** The first n of these ids. */
export const idsOf = (n: number): readonly string[] => Array.from({ length: n }, (_, i) => idOf(i))

/** A wait on one of these jobs. */
export const waitFor = (id: string, more: Partial<CrowdWait> = {}): CrowdWait => ({
  selector: { id, kind: 'copy-bck' },
  ...more,
})

/** The scripts of many jobs, by id. */
export const jobScripts = (n: number, life: (i: number) => JobScript): Readonly<Record<string, JobScript>> =>
  Object.fromEntries(idsOf(n).map((id, i) => [id, life(i)]))
