import { begin, advance, type Goal, type Standing } from '../../../../lib/view/goal.ts'
import type { Need, Pace } from '../../../../lib/view/need.ts'
import { needsOf } from '../../../../lib/view/needs.ts'
import { reduce } from '../../../../lib/view/reduce.ts'
import { EMPTY_VIEW, type View } from '../../../../lib/view/view.ts'
import { viewFollowing } from './facts.ts'
import { sceneOf } from './scene.ts'

/** One wait at one moment. */
export interface Waiting {
  readonly goal: Goal
  readonly standing: Standing
  readonly pace: Pace
  readonly needs: readonly Need[]
}

/** The view and the waits at one moment. */
export interface Moment {
  readonly view: View
  readonly nowMs: number
  readonly waits: readonly Waiting[]
}

/** Plays a scene: yields one moment for each reply, with all waits that have begun. */
export function* moments(bytes: Uint8Array): Generator<Moment> {
  const { log, goals, paces } = sceneOf(bytes)
  let view = goals.reduce(viewFollowing, EMPTY_VIEW)
  let standings = goals.map(begin)
  for (const piece of log) {
    view = reduce(view, piece)
    const nowMs = piece.atMs
    standings = standings.map((standing, n) => advance(goals[n]!, standing, view))
    const waits: Waiting[] = []
    for (const [n, goal] of goals.entries()) {
      if (goal.sinceMs > nowMs) continue
      const [standing, pace] = [standings[n]!, paces[n]!]
      waits.push({ goal, standing, pace, needs: needsOf(view, goal, standing, pace, nowMs) })
    }
    yield { view, nowMs, waits }
  }
}
