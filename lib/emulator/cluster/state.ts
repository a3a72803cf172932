import type { Bucket, BucketName } from './bucket.ts'
import type { Random } from './random.ts'
import type { Timing } from './timing.ts'

/** A span of work at an even pace. */
export interface Burst {
  readonly fromMs: number
  readonly objects: number
  /** Objects a millisecond. */
  readonly pace: number
}

/** What one target remembers of one job; what a snapshot is made of. Times are milliseconds of the cluster's own time. */
export interface Run {
  readonly job: Job
  readonly target: Target
  readonly startMs: number
  /** Objects done before the current burst. */
  base: number
  burst: Burst
  /** When it ends by itself: infinite for what never does. */
  endMs: number
  /** Idle kinds: from when on it only waits for its peers. */
  quiesceMs: number
  /** Idle kinds: how long after the last work it is idle; each target a little different. */
  readonly idleAfterMs: number
  abortMs: number
  abortEndMs: number
  abortErr: string
  err: string
  /** An error that the snapshots show and that the target does not tell the proxies. */
  untoldErr: string
  /** The target died with it. */
  lost: boolean
}

/** The job as the proxies know it: enough to answer `status`. Absent for kinds that nobody listens to. */
export interface Notice {
  /** Buckets that a filter of `status` finds it by; a job of the generic start registers none. */
  readonly buckets: readonly BucketName[]
  /** False where targets do not tell, or the telling was lost: the proxies ask after `notifyMs`. */
  told: boolean
  /** True where the proxies never learn of an end from the targets, even when they ask. */
  deaf: boolean
  /** An error that no target shows: the proxies tell it with the end. */
  ownErr: string
  /** How late each proxy hears, in milliseconds. */
  readonly lags: ReadonlyMap<string, number>
  /** The targets that do not have it, from when the proxies can know: then it does not finish, whatever the others say. */
  missed?: { readonly atMs: number; readonly targets: readonly string[] }
  /** How often each proxy has polled those: it hears of one more each time. */
  readonly polls: Map<string, number>
  /** An end that the proxies decided on by themselves. */
  forced?: { readonly atMs: number; readonly err: string }
  /** Proxies that do not know of it, or not any more. */
  readonly forgottenBy: Set<string>
}

export interface Job {
  readonly id: string
  readonly kind: string
  readonly startMs: number
  readonly bck: BucketName
  readonly src?: BucketName
  readonly dst?: BucketName
  /** The free text that says what was asked for. */
  readonly asked: string
  readonly objectSize: number
  readonly runs: Run[]
  readonly notice?: Notice
  /** Idle kinds: how many requests have joined it. */
  requests: number
  /** A job of the download API: the proxies know it, no target does, and a stop does not reach it. */
  readonly proxiesOnly?: true
}

/** One file that was to be downloaded. Nothing is ever fetched here: each fails, as where the server may not go out. */
export interface Task {
  readonly name: string
  readonly error: string
  readonly startMs: number
  readonly endMs: number
}

/** A job of the download API, which is not the job that the targets run. */
export interface Download {
  /** The job as the proxies know it, under the id of the download and a kind of its own. */
  readonly job: Job
  /** The job of kind `download` on the targets, which all downloads share. */
  readonly jobOnTargets: string
  readonly description: string
  readonly tasks: readonly Task[]
  abortedMs: number
}

export type NodeState = 'up' | 'dead' | 'frozen'

interface Node {
  readonly id: string
  /** Scheme, host and port of its public face. */
  url: string
  readonly digest: bigint
  state: NodeState
  inMap: boolean
  /** When the map drops it, while it is dead. */
  dropMs: number
}

export interface Target extends Node {
  /** Oldest first. */
  readonly registry: Run[]
  frozenMs: number
  /** True once a prefetch without a bucket has locked its registry: it takes no new job until it restarts. */
  wedged: boolean
}

export interface Proxy extends Node {
  /** Until when it starts up. */
  readyMs: number
  /** Until when it starts no jobs, ready as it is. */
  settledMs: number
}

/** The whole cluster. It changes only through the functions of this room, and knows the time only from their `now`. */
export interface Cluster {
  readonly timing: Timing
  readonly random: Random
  readonly originNs: bigint
  readonly uuid: string
  /** Objects a second and target, at the pace of a plain copy. */
  readonly objectsPerSecond: number
  /** In the order of creation; nodes that left stay here, marked. */
  readonly proxies: readonly Proxy[]
  /** Sorted by id, as replies show them. */
  readonly targets: readonly Target[]
  primary: string
  electMs: number
  version: number
  readonly buckets: Map<string, Bucket>
  readonly jobs: Map<string, Job>
  rebalances: number
  /** So many of the next jobs lose their notifications. */
  losing: number
  /** What the next copies of objects and archives meet, whose targets disagree on the id: a refusal, or a list of ids. */
  readonly disagreeing: ('conflict' | 'list')[]
  readonly downloads: Map<string, Download>
  /** Files that a promoted directory holds. */
  readonly promotedFiles: number
  /** When records were last swept. */
  sweptMs: number
}
