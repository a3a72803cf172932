import type { Evidence } from './evidence.ts'
import type { Wanted } from './follow.ts'
import type { Interest } from './interest.ts'
import { runOf, type View } from './view.ts'

/** Something that has an interest in the view. */
export interface Interested {
  readonly interest: Interest
}

/** What is no longer followed since a member has left. */
export interface Gone {
  readonly runs: readonly string[]
  readonly kind: boolean
  readonly everything: boolean
}

/** All members, indexed by what they follow. */
export interface Roll<A extends Interested> {
  readonly members: ReadonlySet<A>
  readonly add: (member: A) => void
  /** Undefined if it had left already. */
  readonly remove: (member: A) => Gone | undefined
  readonly clear: () => void
  /** The members that follow a run: by its id, by its kind, or with everything. */
  readonly whoFollow: (id: string, kind: string | undefined) => Iterable<A>
  readonly isUnfollowed: (id: string, kind: string | undefined) => boolean
  readonly wanted: () => Wanted
  readonly hasHearers: () => boolean
  /** Whether a stream watches the snapshots of this very run. */
  readonly isWatched: (id: string) => boolean
  /** How many runs, kinds and whole lists are followed. */
  readonly size: () => number
  /**
   * The members that a piece of evidence concerns, once it is in the view; the reply itself is delivered to the
   * `hearers` among them.
   */
  readonly affectedBy: (evidence: Evidence, view: View) => { affected: Set<A>; hearers: ReadonlySet<A> }
}

export function rollOf<A extends Interested>(): Roll<A> {
  const members = new Set<A>()
  const byRun = new Map<string, Group<A>>()
  const byKind = new Map<string, Group<A>>()
  const wide = new Set<A>()
  const hearers = new Set<A>()
  const nobody: ReadonlySet<A> = new Set()

  function affectedBy(evidence: Evidence, view: View): { affected: Set<A>; hearers: ReadonlySet<A> } {
    const affected = new Set<A>()
    const add = (some: Group<A> | undefined): void => {
      if (some instanceof Set) for (const member of some) affected.add(member)
      else if (some !== undefined) affected.add(some)
    }
    for (const id of view.changed) {
      add(byRun.get(id))
      if (byKind.size > 0) add(byKind.get(runOf(view, id)?.kind ?? ''))
    }
    const { query } = evidence
    if (query.what === 'snapshots' && query.kind !== undefined) add(byKind.get(query.kind))
    if (view.changed.length > 0) add(wide)
    if (hearers.size === 0) return { affected, hearers: nobody }
    const hearing = new Set<A>()
    for (const member of hearers) if (member.interest.hears?.(evidence, view) === true) hearing.add(member)
    add(hearing)
    return { affected, hearers: hearing }
  }

  return {
    members,
    add: (member) => {
      const { ids = [], kind, everything, hears } = member.interest
      members.add(member)
      for (const id of ids) enter(byRun, id, member)
      if (kind !== undefined) enter(byKind, kind, member)
      if (everything === true) wide.add(member)
      if (hears !== undefined) hearers.add(member)
    },
    remove: (member) => {
      if (!members.delete(member)) return undefined
      const { ids = [], kind, everything } = member.interest
      wide.delete(member)
      hearers.delete(member)
      return {
        runs: ids.filter((id) => leave(byRun, id, member)),
        kind: kind !== undefined && leave(byKind, kind, member),
        everything: everything === true && wide.size === 0,
      }
    },
    clear: () => {
      for (const index of [byRun, byKind, members, wide, hearers]) index.clear()
    },
    whoFollow: (id, kind) => [...all(byRun.get(id)), ...all(byKind.get(kind ?? '')), ...wide],
    isUnfollowed: (id, kind) => wide.size === 0 && !byRun.has(id) && !byKind.has(kind ?? ''),
    wanted: () => ({ everything: wide.size > 0, kinds: new Set(byKind.keys()), run: (id) => byRun.has(id) }),
    hasHearers: () => hearers.size > 0,
    isWatched: (id) => {
      for (const { interest } of all(byRun.get(id))) if (interest.hears !== undefined) return true
      return false
    },
    size: () => byRun.size + byKind.size + wide.size,
    affectedBy,
  }
}

/** The members under one key: most often a single one, for which a set would take more memory than the member itself. */
type Group<A> = A | Set<A>

const all = <A>(group: Group<A> | undefined): Iterable<A> =>
  group === undefined ? [] : group instanceof Set ? group : [group]

function enter<A>(index: Map<string, Group<A>>, key: string, member: A): void {
  const same = index.get(key)
  if (same instanceof Set) same.add(member)
  else index.set(key, same === undefined ? member : new Set([same, member]))
}

/** Removes a member; true if it was the last under this key. */
function leave<A>(index: Map<string, Group<A>>, key: string, member: A): boolean {
  const same = index.get(key)
  if (same instanceof Set) {
    same.delete(member)
    return same.size === 0 && index.delete(key)
  }
  return same === member && index.delete(key)
}
