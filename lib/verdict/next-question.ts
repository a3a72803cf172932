import { isTerminal } from '../snapshot.ts'
import type { Memory, Question } from './memory.ts'
import { isUnknownEverywhere, isVouched, statusRunOf, useOfStatus } from './witness.ts'

/**
 * How long a look at the targets lasts while the status stays open, which it may although the job has ended (T9): a
 * quarter of the time waited so far, within these bounds.
 */
const SHORTEST_LOOK_MS = 2_000
const LONGEST_LOOK_MS = 15_000

/** A map that could not be had so often in a row is asked for again only after a while: the targets tell more by then. */
const MAP_TRIES = 3
const MAP_AGAIN_MS = 10_000

/**
 * What to ask next in this round of a poll, after what it has asked already; undefined where the round is over.
 *
 * The cheap question comes first where it is likely to be enough; the others follow only where doubt is left.
 *
 * @param first the question that this round begins with, whatever is cheap
 */
export function nextQuestion(
  memory: Memory,
  asked: readonly Question[],
  nowMs: number,
  first?: Question,
): Question | undefined {
  if (memory.outcome !== undefined) return undefined
  const status = useOfStatus(memory)
  if (asked.length === 0)
    return first ?? (status === 'first' || (status === 'in-doubt' && isSilent(memory, nowMs)) ? 'status' : 'snapshots')
  if (!asked.includes('snapshots')) return statusLeavesDoubt(memory, nowMs) ? 'snapshots' : undefined
  if (!asked.includes('map') && mapMayTell(memory, nowMs)) return 'map'
  return !asked.includes('status') && status !== 'never' && targetsLeaveDoubt(memory) ? 'status' : undefined
}

/** A target that hangs makes all of them hang: after such a question, the status has as much time as that one took. */
const isSilent = ({ silentUntilMs = 0 }: Memory, nowMs: number): boolean => nowMs < silentUntilMs

function statusLeavesDoubt(memory: Memory, nowMs: number): boolean {
  const { aim, statusFailed, words, lookedAtMs, overSinceMs } = memory
  if (statusFailed || words.get(statusRunOf(memory) ?? '')?.unknown !== undefined) return true
  if (isVouched(memory) === 'untried') return true
  if (isSilent(memory, nowMs)) return false
  if (lookedAtMs === undefined || overSinceMs !== undefined || isPartMissing(memory)) return true
  // The last looks before the end of the budget must not be missed.
  if (aim.endsMs !== undefined && aim.endsMs - nowMs <= LONGEST_LOOK_MS) return true
  return nowMs >= nextLookMs(lookedAtMs)
}

/** When a quarter of the time waited by then has passed since the last look, within the bounds. */
const nextLookMs = (lookedAtMs: number): number =>
  lookedAtMs + Math.min(LONGEST_LOOK_MS, Math.max(SHORTEST_LOOK_MS, lookedAtMs / 3))

/**
 * Until when a status that stays open tells nothing new, and leaves no doubt; undefined where doubt is left already.
 *
 * For who hears of very many jobs at once: until then, such a reading can be left out.
 *
 * @param nextLook when the targets are to be asked again, after a look at this time
 */
export function restsUntil(memory: Memory, nextLook: (lookedAtMs: number) => number = nextLookMs): number | undefined {
  const { outcome, aim, words, error, statusFailed, garbled, lookedAtMs, overSinceMs, denied, silentUntilMs } = memory
  const word = words.get(statusRunOf(memory) ?? '')
  const { status, unknown } = word ?? {}
  if (outcome !== undefined || useOfStatus(memory) !== 'first') return undefined
  if (status === undefined || status.endTime !== undefined || status.aborted || unknown !== undefined) return undefined
  if (error !== undefined || statusFailed || garbled.status > 0 || overSinceMs !== undefined || denied !== undefined)
    return undefined
  const lookMs = lookedAtMs === undefined || isPartMissing(memory) ? -1 : nextLook(lookedAtMs)
  const restsMs = Math.max(Math.min(lookMs, (aim.endsMs ?? Infinity) - LONGEST_LOOK_MS), silentUntilMs ?? -1)
  return restsMs < 0 ? undefined : restsMs
}

const targetsLeaveDoubt = (memory: Memory): boolean =>
  memory.targetsFailed || memory.denied !== undefined || memory.overSinceMs !== undefined || isPartMissing(memory)

/** A part that is away may show for a moment only, which must not be missed. */
export const isPartMissing = ({ parts }: Memory): boolean =>
  [...parts.values()].some(({ missing, snap }) => missing !== undefined && !isTerminal(snap))

/** Whether all targets have shown their part, or whether those that had one are still there to deny it. */
const mapMayTell = (memory: Memory, nowMs: number): boolean => {
  const { overSinceMs, members, mapFailures, mapAtMs = -1, denied, parts } = memory
  return (
    (overSinceMs !== undefined &&
      members === undefined &&
      (mapFailures < MAP_TRIES || nowMs - mapAtMs >= MAP_AGAIN_MS)) ||
    (denied !== undefined && parts.size > 0 && mapAtMs < denied.sinceMs && isUnknownEverywhere(memory))
  )
}
