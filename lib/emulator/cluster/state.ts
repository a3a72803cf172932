import type { Parts } from '../store/parts.ts'
import type { Bucket, BucketName } from './bucket.ts'
import type { Random } from './random.ts'
import type { Timing } from './timing.ts'

/** A period of work at a constant pace. */
export interface Burst {
  readonly fromMs: number
  /** Number of objects to visit in it. */
  readonly objects: number
  /** Objects per millisecond. */
  readonly pace: number
}

/** The outcome for one object of a job. */
export interface Outcome {
  /** 0 if there was nothing to do, 1 if the object counts as processed. */
  readonly objects: 0 | 1
  readonly bytes: number
  readonly error?: string
}

/** Objects that a job works on, and what it does with each. */
export interface Work {
  readonly names: readonly string[]
  /** The URI of the bucket of these names. Each target works on the names whose objects it holds in that bucket. */
  readonly uri: string
  /** Does the work for one object, on the target of `run`. */
  readonly act: (name: string, run: Run, now: number) => Outcome
  /** Called after the last object. */
  readonly finish?: (run: Run, now: number) => void
  /** Number of objects that are still to be worked on. */
  remaining: number
}

/** A run's part of a work. */
export interface Batch {
  /** Number of objects that the run visits before it. */
  readonly from: number
  /** The names of its objects, in the order of the work. */
  readonly names: readonly string[]
  /** The work that it is a part of. */
  readonly of: Work
  /** Number of its objects that the run has visited. */
  done: number
}

/** The objects that a run works on, and the outcome for each that it has visited. */
export interface RunWork {
  readonly batches: Batch[]
  /** Sums of the outcomes so far. */
  objects: number
  bytes: number
  /** Number of archives that were completed with an object of this run. */
  archives: number
  /** The errors of single objects, oldest first. */
  readonly errors: string[]
}

/** The record of one job on one target, from which snapshots are made. Times are milliseconds of the cluster's time. */
export interface Run {
  readonly job: Job
  readonly target: Target
  readonly startMs: number
  /** Number of objects visited before the current burst. */
  base: number
  burst: Burst
  /** When it ends by itself; Infinity if it never does. */
  endMs: number
  /** For idle kinds: when it begins to wait for its peers; Infinity if it never does. */
  quiesceMs: number
  /** For idle kinds: how long after its last work it becomes idle. It differs slightly between targets. */
  readonly idleAfterMs: number
  /** When it is aborted; Infinity if it never is. */
  abortMs: number
  abortEndMs: number
  /** The reason of the abort; empty if there is none. */
  abortErr: string
  /** The error of the run itself; empty if there is none. */
  err: string
  /** When snapshots begin to show `err`. Absent if they always show it. */
  errMs?: number
  /** An error that snapshots show and that the target does not report to the proxies. */
  unreportedErr: string
  /** Absent if the run only counts objects. */
  work?: RunWork
  /** Whether the record was lost because the target died. */
  lost: boolean
}

/** What the proxies know of a job, for `status` replies. Absent for kinds without a status. */
export interface Notice {
  /** Buckets under which the bucket filter of `status` finds the job. A generic start registers none. */
  readonly buckets: readonly BucketName[]
  /** Whether the end notifications of the targets arrive. If not, the proxies poll every `notifyMs`. */
  notified: boolean
  /** Whether the proxies never learn of an end from the targets, even when they poll. */
  deaf: boolean
  /** An error that only the proxies report, together with the end. */
  ownErr: string
  /** Delay until each proxy learns of an event, in milliseconds. */
  readonly lags: ReadonlyMap<string, number>
  /** Targets that do not have the job, and when the proxies can notice. Such a job cannot finish. */
  missed?: { readonly atMs: number; readonly targets: readonly string[] }
  /** How often each proxy has polled these targets. Each poll finds one more of them. */
  readonly polls: Map<string, number>
  /** An end that the proxies decided by themselves. */
  forced?: { readonly atMs: number; readonly err: string }
  /** Proxies that have never known the job, or have forgotten it. */
  readonly forgottenBy: Set<string>
}

/** A job, with one run for each of its targets. */
export interface Job {
  readonly id: string
  readonly kind: string
  readonly startMs: number
  /** The bucket that the job is about; without a name if it is about the whole cluster. */
  readonly bck: BucketName
  readonly src?: BucketName
  readonly dst?: BucketName
  /** Marks a copy that has created its destination: an abort destroys such a destination. */
  readonly madeDst?: true
  /** Text that describes the request; part of the `ctlmsg` of snapshots. */
  readonly requestText: string
  readonly objectSize: number
  /** One for each target that got the job. */
  readonly runs: Run[]
  readonly notice?: Notice
  /** For idle kinds: number of requests that share the job. */
  requests: number
  /** The prefix of the names that a summary counts. */
  readonly prefix?: string
  /** Marks a job of the download API. Only the proxies know it, and a stop does not affect it. */
  readonly proxiesOnly?: true
}

/**
 * One file of a download. Unless its link fails, it arrives at `endMs` with a made-up content. If the emulator may do
 * so, it really fetches a link to a loopback address.
 */
export interface Task {
  readonly name: string
  /** Empty for an object of the cloud. */
  readonly link: string
  /** Id of the target that fetches it. */
  readonly target: string
  /** Marks a file that the bucket already had. */
  readonly skipped?: true
  /** Empty if the link works. */
  error: string
  /** The size, as far as it is known. */
  bytes: number
  /**
   * Bytes that have arrived from a link that is really fetched. Absent otherwise: they are then derived from the time.
   */
  received?: number
  /** Infinity until the file is fetched. */
  startMs: number
  endMs: number
}

/** A file that waits to be fetched. */
export interface Fetching {
  readonly download: Download
  readonly task: Task
}

/** Links that fail in upcoming downloads. */
export interface BrokenLinks {
  readonly breaks: (link: string) => boolean
  readonly error: string
}

/** How jobs of a kind fail when half of their work is done. */
export interface Failing {
  readonly error: string
  /** Whether the jobs are aborted, instead of failing. */
  readonly aborts: boolean
}

/** A job of the download API. It differs from the job that the targets run. */
export interface Download {
  /** The job that the proxies know. It has the id of the download, and its kind is the type of the download. */
  readonly job: Job
  /** Id of the `download` job on the targets, which all downloads share. */
  readonly jobOnTargets: string
  readonly type: 'single' | 'range' | 'multi' | 'backend'
  readonly description: string
  readonly bck: BucketName
  /** The files of the download, on all targets. */
  readonly tasks: readonly Task[]
  /** Files that are still to be put into the bucket, the next one last. */
  readonly arriving: Task[]
  /** Ids of targets that have restarted or died since its start, and so have forgotten it. */
  readonly forgottenBy: Set<string>
}

export type NodeState = 'up' | 'dead' | 'frozen'

interface Node {
  readonly id: string
  /** Scheme, host and port of its public address. */
  url: string
  /** A 64-bit number that the cluster map shows for the node. */
  readonly digest: bigint
  state: NodeState
  /** Whether the cluster map lists it. */
  inMap: boolean
  /** When the cluster map drops the node, if it is dead; otherwise Infinity. */
  dropMs: number
}

/** A storage node, which carries out its part of each job. */
export interface Target extends Node {
  /** Records of jobs, oldest first. */
  readonly registry: Run[]
  /** When it was frozen, so that its runs stand still since then. */
  frozenMs: number
  /** Whether a prefetch without a bucket has locked its registry. It then starts no job until it restarts. */
  wedged: boolean
}

/** A gateway, which receives the requests of clients. Up to three of them are IC members and keep statuses. */
export interface Proxy extends Node {
  /** When its start-up is complete. */
  readyMs: number
  /** When it begins to start jobs, which is later than `readyMs`. */
  settledMs: number
}

/**
 * The state of a cluster. Only the functions of this directory change it. They get the time as `now`, in milliseconds
 * since the cluster was created, and as `proxyId` the proxy that received the request.
 */
export interface Cluster {
  readonly timing: Timing
  readonly random: Random
  /** Nanoseconds since the Unix epoch at time 0. */
  readonly originNs: bigint
  readonly uuid: string
  /** Objects per second that each target copies in a plain copy job. */
  readonly objectsPerSecond: number
  /** Objects per second that each target processes in jobs of a kind, for kinds that have their own pace. */
  readonly paces: ReadonlyMap<string, number>
  /** In the order of creation, including proxies that have left the map. */
  readonly proxies: readonly Proxy[]
  /** Sorted by id, as in replies, including targets that have left the map. */
  readonly targets: readonly Target[]
  /** The id of the primary proxy. */
  primary: string
  /** When a new primary will be elected. `Infinity` while no election is due. */
  electMs: number
  /** The version of the cluster map. */
  version: number
  /** The buckets, by URI. */
  readonly buckets: Map<string, Bucket>
  /** Runs that still have objects to work on. */
  readonly acting: Set<Run>
  /** The jobs, by id. */
  readonly jobs: Map<string, Job>
  /** The number of rebalances so far. */
  rebalances: number
  /** Number of upcoming jobs whose end notifications are lost. */
  notificationsToLose: number
  /** How much later than usual a proxy learns of each event, in milliseconds, by its id. */
  readonly lateBy: Map<string, number>
  /** For upcoming requests to copy objects or to archive: the reply when targets disagree on the id of the job. */
  readonly idDisagreements: ('conflict' | 'list')[]
  /** The downloads, by id. */
  readonly downloads: Map<string, Download>
  /** How long a target takes for one file of a download, in milliseconds. */
  readonly fileMs: number
  /** Links that fail. The first entry that applies counts. */
  readonly brokenLinks: BrokenLinks[]
  /** How later jobs fail, by kind. */
  readonly failing: Map<string, Failing>
  /** Links to loopback addresses that are to be fetched. Absent if targets refuse such links, as real ones do. */
  readonly toFetch?: Fetching[]
  /** Objects that are being written in parts, by the handle of an append or the id of an upload. */
  readonly unfinished: Map<string, Parts>
  /** Bytes of object contents that the cluster holds at most. */
  readonly memoryBytes: number
  /** Number of files in a promoted directory. */
  readonly promotedFiles: number
  /** When old records were last removed. */
  sweptMs: number
}
