import type { JobStatus } from '../../../../lib/codec/job-status.ts'
import { right } from '../../../../lib/common/either.ts'
import type { KindInfo } from '../../../../lib/model/kind.ts'
import type { Selection } from '../../../../lib/model/selection.ts'
import { trackerOf, type Tracker } from '../../../../lib/view/tracker.ts'
import type { Evidence } from '../../../../lib/view/evidence.ts'
import { followEverything } from '../../../../lib/view/follow.ts'
import type { Observed } from '../../../../lib/view/interest.ts'
import { reduce } from '../../../../lib/view/reduce.ts'
import { endedRow, openRow, pastRow, reusedRow, type JobRow } from '../../../../lib/view/rows.ts'
import { eventsOf, type Emitted } from '../../../../lib/view/transitions.ts'
import { EMPTY_VIEW, type View } from '../../../../lib/view/view.ts'
import { statusMapOf } from './facts.ts'
import { snapshotsOf } from '../../../helpers/parts.ts'

// A table and a stream of events that receive the same replies, one second apart.

export interface Changes {
  /** For example `started a`. */
  readonly events: readonly string[]
  readonly rows: ReadonlyMap<string, JobRow>
  readonly touched: ReadonlySet<string>
}

export interface Watching {
  readonly tracker: Tracker
  readonly view: () => View
  readonly nowMs: () => number
  readonly passTime: (ms: number) => void
  /** Feeds the list of the Information Center. */
  readonly feedList: (...rows: readonly JobStatus[]) => Changes
  /** Feeds the full status of one run. */
  readonly feedStatus: (status: JobStatus) => Changes
  /** Feeds the snapshots of all runs. */
  readonly feedSnapshots: (targets: Parameters<typeof snapshotsOf>[0]) => Changes
  /** Feeds the list of running jobs. */
  readonly feedRunning: (...ids: readonly string[]) => Changes
}

/** The status of a running job of the kind `lru`. */
export const lruStatus = (id: string, more: Partial<JobStatus> = {}): JobStatus => ({
  id,
  kind: 'lru',
  err: '',
  aborted: false,
  ...more,
})

const EVERYTHING: Selection = { ids: [], onlyRunning: false }

/** A table and a stream of events about all jobs, which receive the replies that a spec feeds. */
export function watching({
  isListed = false,
  kinds = [{ kind: 'lru', scope: 'target' }],
  from = followEverything(EMPTY_VIEW),
  isWatched = () => false,
}: {
  readonly isListed?: boolean
  readonly kinds?: readonly KindInfo[]
  readonly from?: View
  readonly isWatched?: (id: string) => boolean
} = {}): Watching {
  const emittedById = new Map<string, Emitted>()
  const rows = new Map<string, JobRow>()
  const tracker = trackerOf(EVERYTHING, kinds, 0, { isListed, keepsPast: false })
  let view = from
  let nowMs = 0

  function feed(about: Pick<Evidence, 'query' | 'result'>): Changes {
    nowMs += 1000
    const evidence = { ...about, sentMs: nowMs, atMs: nowMs } as Evidence
    view = reduce(view, evidence)
    const observed: Observed = { view, nowMs, evidence, isWatched }
    const touched = tracker.reduce(observed)
    const events: string[] = []
    for (const id of touched) {
      const life = tracker.tracked.get(id)
      if (life === undefined || life.isReleased) rows.delete(id)
      if (life === undefined) continue
      const { run, isPast, result } = life
      const c = tracker.caseOf(life, observed)
      const next = eventsOf(life, c, emittedById.get(id), { atMs: nowMs, byList: isListed })
      emittedById.set(id, next.emitted)
      events.push(...next.events.map(({ type }) => `${type} ${id}`))
      const rowWithoutResult = isPast ? pastRow : openRow
      const row = result === undefined ? rowWithoutResult(c, run) : endedRow(run, result)
      if (!life.isReleased) rows.set(id, reusedRow(rows.get(id), row, run, isWatched(id)))
    }
    return { events, rows: new Map(rows), touched }
  }

  return {
    tracker,
    view: () => view,
    nowMs: () => nowMs,
    passTime: (ms) => (nowMs += ms),
    feedList: (...all) => feed({ query: { what: 'statuses' }, result: right(statusMapOf(...all)) }),
    feedStatus: (one) => feed({ query: { what: 'status', id: one.id }, result: right(one) }),
    feedSnapshots: (targets) => feed({ query: { what: 'snapshots' }, result: right(snapshotsOf(targets)) }),
    feedRunning: (...ids) =>
      feed({ query: { what: 'running' }, result: right(ids.map((id) => ({ id, kind: 'lru' }))) }),
  }
}
