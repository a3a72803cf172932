import { kindIn } from '../codec/job-status.ts'
import { withExpectedFiles } from './download.ts'
import type { Interest } from './interest.ts'
import { withRow } from './reduce.ts'
import { emptyRun, nextView, type RunView, type View } from './view.ts'

/** Returns a view that keeps what later replies report about everything that an interest follows. */
export function follow(view: View, { ids = [], kind, everything, known = [], files }: Interest): View {
  const named = ids.reduce(followRun, withKnown(view, known))
  const runs = files === undefined ? named : ids.reduce((next, id) => withFiles(next, id, files), named)
  const kinds = kind === undefined ? runs : followKind(runs, kind)
  return everything === true ? followEverything(kinds) : kinds
}

/** Adds runs that the interest knew before it joined and that the view has dropped since. */
function withKnown(view: View, known: readonly RunView[]): View {
  const lacking = known.filter(({ id }) => view.runs.get(id) === undefined)
  return lacking.length === 0 ? view : nextView(view, { runs: view.runs.withAll(lacking.map((run) => [run.id, run])) })
}

/** What the members still follow. */
export interface FollowedSet {
  readonly everything: boolean
  readonly kinds: ReadonlySet<string>
  /** Whether a run is followed by its id, or a stream about everything still has to learn how it ended. */
  readonly isNeeded: (id: string) => boolean
}

/** Whether a run is followed by its id or by its kind. */
const isNamed = (keep: FollowedSet, { id, kind }: RunView): boolean =>
  keep.isNeeded(id) || (kind !== undefined && keep.kinds.has(kind))

/** Returns a view that keeps what later replies report about a run. The last lists count at once. */
export function followRun(view: View, id: string): View {
  if (view.runs.get(id) !== undefined) return view
  return nextView(view, { runs: view.runs.with(id, listed(view, id)) })
}

/** The view with the number of files that the launch of a download named. */
function withFiles(view: View, id: string, files: number): View {
  const run = view.runs.get(id)
  const next = run === undefined ? undefined : withExpectedFiles(run, files)
  return next === undefined || next === run ? view : nextView(view, { runs: view.runs.with(id, next) })
}

/** A run as the last lists report it. */
function listed({ list, running }: View, id: string): RunView {
  const row = list?.value.get(id)
  if (list === undefined || row === undefined) return emptyRun(id, running?.value.get(id))
  const { sentMs, atMs } = list
  return withRow(emptyRun(id, kindIn(row)), { value: row, sentMs, atMs })
}

/** Returns a view that keeps what later replies report about all runs of a kind. */
export function followKind(view: View, kind: string): View {
  if (view.kinds.has(kind)) return view
  return nextView(view, { kinds: new Map([...view.kinds, [kind, {}]]) })
}

/** Returns a view that keeps what later replies report about any run. */
export function followEverything(view: View): View {
  if (view.everything) return view
  const added = new Map<string, RunView>()
  for (const ids of [view.list?.value.keys(), view.running?.value.keys()])
    for (const id of ids ?? []) if (view.runs.get(id) === undefined) added.set(id, listed(view, id))
  return nextView(view, { everything: true, runs: view.runs.withAll(added), changed: [...added.keys()] })
}

/**
 * Drops what is no longer followed.
 *
 * @param runs ids that were followed until now; if a kind or everything was followed, all runs are checked
 */
export function forget(view: View, keep: FollowedSet, runs: Iterable<string>): View {
  // Usually only waits by id have left.
  if (!view.everything && view.kinds.size === 0) return withoutRuns(view, keep, runs)
  const kinds = [...view.kinds].filter(([kind]) => keep.kinds.has(kind))
  const checksAll = (view.everything && !keep.everything) || kinds.length < view.kinds.size
  const dropped = new Map<string, undefined>()
  const drop = (run: RunView | undefined): void => {
    if (run !== undefined && !keep.everything && !isNamed(keep, run)) dropped.set(run.id, undefined)
  }
  if (checksAll) for (const run of view.runs.values()) drop(run)
  else for (const id of runs) drop(view.runs.get(id))
  return nextView(view, {
    everything: keep.everything,
    kinds: kinds.length === view.kinds.size ? view.kinds : new Map(kinds),
    runs: view.runs.withAll(dropped),
  })
}

/** Drops the runs that are no longer followed by their id. */
function withoutRuns(view: View, keep: FollowedSet, ids: Iterable<string>): View {
  let { runs } = view
  for (const id of ids) if (!keep.isNeeded(id)) runs = runs.with(id, undefined)
  return nextView(view, { runs })
}

/** How often old runs are dropped. */
const SWEEP_MS = 60_000
/** How long a run is kept after its end. A run takes some kilobytes, and thousands may end in an hour. */
const REMEMBERED_MS = 600_000
/**
 * How long the starts of earlier runs under one id are remembered. This is longer than a stream about everything
 * remembers an end; otherwise the stream would take an earlier run for a new one.
 */
const STARTS_REMEMBERED_MS = 7_200_000

/**
 * Drops the runs that ended long ago, that no list shows any more, and that no interest follows by id or by kind.
 *
 * A stream about everything may run for months. Without this, the view would grow with each job.
 */
export function sweep(view: View, followed: () => FollowedSet, nowMs: number): View {
  if (!view.everything || nowMs - view.sweptMs < SWEEP_MS) return view
  const keep = followed()
  const dropped = new Map<string, undefined>()
  for (const run of view.runs.values()) {
    const { id, icEndSeenMs, overSinceMs, absent, earlierStarts } = run
    const overMs = icEndSeenMs ?? overSinceMs ?? absent?.sinceMs ?? Infinity
    const rememberedMs = earlierStarts.size > 0 ? STARTS_REMEMBERED_MS : REMEMBERED_MS
    if (nowMs - overMs < rememberedMs || view.list?.value.has(id) === true || view.running?.value.has(id) === true)
      continue
    if (!isNamed(keep, run)) dropped.set(id, undefined)
  }
  return nextView(view, { sweptMs: nowMs, runs: dropped.size === 0 ? view.runs : view.runs.withAll(dropped) })
}
