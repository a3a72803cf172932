import type { JobStatus } from './codec/job-status.ts'
import type { TargetId } from './codec/snapshots.ts'
import { isLeft, left } from './either.ts'
import { isPermanent, type JobError } from './error.ts'
import { judge } from './verdict/judge.ts'
import { again, type Listed, type Memory, type Reading } from './verdict/memory.ts'
import { withDenial, withSnapshots } from './verdict/parts.ts'

const GARBLED_READINGS = 3

/**
 * Folds one reading into what a wait knows; `outcome` is set when it can be told how the job ended.
 *
 * A pure function: no clock, no stream, no request. Status and snapshots are two witnesses of one job; each can be late,
 * wrong or silent, so that only what neither contradicts is called an end. Once there is an outcome, it stays.
 *
 * Source: design of Go's `WaitForXaction` and Python's `Job.wait`, right where they are wrong (protocol: T7, T9, T10, T21, T22, T30).
 */
export function fold(memory: Memory, reading: Reading | Listed): Memory {
  if (memory.outcome !== undefined) return memory
  if (reading.question === 'unheard') return judge({ ...memory, icIsLate: true }, reading.atMs, false)
  if (reading.question === 'spared')
    return memory.lookSinceEnd === 'unasked'
      ? judge({ ...memory, lookSinceEnd: 'unanswered' }, reading.atMs, false)
      : memory
  if (reading.question === 'running')
    return { ...memory, lookedAtMs: reading.atMs, denied: undefined, silentUntilMs: undefined, targetsFailed: false }
  const { question, atMs, result } = reading
  if (question === 'map') {
    const asked: Memory = { ...memory, mapAtMs: atMs }
    return judge(
      isLeft(result)
        ? { ...asked, mapFailures: memory.mapFailures + 1 }
        : { ...asked, mapFailures: 0, members: membersOf(result.right.targets) },
      atMs,
      false,
    )
  }
  if (isLeft(result)) return failed(memory, reading, result.left)
  const garbled = { ...memory.garbled, [question]: 0 }
  return question === 'status'
    ? judge(withStatus({ ...memory, garbled }, reading.run, result.right, atMs), atMs, false)
    : judge(withSnapshots({ ...memory, garbled }, result.right, atMs), atMs, true)
}

/** A target under maintenance takes no part in jobs. */
const membersOf = (targets: Readonly<Record<TargetId, { readonly maintenance: boolean }>>): ReadonlySet<TargetId> =>
  new Set(Object.entries(targets).flatMap(([id, { maintenance }]) => (maintenance ? [] : [id])))

function withStatus(memory: Memory, run: string, status: JobStatus, atMs: number): Memory {
  const words = new Map([...memory.words, [run, { atMs, status }]])
  const ended = memory.runs.size > 0 && [...memory.runs].every((one) => words.get(one)?.status?.endTime !== undefined)
  return {
    ...memory,
    words,
    status,
    kind: memory.kind ?? status.kind,
    statusFailed: false,
    lookSinceEnd: ended ? (memory.lookSinceEnd ?? 'unasked') : undefined,
    error: undefined,
  }
}

function failed(memory: Memory, reading: Exclude<Reading, { question: 'map' }>, error: JobError): Memory {
  const { question, atMs } = reading
  // A reply that is no JSON at all is somebody else's; it neither counts nor makes the others count anew.
  const unreadable = error._tag === 'DecodeError' && error.notJson !== true
  const garbled = { ...memory.garbled, [question]: memory.garbled[question] + (unreadable ? 1 : 0) }
  const heard: Memory = { ...memory, garbled, error }
  if (isPermanent(error) || garbled[question] >= GARBLED_READINGS) return { ...heard, outcome: left(error) }
  if (error._tag === 'NotFound') {
    const known: Memory = { ...heard, notFound: error }
    return question === 'status'
      ? judge(withoutStatus(known, reading.run, atMs), atMs, false)
      : judge(withDenial(known, atMs), atMs, true)
  }
  if (question === 'status') return { ...heard, statusFailed: true }
  const silentUntilMs = error._tag === 'RequestTimeout' ? atMs + error.afterMs : undefined
  const lookSinceEnd = memory.lookSinceEnd === 'unasked' ? 'unanswered' : memory.lookSinceEnd
  return judge({ ...heard, targetsFailed: true, lookFailed: true, silentUntilMs, lookSinceEnd }, atMs, false)
}

function withoutStatus(memory: Memory, run: string, atMs: number): Memory {
  const word = memory.words.get(run)
  const unknown = again(word?.unknown, atMs)
  return { ...memory, statusFailed: false, words: new Map([...memory.words, [run, { ...word, atMs, unknown }]]) }
}
