import { HARMLESS } from './known.ts'
import type { Exchange, Stay } from './probe.ts'

/** What is asked for others about another kind, or about one run, is no look at this kind. */
const isOfKind = ({ what, body }: Exchange, kind: string): boolean =>
  what === 'snapshots' && !body.includes('"id"') && (!body.includes('"kind"') || body.includes(`"${kind}"`))

/** The replies about the kind that were asked for since the stay began. */
export const looksOf = ({ exchanges }: Stay, kind: string): readonly Exchange[] =>
  exchanges.filter((one) => isOfKind(one, kind) && one.end === 200 && HARMLESS.has(one.fault ?? ''))

/** The first of them decides which runs of the kind count. */
export const firstLookOf = (stay: Stay, kind: string): Exchange | undefined => looksOf(stay, kind)[0]

/** Whether a look about the kind came late because a fault took the one before it; the next one waits for its tick. */
export const hadToRetry = ({ exchanges }: Stay, look: Exchange, kind: string): boolean =>
  exchanges.some((one) => isOfKind(one, kind) && one.disturbed && one.end !== 200 && one.endMs <= look.atMs)

const isOfTargets = ({ what, body }: Exchange): boolean =>
  what === 'running' || (what === 'snapshots' && !body.includes('"id"'))

/** So long after its reply, no question is sent again; a sum of floating numbers may miss it by little. */
export const PAUSE_MS = 100.1

/**
 * Whether a look had to wait for its turn, since questions about many runs go to the targets one at a time, and none again
 * within a moment of its reply: from the beginning of the stay until it was sent, one for others was always in flight, or
 * had just been answered.
 *
 * @param all what was asked in the process of the stay, also before the stay began
 */
export function hadToQueue({ beganMs }: Stay, look: Exchange, all: readonly Exchange[]): boolean {
  const isSame = ({ what, body }: Exchange): boolean => what === look.what && body === look.body
  let turnMs = beganMs
  for (const one of all) {
    if (!isOfTargets(one) || one.atMs >= look.atMs || one.atMs > Math.max(turnMs, beganMs + PAUSE_MS)) continue
    // What was answered before he came holds up nothing but itself.
    if (one.endMs > beganMs || isSame(one)) turnMs = Math.max(turnMs, one.endMs + PAUSE_MS)
  }
  return look.atMs > beganMs && look.atMs <= turnMs
}
