import type { Snapshots, TargetId } from '../codec/snapshots.ts'
import { defined } from '../common/defined.ts'
import type { JobError, LastSeen } from '../error.ts'
import { buildSnapshots, isTerminal } from '../model/snapshot.ts'
import { caseOf, type Case } from './case.ts'
import { hasAllParts, statusOf, targetsWithoutPart } from './certainty.ts'
import { isSentSince, type Attempt } from './evidence.ts'
import { partsOf, runsOf, type Goal, type Standing } from './goal.ts'
import { icReportOf } from './ic-report.ts'
import type { View } from './view.ts'

/** What a wait had learned when its budget ended. */
export function lastSeen(view: View, goal: Goal, standing: Standing): LastSeen {
  const c = caseOf(view, goal, standing, 0)
  const [run] = c.runs
  const status = run === undefined ? undefined : statusOf(c, run)
  const snapshots = lastShown(view, goal, standing)
  const report = run === undefined ? undefined : icReportOf(c, run)
  // A failure before this report of the Information Center did not last.
  const healedMs = report?.state === 'open' || report?.state === 'over' ? report.atMs : -Infinity
  const attempts = [
    run?.snapshotsTry,
    run?.statusTry,
    view.listTry,
    view.kinds.get(goal.selection.kind ?? '')?.snapshotsTry,
  ]
  const [failed] = attempts
    .filter((one): one is Attempt => isSentSince(one, goal.sinceMs) && one.error !== undefined && one.atMs >= healedMs)
    .sort((a, b) => b.atMs - a.atMs)
  const missing = missingTargets(c)
  return defined({ status, snapshots, missing, error: mapError(c) ?? failed?.error })
}

/** Whether the job has known parts, and all of them are over. */
const arePartsOver = ({ parts }: Case): boolean => parts.length > 0 && parts.every(({ snap }) => isTerminal(snap))

/**
 * The targets that may still have a part, although all known parts are over. Undefined if the wait lacks something
 * else.
 */
function missingTargets(c: Case): readonly TargetId[] | undefined {
  if (!arePartsOver(c)) return undefined
  const missing = new Set(c.runs.flatMap((run) => targetsWithoutPart(c, run)))
  return missing.size === 0 ? undefined : [...missing].sort()
}

/** The error of the request for the cluster map, if only the map can show that there are no other parts. */
const mapError = (c: Case): JobError | undefined =>
  arePartsOver(c) && !c.runs.every((run) => hasAllParts(c, run)) && c.view.mapTargets === undefined
    ? c.view.mapTry?.error
    : undefined

/** The snapshots that the targets showed last. Missing parts count only if all parts are missing. */
function lastShown(view: View, goal: Goal, standing: Standing): Snapshots | undefined {
  if (goal.id === undefined) return view.kinds.get(goal.selection.kind ?? '')?.snapshots?.value
  const [run] = runsOf(view, standing)
  if (run === undefined || run.parts.size === 0) return undefined
  const parts = partsOf(goal, run)
  const present = parts.filter(({ missing }) => missing === undefined)
  return buildSnapshots((present.length > 0 ? present : parts).map(({ target, snap }) => [target, [snap]] as const))
}
