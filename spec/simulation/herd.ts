import type { SimPlan } from './plan.ts'
import type { Probe, Stay } from './probe.ts'

/** A gap of this length is no lower bound of a cadence, at which draws may well be the same. */
const DRAWN_MS = 600
const DRAWS = 2

/** I14: who came together does not ask together for ever, or a thousand of them would be a storm. */
export function herds(plan: SimPlan, { stays }: Probe, say: (text: string, atMs: number) => void): void {
  const alike = stays.filter(({ index }) => isAlike(plan, index))
  for (const one of alike)
    for (const other of alike) {
      if (other.index <= one.index || other.beganMs !== one.beganMs) continue
      const [a, b] = [gapsOf(one), gapsOf(other)]
      if (a.length >= DRAWS && a.length === b.length && a.every((ms, at) => ms === b[at]))
        say(`users ${one.index} and ${other.index} ask as one: gaps of ${a.join(', ')} ms`, one.beganMs)
    }
}

const isAlike = ({ users }: SimPlan, index: number): boolean => {
  const { type, gapMs } = users[index]!
  return type === 'wait' && gapMs === undefined
}

/** The gaps that were drawn, those at the bounds left out. */
const gapsOf = ({ exchanges }: Stay): readonly number[] =>
  exchanges.flatMap(({ atMs }, at) => {
    const ms = at === 0 ? 0 : atMs - exchanges[at - 1]!.endMs
    return ms > DRAWN_MS && ms < 8_000 ? [ms] : []
  })
