import type { RequestInfo } from '../error.ts'
import { defined } from '../common/defined.ts'
import { qualityOf, whyOf, type Why } from './quality.ts'
import { SLOW_MS, type Flight, type Traffic } from './traffic.ts'

/** The health of a cluster, derived from the requests of other streams. */
export interface Health {
  /** The state; `health()` documents each value. */
  readonly state: 'connected' | 'degraded' | 'failed-over' | 'unreachable'
  /** The endpoint that replied last; before the first reply, the one that was given first. */
  readonly endpoint: string
  /** Why the state is not `connected`, in one line for people. */
  readonly reason?: string
  /** When this state began, by the wall clock: the `now` of the cluster's scheduler. */
  readonly sinceMs: number
}

/** The reason of a problem, and its time. */
interface Trouble {
  readonly atMs: number
  readonly why: Why
}

/** Failures in a row. */
interface Streak extends Trouble {
  readonly count: number
  /** When the first of these requests was sent. */
  readonly fromMs: number
  /** Whether the last of them took so long that it counts as two. */
  readonly isSlow: boolean
}

/** What the requests and replies so far show about a cluster. */
export interface Condition {
  /** The given endpoints. */
  readonly endpoints: readonly string[]
  /** The endpoint that replied last, without requests that only IC members can answer. */
  readonly home: { readonly endpoint: string; readonly why?: Why | undefined }
  /** The last requests, if they got no reply. */
  readonly silent: Streak | undefined
  /** The endpoints that have not replied since the last reply of any endpoint. */
  readonly mute: readonly string[]
  /**
   * Bad and slow replies by query: requests for statuses may succeed while requests for snapshots fail (protocol T27).
   */
  readonly bad: Readonly<Record<string, Streak>>
  /** Requests that have been in flight for {@link SLOW_MS} and got no reply yet. */
  readonly overdue: ReadonlyMap<Flight, Trouble>
  /** The newest failure, without requests that only IC members can answer. */
  readonly failure: Why | undefined
  /** What was emitted last. */
  readonly health: Health | undefined
  /** The kind of the reason of `health`; a reason of another kind is emitted, too. */
  readonly kind: string
}

/** This many failures in a row mean `degraded`. A single failure may be a lost packet. */
const BAD_IN_A_ROW = 2
/** This many requests in a row without a reply mean `unreachable`. Two are enough if they took `SILENT_MS` together. */
const SILENT_IN_A_ROW = 3
const SILENT_MS = 30_000
/** A failure is dropped if the same query was not sent for this time, since it is no longer evidence. */
const FORGOTTEN_MS = 60_000
/** The failures of at most this many queries are kept: those of the last ones. */
const MOST_QUERIES = 20

const NONE: ReadonlyMap<Flight, Trouble> = new Map()

/** The reason of a fail-over if the subscriber unsubscribed before the failure was reported. */
const PASSED_OVER: Why = { text: 'the endpoint that was given first did not answer', kind: 'passed over' }

/** The condition of a cluster without any traffic. */
export const initialCondition = (endpoints: readonly string[]): Condition => ({
  endpoints,
  home: { endpoint: endpoints[0] ?? '' },
  silent: undefined,
  mute: [],
  bad: {},
  overdue: NONE,
  failure: undefined,
  health: undefined,
  kind: '',
})

/**
 * Adds one outcome of a request to the condition of a cluster.
 *
 * The state is the first of these that applies:
 *
 * - `unreachable`: three requests in a row, or two that took 30 s together, got no reply, and all given endpoints are
 *   silent. One good reply ends it.
 * - `degraded`: one query got two bad replies in a row (5xx, 429, 401, ErrFailedTo, or a body that cannot be decoded), or
 *   two requests in a row got no reply. One request that took 5 s is enough, and so is one that has been in flight for
 *   5 s ({@link withOverdue}). One good reply ends it, unless another query still gets bad replies.
 * - `failed-over`: no problems, but another endpoint replies than the one given first.
 * - `connected`: no problems.
 *
 * A single failure changes nothing, unless there was no traffic before. Failures of requests that were in flight at the
 * same time count as one.
 */
export function fold(before: Condition, traffic: Traffic): Condition {
  if (changesNothing(before, traffic)) return before
  const after = { ...before, ...withTraffic(before, traffic) }
  return withHealth(after, stateOf(after, traffic), traffic.wallMs)
}

/**
 * Adds a request that has been in flight for {@link SLOW_MS} to the condition of a cluster.
 *
 * It counts as a slow reply. While it is in flight, good replies to other requests do not end `degraded`: the request
 * for the status of one job may hang while requests for other jobs succeed.
 */
export function withOverdue(before: Condition, flight: Flight, atMs: number, wallMs: number): Condition {
  const { request, sentMs } = flight
  const tookMs = atMs - sentMs
  const why = { text: `${requestLine(request)} has been in flight for ${Math.floor(tookMs / 1000)} s`, kind: 'slow' }
  const key = keyOf(request)
  const { [key]: known, ...bad } = recent(before.bad, sentMs)
  const after = {
    ...before,
    bad: { ...bad, [key]: extendStreak(known, { atMs, tookMs }, why) },
    overdue: new Map(before.overdue).set(flight, { atMs, why }),
  }
  return withHealth(after, stateOf(after, { isLast: false, atMs }), wallMs)
}

/**
 * Removes a request that {@link withOverdue} has added, after its reply or cancellation. The state changes with the
 * next reply at the earliest.
 */
export function withoutOverdue(before: Condition, flight: Flight): Condition {
  const overdue = new Map(before.overdue)
  overdue.delete(flight)
  return { ...before, overdue }
}

interface StateAndReason {
  readonly state?: Health['state']
  readonly why?: Why | undefined
}

/** The condition with a new state. `sinceMs` stays if neither the state nor the endpoint changes. */
function withHealth(after: Condition, { state, why }: StateAndReason, wallMs: number): Condition {
  if (state === undefined) return after
  const kind = why?.kind ?? ''
  const { health } = after
  const { endpoint } = after.home
  const isSame = health?.state === state && health.endpoint === endpoint
  if (isSame && kind === after.kind) return after
  const sinceMs = isSame ? health.sinceMs : Math.max(health?.sinceMs ?? -Infinity, wallMs)
  const next = { state, endpoint, ...defined({ reason: why?.text }), sinceMs }
  return { ...after, kind, health: next }
}

/** Whether the traffic is another good reply of the same endpoint while there are no problems. Most traffic is. */
const changesNothing = (
  { health, home, silent, mute, bad }: Condition,
  { error, endpoint, route, tookMs }: Traffic,
): boolean =>
  error === undefined &&
  tookMs < SLOW_MS &&
  health !== undefined &&
  (health.state === 'connected' || health.state === 'failed-over') &&
  silent === undefined &&
  mute.length === 0 &&
  Object.keys(bad).length === 0 &&
  (route === 'ic' || home.endpoint === endpoint)

type TrafficFacts = Pick<Condition, 'home' | 'silent' | 'mute' | 'bad' | 'failure'>

/** What one outcome of a request changes. */
function withTraffic(before: Condition, traffic: Traffic): TrafficFacts {
  const { atMs, tookMs, endpoint, route, request, error, isLast } = traffic
  const { home, silent } = before
  const key = keyOf(request)
  const bad = recent(before.bad, atMs - tookMs)
  const { [key]: streak, ...badOfOthers } = bad
  const quality = qualityOf(error)
  if (error === undefined || quality === 'good') {
    const slow = { text: `${requestLine(request)} took ${Math.round(tookMs / 1000)} s`, kind: 'slow' }
    const nextBad = tookMs < SLOW_MS ? badOfOthers : { ...badOfOthers, [key]: extendStreak(streak, traffic, slow) }
    return { home: homeAfterReply(before, traffic), silent: undefined, mute: [], bad: nextBad, failure: before.failure }
  }
  const why = whyOf(error)
  const failure = route === 'ic' ? before.failure : why
  if (quality === 'bad') {
    const nextBad = isLast ? { ...badOfOthers, [key]: extendStreak(streak, traffic, why) } : bad
    return { home, silent: undefined, mute: [], bad: nextBad, failure }
  }
  const mute = before.mute.includes(endpoint) ? before.mute : [...before.mute, endpoint]
  return { home, silent: isLast ? extendStreak(silent, traffic, why) : silent, mute, bad, failure }
}

/** The endpoint that replied last, after a good reply. */
function homeAfterReply({ home, failure }: Condition, { endpoint, route }: Traffic): Condition['home'] {
  if (route === 'ic') return home
  if (route === 'first') return { endpoint }
  // While the same endpoint goes on replying, the reason of the fail-over to it stays.
  const why = home.endpoint === endpoint ? home.why : failure
  return { endpoint, why: why ?? PASSED_OVER }
}

/** Drops the failures of queries that are no longer sent. */
function recent(bad: Condition['bad'], sentMs: number): Condition['bad'] {
  const kept = Object.entries(bad).filter(([, one]) => sentMs - one.atMs < FORGOTTEN_MS)
  return Object.fromEntries(kept.slice(-MOST_QUERIES))
}

const requestLine = ({ method, path, query }: RequestInfo): string =>
  `${method} ${path}${query === '' ? '' : `?${query}`}`

/** The key of a query; the same query about another bucket has the same key. */
const keyOf = ({ method, path, query }: RequestInfo): string =>
  `${method} ${path.split('/').slice(0, 3).join('/')}?${query}`

/** Adds a failure to a streak. The failure counts only if its request was sent after the previous failure. */
function extendStreak(
  streak: Streak | undefined,
  { atMs, tookMs }: Pick<Traffic, 'atMs' | 'tookMs'>,
  why: Why,
): Streak {
  const isSlow = tookMs >= SLOW_MS
  const fromMs = atMs - tookMs
  if (streak === undefined) return { count: 1, fromMs, atMs, why, isSlow }
  const counts = fromMs > streak.atMs
  return { count: streak.count + (counts ? 1 : 0), fromMs: Math.min(streak.fromMs, fromMs), atMs, why, isSlow }
}

const isBad = (streak: Streak): boolean => streak.count >= BAD_IN_A_ROW || streak.isSlow

const isLongSilence = ({ count, fromMs }: Streak, atMs: number): boolean =>
  count >= SILENT_IN_A_ROW || (count >= BAD_IN_A_ROW && atMs - fromMs >= SILENT_MS)

/** The state after a request, and its reason. Undefined if it stays as it is. */
function stateOf(
  { endpoints, home, silent, mute, bad, overdue, health }: Condition,
  { error, isLast, atMs }: Pick<Traffic, 'error' | 'isLast' | 'atMs'>,
): StateAndReason {
  const areAllMute = endpoints.every((one) => mute.includes(one))
  if (silent !== undefined && areAllMute && isLongSilence(silent, atMs))
    return { state: 'unreachable', why: silent.why }
  const streaks = Object.values(bad)
    .concat(silent ?? [])
    .filter(isBad)
  const [newest] = [...streaks, ...overdue.values()].sort((a, b) => b.atMs - a.atMs)
  if (newest !== undefined) return { state: 'degraded', why: newest.why }
  if (qualityOf(error) === 'good')
    return { state: home.endpoint === endpoints[0] ? 'connected' : 'failed-over', why: home.why }
  if (!isLast || error === undefined) return {}
  // The first traffic of all, or the first reply after `unreachable`.
  const isNews = health === undefined || (health.state === 'unreachable' && silent === undefined)
  return isNews ? { state: 'degraded', why: whyOf(error) } : {}
}
