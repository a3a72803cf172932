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
  const redirectedMs = new Set(exchanges.filter(({ end }) => end === 307).map(({ endMs }) => endMs))
  const checksRedirect = ({ what, atMs }: Exchange): boolean => what === 'map' && redirectedMs.has(atMs)
  const repeatsNotJson = (previous: Exchange, { host }: Exchange): boolean =>
    isNotJson(previous) && (previous.host !== host || redirectedMs.has(previous.atMs))
  const goesOn = ({ end, endMs, host }: Exchange, next: Exchange): boolean =>
    end === 307 || (end === 'failed' && endMs === next.atMs && host !== next.host)
  const repeatsList = (previous: Exchange, { host, atMs }: Exchange): boolean =>
    previous.end === 307 ||
    ((previous.fault === 'garble' || previous.fault === 'page') && previous.host !== host && previous.endMs === atMs)

  const repetitions = new Set<Exchange>()
  const lastByQuery = new Map<string, Exchange>()
  const lastListByUser = new Map<number, Exchange>()
  for (const exchange of exchanges) {
    const query = `${exchange.user} ${queryOf(exchange)}`
    const previous = lastByQuery.get(query)
    lastByQuery.set(query, exchange)
    if (checksRedirect(exchange)) repetitions.add(exchange)
    if (previous !== undefined && repeatsNotJson(previous, exchange)) repetitions.add(exchange)
    // A repetition that is redirected, or that fails, goes on at the other endpoint.
    if (previous !== undefined && repetitions.has(previous) && goesOn(previous, exchange)) repetitions.add(exchange)
    if (exchange.what !== 'list') continue
    const previousList = lastListByUser.get(exchange.user)
    lastListByUser.set(exchange.user, exchange)
    if (previousList !== undefined && repeatsList(previousList, exchange)) repetitions.add(exchange)
  }
  return repetitions
}

/** A time span with too many polls. */
interface Excess {
  readonly count: number
  /** How many polls the cadence allows. */
  readonly most: number
  readonly forMs: number
  /** When the span ends. */
  readonly atMs: number
}

/** The first time span of at most a minute with more polls of one source than the cadence allows. */
function excessOf(
  plan: SimPlan,
  sessions: readonly Session[],
  polls: readonly Exchange[],
  gapMs: number,
): Excess | undefined {
  const leaps = plan.sleeps.length + plan.jumps.length
  let first = 0
  for (let last = 0; last < polls.length; last++) {
    const { atMs } = polls[last]!
    while (polls[first]!.atMs < atMs - MINUTE_MS) first++
    const forMs = atMs - polls[first]!.atMs
    const joined = sessions.filter(({ beganMs }) => beganMs <= atMs && beganMs >= atMs - MINUTE_MS - gapMs).length
    // What may bring a request forward: see `checkBudget`.
    const most = Math.ceil(forMs / gapMs) + SPARE + joined + plan.jobs.length + leaps
    const count = last - first + 1
    if (count > most) return { count, most, forMs, atMs }
  }
  return undefined
}

/**
 * The sources of which a request is a poll: the list, the list of running jobs or the map; for statuses and snapshots, those
 * of one job or of each kind.
 */
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
