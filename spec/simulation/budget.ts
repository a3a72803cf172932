import type { PlannedUser, SimPlan } from './plan.ts'
import type { Exchange, Recording, Session } from './recording.ts'
import { isNotJson, queryOf } from './traffic.ts'

// I17: the requests to each source depend on the fastest cadence, not on the number of users.

const MINUTE_MS = 60_000
/** The shortest gap of the default cadence, jitter included. */
const SHORTEST_DEFAULT_MS = 400
/** Requests to a source beyond those of its cadence: for the first poll, and for a poll that confirms an end. */
const SPARE = 4

/**
 * I17: the number of requests to each source in a minute depends on the fastest cadence, not on the number of
 * subscribers.
 *
 * A subscriber that joins may bring one request forward, once. So may each end of a job, after which each source is
 * queried again, and each leap of the clock, after which a silence counts anew.
 */
export function checkBudget(
  plan: SimPlan,
  { sessions, exchanges }: Recording,
  report: (text: string, atMs: number) => void,
): void {
  if (exchanges.length <= SPARE) return
  // A command has no cadence.
  const gapOf = ({ type, gapMs }: PlannedUser): number => (type === 'abort' ? undefined : gapMs) ?? SHORTEST_DEFAULT_MS
  const gapMs = Math.min(...plan.users.map((user) => Math.max(100, gapOf(user))))
  const bySource = new Map<string, Exchange[]>()
  const repetitions = repetitionsOf(exchanges)
  for (const exchange of exchanges)
    if (isAnswer(exchange) && !repetitions.has(exchange))
      for (const source of sourcesOf(plan, exchange)) {
        const list = bySource.get(source)
        if (list === undefined) bySource.set(source, [exchange])
        else list.push(exchange)
      }
  for (const [source, polls] of bySource) {
    const tooMany = excessOf(plan, sessions, polls, gapMs)
    if (tooMany !== undefined)
      report(
        `${source}: ${tooMany.count} requests in ${tooMany.forMs} ms; at most ${tooMany.most} expected`,
        tooMany.atMs,
      )
  }
}

/**
 * Whether the exchange counts as a poll. A failed request is repeated elsewhere, as often as I8 allows. The 404 of a
 * cluster counts; the 404 of an intermediary does not. A list after a redirect does not count either, because a proxy
 * outside the Information Center lists nothing.
 */
const isAnswer = ({ what, end, fault }: Exchange): boolean =>
  !(what === 'list' && fault === 'redirect') && (end === 200 || (end === 404 && what !== 'other' && fault !== 'page'))

/**
 * The requests that belong to another request: those that repeat one elsewhere after a reply that is not JSON, also through
 * a redirect; lists that do so after a redirect or at once after a garbled reply or a page; and requests for the map that
 * check where a redirect leads to.
 *
 * A user requests one list at a time, so the next list after a 307 is the same one.
 */
function repetitionsOf(exchanges: readonly Exchange[]): ReadonlySet<Exchange> {
  const repetitions = new Set<Exchange>()
  const lastByUser = new Map<number, Exchange>()
  const lastByQuery = new Map<string, Exchange>()
  const redirectedMs = new Set<number>()
  for (const { end, endMs } of exchanges) if (end === 307) redirectedMs.add(endMs)
  for (const exchange of exchanges) {
    if (exchange.what === 'map' && redirectedMs.has(exchange.atMs)) repetitions.add(exchange)
    const query = `${exchange.user} ${queryOf(exchange)}`
    const before = lastByQuery.get(query)
    if (before !== undefined && isNotJson(before))
      if (before.host !== exchange.host || redirectedMs.has(before.atMs)) repetitions.add(exchange)
    if (before?.end === 307 && repetitions.has(before)) repetitions.add(exchange)
    lastByQuery.set(query, exchange)
    if (exchange.what !== 'list') continue
    const last = lastByUser.get(exchange.user)
    const isElsewhere = last !== undefined && last.host !== exchange.host && last.endMs === exchange.atMs
    if (last?.end === 307 || ((last?.fault === 'garble' || last?.fault === 'page') && isElsewhere))
      repetitions.add(exchange)
    lastByUser.set(exchange.user, exchange)
  }
  return repetitions
}

/** The first time span with more polls than the cadence allows. */
function excessOf(
  plan: SimPlan,
  sessions: readonly Session[],
  polls: readonly Exchange[],
  gapMs: number,
): { readonly count: number; readonly most: number; readonly forMs: number; readonly atMs: number } | undefined {
  let first = 0
  for (let at = 0; at < polls.length; at++) {
    const { atMs } = polls[at]!
    while (polls[first]!.atMs < atMs - MINUTE_MS) first++
    const forMs = atMs - polls[first]!.atMs
    const joined = sessions.filter(({ beganMs }) => beganMs <= atMs && beganMs >= atMs - MINUTE_MS - gapMs).length
    const leaps = plan.sleeps.length + plan.jumps.length
    const most = Math.ceil(forMs / gapMs) + SPARE + joined + plan.jobs.length + leaps
    const count = at - first + 1
    if (count > most) return { count, most, forMs, atMs }
  }
  return undefined
}

/** The list, the list of running jobs and the map; for statuses and snapshots, those of one job or kind. */
function sourcesOf({ jobs }: SimPlan, exchange: Exchange): readonly string[] {
  const { what, body } = exchange
  switch (what) {
    case 'list':
    case 'running':
    case 'map':
      return [what]
    case 'status':
      return [queryOf(exchange)]
    case 'snapshots': {
      if (body.includes('"id"')) return [/"id":"([^"]*)"/.exec(body)?.[1] ?? body].map((id) => `snapshots of ${id}`)
      const kinds = new Set(jobs.map(({ kind }) => kind))
      return (
        [...kinds]
          .filter((kind) => !body.includes('"kind"') || body.includes(`"kind":"${kind}"`))
          // One of the kinds is named `list`: the prefix keeps its snapshots apart from the lists of the Information
          // Center.
          .map((kind) => `snapshots of kind ${kind}`)
      )
    }
    default:
      return []
  }
}
