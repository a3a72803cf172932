import type { SimPlan } from './plan.ts'
import type { Session } from './recording.ts'

// Time spans without faults.

/** A time span without faults, in which a subscriber must therefore learn the truth. */
export interface Quiet {
  readonly fromMs: number
  readonly toMs: number
}

/** The time spans in which a fault or a sleep delayed the subscriber, sorted by their beginning. */
function disturbances(
  { sleeps }: SimPlan,
  { exchanges, inFlightAtStart }: Session,
): readonly (readonly [fromMs: number, toMs: number])[] {
  const spans: (readonly [number, number])[] = sleeps.map(({ atMs, forMs }) => [atMs, atMs + forMs] as const)
  for (const list of [inFlightAtStart, exchanges])
    for (const { disturbed, atMs, endMs } of list) if (disturbed) spans.push([atMs, endMs])
  return spans.length < 2 ? spans : spans.sort((a, b) => a[0] - b[0])
}

/** The first quiet span within these limits that is longer than the bound. */
export function quietSpan(
  plan: SimPlan,
  session: Session,
  fromMs: number,
  toMs: number,
  boundMs: number,
): Quiet | undefined {
  let from = fromMs
  if (toMs - from <= boundMs) return undefined
  for (const [disturbedMs, calmMs] of [...disturbances(plan, session), [toMs, Infinity] as const]) {
    if (calmMs <= from) continue
    const until = Math.min(disturbedMs, toMs)
    if (until - from > boundMs) return { fromMs: from, toMs: until }
    from = Math.max(from, calmMs)
    if (toMs - from <= boundMs) return undefined
  }
  return undefined
}
