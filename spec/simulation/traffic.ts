import type { Say } from './invariants.ts'
import { isWatcher, shares, type PlannedUser, type SimPlan } from './plan.ts'
import type { Exchange, Probe, Stay } from './probe.ts'

/** I5, I6, I8 and I13: what was sent. */
export function trafficOf(plan: SimPlan, stay: Stay, user: PlannedUser, given: ReadonlySet<string>, say: Say): void {
  const { exchanges } = stay
  if (shares(plan)) {
    commandsOf(stay, say)
    return
  }
  const isShared = isWatcher(user)
  // Before it follows anybody elsewhere, it asks who belongs to the cluster.
  const sentOn = exchanges.some(({ end }) => end === 307)
  const proven = new Set<string>()
  const last: Record<string, Exchange | undefined> = {}
  // After a sleep there is one more look, at once.
  const lastLookMs = stay.beganMs + (user.timeoutMs ?? Infinity)
  let before: Exchange | undefined
  for (const exchange of exchanges) {
    const { what, atMs, host } = exchange
    // Who only the map names is asked for the map to show that it is there, which is no poll; but not again and again.
    const question = what === 'map' && !given.has(host) && !proven.has(host) ? host : what
    if (what === 'map' && exchange.end === 200) proven.add(host)
    // A poll that is shared goes on for others under the name of who began it.
    if (!isShared && atMs > stay.overMs) say('I6', `asked ${what} at ${atMs}, after the end`)
    if (before !== undefined && before.endMs > atMs) say('I5', `two requests at ${atMs}`)
    const same = last[question]
    if (
      same !== undefined &&
      atMs - same.endMs < 100 &&
      !mayGoOn(same) &&
      atMs < lastLookMs &&
      !(what === 'map' && sentOn)
    )
      say('I5', `asked ${what} ${atMs - same.endMs} ms after the last answer, at ${atMs}`)
    if ((what === 'start' || what === 'stop') && same !== undefined && !wasRefused(same))
      say('I13', `sent ${what} twice, at ${same.atMs} and ${atMs}`)
    last[question] = exchange
    before = exchange
  }
  if (isShared) return
  const most = mostOf(plan, stay, user)
  if (exchanges.length > most) say('I8', `${exchanges.length} requests; ${most} would do`)
}

/** How many requests one user may cost. */
function mostOf(plan: SimPlan, stay: Stay, user: PlannedUser): number {
  const lived = Math.max(0, Math.min(stay.overMs, plan.endMs) - stay.beganMs)
  return (
    // A command takes no cadence.
    roundsOf(user.type === 'abort' ? undefined : user.gapMs, lived) *
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

/** What those who share may ask together: one list at a time, and no more than each would alone. */
export function sharedTraffic(plan: SimPlan, { stays, exchanges }: Probe, say: Say): void {
  const overMs = Math.max(...stays.map((stay) => (stay.how === 'waiting' ? Infinity : stay.overMs)))
  const late = exchanges.find(({ atMs }) => atMs > overMs)
  if (late !== undefined) say('I6', `asked ${late.what} at ${late.atMs}, after all have gone`)
  for (const what of ['list', 'running'] as const) {
    let before: Exchange | undefined
    for (const one of exchanges.filter((exchange) => exchange.what === what)) {
      if (before !== undefined && before.endMs > one.atMs) say('I5', `two of ${what} at ${one.atMs}`)
      if (
        what === 'list' &&
        before !== undefined &&
        one.atMs - before.endMs < 100 &&
        !mayGoOn(before) &&
        one.host === before.host
      )
        say('I5', `asked ${what} ${one.atMs - before.endMs} ms after the last answer, at ${one.atMs}`)
      before = one
    }
  }
  const most = stays.reduce(
    (sum, stay) => sum + (stay.beganMs < 0 ? 0 : mostOf(plan, stay, plan.users[stay.index]!)),
    0,
  )
  if (exchanges.length > most) say('I8', `${exchanges.length} requests of all; ${most} would do`)
}

/** After such an end the same question goes on at once: elsewhere, or with another token. */
const mayGoOn = ({ end, fault }: Exchange): boolean =>
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
