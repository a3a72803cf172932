import type { TargetId } from '../codec/snapshots.ts'
import { isLeft, left, right } from '../either.ts'
import type { NotFound } from '../error.ts'
import { isAborted, isIdle, isTerminal } from '../snapshot.ts'
import type { WaitResult } from '../wait-result.ts'
import { untilOf, type Memory, type Part, type Spell } from './memory.ts'
import { idle, lost, over, soFar } from './result.ts'
import { isSettled, isUnknownEverywhere, isVouched, statusesOf, TWO_LOOKS_MS, VISIBLE_WITHIN_MS } from './witness.ts'

/** A target that crashes leaves the map after half a minute, and may come back with its part. */
const LOST_AFTER_MS = 60_000
const LOST_READINGS = 3

/** For replies that are well and hold nobody or somebody else's job. */
const NOBODY: NotFound = {
  _tag: 'NotFound',
  message: 'no target shows the job',
  request: { method: 'GET', path: '/v1/cluster', query: 'what=qryxstats' },
}

/**
 * Tells how the job ended, or what else was waited for, if that can be told by now.
 *
 * @param looked whether the reading was one of all targets: only such a one can show idleness, or that nothing runs
 */
export function judge(memory: Memory, nowMs: number, looked: boolean): Memory {
  const parts = [...memory.parts.values()]
  switch (memory.aim.until) {
    case 'started':
      return parts.length > 0 && parts.every(({ snap }) => snap.startTime !== undefined)
        ? { ...memory, outcome: right({ ...soFar(memory), outcome: 'started' }) }
        : ended(memory, nowMs, looked)
    case 'not-running':
      return looked && memory.aim.id === undefined && parts.length === 0 && memory.error === undefined
        ? { ...memory, outcome: right(notRunning(over(memory))) }
        : mapOutcome(ended(memory, nowMs, looked), notRunning)
    default:
      return ended(memory, nowMs, looked)
  }
}

/** It ended, somehow: whoever waits for it not to run has what was waited for. */
const notRunning = (result: WaitResult): WaitResult =>
  result.outcome === 'lost' ? result : { ...result, outcome: 'not-running' }

const mapOutcome = (memory: Memory, f: (result: WaitResult) => WaitResult): Memory =>
  memory.outcome === undefined || isLeft(memory.outcome)
    ? memory
    : { ...memory, outcome: right(f(memory.outcome.right)) }

/** Tells how the job ended, if that can be told by now. */
function ended(memory: Memory, nowMs: number, looked: boolean): Memory {
  const { lookedAtMs = 0 } = memory
  const parts = [...memory.parts.values()]
  const done = (result: WaitResult): Memory => ({ ...memory, outcome: right(result) })

  if (statusesOf(memory).some(({ aborted }) => aborted) || isVouched(memory) === 'yes') return done(over(memory))
  const waitsForIdle = untilOf(memory) === 'idle'
  if (waitsForIdle && parts.some(({ snap }) => isAborted(snap))) return done(over(memory))
  if (parts.length > 0 && parts.every(({ snap }) => isTerminal(snap))) {
    const since: Memory = { ...memory, overSinceMs: memory.overSinceMs ?? nowMs, idleSinceMs: undefined }
    return isSettled(since) ? done(over(memory)) : since
  }
  const open: Memory = { ...memory, overSinceMs: undefined }
  const gone = missingTargets(
    parts,
    ({ sinceMs, times }) => lookedAtMs - sinceMs >= LOST_AFTER_MS && times >= LOST_READINGS,
  )
  if (gone.length > 0) return done(lost(memory, gone))
  const seen = parts.length > 0 || memory.status !== undefined
  if (seen && isUnknownEverywhere(memory) && !mayComeBack(memory))
    return done(
      lost(
        memory,
        missingTargets(parts, () => true),
      ),
    )
  if (!seen && isUnknownEverywhere(memory, VISIBLE_WITHIN_MS))
    return { ...memory, outcome: left(memory.notFound ?? NOBODY) }
  if (!waitsForIdle || !looked) return open
  const { idleSinceMs = nowMs } = memory
  if (!parts.some(({ snap }) => isIdle(snap)) || !parts.every(rests)) return { ...open, idleSinceMs: undefined }
  return nowMs - idleSinceMs >= TWO_LOOKS_MS ? done(idle(memory)) : { ...open, idleSinceMs }
}

const rests = ({ snap, missing }: Part): boolean => isTerminal(snap) || (missing === undefined && isIdle(snap))

const missingTargets = (parts: readonly Part[], long: (spell: Spell) => boolean): readonly TargetId[] =>
  [
    ...new Set(
      parts.flatMap(({ target, snap, missing }) =>
        missing !== undefined && !isTerminal(snap) && long(missing) ? [target] : [],
      ),
    ),
  ].sort()

/** Only a target that is there can deny its part; one that has left the map may come back with it. */
function mayComeBack({ parts, denied, members, mapAtMs = -1, mapFailures }: Memory): boolean {
  if (denied === undefined || parts.size === 0) return false
  if (mapAtMs < denied.sinceMs) return true
  return (
    mapFailures === 0 &&
    [...parts.values()].some(({ target, snap }) => !isTerminal(snap) && members?.has(target) === false)
  )
}
