import { isAnswered, hasArrived } from './known.ts'
import type { ReportViolation } from './invariants.ts'
import { isWatcher, shares, timeoutOf, type PlannedUser, type SimPlan } from './plan.ts'
import type { Exchange, Recording, Session } from './recording.ts'

// The promises about requests: I5, I6, I8 and I13. README.md has the table of the invariants.

/** I6, I8 and I13: the requests of one subscriber. */
export function checkRequests(
  plan: SimPlan,
  session: Session,
  user: PlannedUser,
  givenHosts: ReadonlySet<string>,
  report: ReportViolation,
): void {
  checkCommands(session, report)
  // A shared request continues for others, but is recorded for the subscriber that caused it.
  if (shares(plan)) return
  const { exchanges } = session
  checkInFlight(plan, [session], exchanges, givenHosts, report)
  if (isWatcher(user)) return
  for (const { what, atMs } of exchanges)
    if (atMs > session.overMs) report('I6', `requested ${what} at ${atMs}, after the end`)
  const most = maxRequests(plan, session, user)
  if (exchanges.length > most) report('I8', `${exchanges.length} requests; at most ${most} expected`)
}

/**
 * The shortest pause between a reply and the next equal request, minus a tolerance: sums of floating-point numbers are inexact.
 */
const SHORTEST_MS = 99.9

/** How many requests about single jobs may be in flight at once. */
const MOST_OF_JOBS = 16

/** The query of a request as text: equal queries have equal texts. */
export const queryOf = ({ what, body }: Exchange): string => (body === '' ? what : `${what} ${body}`)

/** Whether a request is about one job. */
const isAboutOne = ({ what, body }: Exchange): boolean =>
  (what === 'status' || what === 'snapshots') && body.includes('"id"')

/** The sources with one query in flight each: the Information Center, the targets, the map. */
const SOURCES: Readonly<Record<string, string>> = { list: 'list', running: 'targets', snapshots: 'targets', map: 'map' }

const isCommand = ({ what }: Exchange): boolean => what === 'start' || what === 'stop'

/**
 * A query without a reply after this time is sent to a second endpoint too, minus a tolerance: sums of floating-point
 * numbers are inexact.
 */
const SLOW_MS = 4_999.9

/**
 * Whether a request is the same query as an earlier one in flight, to a second endpoint.
 *
 * A redirect or a refused token makes one query several requests in a row, and a redirect may lead each of the two to the
 * other's endpoint. Then it only counts that a request of the query was slow.
 *
 * @param same all requests with the same query, if a reply to one of them was a redirect or refused the token
 */
function isSecond({ jumps, sleeps }: SimPlan, first: Exchange, exchange: Exchange, same: readonly Exchange[]): boolean {
  const { host, atMs } = exchange
  const isSlow = (one: Exchange): boolean =>
    one.atMs < atMs && (Math.min(one.endMs, atMs) - one.atMs >= SLOW_MS || jumps.length + sleeps.length > 0)
  return (host !== first.host && isSlow(first)) || same.some(isSlow)
}

/** I5: no query is in flight twice, each source has one query in flight, and a pause follows each reply. */
function checkInFlight(
  plan: SimPlan,
  sessions: readonly Session[],
  exchanges: readonly Exchange[],
  givenHosts: ReadonlySet<string>,
  report: ReportViolation,
): void {
  const traffic: Traffic = {
    plan,
    sessions,
    exchanges,
    queries: exchanges.filter((one) => !isCommand(one)),
    followed: exchanges.filter(({ end }) => end === 307 || end === 401),
    hasRedirect: exchanges.some(({ end }) => end === 307),
    isProxyCheck: ({ what, host }) => what === 'map' && !givenHosts.has(host),
  }
  checkConcurrency(traffic, report)
  checkPauses(traffic, report)
}

/** The requests of one cluster value, in the order in which they were sent, and what the rules about them depend on. */
interface Traffic {
  readonly plan: SimPlan
  readonly sessions: readonly Session[]
  readonly exchanges: readonly Exchange[]
  /** All requests except commands. */
  readonly queries: readonly Exchange[]
  /** Requests whose query was sent again at once: the reply was a redirect, or refused the token. */
  readonly followed: readonly Exchange[]
  /**
   * Whether a reply was a redirect. Before it follows one, the library requests the map to learn the members of the cluster,
   * beside the requests of the view.
   */
  readonly hasRedirect: boolean
  /** Whether a request checks a proxy that only the map names. Such proxies are checked in parallel. */
  readonly isProxyCheck: (exchange: Exchange) => boolean
}

/** Whether the query of this request was sent again at once, after a redirect or a refused token. */
const isFollowed = ({ followed }: Traffic, exchange: Exchange): boolean =>
  followed.some((one) => queryOf(one) === queryOf(exchange))

/** No query is in flight twice, and each source has one query in flight, except for requests about single jobs. */
function checkConcurrency(traffic: Traffic, report: ReportViolation): void {
  const { plan, queries, hasRedirect, isProxyCheck } = traffic
  const inFlight = new Set<Exchange>()
  for (const exchange of queries) {
    const { what, atMs } = exchange
    for (const other of inFlight) if (other.endMs <= atMs) inFlight.delete(other)
    const query = queryOf(exchange)
    const sameQuery = isFollowed(traffic, exchange) ? queries.filter((one) => queryOf(one) === query) : []
    let aboutOneJob = 0
    let equal = 0
    for (const other of isProxyCheck(exchange) ? [] : inFlight) {
      if (what === 'map' && (hasRedirect || isProxyCheck(other))) continue
      if (queryOf(other) === query) {
        equal++
        if (equal > 1 || !isSecond(plan, other, exchange, sameQuery))
          report('I5', `requested ${what} twice at once, at ${atMs}`)
      } else if (isAboutOne(exchange) && other.what === what && isAboutOne(other)) aboutOneJob++
      else if (isOneSource(exchange, other))
        report('I5', `requested ${what} while ${other.what} was in flight, at ${atMs}`)
    }
    if (aboutOneJob >= MOST_OF_JOBS) report('I5', `${aboutOneJob + 1} of ${what} in flight at ${atMs}`)
    if (exchange.endMs > atMs) inFlight.add(exchange)
  }
}

/** A pause follows each reply before the same query is sent again. */
function checkPauses(traffic: Traffic, report: ReportViolation): void {
  const lastByKey = new Map<string, Exchange>()
  const checkedHosts = new Set<string>()
  for (const exchange of traffic.queries) {
    const { what, atMs, host } = exchange
    // The first check of a proxy is not a poll of the map, so it has no pace.
    const isFirstCheck = traffic.isProxyCheck(exchange) && !checkedHosts.has(host)
    // A reply that cannot be decoded proves nothing.
    if (what === 'map' && hasArrived(exchange)) checkedHosts.add(host)
    const key = isFirstCheck ? `${queryOf(exchange)} ${host}` : queryOf(exchange)
    const previous = lastByKey.get(key)
    lastByKey.set(key, exchange)
    if (previous === undefined) continue
    // Negative if the previous request is still in flight, which `checkConcurrency` judges.
    const pauseMs = atMs - previous.endMs
    if (pauseMs >= 0 && pauseMs < SHORTEST_MS && !mayFollowAtOnce(traffic, previous, exchange))
      report('I5', `requested ${what} ${pauseMs} ms after the last reply, at ${atMs}`)
  }
}

/** Whether a request may follow the reply to the previous request of the same query without a pause. */
const mayFollowAtOnce = (traffic: Traffic, previous: Exchange, exchange: Exchange): boolean =>
  // The pause was long by the clock of the subscribers, which was set forward.
  traffic.plan.jumps.length > 0 ||
  mayRepeatAtOnce(previous) ||
  isQueriedElsewhere(traffic, previous, exchange) ||
  // A redirect or a refused token is followed at once, also if a second endpoint replied to the query meanwhile.
  traffic.followed.some((one) => queryOf(one) === queryOf(exchange) && one.endMs === exchange.atMs) ||
  (exchange.what === 'map' && isMapNeeded(traffic, exchange)) ||
  (exchange.what === 'snapshots' && confirmsEnd(traffic, previous, exchange)) ||
  mayComeEarly(traffic, previous, exchange)

/** Whether a request for the map may have to find the members of the cluster or of the Information Center. */
const isMapNeeded = ({ exchanges, hasRedirect }: Traffic, { atMs }: Exchange): boolean =>
  hasRedirect ||
  // A list may come from a proxy outside the Information Center: the map shows the members.
  exchanges.some(({ what, end, endMs }) => what === 'list' && end === 200 && endMs === atMs) ||
  // A query to a second member of the Information Center may need the members.
  exchanges.some((one) => isOfIc(one) && one.atMs + SLOW_MS <= atMs && one.endMs >= atMs)

/** Whether the Information Center may have reported an end since the previous poll: then the targets are polled once more. */
const confirmsEnd = ({ exchanges }: Traffic, previous: Exchange, { atMs }: Exchange): boolean =>
  exchanges.some((one) => isOfIc(one) && one.end === 200 && one.endMs >= previous.atMs && one.endMs <= atMs)

const isOfIc = ({ what }: Exchange): boolean => what === 'status' || what === 'list'

/** Whether two requests are for one source that has one query in flight. */
const isOneSource = (one: Exchange, other: Exchange): boolean =>
  !isAboutOne(one) && !isAboutOne(other) && SOURCES[one.what] !== undefined && SOURCES[one.what] === SOURCES[other.what]

/** Whether the query goes to another proxy because the reply of the first one is no answer. */
const isQueriedElsewhere = (traffic: Traffic, previous: Exchange, exchange: Exchange): boolean => {
  const { what, host, atMs } = exchange
  // A reply that is not JSON is not of the cluster, so another endpoint is queried: if the request was redirected, perhaps
  // the one to which it was redirected.
  if (isNotJson(previous) && isFollowed(traffic, exchange)) return true
  if (host === previous.host) return false
  return (
    isNotJson(previous) ||
    // A proxy outside the Information Center lists nothing, so another one is queried.
    what === 'list' ||
    // After one member of the Information Center failed, the next one is queried: a reply that cannot be decoded is no
    // answer.
    (what === 'status' && !isAnswered(previous)) ||
    // The first reply may come in the moment in which the same query is sent to a second endpoint.
    (previous.endMs === atMs && atMs - previous.atMs >= SLOW_MS)
  )
}

/**
 * Whether the request may come early: a subscriber that joins ignores replies to earlier requests, a wait whose budget ended
 * during a sleep polls again, and the wait that follows a command is a new one.
 */
const mayComeEarly = (
  { plan: { users }, sessions, exchanges }: Traffic,
  previous: Exchange,
  { atMs }: Exchange,
): boolean =>
  sessions.some(({ index, beganMs }) => {
    const budgetEndMs = beganMs + timeoutOf(users[index]!)
    return (beganMs > previous.atMs && beganMs <= atMs) || budgetEndMs <= atMs
  }) || exchanges.some((one) => isCommand(one) && one.endMs >= previous.atMs && one.endMs <= atMs)

/**
 * A wait whose budget ended while its machine slept polls again for two seconds, and repeats failed requests every half
 * second.
 */
const LAST_ROUNDS = 4

/** A request, the redirects that it follows, and the requests for the map that check where they lead. */
const MOST_HOPS = 5
/** Requests that belong to no poll: those of the first moments, and those that confirm an end. */
const SPARE_REQUESTS = 12

/** How many requests one user may cost. */
export function maxRequests(plan: SimPlan, session: Session, user: PlannedUser): number {
  const durationMs = Math.max(0, Math.min(session.overMs, plan.endMs) - session.beganMs)
  // A command has no cadence.
  const gapMs = user.type === 'abort' ? undefined : user.gapMs
  const polls = maxPolls(gapMs, durationMs) + (durationMs > timeoutOf(user) ? LAST_ROUNDS : 0)
  // A stream about all jobs queries both sources about each job whose end is in doubt.
  const sources = user.all === true ? 1 + 2 * plan.jobs.length : 3
  // A query may go to each endpoint, is repeated with a new token, and follows redirects.
  const tokens = plan.tokens === undefined ? 1 : 2
  const hops = plan.net.some(({ type }) => type === 'redirect') ? MOST_HOPS : 1
  const perPoll = sources * plan.endpoints * tokens * hops
  return polls * perPoll + maxMapChecks(plan, durationMs) + SPARE_REQUESTS
}

/** A proxy that failed gets no request for this time. */
const REST_MS = 5_000

/** How many requests for the map may check the proxies that only the map names, after another proxy has failed. */
const maxMapChecks = ({ events, proxies, endpoints }: SimPlan, durationMs: number): number =>
  events.some(({ type }) => type === 'kill-proxy') ? Math.max(0, proxies - endpoints) * (1 + durationMs / REST_MS) : 0

/** I13: a command is sent once. */
function checkCommands({ exchanges, index }: Session, report: ReportViolation): void {
  for (const what of ['start', 'stop'] as const) {
    const sent = exchanges.filter((one) => one.user === index && one.what === what)
    sent.forEach((one, nth) => {
      const previous = sent[nth - 1]
      if (previous !== undefined && !wasRefused(previous))
        report('I13', `sent ${what} twice, at ${previous.atMs} and ${one.atMs}`)
    })
  }
}

/** I5, I6 and I8 for several users: no query is in flight twice, and all users together send no more requests than they would alone. */
export function checkSharedRequests(
  plan: SimPlan,
  { sessions, exchanges }: Recording,
  givenHosts: ReadonlySet<string>,
  report: ReportViolation,
): void {
  const overMs = Math.max(...sessions.map((session) => (session.state === 'waiting' ? Infinity : session.overMs)))
  const late = exchanges.find(({ atMs }) => atMs > overMs)
  if (late !== undefined) report('I6', `requested ${late.what} at ${late.atMs}, after all users have left`)
  checkInFlight(plan, sessions, exchanges, givenHosts, report)
  const most = sessions.reduce(
    (sum, session) => sum + (session.beganMs < 0 ? 0 : maxRequests(plan, session, plan.users[session.index]!)),
    0,
  )
  if (exchanges.length > most) report('I8', `${exchanges.length} requests of all users; at most ${most} expected`)
}

/** Whether the same query may be sent again at once after this reply: to another proxy, or with another token. */
export const mayRepeatAtOnce = ({ end, fault }: Exchange): boolean =>
  end === 'failed' ||
  end === 'cut' ||
  end === 307 ||
  end === 401 ||
  end === 502 ||
  end === 503 ||
  fault === 'permanent' ||
  // A page from an intermediary is no reply of the cluster, so another endpoint is tried.
  (fault === 'page' && end !== 200)

/** Whether a reply 200 is a page from an intermediary, or half of a reply. */
export const isNotJson = ({ end, fault }: Exchange): boolean =>
  end === 200 && (fault === 'page' || fault === 'cut-text')

/** Whether the reply is a permanent error, or a redirect to a host outside of the cluster. */
export const isRefusal = ({ fault }: Exchange): boolean => fault === 'permanent' || fault === 'foreign'

/** Whether the command had no effect, so that it may be sent once more. */
const wasRefused = ({ end, servedMs }: Exchange): boolean =>
  (end === 'failed' && servedMs === undefined) || end === 401 || end === 307

/**
 * How many polls a stream sends at most. The default cadence waits an eleventh of the time waited so far, from 0.5 s to
 * 10 s, and its jitter shortens that by up to a fifth.
 */
function maxPolls(gapMs: number | undefined, durationMs: number): number {
  if (gapMs !== undefined) return durationMs / Math.max(100, gapMs) + 3
  let n = 3
  for (let at = 0; at < durationMs && n < 60; n++) at += Math.max(500, Math.min(10_000, at / 11) * 0.8)
  return durationMs > 50_000 ? Math.max(n, 40 + durationMs / 8_000) : n
}
