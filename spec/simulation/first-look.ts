import { HARMLESS } from './known.ts'
import type { Exchange, Stay } from './probe.ts'

/** What is asked for others about another kind, or about one run, is no look at this kind. */
const isOfKind = ({ what, body }: Exchange, kind: string): boolean =>
  what === 'snapshots' && !body.includes('"id"') && (!body.includes('"kind"') || body.includes(`"${kind}"`))

/** The first reply about the kind that was asked for since the stay began: it decides which runs of the kind count. */
export const firstLookOf = ({ exchanges }: Stay, kind: string): Exchange | undefined =>
  exchanges.find((one) => isOfKind(one, kind) && one.end === 200 && HARMLESS.has(one.fault ?? ''))

const isOfTargets = ({ what, body }: Exchange): boolean =>
  what === 'running' || (what === 'snapshots' && !body.includes('"id"'))

/** A question that waits for its turn is sent so soon after the one before. */
const TURN_MS = 100

/**
 * Whether a look had to wait for its turn, since questions about many runs go to the targets one at a time: from the
 * beginning of the stay until it was sent, one for others was always in flight.
 */
export function hadToQueue({ beganMs, met, exchanges }: Stay, { atMs }: Exchange): boolean {
  let busyMs = beganMs
  for (const one of [...met, ...exchanges])
    if (isOfTargets(one) && one.atMs < atMs && one.atMs <= busyMs + TURN_MS) busyMs = Math.max(busyMs, one.endMs)
  return atMs > beganMs && busyMs > beganMs && atMs <= busyMs + TURN_MS
}
