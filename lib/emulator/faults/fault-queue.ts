import { isMatch, type AskedFor, type Fault, type Match } from './fault.ts'

interface Entry {
  readonly fault: Fault
  readonly match: Match | undefined
  left: number
}

/** Faults that wait for a request; the oldest that matches is taken first. */
export class FaultQueue {
  private entries: readonly Entry[] = []

  /** The next `n` requests that match meet the fault. */
  next(n: number, fault: Fault, match?: Match): void {
    this.entries = [...this.entries, { fault, match, left: n }]
  }

  /** Forgets what has not happened yet. */
  clear(): void {
    this.entries = []
  }

  /** The fault that a request meets, used up; nothing for most. */
  take(asked: AskedFor): Fault | undefined {
    const entry = this.entries.find((candidate) => candidate.left > 0 && isMatch(candidate.match, asked))
    if (!entry) return undefined
    entry.left--
    this.entries = this.entries.filter((candidate) => candidate.left > 0)
    return entry.fault
  }
}
