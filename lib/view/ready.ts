import type { Member } from './member.ts'

/**
 * The members whose needs must be computed again, and those that wait for a reply. The flags of a member say to which
 * group it belongs.
 */
export interface Ready {
  readonly add: (member: Member) => void
  /** Records that a member waits for a reply of one of these sources. */
  readonly park: (member: Member, sources: number) => void
  /** Adds all members that wait for a reply of one of these sources. */
  readonly addParked: (sources: number) => void
  /** Removes a member that has left. */
  readonly drop: (member: Member) => void
  /** The number of members that wait for a reply. Some of them may have left. */
  readonly parked: () => number
  readonly isEmpty: () => boolean
  /** Removes and returns all members whose needs must be computed again. Some of them may have left. */
  readonly take: () => readonly Member[]
  readonly clear: () => void
}

/** Creates the groups, both empty. */
export function readyOf(): Ready {
  let ready: Member[] = []
  let parked: Member[] = []
  /** How many of the parked members have left, at most. */
  let goneCount = 0
  const add = (member: Member): void => {
    if (member.isGone || member.isReady) return
    member.isReady = true
    ready.push(member)
  }
  return {
    add,
    park: (member, sources) => {
      member.awaitedSources = sources
      if (sources === 0 || member.isParked) return
      member.isParked = true
      parked.push(member)
    },
    addParked: (sources) => {
      if (sources === 0) return
      const waiting = parked
      parked = []
      goneCount = 0
      for (const member of waiting) {
        if (member.isGone || member.awaitedSources === 0) member.isParked = false
        else if ((member.awaitedSources & sources) === 0) parked.push(member)
        else {
          member.isParked = false
          add(member)
        }
      }
    },
    // Without replies about many runs, nothing else removes the members that have left. On average, each removal costs
    // a step or two.
    drop: ({ isParked }) => {
      if (!isParked || ++goneCount * 2 <= parked.length) return
      parked = parked.filter(({ isGone }) => !isGone)
      goneCount = 0
    },
    parked: () => parked.length,
    isEmpty: () => ready.length === 0,
    take: () => {
      const taken = ready
      ready = []
      unmark(taken)
      return taken
    },
    clear: () => {
      ready = []
      parked = []
      goneCount = 0
    },
  }
}

function unmark(members: readonly Member[]): void {
  for (const member of members) member.isReady = false
}
