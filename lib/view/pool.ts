import { constantOf } from '../cadence.ts'
import type { Agenda, Due } from './agenda.ts'
import type { Member } from './member.ts'
import type { Plan } from './plan.ts'

/** The next list of the Information Center, for all members that need nothing else. */
export interface NextList extends Due {
  readonly isList: true
}

/**
 * Members that need only the next list and have a constant cadence. While the lists do not change, none of them is
 * touched, so a tick without a change costs nothing per wait.
 */
export interface Pool {
  /**
   * Returns the next due time of a member. A member that joins the pool leaves the next list to the pool; its due time
   * is then that of its next need other than the list.
   */
  readonly dueFor: (member: Member, plan: Plan, nowMs: number, mayJoin: boolean) => number
  readonly drop: (member: Member) => void
  /**
   * Sets the due time of the next list from the time of the last list. Undefined if a list is in flight, or none has
   * come yet.
   */
  readonly setAfter: (listMs: number | undefined) => void
  readonly isEmpty: () => boolean
  readonly clear: () => void
}

/** Creates a pool without members. */
export function poolOf(agenda: Pick<Agenda<NextList>, 'set'>): Pool {
  const next: NextList = { isList: true, dueMs: Infinity }
  /** The number of members for each wait of a cadence, in milliseconds. */
  const counts = new Map<number, number>()
  const drop = (member: Member): void => {
    if (member.pooledMs === undefined) return
    const others = (counts.get(member.pooledMs) ?? 0) - 1
    if (others > 0) counts.set(member.pooledMs, others)
    else counts.delete(member.pooledMs)
    member.pooledMs = undefined
  }
  return {
    dueFor: (member, { listOnlyUntilMs, earliestMs }, nowMs, mayJoin) => {
      drop(member)
      const isOfRuns = member.interest.ids !== undefined
      // The pool does not compute waits again.
      const hasConstantWait = constantOf(member.cadence) !== undefined
      if (!mayJoin || !isOfRuns || !hasConstantWait || listOnlyUntilMs <= nowMs) return earliestMs
      member.pooledMs = member.waitMs
      counts.set(member.waitMs, (counts.get(member.waitMs) ?? 0) + 1)
      return listOnlyUntilMs
    },
    drop,
    setAfter: (listMs) => {
      agenda.set(next, listMs === undefined ? Infinity : listMs + Math.min(...counts.keys()))
    },
    isEmpty: () => counts.size === 0,
    clear: () => {
      counts.clear()
      agenda.set(next, Infinity)
    },
  }
}
