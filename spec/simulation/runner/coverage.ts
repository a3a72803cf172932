import { FAULT_CLASSES, type FaultClass } from '../plan.ts'

/** Which pairs of fault classes have occurred in one plan; faults that are harmless alone may not be so together. */
export interface Coverage {
  readonly met: number
  readonly of: number
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

export function pairCounter(): PairCounter {
  const met = new Uint8Array(SIZE * SIZE)
  return {
    add: (classes) => {
      const places = classes.map((name) => INDEX.get(name) ?? unknown(name))
      for (const a of places) for (const b of places) if (a < b) met[a * SIZE + b] = 1
    },
    coverage: () => {
      const missing = FAULT_CLASSES.flatMap((one, a) =>
        FAULT_CLASSES.slice(a + 1).flatMap((other, after) =>
          met[a * SIZE + a + 1 + after] === 1 ? [] : [`${one} + ${other}`],
        ),
      )
      const of = (SIZE * (SIZE - 1)) / 2
      return { met: of - missing.length, of, share: of === 0 ? 1 : (of - missing.length) / of, missing }
    },
  }
}

function unknown(name: string): never {
  throw new RangeError(`${name} is in a plan, but not in FAULT_CLASSES`)
}
