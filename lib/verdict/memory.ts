import type { ClusterMap } from '../codec/cluster-map.ts'
import type { JobSnap } from '../codec/job-snap.ts'
import type { JobStatus } from '../codec/job-status.ts'
import type { Snapshots, TargetId } from '../codec/snapshots.ts'
import type { JobError, NotFound, Result } from '../error.ts'
import { findKind, type KindInfo } from '../kind.ts'
import type { WaitResult } from '../wait-result.ts'

/** What a wait waits for. */
export interface Aim {
  /**
   * `kind`: until it idles if its kind idles, else until it ends; `single`: until the parts that there are have ended;
   * `not-running`: until none of the kind runs, those too that come later.
   */
  readonly until: 'kind' | 'end' | 'idle' | 'single' | 'started' | 'not-running'
  /** Absent: the next run of the kind. */
  readonly id?: string
  readonly kind?: string
  /** Only this target's part counts. */
  readonly target?: TargetId
  readonly kinds: readonly KindInfo[]
  /** When the budget of the wait ends; absent where it has none. */
  readonly endsMs?: number
}

/** What can be asked on the way. */
export type Question = 'status' | 'snapshots' | 'map'

/** One answer, or what came instead of it; all times are milliseconds since the wait began. */
export type Reading =
  | { readonly question: 'status'; readonly run: string; readonly atMs: number; readonly result: Result<JobStatus> }
  | { readonly question: 'snapshots'; readonly atMs: number; readonly result: Result<Snapshots> }
  | { readonly question: 'map'; readonly atMs: number; readonly result: Result<ClusterMap> }

/**
 * What is learnt without asking for the one job. `running`: the targets list it among what runs, a look that tells nothing
 * else (of a job that they do not list, nothing). `spared`: the look at the targets that would follow an end was left out.
 * `unheard`: the time is up, and the IC, which may have forgotten the job, has not answered.
 */
export type Listed =
  | { readonly question: 'running'; readonly atMs: number }
  | { readonly question: 'spared'; readonly atMs: number }
  | { readonly question: 'unheard'; readonly atMs: number }

/** Since when, and how many times in a row. */
export interface Spell {
  readonly sinceMs: number
  readonly times: number
}

/** One target's part of a run, as it was seen last. */
export interface Part {
  readonly target: TargetId
  readonly snap: JobSnap
  /** Absent while the target shows it. */
  readonly missing?: Spell
}

/** What the Information Center said of a run when it was heard last. */
export interface Word {
  readonly atMs: number
  /** The last status that it gave. */
  readonly status?: JobStatus
  /** Present where its last word was a 404. */
  readonly unknown?: Spell
}

/** All that a wait remembers; each reply gives a new one. */
export interface Memory {
  readonly aim: Aim
  /** Given or learnt. */
  readonly kind?: string | undefined
  /** Runs of the kind that had ended before they could be waited for (T7). */
  readonly ended: ReadonlySet<string>
  /** The runs that are waited for. */
  readonly runs: ReadonlySet<string>
  /** Targets that answered at least once. */
  readonly heard: ReadonlySet<TargetId>
  /** Every part ever seen, by target and id: none may be forgotten (T30 counts what was seen, not what is in the map). */
  readonly parts: ReadonlyMap<string, Part>
  readonly words: ReadonlyMap<string, Word>
  /** The last that was shown, for a wait that ends without an answer. */
  readonly status?: JobStatus | undefined
  readonly snapshots?: Snapshots | undefined
  /** Ids of the targets of the cluster map; asked for only in doubt. */
  readonly members?: ReadonlySet<TargetId> | undefined
  readonly mapAtMs?: number | undefined
  /** In a row. */
  readonly mapFailures: number
  /** No target knows the job. */
  readonly denied?: Spell | undefined
  /** When the targets answered last. */
  readonly lookedAtMs?: number | undefined
  /** After targets that gave no answer at all, until when they are better left alone. */
  readonly silentUntilMs?: number | undefined
  /** What came of the targets since the IC said that all has ended. */
  readonly lookSinceEnd?: 'unasked' | 'unanswered' | 'looked' | undefined
  readonly statusFailed: boolean
  /** It had all the time that there was, and has not answered. */
  readonly icIsLate?: true
  readonly targetsFailed: boolean
  /** At some time a look at the targets brought nothing: one of them may have died unseen. */
  readonly lookFailed?: boolean | undefined
  readonly garbled: { readonly status: number; readonly snapshots: number }
  /** Since when every part is over, while that may not be all of them. */
  readonly overSinceMs?: number | undefined
  readonly idleSinceMs?: number | undefined
  /** Why the last question brought nothing; absent once one brought something. */
  readonly error?: JobError | undefined
  readonly notFound?: NotFound | undefined
  /** The end. */
  readonly outcome?: Result<WaitResult> | undefined
}

export const begin = (aim: Aim): Memory => ({
  aim,
  kind: aim.kind,
  ended: new Set(),
  runs: new Set(aim.id === undefined ? [] : [aim.id]),
  heard: new Set(),
  parts: new Map(),
  words: new Map(),
  mapFailures: 0,
  statusFailed: false,
  targetsFailed: false,
  garbled: { status: 0, snapshots: 0 },
})

export const again = (spell: Spell | undefined, atMs: number): Spell =>
  spell === undefined ? { sinceMs: atMs, times: 1 } : { sinceMs: spell.sinceMs, times: spell.times + 1 }

/** What the table knows of the kind, once it is known. */
export const infoOf = ({ kind, aim }: Memory): KindInfo | undefined =>
  kind === undefined ? undefined : findKind(kind, aim.kinds)

/** What the wait waits for, now that the kind may be known. */
export const untilOf = (memory: Memory): 'end' | 'idle' =>
  memory.aim.until === 'idle' || (memory.aim.until === 'kind' && infoOf(memory)?.idles === true) ? 'idle' : 'end'

/** Whether runs that begin later are waited for too: of a kind that must not run, or that has a run for each target. */
export const takesMore = (memory: Memory): boolean => memory.aim.until === 'not-running' || untilOf(memory) === 'idle'

/** The one run that the targets can be asked for by id; runs of idle kinds may have an id of their own on each target. */
export const runOf = (memory: Memory): string | undefined =>
  memory.aim.id ?? (memory.runs.size === 1 && !takesMore(memory) ? [...memory.runs][0] : undefined)
