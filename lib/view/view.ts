import { emptyMap } from '#platform/common/persistent-map'
import type { StatusList } from '../codec/status-list.ts'
import type { JobSnap } from '../codec/job-snap.ts'
import type { JobStatus } from '../codec/job-status.ts'
import type { Snapshots, TargetId } from '../codec/snapshots.ts'
import type { Attempt, Fact, Times } from './evidence.ts'
import type { PersistentMap } from '../common/persistent-map.ts'
import { DOWNLOAD_KIND, isDownloadId } from '../model/download.ts'

/** Replies in a row that report the same. */
export interface Streak {
  /** When the first of them came. */
  readonly sinceMs: number
  readonly times: number
}

/** The part of one target in a run, as the target showed it last. */
export interface Part {
  readonly target: TargetId
  /** The last snapshot, even while the part is missing. */
  readonly snap: JobSnap
  /** Every reply since this time has shown the part idle or over, without work in between. */
  readonly inactiveSinceMs?: number | undefined
  /** Present while replies lack the part. */
  readonly missing?: Streak | undefined
  /**
   * When the request was sent whose reply proved that the part is gone: the third or a later reply in a row that lacked it,
   * a minute after the first.
   */
  readonly goneMs?: number | undefined
}

/** Everything that the cluster has shown of one run of a job: facts, not judgements. */
export interface RunView {
  readonly id: string
  readonly kind?: string | undefined
  /** The row of the last list of the Information Center that has one. Its `err` is always empty (protocol T11). */
  readonly row?: Fact<JobStatus> | undefined
  /** The last reply to a request for the status of this run. It includes `err`. */
  readonly full?: Fact<JobStatus> | undefined
  /** The last request for its status. */
  readonly statusTry?: Attempt | undefined
  /**
   * The times of the last reply to a request for its status. A 404 is a reply too. A later failure does not undo a reply: a
   * stream that begins after the failure must agree with the streams that have emitted the end.
   */
  readonly statusReply?: Times | undefined
  /**
   * Present while the replies to requests for its status are 404, although a target has shown the run and no later list
   * shows it at work.
   */
  readonly unknown?: Streak | undefined
  /** When the first reply of the Information Center came that shows the run. */
  readonly icSeenMs?: number | undefined
  /** When the first reply of the Information Center came that shows an end or an abort. */
  readonly icEndSeenMs?: number | undefined
  /** What each target has shown of it. */
  readonly parts: ReadonlyMap<TargetId, Part>
  /** The starts of earlier runs under this id, by target, because targets keep showing these runs. */
  readonly earlierStarts: ReadonlyMap<TargetId, bigint>
  /** The last request for its snapshots. */
  readonly snapshotsTry?: Attempt | undefined
  /** Whether a request for its snapshots has ever failed with an error that a target causes if it has died or hangs. */
  readonly targetFailed?: boolean | undefined
  /**
   * The times of the last reply of the targets about it. A reply that shows that no target knows the run counts too.
   */
  readonly targetsReply?: Times | undefined
  /** Present while no target shows it. */
  readonly absent?: Streak | undefined
  /** Every reply since this time has shown every part as over, and no further part. */
  readonly overSinceMs?: number | undefined
  /**
   * How long the first reply with its end took: the longer time, if both the Information Center and the targets have
   * shown the end.
   */
  readonly endTookMs?: number | undefined
  /**
   * Only for a download: the greatest number of files that the targets have shown or the launch has named. The targets
   * show fewer after one of them has forgotten its part.
   */
  readonly mostFiles?: number | undefined
}

/** What the targets have shown of one kind of job. */
export interface KindView {
  readonly snapshotsTry?: Attempt | undefined
  readonly snapshots?: Fact<Snapshots> | undefined
}

/** Everything that the cluster has shown. Each fact is kept once, and every stream reads it here. */
export interface View {
  /** By id. */
  readonly runs: PersistentMap<RunView>
  /** The kinds that are followed as a whole. */
  readonly kinds: ReadonlyMap<string, KindView>
  /** Whether the view keeps runs that no interest names. */
  readonly everything: boolean
  /** The last request for the list, failed or not; the other fields `...Try` likewise. */
  readonly listTry?: Attempt | undefined
  /** The last list: the statuses of all jobs that the Information Center knows. */
  readonly list?: Fact<StatusList> | undefined
  /** The runs when the last request for a list ended, and when the one before it did. */
  readonly runsAtList: readonly [last: PersistentMap<RunView>, before: PersistentMap<RunView>]
  readonly runningTry?: Attempt | undefined
  /** The last work list: the kinds of the running jobs by id, idle jobs included. */
  readonly running?: Fact<ReadonlyMap<string, string>> | undefined
  readonly mapTry?: Attempt | undefined
  /** The requests for the cluster map that have failed since the last success: when each was sent. At most three. */
  readonly mapFailures: readonly number[]
  /** The targets of the cluster map that take part in jobs. */
  readonly mapTargets?: Fact<ReadonlySet<TargetId>> | undefined
  /** How many runs of a kind the last reply about it showed. It is 0 if all such requests failed. */
  readonly sizes: ReadonlyMap<string, number>
  /** When runs that ended long ago were last dropped. */
  readonly sweptMs: number
  /** When the clock was last found to have leapt, because the machine slept or the event loop was blocked. */
  readonly leaptMs: number
  /** The ids of the runs that the last evidence changed. */
  readonly changed: readonly string[]
}

// All fields exist from the start, as in `emptyRun`.

const NO_RUNS = emptyMap<RunView>()

export const EMPTY_VIEW: View = Object.freeze({
  runs: NO_RUNS,
  kinds: new Map<string, KindView>(),
  everything: false,
  listTry: undefined,
  list: undefined,
  runsAtList: [NO_RUNS, NO_RUNS] as const,
  runningTry: undefined,
  running: undefined,
  mapTry: undefined,
  mapFailures: [],
  mapTargets: undefined,
  sizes: new Map<string, number>(),
  sweptMs: 0,
  leaptMs: -Infinity,
  changed: [],
})

/**
 * All views have the shape of this class: code that reads objects of many shapes is slow. It is a class and not an object
 * literal for the same reason as `Flight`: otherwise each view, and through it each run that has changed since, would stay
 * in memory until a full garbage collection.
 */
class ViewState implements View {
  readonly runs: View['runs']
  readonly kinds: View['kinds']
  readonly everything: View['everything']
  readonly listTry: View['listTry']
  readonly list: View['list']
  readonly runsAtList: View['runsAtList']
  readonly runningTry: View['runningTry']
  readonly running: View['running']
  readonly mapTry: View['mapTry']
  readonly mapFailures: View['mapFailures']
  readonly mapTargets: View['mapTargets']
  readonly sizes: View['sizes']
  readonly sweptMs: View['sweptMs']
  readonly leaptMs: View['leaptMs']
  readonly changed: View['changed']

  constructor(view: View) {
    this.runs = view.runs
    this.kinds = view.kinds
    this.everything = view.everything
    this.listTry = view.listTry
    this.list = view.list
    this.runsAtList = view.runsAtList
    this.runningTry = view.runningTry
    this.running = view.running
    this.mapTry = view.mapTry
    this.mapFailures = view.mapFailures
    this.mapTargets = view.mapTargets
    this.sizes = view.sizes
    this.sweptMs = view.sweptMs
    this.leaptMs = view.leaptMs
    this.changed = view.changed
  }
}

/** The view with some fields changed. */
export const nextView = (view: View, changes: Partial<View>): View => Object.assign(new ViewState(view), changes)

/** Creates a run with all fields from the start, so that the object keeps its shape as more becomes known. */
export function emptyRun(id: string, kind?: string): RunView {
  // Replies have several names for the kind of a download.
  return nextRun(NOTHING, { id, kind: isDownloadId(id) ? DOWNLOAD_KIND : kind })
}

/** What must be remembered of a run that has ended and that the cluster no longer shows: enough to recognize it. */
export function endedRun({ id, kind, row, absent, earlierStarts, snapshotsTry }: RunView): RunView {
  return nextRun(emptyRun(id, kind), { row, absent, earlierStarts, snapshotsTry })
}

/** All runs have the shape of this class: see `ViewState`. */
class RunState implements RunView {
  readonly id: RunView['id']
  readonly kind: RunView['kind']
  readonly row: RunView['row']
  readonly full: RunView['full']
  readonly statusTry: RunView['statusTry']
  readonly statusReply: RunView['statusReply']
  readonly unknown: RunView['unknown']
  readonly icSeenMs: RunView['icSeenMs']
  readonly icEndSeenMs: RunView['icEndSeenMs']
  readonly parts: RunView['parts']
  readonly earlierStarts: RunView['earlierStarts']
  readonly snapshotsTry: RunView['snapshotsTry']
  readonly targetFailed: RunView['targetFailed']
  readonly targetsReply: RunView['targetsReply']
  readonly absent: RunView['absent']
  readonly overSinceMs: RunView['overSinceMs']
  readonly endTookMs: RunView['endTookMs']
  readonly mostFiles: RunView['mostFiles']

  constructor(run: RunView) {
    this.id = run.id
    this.kind = run.kind
    this.row = run.row
    this.full = run.full
    this.statusTry = run.statusTry
    this.statusReply = run.statusReply
    this.unknown = run.unknown
    this.icSeenMs = run.icSeenMs
    this.icEndSeenMs = run.icEndSeenMs
    this.parts = run.parts
    this.earlierStarts = run.earlierStarts
    this.snapshotsTry = run.snapshotsTry
    this.targetFailed = run.targetFailed
    this.targetsReply = run.targetsReply
    this.absent = run.absent
    this.overSinceMs = run.overSinceMs
    this.endTookMs = run.endTookMs
    this.mostFiles = run.mostFiles
  }
}

/** The run with some fields changed. */
export const nextRun = (run: RunView, changes: Partial<RunView>): RunView => Object.assign(new RunState(run), changes)

/** No time limit grows beyond this. If a reply took longer, the machine slept in the meantime. */
const LONGEST_REPLY_MS = 300_000

/** The new `endTookMs` of a run, after this reply has shown its end for the first time. */
export const endTook = ({ endTookMs = 0 }: RunView, { sentMs, atMs }: Times): number =>
  Math.max(endTookMs, Math.min(LONGEST_REPLY_MS, atMs - sentMs))

const NO_PARTS: ReadonlyMap<TargetId, Part> = new Map()
const NO_EARLIER_STARTS: ReadonlyMap<TargetId, bigint> = new Map()
const NOTHING: RunView = Object.freeze({ id: '', parts: NO_PARTS, earlierStarts: NO_EARLIER_STARTS })

/** The run with this id, if the view has it. */
export function runOf(view: View, id: string): RunView | undefined {
  return view.runs.get(id)
}
