import { followEverything, followKind, followRun } from '../../../../lib/view/follow.ts'
import { advance, begin, type Goal, type Standing } from '../../../../lib/view/goal.ts'
import type { Evidence } from '../../../../lib/view/evidence.ts'
import type { Pace } from '../../../../lib/view/need.ts'
import { reduce } from '../../../../lib/view/reduce.ts'
import { EMPTY_VIEW, runOf, type View } from '../../../../lib/view/view.ts'
import { viewFollowing } from './facts.ts'
import { IDS, RUNS, sceneOf } from './scene.ts'

/** What one wait knows. */
export interface Knowledge {
  readonly view: View
  readonly standing: Standing
}

/**
 * One wait at one moment, twice: without other interests, and with interests that follow every run, every kind and
 * every list.
 */
export interface Both {
  readonly goal: Goal
  readonly pace: Pace
  readonly nowMs: number
  readonly alone: Knowledge
  readonly among: Knowledge
}

/** Runs a scene twice, with the same evidence. */
export function* aloneAndAmong(bytes: Uint8Array): Generator<Both> {
  const { log, goals, paces } = sceneOf(bytes, 1)
  const [goal, pace] = [goals[0]!, paces[0]!]
  let alone: Knowledge = { view: viewFollowing(EMPTY_VIEW, goal), standing: begin(goal) }
  const everything = followEverything([...RUNS.values()].reduce(followKind, IDS.reduce(followRun, alone.view)))
  let among: Knowledge = { view: everything, standing: begin(goal) }
  for (const piece of log) {
    if (!isReceivedAlone(goal, alone.view, piece)) continue
    alone = withEvidence(goal, alone, piece)
    among = withEvidence(goal, among, piece)
    yield { goal, pace, nowMs: piece.atMs, alone, among }
  }
}

/** What a wait knows after one more piece of evidence. */
function withEvidence(goal: Goal, { view, standing }: Knowledge, piece: Evidence): Knowledge {
  const next = reduce(view, piece)
  return { view: next, standing: advance(goal, standing, next) }
}

/** Whether a wait that is alone would have sent the request of this evidence. */
function isReceivedAlone({ id }: Goal, view: View, { query }: Evidence): boolean {
  if (id !== undefined || query.what === 'map') return true
  return query.what === 'snapshots' && (query.id === undefined || runOf(view, query.id) !== undefined)
}
