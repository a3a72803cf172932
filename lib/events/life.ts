import type { JobRef } from '../codec/running.ts'
import type { Table } from '../table.ts'

/** One run of a job, as far as events of it were told. */
export interface Life {
  readonly job: JobRef
  readonly phase: 'running' | 'idle' | 'over'
  /** What each target had done when it was seen last: one that is away for a while takes nothing back. */
  readonly done: ReadonlyMap<string, bigint>
  /** The latest time that is known of it, on the clock of the cluster; a run that starts later is another one. */
  readonly lastNs: bigint
  /** When it was last known to be shown, on our own clock; looked after once in a while only. */
  readonly seenMs: number
}

/**
 * What a stream of events remembers; its folds change it in place. Of ten thousand jobs that end one after the other, a
 * copy for each end would cost more than all else.
 */
export interface Lives {
  /** Nothing was heard yet: what has ended by then is history. */
  first: boolean
  readonly byId: Map<string, Life>
  /** What ended until then is history, whoever remembers it later: the latest end of the first reply, or of who was dropped. */
  historyNs: bigint
  /** Whose end is to be waited for with the next reply. */
  readonly unwatched: Map<string, JobRef>
  /** The last list of the Information Center. */
  table?: Table
  /** When those that have gone were dropped last. */
  sweptMs: number
}

/** Of a stream that has heard nothing. */
export const unborn = (): Lives => ({
  first: true,
  byId: new Map(),
  historyNs: 0n,
  unwatched: new Map(),
  sweptMs: -Infinity,
})

/** The cluster itself remembers no longer. */
export const KEPT_MS = 3_600_000

/** Drops those that are over and were not shown for very long. */
export function sweep(lives: Lives, isShown: (id: string) => boolean, nowMs: number): void {
  if (nowMs >= lives.sweptMs && nowMs - lives.sweptMs < KEPT_MS / 4) return
  lives.sweptMs = nowMs
  for (const [id, life] of lives.byId) {
    if (life.phase !== 'over') continue
    // A clock that is set back begins anew.
    if (isShown(id) || nowMs < life.seenMs) lives.byId.set(id, { ...life, seenMs: nowMs })
    else if (nowMs - life.seenMs >= KEPT_MS) {
      lives.byId.delete(id)
      if (life.lastNs > lives.historyNs) lives.historyNs = life.lastNs
    }
  }
}
