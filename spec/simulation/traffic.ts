import { answered, arrived } from './known.ts'
import type { Say } from './invariants.ts'
import { isWatcher, shares, type PlannedUser, type SimPlan } from './plan.ts'
import type { Exchange, Probe, Stay } from './probe.ts'

/** I6, I8 and I13: the requests of one subscriber. */
export function trafficOf(plan: SimPlan, stay: Stay, user: PlannedUser, given: ReadonlySet<string>, say: Say): void {
  commandsOf(stay, say)
  // A shared request continues for others, but is recorded for the subscriber that caused it.
  if (shares(plan)) return
  const { exchanges } = stay
  inFlight(plan, [stay], exchanges, given, say)
  if (isWatcher(user)) return
  for (const { what, atMs } of exchanges)
    if (atMs > stay.overMs) say('I6', `requested ${what} at ${atMs}, after the end`)
  const most = mostOf(plan, stay, user)
  if (exchanges.length > most) say('I8', `${exchanges.length} requests; at most ${most} expected`)
}

/**
 * The shortest pause between a reply and the next equal request, minus a tolerance: sums of floating-point numbers are inexact.
 */
const SHORTEST_MS = 99.9

/** How many requests about single jobs may be in flight at once. */
const MOST_OF_JOBS = 16

/** The query of a request as text: equal queries have equal texts. */
export const queryOf = ({ what, body }: Exchange): string => (body === '' ? what : `${what} ${body}`)

const isAboutOne = ({ what, body }: Exchange): boolean =>
  (what === 'status' || what === 'snapshots') && body.includes('"id"')

/** The sources with one query in flight each: the Information Center, the targets, the map. */
const SOURCES: Readonly<Record<string, string>> = { list: 'list', running: 'targets', snapshots: 'targets', map: 'map' }

const isCommand = ({ what }: Exchange): boolean => what === 'start' || what === 'stop'

/** I5: no query is in flight twice, each source has one query in flight, and a pause follows each reply. */
function inFlight(
  plan: SimPlan,
  stays: readonly Stay[],
  exchanges: readonly Exchange[],
  given: ReadonlySet<string>,
  say: Say,
): void {
  const open = new Set<Exchange>()
  const last = new Map<string, Exchange>()
  // Before it follows a redirect, the library requests the map to learn the members of the cluster, beside the requests
  // of the view.
  const sentOn = exchanges.some(({ end }) => end === 307)
  const proven = new Set<string>()
  let [heardMs, listedMs] = [-Infinity, -Infinity]
  for (const exchange of exchanges) {
    const { what, atMs, host } = exchange
    if (isCommand(exchange)) continue
    for (const other of open)
      if (other.endMs <= atMs) {
        open.delete(other)
        if ((other.what === 'list' || other.what === 'status') && other.end === 200)
          heardMs = Math.max(heardMs, other.endMs)
        if (other.what === 'list' && other.end === 200) listedMs = Math.max(listedMs, other.endMs)
      }
    const key = queryOf(exchange)
    const one = isAboutOne(exchange)
    // Proxies that only the map names are checked in parallel.
    const isProof = what === 'map' && !given.has(host)
    let ofJobs = 0
    for (const other of isProof ? [] : open) {
      if (what === 'map' && (sentOn || !given.has(other.host))) continue
      if (queryOf(other) === key) say('I5', `requested ${what} twice at once, at ${atMs}`)
      else if (one && other.what === what && isAboutOne(other)) ofJobs++
      else if (!one && !isAboutOne(other) && SOURCES[what] !== undefined && SOURCES[what] === SOURCES[other.what])
        say('I5', `requested ${what} while ${other.what} was in flight, at ${atMs}`)
    }
    if (ofJobs >= MOST_OF_JOBS) say('I5', `${ofJobs + 1} of ${what} in flight at ${atMs}`)
    // A proxy that only the map names gets one request for the map, to prove that it is there. That is not a poll.
    const paced = what === 'map' && !given.has(host) && !proven.has(host) ? `${key} ${host}` : key
    // What cannot be read proves nothing.
    if (what === 'map' && arrived(exchange)) proven.add(host)
    const before = last.get(paced)
    if (
      before !== undefined &&
      before.endMs <= atMs &&
      atMs - before.endMs < SHORTEST_MS &&
      // The pause was long by the clock of the subscribers, which was set forward.
      plan.jumps.length === 0 &&
      !mayGoOn(before) &&
      !(what === 'map' && sentOn) &&
      // A list may come from a proxy outside the Information Center: the map shows the members.
      !(what === 'map' && listedMs === atMs) &&
      // A proxy outside the Information Center lists nothing, so another one is queried.
      !(what === 'list' && host !== before.host) &&
      // After one member of the Information Center failed, the next one is queried: a reply that cannot be decoded is
      // no answer.
      !(what === 'status' && host !== before.host && !answered(before)) &&
      // The targets are polled once more after the Information Center reported an end.
      !(what === 'snapshots' && heardMs >= before.atMs) &&
      !isHurried(plan, stays, before, exchange) &&
      // The wait that follows a command is a new one.
      !exchanges.some((one) => isCommand(one) && one.endMs >= before.atMs && one.endMs <= atMs)
    )
      say('I5', `requested ${what} ${atMs - before.endMs} ms after the last reply, at ${atMs}`)
    last.set(paced, exchange)
    if (exchange.endMs > atMs) open.add(exchange)
  }
}

/**
 * Whether the request may come early: a subscriber that joins ignores replies to earlier requests, and a wait whose
 * budget ended during a sleep polls again.
 */
const isHurried = ({ users }: SimPlan, stays: readonly Stay[], before: Exchange, { atMs }: Exchange): boolean =>
  stays.some(({ index, beganMs }) => {
    const lastRoundMs = beganMs + (users[index]!.timeoutMs ?? Infinity)
    return (beganMs > before.atMs && beganMs <= atMs) || (lastRoundMs <= atMs && before.atMs <= atMs)
  })

/**
 * A wait whose budget ended while its machine slept polls again for two seconds, and repeats failed requests every half
 * second.
 */
const LAST_ROUNDS = 4

/** How many requests one user may cost. */
export function mostOf(plan: SimPlan, stay: Stay, user: PlannedUser): number {
  const lived = Math.max(0, Math.min(stay.overMs, plan.endMs) - stay.beganMs)
  const hasLastRound = lived > (user.timeoutMs ?? Infinity)
  return (
    // A command has no cadence.
    (roundsOf(user.type === 'abort' ? undefined : user.gapMs, lived) + (hasLastRound ? LAST_ROUNDS : 0)) *
      3 *
      plan.endpoints *
      (plan.tokens === undefined ? 1 : 2) *
      (plan.net.some(({ type }) => type === 'redirect') ? 5 : 1) +
    proofsOf(plan, lived) +
    12
  )
}

/** A proxy that failed gets no request for this time. */
const REST_MS = 5_000

/** How many requests for the map may prove, after proxies have failed, that proxies which only the map names belong to it. */
const proofsOf = ({ events, proxies, endpoints }: SimPlan, livedMs: number): number =>
  events.some(({ type }) => type === 'kill-proxy') ? Math.max(0, proxies - endpoints) * (1 + livedMs / REST_MS) : 0

function commandsOf({ exchanges, index }: Stay, say: Say): void {
  for (const what of ['start', 'stop'] as const) {
    const sent = exchanges.filter((one) => one.user === index && one.what === what)
    sent.forEach((one, nth) => {
      const before = sent[nth - 1]
      if (before !== undefined && !wasRefused(before))
        say('I13', `sent ${what} twice, at ${before.atMs} and ${one.atMs}`)
    })
  }
}

/** What several users may request together: no query twice, and no more than each would alone. */
export function sharedTraffic(plan: SimPlan, { stays, exchanges }: Probe, given: ReadonlySet<string>, say: Say): void {
  const overMs = Math.max(...stays.map((stay) => (stay.how === 'waiting' ? Infinity : stay.overMs)))
  const late = exchanges.find(({ atMs }) => atMs > overMs)
  if (late !== undefined) say('I6', `requested ${late.what} at ${late.atMs}, after all users have left`)
  inFlight(plan, stays, exchanges, given, say)
  const most = stays.reduce(
    (sum, stay) => sum + (stay.beganMs < 0 ? 0 : mostOf(plan, stay, plan.users[stay.index]!)),
    0,
  )
  if (exchanges.length > most) say('I8', `${exchanges.length} requests of all users; at most ${most} expected`)
}

/** Whether the same query may be repeated at once after this end: elsewhere, or with another token. */
export const mayGoOn = ({ end, fault }: Exchange): boolean =>
  end === 'failed' ||
  end === 'cut' ||
  end === 307 ||
  end === 401 ||
  end === 502 ||
  end === 503 ||
  fault === 'permanent' ||
  // A page from an intermediary is no reply of the cluster, so another endpoint is tried.
  (fault === 'page' && end !== 200)

/** Whether the command had no effect, so that it may be sent once more. */
const wasRefused = ({ end, servedMs }: Exchange): boolean =>
  (end === 'failed' && servedMs === undefined) || end === 401 || end === 307

/**
 * How many polls a stream sends at most. The default cadence waits an eleventh of the time waited so far, from 0.5 s to
 * 10 s, and its jitter shortens that by up to a fifth.
 */
function roundsOf(gapMs: number | undefined, livedMs: number): number {
  if (gapMs !== undefined) return livedMs / Math.max(100, gapMs) + 3
  let n = 3
  for (let at = 0; at < livedMs && n < 60; n++) at += Math.max(500, Math.min(10_000, at / 11) * 0.8)
  return livedMs > 50_000 ? Math.max(n, 40 + livedMs / 8_000) : n
}
