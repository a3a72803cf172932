import { expect } from 'chai'
import type { Observable } from 'rxjs'
import { isLeft } from '../../lib/common/either.ts'
import { environmentOf, type ClusterLike } from '../../lib/environment.ts'
import type { Result } from '../../lib/error.ts'
import type { JobEvent } from '../../lib/view/job-event.ts'
import type { JobTable } from '../../lib/view/rows.ts'
import { resourceCount } from '../../lib/observer.ts'
import type { World } from './fake-cluster.ts'
import { abortedAt, atWork, endsAt, failsAt, jobsWorld, type JobScript } from './jobs-world.ts'
import { observe, type ObserveOptions } from './observe.ts'
import { defined } from '../../lib/common/defined.ts'

// Jobs that begin and end, and the values of live streams about them as short texts.

interface DuringOptions {
  readonly kind?: string
  readonly err?: string
  readonly aborted?: boolean
  /** When the targets forget it. Defaults to never. */
  readonly forgottenMs?: number
}

/** Begins at one time and ends at another, on all targets. */
export function during(fromMs: number, toMs: number = Infinity, options: DuringOptions = {}): JobScript {
  const { kind = 'copy-bck', err, aborted = false, forgottenMs } = options
  // Without objects there is no progress, so the streams report only its start and its end.
  return { ...endOf(toMs, aborted, err), kind, objects: 0, atMs: fromMs, ...defined({ goneMs: forgottenMs }) }
}

/** How a job ends at this time. */
function endOf(toMs: number, isAborted: boolean, err: string | undefined): JobScript {
  if (toMs === Infinity) return atWork
  if (isAborted) return abortedAt(toMs)
  return err === undefined ? endsAt(toMs) : failsAt(toMs, err)
}

/** The id of a job that always runs. */
export const LONG = 'jobIsLong1'
/** The id of a job that ends at 2.5 s. */
export const ENDS = 'jobIsEnds1'
/** The id of a job that had ended before the script begins. */
export const PAST = 'jobIsPast1'
/** One job that runs on, one that ends at 2.5 s, and one that had ended before. */
export const THREE_JOBS: Readonly<Record<string, JobScript>> = {
  [LONG]: during(-1000),
  [ENDS]: during(-1000, 2500),
  [PAST]: during(-3000, -2000),
}

/** A cluster with these jobs that replies after 5 ms. */
export const worldOfJobs = (jobs: Readonly<Record<string, JobScript>>, latencyMs = 5): World =>
  jobsWorld(jobs, { latencyMs })

/** An event as a text, such as `finished jobIsEnds1`. */
export const eventText = (result: Result<JobEvent>): string =>
  isLeft(result) ? result.left._tag : `${result.right.type} ${result.right.job.id}`

/** A table as a text, such as `jobIsLong1 running, jobIsEnds1 finished`. */
export const tableText = (result: Result<JobTable>): string =>
  isLeft(result)
    ? result.left._tag
    : Object.values(result.right)
        .map(({ id, state, error }) => `${id} ${state}${error === undefined ? '' : `: ${error}`}`)
        .join(', ')

/** `text @ms` of each value. */
export const timed = <A>(
  { values, times }: { readonly values: readonly A[]; readonly times: readonly number[] },
  text: (value: A) => string,
): readonly string[] => values.map((value, n) => `${text(value)} @${times[n]}`)

/** The texts of a stream of this cluster until it is unsubscribed, each with its time. */
export const textsAndTimes = (
  world: World,
  streamOf: (cluster: ClusterLike) => Observable<string>,
  unsubscribeAtMs: number,
  options: ObserveOptions = {},
): readonly string[] => timed(observe(world, streamOf, { unsubscribeAtMs, ...options }), (text) => text)

const withoutTime = (text: string | undefined): string | undefined => text?.replace(/ @\d+$/, '')

/** The texts without repetitions of the previous text. */
export const changes = (texts: readonly string[]): readonly string[] =>
  texts.filter((text, n) => withoutTime(text) !== withoutTime(texts[n - 1]))

/** Asserts that a stream emits these texts in order, each at the latest at the time written beside it. */
export const assertEmits = (texts: readonly string[], latest: readonly string[]): void => {
  const emitted = changes(texts)
  expect(emitted.map(withoutTime)).to.deep.equal(latest.map(withoutTime))
  const msOf = (text: string): number => Number(text.replace(/^.* ?@/s, ''))
  const late = emitted.filter((text, n) => msOf(text) > msOf(latest[n]!))
  expect(late, `at the latest ${latest.join('; ')}`).to.deep.equal([])
}

/** How many resources a cluster still holds for its observers. */
export const resourceCountOf = (cluster: ClusterLike): number => {
  const internals = environmentOf(cluster)
  // A cluster with invalid arguments holds nothing.
  if (isLeft(internals)) return 0
  return resourceCount(internals.right) + internals.right.shared.evidenceListeners.size
}
