import type { Case } from './case.ts'
import type { Need } from './need.ts'
import type { RunView } from './view.ts'

/** Collects the needs of one run of a wait. */
export class RunNeeds {
  /** The wait to which the run belongs: its view, its goal and the time (see `case.ts`). */
  readonly c: Case
  readonly run: RunView
  /** The kind of the run, if a reply has shown it; otherwise the kind that the user has selected. */
  readonly kind: string | undefined
  /** The needs of the whole wait, to which those of the run are added. */
  private readonly needs: Need[]

  constructor(c: Case, run: RunView, needs: Need[]) {
    this.c = c
    this.run = run
    this.kind = run.kind ?? c.goal.selection.kind
    this.needs = needs
  }

  /** Adds a need about the run. */
  add(of: 'ic' | 'any' | 'status' | 'snapshots', dueMs: number): void {
    this.needs.push({ of, id: this.run.id, kind: this.kind, dueMs })
  }

  /** Adds the need to learn whether the targets list the run as running. */
  addRunning(dueMs: number): void {
    this.needs.push({ of: 'running', id: this.run.id, dueMs })
  }

  /** Adds the need for the cluster map. */
  addMap(dueMs: number): void {
    this.needs.push({ of: 'map', dueMs })
  }

  /** Adds a time at which the answer may change without a reply, unless it has passed or never comes. */
  addWake(dueMs: number): void {
    if (dueMs > this.c.nowMs && dueMs < Infinity) this.needs.push({ of: 'wake', dueMs })
  }
}
