import { keyOf, type Evidence } from './evidence.ts'

/** The last replies that were delivered to streams, for subscribers that join a moment later. */
export interface Recent {
  readonly keep: (evidence: Evidence) => void
  readonly all: () => readonly Evidence[]
  /** Drops replies about single runs that are no longer followed. */
  readonly drop: (runs: readonly string[]) => void
  readonly clear: () => void
}

export function recentReplies(): Recent {
  const last = new Map<string, Evidence>()
  return {
    keep: (evidence) => {
      last.set(keyOf(evidence.query), evidence)
    },
    all: () => [...last.values()],
    drop: (runs) => {
      for (const id of runs) for (const what of ['status', 'snapshots'] as const) last.delete(keyOf({ what, id }))
    },
    clear: () => {
      last.clear()
    },
  }
}
