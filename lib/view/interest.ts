import type { Left } from 'fp-ts/lib/Either.js'
import type { InvalidArgument } from '../error.ts'
import type { Attempt, Evidence } from './evidence.ts'
import type { Need, Pace } from './need.ts'
import type { RunView, View } from './view.ts'

/** What one subscriber wants to learn from the view. */
export interface Interest<A = unknown> {
  /** The ids of the runs that it follows. */
  readonly ids?: readonly string[] | undefined
  /** The kind that it follows as a whole. */
  readonly kind?: string | undefined
  /** Whether it follows every run that the cluster shows. */
  readonly everything?: boolean
  /** Its runs as it last saw them. The view may have dropped them since. */
  readonly known?: readonly RunView[]
  /** Whether it still has to learn how a run ended, so that the view must not drop the run. */
  readonly isUndecided?: (id: string) => boolean
  /** How many files the followed download has, if its launch named the number. */
  readonly files?: number | undefined
  /** Returns what is due for it, and when. */
  readonly needs: (view: View, pace: Pace, nowMs: number) => readonly Need[]
  /** Selects the value to emit. If it is undefined, nothing is emitted. */
  readonly select: (observed: Observed) => A | undefined
  /** Receives the last view when the subscriber leaves. */
  readonly left?: (view: View) => void
  /** Returns the last value to emit if its cadence is invalid. If absent, the stream emits the Left itself. */
  readonly refuse?: (invalid: Left<InvalidArgument>) => A
  /** Returns the last attempt that counts as a tick of its cadence. Undefined before the first tick. */
  readonly lastTick: (view: View) => Attempt | undefined
  /**
   * Whether it must have an answer soon. When it joins, requests that have been in flight for a long time are
   * cancelled, because they may hang.
   */
  readonly isUrgent?: boolean
  /**
   * Whether the reply itself is delivered to it. An interest without this member is notified only of changes of the
   * view.
   */
  readonly wantsReply?: (evidence: Evidence, view: View) => boolean
}

/** What a subscriber receives: the view, and the reply that is delivered to it, if there is one. */
export interface Observed {
  readonly view: View
  readonly nowMs: number
  /** The reply, if it is delivered to this subscriber. */
  readonly evidence?: Evidence | undefined
  /** Whether a stream watches the snapshots of exactly this run. */
  readonly isWatched: (id: string) => boolean
}
