import { expect } from 'chai'
import type { JobError, Result } from '../../lib/error.ts'
import type { JobSelector } from '../../lib/model/selection.ts'
import type { WaitResult } from '../../lib/model/wait-result.ts'
import { wait } from '../../lib/wait.ts'
import type { World } from './fake-cluster.ts'
import { ID, ns } from './fake-cluster/replies.ts'
import { observe, type ObserveOptions, type Observed } from './observe.ts'
import type { Recorded } from './recorded.ts'

// One wait in virtual time.

export interface Settled {
  readonly result: Result<WaitResult>
  readonly atMs: number
  readonly requestLog: readonly string[]
  readonly requests: readonly Recorded[]
}

export interface SettleOptions extends ObserveOptions {
  readonly timeoutMs?: number
  /** The wait to run. Defaults to `wait`. */
  readonly by?: typeof wait
}

/** Runs one wait on a cluster, and asserts what every wait promises. */
export function settle(world: World, selector: JobSelector, options: SettleOptions = {}): Settled {
  const { timeoutMs, by = wait, ...env } = options
  const observed = observe(world, (cluster) => by(cluster, selector, timeoutMs === undefined ? {} : { timeoutMs }), env)
  assertOneEnd(observed)
  const { values, times, requests, requestLog } = observed
  const [atMs = NaN] = times
  assertNoTrace(requests, atMs)
  if (!selector.id?.includes(',')) assertOneAtATime(requests)
  return { result: values[0]!, atMs, requestLog, requests }
}

/** A wait emits one value and completes, without an error. */
function assertOneEnd({ values, times, completedAtMs, error }: Observed<unknown>): void {
  expect(error, 'the error channel').to.equal(undefined)
  expect(values, 'values').to.have.lengthOf(1)
  expect(completedAtMs, 'completed').to.equal(times[0])
}

/** After its end, a wait sends no request, and no request is in flight. */
function assertNoTrace(requests: readonly Recorded[], endMs: number): void {
  const remaining = requests.filter(({ atMs, state }) => atMs > endMs || state === 'open')
  expect(remaining, 'after the end').to.deep.equal([])
}

/** A wait on one job has at most one request of each type in flight. */
function assertOneAtATime(requests: readonly Recorded[]): void {
  for (const source of ['status', 'statuses', 'snapshots', 'running', 'map', 'download']) {
    const own = requests.filter(({ what }) => what === source)
    own.slice(1).forEach((request, nth) => {
      expect(own[nth]!.endedAtMs, `two of ${source} at a time`).to.be.at.most(request.atMs)
    })
  }
}

/** The result of a wait. Fails if the wait emitted a Left. */
export function outcomeOf({ result }: Pick<Settled, 'result'>): WaitResult {
  if (result._tag === 'Right') return result.right
  const text = JSON.stringify(result.left, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
  throw new Error(`the wait has no answer: ${text}`)
}

/** The error of a wait. Fails if the wait has a result. */
export function errorOf({ result }: Pick<Settled, 'result'>): JobError {
  if (result._tag === 'Left') return result.left
  throw new Error(`the wait has an answer: ${result.right.outcome}`)
}

/** The result of a wait on a job that finished. */
export const finished = (endMs: number, kind = 'copy-bck'): WaitResult => ({
  jobId: ID,
  kind,
  outcome: 'finished',
  success: true,
  aborted: false,
  endTime: ns(endMs),
})
