import { isMatch, type AskedFor, type Fault, type Match } from './fault.ts'

interface Entry {
  readonly fault: Fault
  readonly match: Match | undefined
  /** How many more requests get the fault. */
  remaining: number
}

/** Faults to inject. A request takes the oldest fault that matches it. */
export class FaultQueue {
  private entries: readonly Entry[] = []

  /** Injects the fault into the next `n` requests that match. */
  next(n: number, fault: Fault, match?: Match): void {
    this.entries = [...this.entries, { fault, match, remaining: n }]
  }

  /** Drops all faults that have not been injected yet. */
  clear(): void {
    this.entries = []
  }

  /** Removes and returns the fault for a request; undefined if no fault matches. */
  take(request: AskedFor): Fault | undefined {
    const entry = this.entries.find((candidate) => candidate.remaining > 0 && isMatch(candidate.match, request))
    if (!entry) return undefined
    entry.remaining--
    this.entries = this.entries.filter((candidate) => candidate.remaining > 0)
    return entry.fault
  }
}
