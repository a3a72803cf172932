// What one simulated life consists of: plain JSON, so that a failing plan can be printed, kept and cut down.

/** What may go wrong, or be out of the ordinary; a plan draws some of them. */
export const FAULT_CLASSES = [
  // the net
  ...['latency', 'boundary', 'refuse', 'reset', 'loss', 'cut', 'duplicate', 'reorder', 'redirect', 'page', 'garble'],
  ...['http-error', 'retry-after', 'permanent', 'unfiltered', 'echo'],
  // the cluster
  ...['crash', 'restart', 'freeze', 'proxy-down', 'election', 'ic-memory'],
  // the job
  ...['err', 'abort', 'lost-notice', 'fast', 'late-part', 'one-target', 'idle', 'winding-down', 'wake', 'second-run'],
  ...['forgotten', 'unknown', 'target-err', 'ic-err', 'ic-open'],
  // the users
  ...[
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
  ],
] as const satisfies readonly string[] as readonly FaultClass[]

export type FaultClass =
  | ('latency' | 'boundary' | 'refuse' | 'reset' | 'loss' | 'cut' | 'duplicate' | 'reorder' | 'redirect' | 'page')
  | ('garble' | 'http-error' | 'retry-after' | 'permanent' | 'unfiltered' | 'echo')
  | ('crash' | 'restart' | 'freeze' | 'proxy-down' | 'election' | 'ic-memory')
  | ('err' | 'abort' | 'lost-notice' | 'fast' | 'late-part' | 'one-target' | 'idle' | 'winding-down' | 'wake')
  | ('second-run' | 'forgotten' | 'unknown' | 'target-err' | 'ic-err' | 'ic-open')
  | (
      | 'leave'
      | 'watch'
      | 'table'
      | 'events'
      | 'start'
      | 'abort-confirm'
      | 'token'
      | 'clock-jump'
      | 'suspend'
      | 'tight'
      | 'by-kind'
      | 'crowd'
    )

/** A job that somebody starts; all times are milliseconds of the simulation. */
export interface PlannedJob {
  readonly kind: string
  readonly atMs: number
  /** How long each target works, more or less. */
  readonly workMs: number
  /** Runs on this target alone. */
  readonly only?: number
  /** Its targets do not tell the proxies. */
  readonly quiet?: true
  /** The last target shows its part only so much later. */
  readonly lateMs?: number
  /** So long after the beginning one target notes an error, and goes on. */
  readonly errMs?: number
  /** Only the snapshots of that target show the error, or only the status; absent: both. */
  readonly errKnownTo?: 'target' | 'ic'
  /** The Information Center never learns of the end, not even when it polls the targets itself. */
  readonly deaf?: true
}

/** What happens to the cluster, or to a job from elsewhere. */
export type PlannedEvent =
  | { readonly type: 'crash' | 'restart' | 'freeze' | 'thaw'; readonly atMs: number; readonly target: number }
  | { readonly type: 'kill-proxy' | 'restart-proxy'; readonly atMs: number; readonly proxy: number }
  | { readonly type: 'stop' | 'wake'; readonly atMs: number; readonly job: number }

export type NetFaultType =
  | ('refuse' | 'reset' | 'loss' | 'cut' | 'cut-text' | 'duplicate' | 'late' | 'redirect' | 'foreign' | 'page')
  | ('garble' | 'status' | 'retry-after' | 'permanent' | 'unfiltered' | 'echo')

/** A fault of the net while it lasts. */
export interface NetFault {
  readonly type: NetFaultType
  readonly fromMs: number
  /** Exclusive. */
  readonly toMs: number
  /** The part of the requests that meet it. */
  readonly rate: number
  /** Milliseconds of `late`, seconds of `retry-after`, a status of `status` and `permanent`. */
  readonly value?: number
  /** Only requests to this proxy. */
  readonly proxy?: number
}

export type UserType =
  | ('wait' | 'waitForIdle' | 'waitSingleNode' | 'waitStarted' | 'waitNotRunning')
  | ('watchStatus' | 'watchDetails' | 'progress' | 'watchJobs' | 'jobEvents' | 'health' | 'start' | 'abort')

const WATCHERS: ReadonlySet<UserType> = new Set<UserType>([
  ...(['watchStatus', 'watchDetails', 'progress', 'watchJobs', 'jobEvents', 'health'] as const),
])

/** Whoever watches stays until they leave, and shares the polls with others. */
export const isWatcher = ({ type }: { readonly type: UserType }): boolean => WATCHERS.has(type)

/** Somebody who uses the library. */
export interface PlannedUser {
  readonly type: UserType
  readonly atMs: number
  /** Index of the job; one beyond the list is an id that nobody knows. */
  readonly job: number
  readonly byKind?: true
  /** Asks for all jobs: `watchJobs` and `jobEvents` without a selector. */
  readonly all?: true
  /** Of waits; absent: none. */
  readonly timeoutMs?: number
  /** A constant cadence; absent: the default one. */
  readonly gapMs?: number
  /** Unsubscribes so long after the beginning. */
  readonly leaveMs?: number
  /** Of aborts. */
  readonly confirm?: true
}

/** Whether several users share what the library shares. */
export const shares = ({ users, apart }: SimPlan): boolean =>
  apart !== true && users.filter(({ type }) => type !== 'health').length > 1

export interface SimPlan {
  readonly seed: number
  readonly mode: 'clean' | 'heals' | 'hostile'
  readonly faultClasses: readonly FaultClass[]
  readonly targets: number
  readonly proxies: number
  /** Each of the users has a process of its own: they share nothing. */
  readonly apart?: true
  /** How many of the proxies the users were given. */
  readonly endpoints: number
  /** From question to answer, on a good day. */
  readonly latencyMs: number
  /** The users' limit of one request; absent: the default one. */
  readonly requestTimeoutMs?: number
  readonly jobs: readonly PlannedJob[]
  readonly events: readonly PlannedEvent[]
  readonly net: readonly NetFault[]
  readonly users: readonly PlannedUser[]
  /** When the token that is valid changes; absent: no tokens. */
  readonly tokens?: readonly number[]
  /** The users' wall clock is set by so much. */
  readonly jumps: readonly { readonly atMs: number; readonly byMs: number }[]
  /** The users' machine sleeps. */
  readonly sleeps: readonly { readonly atMs: number; readonly forMs: number }[]
  /** When all who are still there leave. */
  readonly endMs: number
}
