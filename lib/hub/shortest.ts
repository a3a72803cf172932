/** The shortest of many waits, as they come, change and go. */
export interface Shortest {
  readonly add: (ms: number) => void
  /** Takes one away that was added. */
  readonly remove: (ms: number) => void
  /** `Infinity` where there is none. */
  readonly get: () => number
}

/** Cheap where very many wait alike: looks at all that differ only when the shortest has gone. */
export function shortestOf(): Shortest {
  const counts = new Map<number, number>()
  let shortest: number | undefined = Infinity
  return {
    add: (ms) => {
      counts.set(ms, (counts.get(ms) ?? 0) + 1)
      if (shortest !== undefined && ms < shortest) shortest = ms
    },
    remove: (ms) => {
      const others = (counts.get(ms) ?? 0) - 1
      if (others > 0) counts.set(ms, others)
      else counts.delete(ms)
      if (others <= 0 && ms === shortest) shortest = undefined
    },
    get: () => {
      if (shortest === undefined) {
        shortest = Infinity
        for (const ms of counts.keys()) shortest = Math.min(shortest, ms)
      }
      return shortest
    },
  }
}
