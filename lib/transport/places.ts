/** The most requests that run at once: ten thousand waits must not open ten thousand sockets. */
const MOST = 64
/**
 * The most of these requests that go to one host: a host that never replies must not block the requests to other hosts.
 */
const MOST_OF_ONE = 56

/** The requests to one origin. */
interface Line {
  readonly origin: string
  /** How many of its requests have a place. */
  busy: number
  /** In the order of their arrival. It is a `Set` because a request in the middle may leave. */
  readonly waiting: Set<Visit>
}

/**
 * Limits the requests that run at once to {@link MOST}, and to {@link MOST_OF_ONE} for one origin. Origins with waiting
 * requests take turns, so ten thousand requests to one origin do not delay the others.
 */
export class Places {
  private busy = 0
  private waiting = 0
  private readonly lines = new Map<string, Line>()
  /** Whether `admit` runs. A request that fails at once calls it again. */
  private isAdmitting = false
  /** Whether a microtask will admit waiting requests. */
  private isScheduled = false

  /**
   * Calls `go` as soon as there is a place, possibly at once.
   *
   * @param origin the origin that the request goes to
   */
  enter(origin: string, go: () => void): Visit {
    const line = this.lines.get(origin) ?? this.opened(origin)
    const visit = new Visit(this, line, go)
    // Usually there is a free place. A `Set` that grows and shrinks for each request costs more than the rest.
    if (this.waiting === 0 && !this.isAdmitting && this.busy < MOST && line.busy < MOST_OF_ONE) {
      this.admitOne(line, visit)
      return visit
    }
    line.waiting.add(visit)
    this.waiting++
    this.admit()
    return visit
  }

  private opened(origin: string): Line {
    const line: Line = { origin, busy: 0, waiting: new Set() }
    this.lines.set(origin, line)
    return line
  }

  leave(line: Line, visit: Visit): void {
    if (line.waiting.delete(visit)) this.waiting--
    else {
      this.busy--
      line.busy--
    }
    if (line.busy === 0 && line.waiting.size === 0) this.lines.delete(line.origin)
    if (this.waiting === 0 || this.isScheduled) return
    this.isScheduled = true
    // Waits for a microtask: if many requests leave together, the waiting requests may leave next and need no place.
    queueMicrotask(() => {
      this.isScheduled = false
      this.admit()
    })
  }

  private admit(): void {
    // A request that fails at once leaves while it is admitted; the loop then goes on.
    if (this.isAdmitting) return
    this.isAdmitting = true
    for (let line = this.next(); line !== undefined; line = this.next()) {
      const [visit] = line.waiting
      if (visit === undefined) break
      line.waiting.delete(visit)
      this.waiting--
      this.admitOne(line, visit)
    }
    this.isAdmitting = false
  }

  private admitOne(line: Line, visit: Visit): void {
    this.busy++
    line.busy++
    visit.go()
  }

  private next(): Line | undefined {
    if (this.busy >= MOST) return undefined
    for (const line of this.lines.values()) {
      if (line.waiting.size === 0 || line.busy >= MOST_OF_ONE) continue
      if (this.lines.size > 1) {
        // Moves this origin to the end, so that the next place goes to another origin.
        this.lines.delete(line.origin)
        this.lines.set(line.origin, line)
      }
      return line
    }
    return undefined
  }
}

/** One request: it waits for a place, and has it until it leaves. */
export class Visit {
  private readonly places: Places
  private readonly line: Line
  readonly go: () => void
  private hasLeft = false

  constructor(places: Places, line: Line, go: () => void) {
    this.places = places
    this.line = line
    this.go = go
  }

  /** Gives up the place, or stops waiting for one. Only the first call counts. */
  leave(): void {
    if (this.hasLeft) return
    this.hasLeft = true
    this.places.leave(this.line, this)
  }
}
