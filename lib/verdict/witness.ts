import type { JobStatus } from '../codec/job-status.ts'
import { isAborted, isTerminal } from '../snapshot.ts'
import { infoOf, runOf, untilOf, type Memory, type Part } from './memory.ts'

/** A job is not called unknown before: the cluster answers 404 for what it will know in two seconds. */
export const VISIBLE_WITHIN_MS = 10_000
/** The IC asks silent targets itself after 30 s (`notif_time`). */
const STATUS_SETTLES_MS = 35_000
/** Two looks at idleness, or at an absence, are two only with this between them. */
export const TWO_LOOKS_MS = 2_000

/** What the IC said of each run when it was heard last. */
export const statusesOf = ({ words }: Memory): readonly JobStatus[] =>
  [...words.values()].flatMap(({ status }) => (status === undefined ? [] : [status]))

/**
 * How much the Information Center has to say: asked first, asked where the targets leave doubt, or never.
 *
 * It answers from memory, but blocks for two seconds on what it does not know, and knows not every kind (protocol 4).
 */
export function useOfStatus(memory: Memory): 'first' | 'in-doubt' | 'never' {
  const run = statusRunOf(memory)
  if (memory.aim.target !== undefined || run === undefined) return 'never'
  const info = infoOf(memory)
  if (info === undefined) return 'in-doubt'
  if (info.ic !== true || info.idles === true) return 'never'
  const forgotten = (memory.words.get(run)?.unknown?.times ?? 0) >= 2 && memory.parts.size > 0
  // What is asked of single targets is theirs to answer.
  const ofTargets = untilOf(memory) === 'idle' || ['single', 'started'].includes(memory.aim.until)
  return info.icLate === true || forgotten || ofTargets ? 'in-doubt' : 'first'
}

/** The run whose status is worth asking for: of several, the one in doubt that was asked for longest ago. */
export function statusRunOf(memory: Memory): string | undefined {
  const { words, runs, overSinceMs } = memory
  const one = runOf(memory)
  if (one !== undefined || overSinceMs === undefined) return one
  const askedAt = (run: string): number => words.get(run)?.atMs ?? -1
  return [...runs].filter((run) => !isWhole(memory, run)).sort((a, b) => askedAt(a) - askedAt(b) || (a < b ? -1 : 1))[0]
}

/**
 * Whether the IC's word that all has ended well can be taken. It can, unless a later look at the targets shows one at
 * work; where a part was at work when it was seen last, such a look is tried before.
 */
export function isVouched(memory: Memory): 'no' | 'untried' | 'yes' {
  const { runs, words, lookSinceEnd, parts } = memory
  if (runs.size === 0 || ![...runs].every((run) => words.get(run)?.status?.endTime !== undefined)) return 'no'
  if (lookSinceEnd === 'unanswered' || statusesOf(memory).some(({ err }) => err !== '')) return 'yes'
  const open = [...parts.values()].filter(({ snap }) => !isTerminal(snap))
  if (open.length === 0) return 'yes'
  if (lookSinceEnd !== 'looked') return 'untried'
  return open.every(({ missing }) => missing !== undefined) ? 'yes' : 'no'
}

/**
 * Every part of a run that was seen is over: are these all of them? A target may not have begun yet, or never run its part.
 *
 * Sure where the job has one part, where it has failed anyway, where every target of the map has shown its part, or where
 * the IC says so.
 */
function isWhole(memory: Memory, run: string): boolean {
  const { aim, words, members } = memory
  const info = infoOf(memory)
  if (aim.target !== undefined || aim.until === 'single' || info?.scope === 'target' || info?.idles === true)
    return true
  const parts = partsOfRun(memory, run)
  if (parts.some(({ snap }) => isAborted(snap) || snap.err !== '')) return true
  if (words.get(run)?.status?.endTime !== undefined) return true
  const shown = new Set(parts.map(({ target }) => target))
  return members !== undefined && [...members].every((target) => shown.has(target)) && hasBeenAsked(memory, run)
}

/**
 * Whether the IC has had its say, where it has one: the map has no trace of a target that died with its part before
 * anybody saw it, but the IC ends such a job. After a look that failed, what it said of it before is out of date.
 */
function hasBeenAsked(memory: Memory, run: string): boolean {
  const { words, statusFailed, lookFailed, overSinceMs = 0 } = memory
  if (memory.icIsLate === true) return true
  const info = infoOf(memory)
  // Of several runs one is asked for in each round: that would take longer than it is worth.
  if ((info !== undefined && info.ic !== true) || runOf(memory) !== run || statusFailed) return true
  const word = words.get(run)
  return word !== undefined && (lookFailed !== true || word.unknown !== undefined || word.atMs >= overSinceMs)
}

const partsOfRun = ({ parts }: Memory, run: string): readonly Part[] =>
  [...parts.values()].filter(({ snap }) => snap.id === run)

/**
 * Whether every run that was seen to be over is whole, or had the time to show that it is not: the IC must have been
 * heard after it had the time that it needs, and the targets after what is late became visible.
 */
export function isSettled(memory: Memory): boolean {
  const { runs, words, overSinceMs = 0, lookedAtMs = 0 } = memory
  const lookedForMs = lookedAtMs - overSinceMs
  const never = useOfStatus(memory) === 'never'
  return [...runs].every((run) => {
    if (isWhole(memory, run)) return true
    if (lookedForMs < VISIBLE_WITHIN_MS) return false
    // Before its kind was known it may have been asked for all the same; it will not be again.
    if (never) return true
    const word = words.get(run)
    if (word === undefined) return false
    return word.atMs - overSinceMs >= (word.unknown === undefined ? STATUS_SETTLES_MS : VISIBLE_WITHIN_MS)
  })
}

/**
 * Twice in a row, two seconds apart, no target had it; and the IC, where it would know, had not either.
 *
 * @param notBeforeMs what was said before does not count
 */
export function isUnknownEverywhere(memory: Memory, notBeforeMs = 0): boolean {
  const { denied, words, lookedAtMs = 0 } = memory
  if (denied === undefined || denied.times < 2) return false
  if (lookedAtMs - denied.sinceMs < TWO_LOOKS_MS || lookedAtMs < notBeforeMs) return false
  if (useOfStatus(memory) === 'never') return true
  const word = words.get(statusRunOf(memory) ?? '')
  return word?.unknown !== undefined && word.atMs >= Math.max(denied.sinceMs, notBeforeMs)
}
