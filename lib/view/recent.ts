import { keyOf, type Evidence } from './evidence.ts'

/** The last replies that were delivered to streams, for subscribers that join a moment later. */
export interface Recent {
  /** Keeps a reply in place of the last one to the same query. */
  readonly keep: (evidence: Evidence) => void
  readonly all: () => readonly Evidence[]
  /**
   * Drops what no subscriber can use any more: replies about the runs in `gone`, or all replies if no reply is
   * delivered to any member.
   */
  readonly prune: (hasRecipients: boolean, gone: readonly string[]) => void
  readonly clear: () => void
}

/** Creates an empty store of replies. */
export function recentReplies(): Recent {
  const last = new Map<string, Evidence>()
  return {
    keep: (evidence) => {
      last.set(keyOf(evidence.query), evidence)
    },
    all: () => [...last.values()],
    prune: (hasRecipients, gone) => {
      if (last.size === 0) return
      if (!hasRecipients) last.clear()
      for (const id of gone) for (const what of ['status', 'snapshots'] as const) last.delete(keyOf({ what, id }))
    },
    clear: () => {
      last.clear()
    },
  }
}
