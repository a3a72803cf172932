import type { Evidence } from './evidence.ts'
import type { FollowedSet } from './follow.ts'
import type { Interest } from './interest.ts'
import { runOf, type View } from './view.ts'

/** Something that has an interest in the view. */
export interface Interested {
  readonly interest: Interest
}

/** What is no longer followed after a member has left. */
export interface Unfollowed {
  readonly runs: readonly string[]
  readonly kind: boolean
  readonly everything: boolean
}

/** All members, indexed by what they follow. */
export interface MemberIndex<A extends Interested> {
  readonly all: ReadonlySet<A>
  readonly add: (member: A) => void
  /** Removes a member. Undefined if it had left already. */
  readonly remove: (member: A) => Unfollowed | undefined
  readonly clear: () => void
  /** The members that follow a run: by its id, by its kind, or because they follow everything. */
  readonly followersOf: (id: string, kind: string | undefined) => Iterable<A>
  /** Whether no member follows a run. */
  readonly isUnfollowed: (id: string, kind: string | undefined) => boolean
  /** What the members follow. */
  readonly followed: () => FollowedSet
  /** Whether replies are delivered to any member. */
  readonly hasReplyRecipients: () => boolean
  /** Whether a stream watches the snapshots of exactly this run. */
  readonly isWatched: (id: string) => boolean
  /** How many runs, kinds and whole lists are followed. */
  readonly size: () => number
  /**
   * The members that a piece of evidence concerns, once it is in the view. The reply itself is delivered to the
   * `recipients` among them.
   */
  readonly affectedBy: (evidence: Evidence, view: View) => { affected: Set<A>; recipients: ReadonlySet<A> }
}

const NO_KINDS: ReadonlySet<string> = new Set()

/** Creates an index without members. */
export function memberIndexOf<A extends Interested>(): MemberIndex<A> {
  const members = new Set<A>()
  const byRun = new Map<string, Group<A>>()
  const byKind = new Map<string, Group<A>>()
  const ofEverything = new Set<A>()
  const wantingReplies = new Set<A>()
  const none: ReadonlySet<A> = new Set()

  function isNeeded(id: string): boolean {
    if (byRun.has(id)) return true
    for (const { interest } of ofEverything) if (interest.isUndecided?.(id) === true) return true
    return false
  }

  /** Adds the members that follow a run that the last evidence changed. */
  function addFollowers(affected: Set<A>, id: string, view: View): void {
    addTo(affected, byRun.get(id))
    if (byKind.size > 0) addTo(affected, byKind.get(runOf(view, id)?.kind ?? ''))
  }

  /** A function of its own: see `takeAll` of the agenda. */
  function addAllFollowers(affected: Set<A>, view: View): void {
    for (const id of view.changed) addFollowers(affected, id, view)
  }

  function recipientsOf(evidence: Evidence, view: View): ReadonlySet<A> {
    if (wantingReplies.size === 0) return none
    const recipients = new Set<A>()
    for (const member of wantingReplies)
      if (member.interest.wantsReply?.(evidence, view) === true) recipients.add(member)
    return recipients
  }

  function affectedBy(evidence: Evidence, view: View): { affected: Set<A>; recipients: ReadonlySet<A> } {
    const { query } = evidence
    const affected = new Set<A>()
    addAllFollowers(affected, view)
    if (query.what === 'snapshots' && query.kind !== undefined) addTo(affected, byKind.get(query.kind))
    if (view.changed.length > 0) addTo(affected, ofEverything)
    const recipients = recipientsOf(evidence, view)
    addTo(affected, recipients)
    return { affected, recipients }
  }

  return {
    all: members,
    add: (member) => {
      const { ids = [], kind, everything, wantsReply } = member.interest
      members.add(member)
      for (const id of ids) enter(byRun, id, member)
      if (kind !== undefined) enter(byKind, kind, member)
      if (everything === true) ofEverything.add(member)
      if (wantsReply !== undefined) wantingReplies.add(member)
    },
    remove: (member) => {
      if (!members.delete(member)) return undefined
      const { ids = [], kind, everything } = member.interest
      ofEverything.delete(member)
      wantingReplies.delete(member)
      return {
        runs: ids.filter((id) => leave(byRun, id, member)),
        kind: kind !== undefined && leave(byKind, kind, member),
        everything: everything === true && ofEverything.size === 0,
      }
    },
    clear: () => {
      for (const index of [byRun, byKind, members, ofEverything, wantingReplies]) index.clear()
    },
    followersOf: (id, kind) => [...membersOf(byRun.get(id)), ...membersOf(byKind.get(kind ?? '')), ...ofEverything],
    isUnfollowed: (id, kind) => ofEverything.size === 0 && !byRun.has(id) && !byKind.has(kind ?? ''),
    followed: () => ({
      everything: ofEverything.size > 0,
      kinds: byKind.size === 0 ? NO_KINDS : new Set(byKind.keys()),
      isNeeded,
    }),
    hasReplyRecipients: () => wantingReplies.size > 0,
    isWatched: (id) => {
      for (const { interest } of membersOf(byRun.get(id))) if (interest.wantsReply !== undefined) return true
      return false
    },
    size: () => byRun.size + byKind.size + ofEverything.size,
    affectedBy,
  }
}

/**
 * The members under one key. Usually there is only one, and a set for it would take more memory than the member itself.
 */
type Group<A> = A | Set<A>

function membersOf<A>(group: Group<A> | undefined): Iterable<A> {
  if (group === undefined) return []
  return group instanceof Set ? group : [group]
}

function addTo<A>(members: Set<A>, some: A | ReadonlySet<A> | undefined): void {
  if (some instanceof Set) for (const member of some as ReadonlySet<A>) members.add(member)
  else if (some !== undefined) members.add(some as A)
}

function enter<A>(index: Map<string, Group<A>>, key: string, member: A): void {
  const same = index.get(key)
  if (same instanceof Set) same.add(member)
  else index.set(key, same === undefined ? member : new Set([same, member]))
}

/** Removes a member. Returns true if it was the last under this key. */
function leave<A>(index: Map<string, Group<A>>, key: string, member: A): boolean {
  const same = index.get(key)
  if (same instanceof Set) {
    same.delete(member)
    return same.size === 0 && index.delete(key)
  }
  return same === member && index.delete(key)
}
