import { FAULT_CLASSES, type FaultClass } from '../plan.ts'

/** Which pairs of fault classes have occurred together in a plan. Two faults may do harm together that neither does alone. */
export interface Coverage {
  readonly drawn: number
  readonly possible: number
  /** From 0 to 1. */
  readonly share: number
  /** Pairs that have not occurred, such as `cut + freeze`. */
  readonly missing: readonly string[]
}

/** Counts the pairs of fault classes in plans. */
export interface PairCounter {
  add(classes: readonly FaultClass[]): void
  coverage(): Coverage
}

const INDEX: ReadonlyMap<FaultClass, number> = new Map(FAULT_CLASSES.map((name, at) => [name, at]))
const SIZE = FAULT_CLASSES.length

/** Counts the pairs of fault classes that occur together in a plan. */
export function pairCounter(): PairCounter {
  const isDrawn = new Uint8Array(SIZE * SIZE)
  return {
    add: (classes) => {
      const places = classes.map((name) => INDEX.get(name) ?? unknown(name))
      for (const a of places) for (const b of places) if (a < b) isDrawn[a * SIZE + b] = 1
    },
    coverage: () => {
      const missing = FAULT_CLASSES.flatMap((one, a) =>
        FAULT_CLASSES.slice(a + 1).flatMap((other, after) =>
          isDrawn[a * SIZE + a + 1 + after] === 1 ? [] : [`${one} + ${other}`],
        ),
      )
      const possible = (SIZE * (SIZE - 1)) / 2
      const drawn = possible - missing.length
      return { drawn, possible, share: possible === 0 ? 1 : drawn / possible, missing }
    },
  }
}

function unknown(name: string): never {
  throw new RangeError(`${name} is in a plan, but not in FAULT_CLASSES`)
}
