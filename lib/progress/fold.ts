import { isLeft } from '../either.ts'
import type { JobError } from '../error.ts'
import { isOver, stateOfAll } from '../job-state.ts'
import { emptyWindow, withSample, type RateWindow } from '../rate-window.ts'
import { elapsedOf } from './elapsed.ts'
import { follow, shownIn, type Shown } from './follow.ts'
import { isPartial, isStalled, sumOf, type Memory, type Reading } from './memory.ts'
import { takeIn, type Change } from './parts.ts'

/**
 * Takes in a reading.
 *
 * A Left changes nothing but for one: that nobody knows the job is a look at which it was not there.
 */
export function next(before: Memory, { atMs, result }: Reading): Memory {
  if (isLeft(result)) return isUnknown(result.left) && before.parts.size === 0 ? looked(before, atMs, []) : before
  return looked(before, atMs, shownIn(result.right))
}

const isUnknown = (error: JobError): boolean => error._tag === 'NotFound'

function looked(before: Memory, atMs: number, shown: readonly Shown[]): Memory {
  // A clock that is set back stands still for one step; nothing else may ever see it.
  const sinceMs = before.atMs === undefined ? 0 : Math.max(0, atMs - before.atMs)
  const clockMs = before.clockMs + sinceMs
  const followed = follow(before, shown)
  const change = takeIn(before, followed, shown)
  const { parts, past, renewed, moved } = change
  const state = stateOfAll([...parts.values()].map(({ snap }) => snap))
  const fresh = renewed || before.parts.size === 0
  const elapsedMs = elapsedOf(parts, {
    atMs,
    sinceMs,
    // A run that was not there at the look before cannot be older than that look.
    boundMs: before.atMs === undefined ? Infinity : sinceMs,
    beforeMs: fresh ? undefined : before.elapsedMs,
    counts: !isOver(before.state) || !isOver(state),
  })
  const runs = state === 'running'
  const still = before.state === 'running' && !moved
  return {
    ...before,
    ...{ followed, parts, past, state, atMs, clockMs },
    stillSinceMs: still ? before.stillSinceMs : clockMs,
    ...windowsOf(before, change, clockMs, runs),
    ...(elapsedMs === undefined ? {} : { elapsedMs }),
  }
}

/** Samples are taken only where they tell of work at the pace of the ones before. */
function windowsOf(before: Memory, { parts, moved, jumped }: Change, clockMs: number, runs: boolean): Windows {
  if (!runs) return { objects: emptyWindow(), bytes: emptyWindow() }
  // Who joins with work done has not done it since the look before; and a pause is no part of the pace after it.
  const anew = jumped || (moved && isStalled(before))
  const base: Windows = anew ? { objects: emptyWindow(), bytes: emptyWindow() } : before
  if (isPartial({ parts })) return { objects: base.objects, bytes: base.bytes }
  const sum = sumOf(parts.values())
  return {
    objects: withSample(base.objects, clockMs, Number(sum.objects)),
    bytes: withSample(base.bytes, clockMs, Number(sum.bytes)),
  }
}

interface Windows {
  readonly objects: RateWindow
  readonly bytes: RateWindow
}
