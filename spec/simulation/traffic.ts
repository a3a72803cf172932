import { answered, arrived } from './known.ts'
import type { Say } from './invariants.ts'
import { isWatcher, shares, type PlannedUser, type SimPlan } from './plan.ts'
import type { Exchange, Probe, Stay } from './probe.ts'

/** I6, I8 and I13: what one subscriber sent. */
export function trafficOf(plan: SimPlan, stay: Stay, user: PlannedUser, given: ReadonlySet<string>, say: Say): void {
  commandsOf(stay, say)
  // What is shared goes on for others, under the name of the one that began it.
  if (shares(plan)) return
  const { exchanges } = stay
  inFlight(plan, [stay], exchanges, given, say)
  if (isWatcher(user)) return
  for (const { what, atMs } of exchanges) if (atMs > stay.overMs) say('I6', `asked ${what} at ${atMs}, after the end`)
  const most = mostOf(plan, stay, user)
  if (exchanges.length > most) say('I8', `${exchanges.length} requests; ${most} would do`)
}

/** The pause that is kept between a reply and the next request of the same; a sum of floating numbers may miss it by little. */
const SHORTEST_MS = 99.9

/** So many questions about one job each may be in flight together. */
const MOST_OF_JOBS = 16

/** What is asked: the same twice is the same question. */
export const questionOf = ({ what, body }: Exchange): string => (body === '' ? what : `${what} ${body}`)

const isAboutOne = ({ what, body }: Exchange): boolean =>
  (what === 'status' || what === 'snapshots') && body.includes('"id"')

/** One query of each of these at a time: the Information Center, the targets, the map. */
const SOURCES: Readonly<Record<string, string>> = { list: 'list', running: 'targets', snapshots: 'targets', map: 'map' }

const isCommand = ({ what }: Exchange): boolean => what === 'start' || what === 'stop'

/** I5: no question twice at once, one query a source, and a pause after each reply. */
function inFlight(
  plan: SimPlan,
  stays: readonly Stay[],
  exchanges: readonly Exchange[],
  given: ReadonlySet<string>,
  say: Say,
): void {
  const open = new Set<Exchange>()
  const last = new Map<string, Exchange>()
  // Before it follows a redirect, it asks who belongs to the cluster, beside what is asked for the view.
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
    const key = questionOf(exchange)
    const one = isAboutOne(exchange)
    // Proxies that only the map names show side by side that they are there.
    const isProof = what === 'map' && !given.has(host)
    let ofJobs = 0
    for (const other of isProof ? [] : open) {
      if (what === 'map' && (sentOn || !given.has(other.host))) continue
      if (questionOf(other) === key) say('I5', `asked ${what} twice at once, at ${atMs}`)
      else if (one && other.what === what && isAboutOne(other)) ofJobs++
      else if (!one && !isAboutOne(other) && SOURCES[what] !== undefined && SOURCES[what] === SOURCES[other.what])
        say('I5', `asked ${what} while ${other.what} was in flight, at ${atMs}`)
    }
    if (ofJobs >= MOST_OF_JOBS) say('I5', `${ofJobs + 1} of ${what} in flight at ${atMs}`)
    // A proxy that only the map names is asked for the map to show that it is there, which is no poll; but only once.
    const paced = what === 'map' && !given.has(host) && !proven.has(host) ? `${key} ${host}` : key
    // What cannot be read proves nothing.
    if (what === 'map' && arrived(exchange)) proven.add(host)
    const before = last.get(paced)
    if (
      before !== undefined &&
      before.endMs <= atMs &&
      atMs - before.endMs < SHORTEST_MS &&
      // By the clock of its subscribers, which was set forward, the pause was long.
      plan.jumps.length === 0 &&
      !mayGoOn(before) &&
      !(what === 'map' && sentOn) &&
      // A list may come from a proxy that is no member of the Information Center: the map tells who is.
      !(what === 'map' && listedMs === atMs) &&
      // A proxy that is no member lists nothing: another one is asked.
      !(what === 'list' && host !== before.host) &&
      // After the failure of one member of the Information Center, the next one is asked: what cannot be read is no answer.
      !(what === 'status' && host !== before.host && !answered(before)) &&
      // The targets are asked once more when the Information Center has told of an end.
      !(what === 'snapshots' && heardMs >= before.atMs) &&
      !isHurried(plan, stays, before, exchange) &&
      // The wait that follows a command is a new one.
      !exchanges.some((one) => isCommand(one) && one.endMs >= before.atMs && one.endMs <= atMs)
    )
      say('I5', `asked ${what} ${atMs - before.endMs} ms after the last answer, at ${atMs}`)
    last.set(paced, exchange)
    if (exchange.endMs > atMs) open.add(exchange)
  }
}

/** A subscriber that comes takes no reply to what was asked before; one whose budget has passed in its sleep looks again. */
const isHurried = ({ users }: SimPlan, stays: readonly Stay[], before: Exchange, { atMs }: Exchange): boolean =>
  stays.some(({ index, beganMs }) => {
    const lastLookMs = beganMs + (users[index]!.timeoutMs ?? Infinity)
    return (beganMs > before.atMs && beganMs <= atMs) || (lastLookMs <= atMs && before.atMs <= atMs)
  })

/** A wait whose budget ran out while its machine slept looks again for two seconds, and asks each half second what failed. */
const LAST_ROUNDS = 4

/** How many requests one user may cost. */
export function mostOf(plan: SimPlan, stay: Stay, user: PlannedUser): number {
  const lived = Math.max(0, Math.min(stay.overMs, plan.endMs) - stay.beganMs)
  const looksAgain = lived > (user.timeoutMs ?? Infinity)
  return (
    // A command takes no cadence.
    (roundsOf(user.type === 'abort' ? undefined : user.gapMs, lived) + (looksAgain ? LAST_ROUNDS : 0)) *
      3 *
      plan.endpoints *
      (plan.tokens === undefined ? 1 : 2) *
      (plan.net.some(({ type }) => type === 'redirect') ? 5 : 1) +
    12
  )
}

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

/** What those who share may ask together: no question twice, and no more than each would alone. */
export function sharedTraffic(plan: SimPlan, { stays, exchanges }: Probe, given: ReadonlySet<string>, say: Say): void {
  const overMs = Math.max(...stays.map((stay) => (stay.how === 'waiting' ? Infinity : stay.overMs)))
  const late = exchanges.find(({ atMs }) => atMs > overMs)
  if (late !== undefined) say('I6', `asked ${late.what} at ${late.atMs}, after all have gone`)
  inFlight(plan, stays, exchanges, given, say)
  const most = stays.reduce(
    (sum, stay) => sum + (stay.beganMs < 0 ? 0 : mostOf(plan, stay, plan.users[stay.index]!)),
    0,
  )
  if (exchanges.length > most) say('I8', `${exchanges.length} requests of all; ${most} would do`)
}

/** After such an end the same question goes on at once: elsewhere, or with another token. */
export const mayGoOn = ({ end, fault }: Exchange): boolean =>
  end === 'failed' || end === 'cut' || end === 307 || end === 401 || end === 502 || end === 503 || fault === 'permanent'

/** Nothing was done: it may go once more. */
const wasRefused = ({ end, servedMs }: Exchange): boolean =>
  (end === 'failed' && servedMs === undefined) || end === 401 || end === 307

/** The default cadence waits a fifth of the time waited so far, half a second at least and eight tenths of ten at most. */
function roundsOf(gapMs: number | undefined, livedMs: number): number {
  if (gapMs !== undefined) return livedMs / Math.max(100, gapMs) + 3
  let n = 3
  for (let at = 0; at < livedMs && n < 60; n++) at += Math.max(500, Math.min(10_000, at / 5) * 0.8)
  return livedMs > 50_000 ? Math.max(n, 40 + livedMs / 8_000) : n
}
