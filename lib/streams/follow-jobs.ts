import { defer, type Observable } from 'rxjs'
import type { Cadence } from '../cadence.ts'
import type { Snapshots } from '../codec/snapshots.ts'
import type { ClusterLike, Environment } from '../environment.ts'
import type { Result } from '../error.ts'
import { isDownloadId } from '../model/download.ts'
import { findKind, type Kind } from '../model/kind.ts'
import { observe } from '../observer.ts'
import type { Selection } from '../model/selection.ts'
import { BOUNDS } from '../view/bounds.ts'
import { trackerOf, type Tracker } from '../view/tracker.ts'
import { attemptOf, type Attempt, type Evidence, type Query } from '../view/evidence.ts'
import type { Observed } from '../view/interest.ts'
import type { Need, Pace } from '../view/need.ts'
import { EMPTY_VIEW, runOf, type View } from '../view/view.ts'
import { coversRun, notFoundIfAbsent } from './covers-run.ts'
import { defined } from '../common/defined.ts'

/** One emission of {@link followJobs}: what one reply has changed. */
export interface Followed {
  readonly tracker: Tracker
  readonly observed: Observed
  /** The ids of the runs that are new, have changed or were removed. */
  readonly touched: ReadonlySet<string>
  /** The reply, if it answers a query of this stream's ticks; otherwise absent. */
  readonly reply?: Result<unknown>
}

/**
 * Follows all jobs of a selection, and learns how each run ends.
 *
 * @param isListed whether to poll the lists instead of the snapshots. A kind that the lists lack or report late is polled
 * by snapshots in any case
 * @param keepsPast whether to follow runs that had ended at the first reply, too
 */
export function followJobs(
  cluster: ClusterLike,
  env: Environment,
  selection: Selection,
  cadence: Cadence | Observable<Cadence>,
  { isListed, keepsPast }: { readonly isListed: boolean; readonly keepsPast: boolean },
): Observable<Followed> {
  return defer(() => {
    const { ids, kind, files } = selection
    const isPolledByList =
      isListed && !ids.some(isDownloadId) && (kind === undefined || isListedInTime(findKind(kind, env.kinds)))
    const tracker = trackerOf(selection, env.kinds, env.now(), { isListed: isPolledByList, keepsPast })
    let lastTick: Attempt | undefined
    let lastObserved: Observed = { view: EMPTY_VIEW, nowMs: env.now(), isWatched: () => false }
    const isTick = ({ query }: Evidence, view: View): boolean => {
      if (isPolledByList) return query.what === 'statuses'
      if (ids.length > 0) return ids.some((id) => coversRun(query, id, view))
      return query.what === 'snapshots' && query.onlyRunning !== true && query.id === undefined && query.kind === kind
    }
    const ticks = (view: View, pace: Pace): readonly Need[] => {
      const dueMs = lastTick === undefined ? -Infinity : lastTick.atMs + pace.waitMs
      if (isPolledByList) return [{ of: 'query', query: { what: 'statuses' }, dueMs }, runningListNeed(view, pace)]
      if (ids.length > 0) return ids.map((id) => ({ of: 'snapshots', id, kind: runOf(view, id)?.kind, dueMs }))
      const query: Query = { what: 'snapshots', ...defined({ kind }) }
      return [{ of: 'query', query, dueMs }]
    }
    return observe(
      cluster,
      env,
      {
        ...(ids.length > 0 && !isPolledByList ? { ids, files } : { everything: true }),
        isUndecided: tracker.isUndecided,
        needs: (view, pace, nowMs) => [...ticks(view, pace), ...tracker.needs(view, pace, nowMs)],
        lastTick: () => lastTick,
        wantsReply: isTick,
        refuse: (reply): Followed => ({ tracker, observed: lastObserved, touched: new Set(), reply }),
        select: (observed): Followed => {
          lastObserved = observed
          const { evidence } = observed
          const touched = tracker.reduce(observed)
          if (evidence === undefined) return { tracker, observed, touched }
          lastTick = attemptOf(evidence, undefined)
          const { query, result } = evidence
          const isOfIds = ids.length > 0 && !isPolledByList
          const reply = isOfIds ? notFoundIfAbsent(query, result as Result<Snapshots>, ids) : result
          return { tracker, observed, touched, reply }
        },
      },
      cadence,
    )
  })
}

/** Whether the lists show the ends of a kind in time. The targets alone show that a job is idle. */
const isListedInTime = (info: Kind | undefined): boolean =>
  info?.ic === true && info.idles !== true && info.icLate !== true

/**
 * The need for the list of jobs that run on the targets. Its reply is small, but the cluster queries each target for
 * it.
 */
function runningListNeed({ runningTry }: View, { waitMs }: Pace): Need {
  const restMs = runningTry?.error === undefined ? Math.max(waitMs, BOUNDS.tableWork) : waitMs
  const dueMs = runningTry === undefined ? -Infinity : runningTry.atMs + restMs
  return { of: 'query', query: { what: 'running' }, dueMs }
}
