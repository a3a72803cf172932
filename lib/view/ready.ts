import type { Member } from './member.ts'

/** The members whose needs must be computed again, and those that wait for a reply; flags of each member say which. */
export interface Ready {
  readonly add: (member: Member) => void
  /** Notes that a member waits for a reply. */
  readonly park: (member: Member) => void
  /** Marks all that wait for a reply: their needs must be computed again. */
  readonly addParked: () => void
  readonly isEmpty: () => boolean
  /** Removes and returns all whose needs must be computed again. */
  readonly take: () => readonly Member[]
  readonly clear: () => void
}

export function readyOf(): Ready {
  let [ready, parked]: [Member[], Member[]] = [[], []]
  const add = (member: Member): void => {
    if (member.isGone || member.isReady) return
    member.isReady = true
    ready.push(member)
  }
  return {
    add,
    park: (member) => {
      if (!member.isParked) parked.push(member)
      member.isParked = true
    },
    addParked: () => {
      const waiting = parked
      parked = []
      for (const member of waiting) {
        member.isParked = false
        add(member)
      }
    },
    isEmpty: () => ready.length === 0,
    take: () => {
      const taken = ready
      ready = []
      for (const member of taken) member.isReady = false
      return taken.filter(({ isGone }) => !isGone)
    },
    clear: () => {
      ;[ready, parked] = [[], []]
    },
  }
}
