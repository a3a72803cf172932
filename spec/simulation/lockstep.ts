import type { SimPlan } from './plan.ts'
import type { Exchange, Recording, Session } from './recording.ts'

// I14: clients that start together do not stay in lockstep.

/** Only a longer gap is certainly random: a shorter one may be the lower bound of the cadence, which is the same for all. */
const LEAST_RANDOM_GAP_MS = 600
/** How many equal gaps show that two clients are in lockstep. One may be a coincidence. */
const LEAST_RANDOM_GAPS = 2

/**
 * I14: clients that start together do not send requests together forever; a thousand of them would overload the
 * cluster.
 */
export function checkLockstep(
  plan: SimPlan,
  { sessions }: Recording,
  report: (text: string, atMs: number) => void,
): void {
  const alike = sessions.filter(({ index }) => isAlike(plan, index))
  for (const one of alike)
    for (const other of alike) {
      if (other.index <= one.index || other.beganMs !== one.beganMs) continue
      const [a, b] = [gapsOf(one), gapsOf(other)]
      if (a.length >= LEAST_RANDOM_GAPS && a.length === b.length && a.every((ms, at) => ms === b[at]))
        report(
          `users ${one.index} and ${other.index} send requests in lockstep: gaps of ${a.join(', ')} ms`,
          one.beganMs,
        )
      for (const what of SOURCES) {
        const times = timesOf(plan, one, what)
        const others = new Set(timesOf(plan, other, what))
        const same = times.filter((ms) => others.has(ms))
        if (same.length >= SAME_TIMES)
          report(
            `users ${one.index} and ${other.index} request ${what} in lockstep: at ${same.join(', ')} ms`,
            one.beganMs,
          )
      }
    }
}

/**
 * Many short waits of one source may hide that another source, which is requested less often, is requested in lockstep.
 */
const SOURCES: readonly Exchange['what'][] = ['status', 'list', 'running', 'snapshots', 'map']
const SAME_TIMES = 2

/**
 * When a source was requested after a random wait. Requests at the end of the budget are left out, because all clients
 * send them.
 */
function timesOf(
  { users }: SimPlan,
  { index, beganMs, exchanges }: Session,
  source: Exchange['what'],
): readonly number[] {
  const endsMs = beganMs + (users[index]!.timeoutMs ?? Infinity) - LAST_MS
  const own = exchanges.filter(({ what, atMs }) => what === source && atMs < endsMs)
  // A request that follows a reply at once has no random wait.
  const replies = new Set(exchanges.map(({ endMs }) => endMs))
  return own.flatMap(({ atMs }, at) =>
    at > 0 && atMs - own[at - 1]!.endMs > LEAST_RANDOM_GAP_MS && !replies.has(atMs) ? [atMs] : [],
  )
}

/** Requests are not compared in this time before the end of the budget. */
const LAST_MS = 4_000

/** Whether a user is a wait with the default cadence. */
const isAlike = ({ users }: SimPlan, index: number): boolean => {
  const { type, gapMs } = users[index]!
  return type === 'wait' && gapMs === undefined
}

/** The random gaps, without those at the bounds of the cadence. */
const gapsOf = ({ exchanges }: Session): readonly number[] =>
  exchanges.flatMap(({ atMs }, at) => {
    const ms = at === 0 ? 0 : atMs - exchanges[at - 1]!.endMs
    return ms > LEAST_RANDOM_GAP_MS && ms < 8_000 ? [ms] : []
  })
