import { switchMap, timer, type Observable } from 'rxjs'
import {
  jobEvents,
  progress,
  wait,
  watchDetails,
  watchJobs,
  watchStatus,
  type Cluster,
  type JobEvent,
  type JobSelector,
  type JobStatus,
  type JobTable,
  type Progress,
  type Result,
  type Snapshots,
  type WaitResult,
} from '../../../../lib/index.ts'
import type { FakeJob } from '../../../helpers/fake-cluster.ts'
import type { Streams } from './live.ts'

// A wait, and streams that share its cluster value. The outcome of the wait must not depend on them.

export const ID = 'theJob123'

/**
 * How late a stream may report what the targets show: the 10 s after which it no longer waits for a silent source
 * (docs/bounds.md), and some polls.
 */
export const BOUND_MS = 15_000

/** Jobs that run all the time; a script includes them so that other streams can wait for them. */
export const OTHERS: readonly FakeJob[] = [
  { id: 'otherJob1', kind: 'copy-bck' },
  { id: 'otherJob2', kind: 'lru' },
  { id: 'otherJob3', kind: 'load-lom-cache' },
]

/** One wait for each of the jobs. */
const waitsOn = (jobs: readonly FakeJob[]): Streams =>
  Object.fromEntries(
    jobs.map(({ id, kind }) => [id, (cluster: Cluster) => wait(cluster, { id, kind }, { timeoutMs: Infinity })]),
  )

type Stream<A> = (cluster: Cluster) => Observable<Result<A>>

export interface AllStreams extends Streams {
  readonly table: Stream<JobTable>
  readonly events: Stream<JobEvent>
  readonly progress: Stream<Progress>
  readonly status: Stream<JobStatus>
  readonly details: Stream<Snapshots>
}

/** All live streams of one job. */
export const allStreams = (selector: JobSelector): AllStreams => ({
  table: (cluster) => watchJobs(cluster),
  events: (cluster) => jobEvents(cluster, selector),
  progress: (cluster) => progress(cluster, selector),
  status: (cluster) => watchStatus(cluster, selector),
  details: (cluster) => watchDetails(cluster, selector),
})

/** The other streams that run beside the stream under test. */
export const COMPANIES: Readonly<Record<string, (selector: JobSelector) => Streams>> = {
  alone: () => ({}),
  'beside a wait on another job': () => waitsOn(OTHERS.slice(0, 1)),
  'beside waits on three other jobs': () => waitsOn(OTHERS),
  'before waits on three other jobs': () => waitsOn(OTHERS),
  'beside watchJobs': () => ({ table: (cluster) => watchJobs(cluster) }),
  'beside all streams of the job': allStreams,
}

/** The ways in which a user may select the job under test. */
export const SELECTORS = (kind: string): Readonly<Record<string, JobSelector>> => ({
  'by id': { id: ID },
  'by id and kind': { id: ID, kind },
})

export interface Waits extends Streams {
  readonly wait: Stream<WaitResult>
}

/**
 * A wait for the job. Its company subscribes first, `joinsMs` earlier if that is given, unless the name of the company
 * begins with "before".
 */
export const waitIn = (company: string, selector: JobSelector, joinsMs: number = 0): Waits => {
  const waiting = (cluster: Cluster): Observable<Result<WaitResult>> => wait(cluster, selector, { timeoutMs: 200_000 })
  const later = (cluster: Cluster): Observable<Result<WaitResult>> =>
    timer(joinsMs).pipe(switchMap(() => waiting(cluster)))
  const mine = { wait: joinsMs === 0 ? waiting : later }
  const others = COMPANIES[company]!(selector)
  return company.startsWith('before') ? { ...mine, ...others } : { ...others, ...mine }
}
