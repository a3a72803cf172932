import type { SimPlan } from './plan.ts'
import type { Exchange, Probe, Stay } from './probe.ts'

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
      for (const what of SOURCES) {
        const times = timesOf(plan, one, what)
        const others = new Set(timesOf(plan, other, what))
        const same = times.filter((ms) => others.has(ms))
        if (same.length >= SAME_TIMES)
          say(`users ${one.index} and ${other.index} ask for ${what} as one: at ${same.join(', ')} ms`, one.beganMs)
      }
    }
}

/** Many short waits of a source may hide that another source, which is asked more rarely, is asked as one. */
const SOURCES: readonly Exchange['what'][] = ['status', 'list', 'running', 'snapshots', 'map']
const SAME_TIMES = 2

/** When a source was asked after a rest that was drawn; at the end of the budget, all ask. */
function timesOf({ users }: SimPlan, { index, beganMs, exchanges }: Stay, source: Exchange['what']): readonly number[] {
  const endsMs = beganMs + (users[index]!.timeoutMs ?? Infinity) - LAST_MS
  const own = exchanges.filter(({ what, atMs }) => what === source && atMs < endsMs)
  // What follows a reply at once has not rested.
  const replies = new Set(exchanges.map(({ endMs }) => endMs))
  return own.flatMap(({ atMs }, at) =>
    at > 0 && atMs - own[at - 1]!.endMs > DRAWN_MS && !replies.has(atMs) ? [atMs] : [],
  )
}

const LAST_MS = 4_000

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
