// The plan of one simulation: plain JSON, so that a failing plan can be printed, stored and shrunk.

/** The names of everything that may go wrong or be unusual in a plan. Each plan has a few of them, chosen at random. */
export const FAULT_CLASSES = [
  // the net
  'latency',
  'boundary',
  'refuse',
  'reset',
  'loss',
  'cut',
  'duplicate',
  'reorder',
  'redirect',
  'page',
  'garble',
  'http-error',
  'retry-after',
  'permanent',
  'unfiltered',
  'echo',
  // the cluster
  'crash',
  'restart',
  'freeze',
  'proxy-down',
  'election',
  'ic-memory',
  // the job
  'err',
  'abort',
  'lost-notice',
  'fast',
  'late-part',
  'one-target',
  'idle',
  'winding-down',
  'wake',
  'second-run',
  'forgotten',
  'unknown',
  'target-err',
  'ic-err',
  'ic-open',
  // the users
  'leave',
  'watch',
  'table',
  'events',
  'start',
  'abort-confirm',
  'token',
  'clock-jump',
  'suspend',
  'tight',
  'by-kind',
  'crowd',
] as const

export type FaultClass = (typeof FAULT_CLASSES)[number]

/** A job that another client starts. All times are milliseconds of virtual time. */
export interface PlannedJob {
  readonly kind: string
  readonly atMs: number
  /** How long each target works, approximately. */
  readonly workMs: number
  /** The only target that runs the job. */
  readonly only?: number
  /** The targets do not notify the proxies. */
  readonly quiet?: true
  /** How much later the last target shows its part. */
  readonly lateMs?: number
  /** How long after the start one target records an error, and continues. */
  readonly errMs?: number
  /** Whether only the snapshots of that target have the error, or only the status. Defaults to both. */
  readonly errKnownTo?: 'target' | 'ic'
  /** The Information Center never learns of the end, not even when it polls the targets itself. */
  readonly deaf?: true
  /** How many links a download has. Its kind is then its type: `single`, `multi` or `range`. */
  readonly links?: number
  /** The indexes of the links that fail. */
  readonly bad?: readonly number[]
}

/** An event in the cluster, or a command of another client. */
export type PlannedEvent =
  | { readonly type: 'crash' | 'restart' | 'freeze' | 'thaw'; readonly atMs: number; readonly target: number }
  | { readonly type: 'kill-proxy' | 'restart-proxy'; readonly atMs: number; readonly proxy: number }
  /** `remove`: another client removes the record of a download that is over. */
  | { readonly type: 'stop' | 'wake' | 'remove'; readonly atMs: number; readonly job: number }

export type NetFaultType =
  | 'refuse'
  | 'reset'
  | 'loss'
  | 'cut'
  | 'cut-text'
  | 'duplicate'
  | 'late'
  | 'redirect'
  | 'foreign'
  | 'page'
  | 'garble'
  | 'status'
  | 'retry-after'
  | 'permanent'
  | 'unfiltered'
  | 'echo'

/** A fault of the net while it lasts. */
export interface NetFault {
  readonly type: NetFaultType
  readonly fromMs: number
  /** Exclusive. */
  readonly toMs: number
  /** The share of the requests that meet the fault. */
  readonly rate: number
  /** Milliseconds for `late`, seconds for `retry-after`, the index of a proxy for `redirect`, a status for the other types. */
  readonly value?: number
  /** The only proxy whose requests meet the fault. */
  readonly proxy?: number
}

export type UserType =
  | 'wait'
  | 'waitForIdle'
  | 'waitSingleNode'
  | 'waitStarted'
  | 'waitNotRunning'
  | 'watchStatus'
  | 'watchDetails'
  | 'progress'
  | 'watchJobs'
  | 'jobEvents'
  | 'health'
  | 'start'
  | 'abort'

const WATCHERS: ReadonlySet<UserType> = new Set<UserType>([
  'watchStatus',
  'watchDetails',
  'progress',
  'watchJobs',
  'jobEvents',
  'health',
])

/** How long a user waits at most, in milliseconds. The wait that confirms an abort takes a minute by default. */
export const timeoutOf = ({ timeoutMs, confirm }: PlannedUser): number =>
  timeoutMs ?? (confirm === true ? 60_000 : Infinity)

/** Whether the stream is endless, so that its user has to unsubscribe. */
export const isWatcher = ({ type }: { readonly type: UserType }): boolean => WATCHERS.has(type)

/** A user of the library. */
export interface PlannedUser {
  readonly type: UserType
  readonly atMs: number
  /** Index of the job; the index after the last one stands for an unknown id. */
  readonly job: number
  readonly byKind?: true
  /** Selects all jobs: `watchJobs` and `jobEvents` without a selector. */
  readonly all?: true
  /** The budget of a wait. Defaults to none. */
  readonly timeoutMs?: number
  /** The gap of a constant cadence. Defaults to the default cadence. */
  readonly gapMs?: number
  /** How long after its start the user unsubscribes. */
  readonly leaveMs?: number
  /** For aborts only. */
  readonly confirm?: true
}

/** Whether several users of a plan share one cluster value. */
export const shares = ({ users, apart }: SimPlan): boolean =>
  apart !== true && users.filter(({ type }) => type !== 'health').length > 1

export interface SimPlan {
  readonly seed: number
  readonly mode: 'clean' | 'heals' | 'hostile'
  readonly faultClasses: readonly FaultClass[]
  readonly targets: number
  readonly proxies: number
  /** Each user has a process of its own, so they share nothing. */
  readonly apart?: true
  /** How many of the proxies are given to the users. */
  readonly endpoints: number
  /** The round trip of a request without faults. */
  readonly latencyMs: number
  /** The timeout of a request. Defaults to the library's default. */
  readonly requestTimeoutMs?: number
  readonly jobs: readonly PlannedJob[]
  readonly events: readonly PlannedEvent[]
  readonly net: readonly NetFault[]
  readonly users: readonly PlannedUser[]
  /** When the valid token changes. Defaults to no tokens. */
  readonly tokens?: readonly number[]
  /** When the users' wall clock is set, and by how much. */
  readonly jumps: readonly { readonly atMs: number; readonly byMs: number }[]
  /** When the users' machine sleeps, and for how long. */
  readonly sleeps: readonly { readonly atMs: number; readonly forMs: number }[]
  /** When the remaining users unsubscribe. */
  readonly endMs: number
}
