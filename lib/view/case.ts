import type { Kind } from '../model/kind.ts'
import { infoOf, partsOf, runsOf, type Goal, type Standing } from './goal.ts'
import type { Part, RunView, View } from './view.ts'

/**
 * A view as one wait sees it at one moment: the view, what the wait waits for (the goal), which runs it has learnt to
 * count (the standing), and the time. The selectors that decide outcomes and needs take it as their argument `c`.
 */
export type Case = Pick<CaseOfView, keyof CaseOfView>

/** Returns the case of a wait at this moment. */
export const caseOf = (view: View, goal: Goal, standing: Standing, nowMs: number): Case =>
  new CaseOfView(view, goal, standing, nowMs)

/** Most selectors of a running job need no parts, so these are collected when they are first read. */
class CaseOfView {
  readonly view: View
  readonly goal: Goal
  readonly standing: Standing
  readonly nowMs: number
  readonly info: Kind | undefined
  readonly runs: readonly RunView[]
  private found: readonly Part[] | undefined

  constructor(view: View, goal: Goal, standing: Standing, nowMs: number) {
    this.view = view
    this.goal = goal
    this.standing = standing
    this.nowMs = nowMs
    this.info = infoOf(view, goal, standing)
    this.runs = runsOf(view, standing)
    this.found = undefined
  }

  /** The parts of all runs that count for the wait. */
  get parts(): readonly Part[] {
    const { goal, runs } = this
    const [only] = runs
    this.found ??=
      only !== undefined && runs.length === 1 ? partsOf(goal, only) : runs.flatMap((run) => partsOf(goal, run))
    return this.found
  }
}
