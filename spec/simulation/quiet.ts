import type { SimPlan } from './plan.ts'
import type { Stay } from './probe.ts'

/** A span of time in which nothing kept a subscriber from learning the truth. */
export interface Quiet {
  readonly fromMs: number
  readonly toMs: number
}

/** Spans in which the subscriber could not learn the truth, in the order of their beginning. */
function disturbances({ sleeps }: SimPlan, { exchanges, met }: Stay): readonly (readonly [number, number])[] {
  const spans: (readonly [number, number])[] = sleeps.map(({ atMs, forMs }) => [atMs, atMs + forMs] as const)
  for (const list of [met, exchanges])
    for (const { disturbed, atMs, endMs } of list) if (disturbed) spans.push([atMs, endMs])
  return spans.length < 2 ? spans : spans.sort((a, b) => a[0] - b[0])
}

/** The first quiet span within these limits that is longer than the bound. */
export function quietSpan(plan: SimPlan, stay: Stay, fromMs: number, toMs: number, boundMs: number): Quiet | undefined {
  let from = fromMs
  if (toMs - from <= boundMs) return undefined
  for (const [a, b] of [...disturbances(plan, stay), [toMs, Infinity] as const]) {
    if (b <= from) continue
    const until = Math.min(a, toMs)
    if (until - from > boundMs) return { fromMs: from, toMs: until }
    from = Math.max(from, b)
    if (toMs - from <= boundMs) return undefined
  }
  return undefined
}
