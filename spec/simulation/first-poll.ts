import { HARMLESS } from './known.ts'
import type { Exchange, Session } from './recording.ts'

// Which poll of a kind came first, and whether it had to be late: the first poll decides which runs a wait by kind waits for.

/** Whether a request polls this kind as a whole: not another kind, and not one run. */
const isOfKind = ({ what, body }: Exchange, kind: string): boolean =>
  what === 'snapshots' && !body.includes('"id"') && (!body.includes('"kind"') || body.includes(`"${kind}"`))

/** Whether the cluster itself answered: a page with status 200 is no answer. */
const isAnswer = ({ end, fault }: Exchange): boolean => end === 200 && HARMLESS.has(fault ?? '')

/** The replies about the kind whose requests were sent since the session began. */
export const pollsOf = ({ exchanges }: Session, kind: string): readonly Exchange[] =>
  exchanges.filter((one) => isOfKind(one, kind) && isAnswer(one))

/** The first of these replies decides which runs of the kind count. */
export const firstPollOf = (session: Session, kind: string): Exchange | undefined => pollsOf(session, kind)[0]

/** Whether a poll of the kind came late because a fault disturbed the previous poll, which is not repeated early. */
export const hadToRetry = ({ exchanges }: Session, poll: Exchange, kind: string): boolean =>
  exchanges.some((one) => isOfKind(one, kind) && one.disturbed && !isAnswer(one) && one.endMs <= poll.atMs)

const isOfTargets = ({ what, body }: Exchange): boolean =>
  what === 'running' || (what === 'snapshots' && !body.includes('"id"'))

/**
 * The pause between a reply and the next equal request, plus a tolerance: sums of floating-point numbers are inexact.
 */
export const PAUSE_MS = 100.1

/**
 * Whether a poll had to queue. Requests about many runs go to the targets one at a time, with a pause after each reply. A
 * poll had to queue if another poll was always in flight, or had ended less than a pause before, from the beginning of the
 * session until the poll was sent.
 *
 * @param all all exchanges in the process of the session, including those before the session began
 */
export function hadToQueue({ beganMs }: Session, poll: Exchange, all: readonly Exchange[]): boolean {
  const isSame = ({ what, body }: Exchange): boolean => what === poll.what && body === poll.body
  let turnMs = beganMs
  for (const one of all) {
    if (!isOfTargets(one) || one.atMs >= poll.atMs || one.atMs > Math.max(turnMs, beganMs + PAUSE_MS)) continue
    // A reply before the session delays only the same request.
    if (one.endMs > beganMs || isSame(one)) turnMs = Math.max(turnMs, one.endMs + PAUSE_MS)
  }
  return poll.atMs > beganMs && poll.atMs <= turnMs
}
