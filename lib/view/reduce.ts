import { emptyMap } from '#platform/common/persistent-map'
import type { StatusList } from '../codec/status-list.ts'
import { isOver, kindIn, type JobStatus } from '../codec/job-status.ts'
import { isLeft, isRight } from '../common/either.ts'
import { isPermanent, type JobError } from '../error.ts'
import type { Snapshots } from '../codec/snapshots.ts'
import { isDownloadId } from '../model/download.ts'
import { partsById } from '../model/snapshot.ts'
import { withDownload } from './download.ts'
import { MAP_TRIES } from './bounds.ts'
import { attemptOf, hasFailed, isReplyError, type Evidence, type Fact, type Times } from './evidence.ts'
import { firstOfKind, withKinds, withSize } from './kinds.ts'
import { extendStreak, isPartMissing, withFailedSnapshots, withTargetsReply, type Shown } from './parts.ts'
import { emptyRun, endTook, nextRun, nextView, type RunView, type View } from './view.ts'

/**
 * Reduces a piece of evidence into the view. It is the only function through which a reply changes the view.
 *
 * Pure: no clock, no stream, no request. A run that the evidence does not concern stays the same object. Runs that
 * nobody follows are left out.
 */
export function reduce(view: View, evidence: Evidence): View {
  switch (evidence.query.what) {
    case 'status':
      return withStatus(view, evidence as Extract<Evidence, { query: { what: 'status' } }>)
    case 'newest':
      return view.changed.length === 0 ? view : unchanged(view)
    case 'statuses':
      return withList(view, evidence as Extract<Evidence, { query: { what: 'statuses' } }>)
    case 'snapshots':
      return withSnapshots(view, evidence as Extract<Evidence, { query: { what: 'snapshots' } }>)
    case 'running':
      return withRunning(view, evidence as Extract<Evidence, { query: { what: 'running' } }>)
    case 'map':
      return withMap(view, evidence as Extract<Evidence, { query: { what: 'map' } }>)
  }
}

/** The evidence of one type of query. */
type Of<W extends Evidence['query']['what']> = Extract<Evidence, { readonly query: { readonly what: W } }>

const NO_IDS: readonly string[] = []

const unchanged = (view: View): View => nextView(view, { changed: NO_IDS })

const changedRun = (view: View, run: RunView): View =>
  nextView(view, { runs: view.runs.with(run.id, run), changed: [run.id] })

function changedRuns(view: View, runs: ReadonlyMap<string, RunView>): View {
  return nextView(view, { runs: view.runs.withAll(runs), changed: [...runs.keys()] })
}

/** The run, if any subscriber follows it. A run that the view does not have yet is new if the view keeps all runs. */
const followedRun = (view: View, id: string): RunView | undefined =>
  view.runs.get(id) ?? (view.everything ? emptyRun(id) : undefined)

/** Reduces a reply to a request for the status of one run. */
function withStatus(view: View, evidence: Of<'status'>): View {
  const { query, result, sentMs, atMs } = evidence
  const run = isDownloadId(query.id) ? undefined : followedRun(view, query.id)
  if (run === undefined) return unchanged(view)
  const statusTry = attemptOf(evidence, run.statusTry)
  const statusReply = hasFailed(statusTry) ? run.statusReply : statusTry
  if (isLeft(result)) {
    // Before a target shows the run, a 404 does not mean that the Information Center has forgotten it.
    const mayBeForgotten = result.left._tag === 'NotFound' && run.parts.size > 0
    const unknown = mayBeForgotten ? extendStreak(run.unknown, atMs) : run.unknown
    return changedRun(view, nextRun(run, { statusTry, statusReply, unknown }))
  }
  const { right: status } = result
  // A member of the Information Center that lags may still report a job as open after another member reported its end.
  const isStale = run.full !== undefined && isOver(run.full.value) && !isOver(status)
  const next = nextRun(run, {
    statusTry,
    statusReply,
    kind: run.kind ?? kindIn(status),
    unknown: undefined,
    icSeenMs: run.icSeenMs ?? atMs,
    full: isStale ? run.full : { value: status, sentMs, atMs },
    ...(isOver(status) ? withIcEnd(run, evidence) : {}),
  })
  return changedRun(view, next)
}

/** Reduces a list. Only runs whose rows have changed become new objects. */
function withList(view: View, evidence: Of<'statuses'>): View {
  const { result, sentMs, atMs } = evidence
  const listTry = attemptOf(evidence, view.listTry)
  if (isLeft(result)) return nextView(view, { listTry, changed: NO_IDS })
  const { right: rows } = result
  const changes = new Map<string, RunView>()
  const applyRow = (run: RunView, row: JobStatus): void => {
    changes.set(run.id, withRow(run, { value: row, sentMs, atMs }))
  }
  // First the runs that have changed since the last lists, even if their rows have not.
  const beforeMs = view.list?.sentMs ?? -Infinity
  view.runs.compare(view.runsAtList[1], (id, run) => {
    if (run === undefined) return
    const row = rows.get(id)
    // If the run became known from snapshots after the last list, its row may have been in that list already.
    if (row !== undefined && run.row === undefined) applyRow(run, row)
    // If the first list since all parts are over lacks the run, the Information Center does not know it. If a part is
    // missing, the job may be lost now. The run stays as it is, but counts as changed, so that the waits which follow it
    // judge it again.
    else if (isPartMissing(run) || (row === undefined && (run.overSinceMs ?? -Infinity) > beforeMs))
      changes.set(id, run)
  })
  // Then the rows that have changed since the last list. A run whose row is gone counts as changed, too.
  rows.compare(view.list?.value ?? NO_LIST, (id, row) => {
    const run = row === undefined ? view.runs.get(id) : followedRun(view, id)
    if (run === undefined) return
    if (row === undefined) changes.set(id, run)
    else applyRow(run, row)
  })
  const runs = view.runs.withAll(changes)
  return nextView(view, {
    listTry,
    list: { value: rows, sentMs, atMs },
    runs,
    changed: [...changes.keys()],
    // The next list needs to look only at the runs that have changed since. They may have changed after the request for the
    // last list was sent and before its reply came, so the runs at the list before that one count.
    runsAtList: [runs, view.runsAtList[0]],
  })
}

const NO_LIST: StatusList = emptyMap()

/** Reduces a row of a list. An open row does not replace one that shows an end. */
export function withRow(run: RunView, row: Fact<JobStatus>): RunView {
  const showsEnd = isOver(row.value)
  const isStale = run.row !== undefined && isOver(run.row.value) && !showsEnd
  if (isStale) return run
  return nextRun(run, {
    kind: run.kind ?? kindIn(row.value),
    row,
    icSeenMs: run.icSeenMs ?? row.atMs,
    unknown: showsEnd ? run.unknown : undefined,
    // The end of a download in a list only means that the download API may show how it ended.
    ...(showsEnd && !isDownloadId(run.id) ? withIcEnd(run, row) : {}),
  })
}

/** Records when the Information Center first reported the end. */
const withIcEnd = (run: RunView, reply: Times): Partial<RunView> =>
  run.icEndSeenMs === undefined ? { icEndSeenMs: reply.atMs, endTookMs: endTook(run, reply) } : {}

/** Reduces a reply of the targets: about one run, about a kind or about all jobs. */
function withSnapshots(view: View, evidence: Of<'snapshots'>): View {
  const { query, result } = evidence
  // A reply about running jobs only does not prove that other jobs are absent.
  if (query.onlyRunning === true) return unchanged(view)
  if (query.id !== undefined) return withSnapshotsOfRun(view, query.id, evidence)
  return isLeft(result) ? withoutSnapshots(view, evidence, result.left) : withAllSnapshots(view, evidence, result.right)
}

/** Reduces the snapshots of a kind or of all jobs. A run that they lack is absent. */
function withAllSnapshots(view: View, evidence: Of<'snapshots'>, snapshots: Snapshots): View {
  const { kind } = evidence.query
  const attempt = attemptOf(evidence, undefined)
  const shown = partsById(snapshots)
  const changes = new Map<string, RunView>()
  for (const [id, parts] of shown) {
    const run = followedRun(view, id) ?? firstOfKind(view, id, parts[0]?.[1].kind)
    if (run !== undefined) changes.set(id, withTargetsReply(run, shownOf(parts), attempt))
  }
  for (const run of view.runs.matching((one) => !changes.has(one.id) && isCovered(one, kind)))
    changes.set(run.id, withTargetsReply(run, [], attempt))
  const facts = { sizes: withSize(view, kind, shown.size), kinds: withKinds(view, evidence) }
  return changedRuns(nextView(view, facts), changes)
}

/** Reduces the failure of a request for the snapshots of a kind or of all jobs. */
function withoutSnapshots(view: View, evidence: Of<'snapshots'>, error: JobError): View {
  const { kind } = evidence.query
  const changes = new Map<string, RunView>()
  // If the reply itself cannot be used (too large, for example), the request has not failed for any run: each run is then
  // queried on its own.
  if (!isReplyError(error) || !isPermanent(error))
    for (const run of view.runs.matching((one) => isCovered(one, kind)))
      changes.set(run.id, withFailedSnapshots(run, evidence))
  const facts = { sizes: withSize(view, kind), kinds: withKinds(view, evidence) }
  return changedRuns(nextView(view, facts), changes)
}

/** Whether a reply about a kind, or about all jobs, reports on a run. Only the download API reports on downloads. */
const isCovered = (run: RunView, kind: string | undefined): boolean =>
  (kind === undefined || run.kind === kind) && !isDownloadId(run.id)

const shownOf = (parts: readonly (readonly [string, Shown['snap']])[]): readonly Shown[] =>
  parts.map(([target, snap]) => ({ target, snap }))

/** Reduces the snapshots of one run. */
function withSnapshotsOfRun(view: View, id: string, evidence: Of<'snapshots'>): View {
  const { result } = evidence
  const run = followedRun(view, id)
  if (run === undefined) return unchanged(view)
  const shown = isRight(result) ? shownOf(partsById(result.right).get(id) ?? []) : []
  const reduceReply = isDownloadId(id) ? withDownload : withTargetsReply
  const next =
    isRight(result) || result.left._tag === 'NotFound'
      ? reduceReply(run, shown, attemptOf(evidence, undefined))
      : withFailedSnapshots(run, evidence)
  return changedRun(view, next)
}

/** Reduces a list of running jobs. */
function withRunning(view: View, evidence: Of<'running'>): View {
  const { result, sentMs, atMs } = evidence
  const runningTry = attemptOf(evidence, view.runningTry)
  if (isLeft(result)) return nextView(view, { runningTry, changed: NO_IDS })
  const value = new Map(result.right.map(({ id, kind }) => [id, kind]))
  const next = nextView(view, { runningTry, running: { value, sentMs, atMs } })
  const before = view.running?.value ?? NONE_RUNNING
  const changes = new Map<string, RunView>()
  for (const [id, kind] of value) {
    const run = before.has(id) ? undefined : followedRun(view, id)
    if (run !== undefined) changes.set(id, nextRun(run, { kind: run.kind ?? kind }))
  }
  // An open run that the list lacks is in doubt, so it counts as changed after each such list.
  const isChanged = (run: RunView): boolean => !value.has(run.id) && (before.has(run.id) || isOpen(run))
  for (const run of view.runs.matching(isChanged)) changes.set(run.id, run)
  return changedRuns(next, changes)
}

const NONE_RUNNING: ReadonlyMap<string, string> = new Map()

const isOpen = ({ icEndSeenMs, overSinceMs }: RunView): boolean =>
  icEndSeenMs === undefined && overSinceMs === undefined

/** Reduces a cluster map. */
function withMap(view: View, evidence: Of<'map'>): View {
  const { result, sentMs, atMs } = evidence
  const mapTry = attemptOf(evidence, view.mapTry)
  if (isLeft(result)) {
    const mapFailures = [...view.mapFailures, sentMs].slice(-MAP_TRIES)
    return nextView(view, { mapTry, mapFailures, changed: NO_IDS })
  }
  const { targets } = result.right
  // A target in maintenance takes no part in jobs.
  const value = new Set(Object.entries(targets).flatMap(([id, { maintenance }]) => (maintenance ? [] : [id])))
  return nextView(view, {
    mapTry,
    mapFailures: [],
    mapTargets: { value, sentMs, atMs },
    changed: doubtful(view),
  })
}

/**
 * The ids of the runs whose outcome depends on the cluster map: those whose parts are over, and those that no target
 * shows.
 */
function doubtful({ runs }: View): readonly string[] {
  return runs
    .matching(({ overSinceMs, absent }) => overSinceMs !== undefined || absent !== undefined)
    .map(({ id }) => id)
}
