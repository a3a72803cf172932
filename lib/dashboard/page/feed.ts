import {
  EMPTY,
  defer,
  distinct,
  distinctUntilChanged,
  filter,
  fromEvent,
  map,
  merge,
  mergeMap,
  of,
  pairwise,
  scan,
  share,
  startWith,
  switchMap,
  take,
  tap,
  timer,
  type Observable,
} from 'rxjs'
import { details, isLeft, isRight, progress, watchDetails, watchJobs } from '../../index.ts'
import type { Cluster, JobError, Result, Snapshots } from '../../index.ts'
import { isDownloadId } from '../../model/download.ts'
import { happeningsOf } from './happenings.ts'
import type { Entry } from './log.ts'
import { cadenceOf, waitAfter } from './retries.ts'
import { EMPTY_PICTURE, withProgress, withSnapshots, withTable, type Picture } from './picture.ts'
import type { Totals } from './shown.ts'
import { isOpenState } from './states.ts'

/** A hidden tab stops its requests after this time. */
const HIDDEN_MS = 60_000

/** What the page shows, and how old it is. */
export interface Feed {
  /** The jobs that the page shows. */
  readonly picture: Picture
  /** When the newest good reply came; absent before the first. */
  readonly answeredMs?: number | undefined
  /** Since when the page has been sending requests; absent while the page is hidden. */
  readonly seenSinceMs?: number | undefined
  /** The error of the newest request for the list; absent if it succeeded. */
  readonly problem?: JobError | undefined
  /** How many requests for the list have failed in a row, and when the next one follows. */
  readonly failures?: number | undefined
  readonly nextMs?: number | undefined
  /** The entries that are new in this value. */
  readonly news: readonly Entry[]
}

export const NO_FEED: Feed = { picture: EMPTY_PICTURE, news: [] }

/** Whether somebody may see the page. Stays true for HIDDEN_MS after the tab was hidden. */
const isSeen = (): Observable<boolean> =>
  fromEvent(document, 'visibilitychange').pipe(
    startWith(undefined),
    switchMap(() => (document.visibilityState === 'hidden' ? timer(HIDDEN_MS).pipe(map(() => false)) : of(true))),
    distinctUntilChanged(),
  )

/** How many requests for the counters of ended jobs may be in flight. */
const MOST_AT_ONCE = 2
/** How many downloads are followed at once. A further one is followed when one of them has ended. */
const MOST_DOWNLOADS = 20

type Change = (feed: Feed) => Feed

/** How a reply changes the feed: its picture, and whatever a failure had set. */
const afterReply =
  (change: (picture: Picture) => Picture): Change =>
  (feed) => ({
    ...feed,
    picture: change(feed.picture),
    answeredMs: Date.now(),
    problem: undefined,
    failures: 0,
    nextMs: undefined,
  })

const afterFailure =
  (problem: JobError): Change =>
  (feed) => {
    const failures = (feed.failures ?? 0) + 1
    return { ...feed, problem, failures, nextMs: Date.now() + waitAfter(failures) }
  }

/**
 * Watches all jobs: one list and one request for the counters of all running jobs in each period.
 *
 * @param retries sends the next requests at once
 */
export function feedOf(cluster: Cluster, totals: Totals, retries: Observable<unknown>): Observable<Feed> {
  const options = { cadence: cadenceOf(retries) }
  const happenings = happeningsOf(cluster, options)
  const withCounters = (result: Result<Snapshots>): Observable<Change> =>
    isLeft(result) ? EMPTY : of(afterReply((picture) => withSnapshots(picture, result.right, Date.now(), totals)))
  const lists = watchJobs(cluster, undefined, options).pipe(share())
  const tables = lists.pipe(
    map((result): Change => {
      if (isLeft(result)) return afterFailure(result.left)
      const news = happenings.opened(result.right, Date.now())
      const change = afterReply((picture) => withTable(picture, result.right, Date.now()))
      return (feed) => change({ ...feed, news })
    }),
  )
  const counters = watchDetails(cluster, { onlyRunning: true }, options).pipe(mergeMap(withCounters))
  // For each job that ends, one more poll: the counters of the previous poll are too old.
  const ends = lists.pipe(
    filter(isRight),
    map(({ right }) => new Set(Object.values(right).flatMap(({ id, state }) => (isOpenState(state) ? [] : [id])))),
    pairwise(),
    mergeMap(([previous, now]) => [...now].filter((id) => !previous.has(id))),
    mergeMap((id) => details(cluster, { id }), MOST_AT_ONCE),
    mergeMap(withCounters),
  )
  // The counters of a download come from its own API, which also knows how many files there are.
  const downloads = lists.pipe(
    filter(isRight),
    mergeMap(({ right }) => Object.values(right).filter(({ id, state }) => isDownloadId(id) && isOpenState(state))),
    distinct(({ id }) => id),
    mergeMap(({ id }) => progress(cluster, { id }, options).pipe(map((now) => ({ id, now }))), MOST_DOWNLOADS),
    mergeMap(({ id, now }) => (isLeft(now) ? [] : [afterReply((picture) => withProgress(picture, id, now.right))])),
  )
  // Once, for the jobs that had ended before the page opened: only the targets know their buckets and counters.
  const past = lists.pipe(
    filter(isRight),
    take(1),
    switchMap(() => details(cluster)),
    mergeMap(withCounters),
  )
  const events = defer(happenings.watch).pipe(map((news): Change => (feed) => ({ ...feed, news })))
  const all = merge(tables, counters, downloads, ends, past, events)
  let last: Feed = NO_FEED
  return isSeen().pipe(
    switchMap((seen): Observable<Change> => {
      const seenSinceMs = seen ? Date.now() : undefined
      const visibility = of<Change>((feed) => ({ ...feed, seenSinceMs }))
      return seen ? merge(visibility, all) : visibility
    }),
    scan((feed: Feed, change) => change({ ...feed, news: [] }), last),
    tap((feed) => {
      last = feed
    }),
  )
}
