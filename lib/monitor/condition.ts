import type { JobError, RequestInfo } from '../error.ts'
import { defined } from '../common/defined.ts'
import { qualityOf, whyOf, type Why } from './quality.ts'

/** How a cluster does, judged by the requests that others send to it. */
export interface Health {
  /** `health` says what each of them means. */
  readonly state: 'connected' | 'degraded' | 'failed-over' | 'unreachable'
  /** The endpoint that answered last; before the first reply, the one that was given first. */
  readonly endpoint: string
  /** Why the state is not `connected`; one line for people. */
  readonly reason?: string
  /** When this state began, by the wall clock: the `now` of the cluster's scheduler. */
  readonly sinceMs: number
}

/** The outcome of one request to one endpoint. */
export interface Traffic {
  /** When it came, by the clock that never goes back, which measures ages and durations. */
  readonly atMs: number
  /** The same by the wall clock, to be shown. */
  readonly wallMs: number
  readonly tookMs: number
  readonly endpoint: string
  /** To the endpoint that was given first, to one in its place, or to an IC member because it is one. */
  readonly route: 'first' | 'other' | 'ic'
  readonly request: RequestInfo
  /** Absent after a good reply. */
  readonly error?: JobError
  /** No other endpoint was tried after that. */
  readonly over: boolean
}

/** A request that is in flight. */
export interface Flight {
  readonly request: RequestInfo
  /** When it was sent, by the clock that never goes back. */
  readonly askedMs: number
}

/** What went wrong, and when. */
interface Trouble {
  readonly atMs: number
  readonly why: Why
}

/** Failures in a row. */
interface Streak extends Trouble {
  readonly count: number
  /** When the first of them was asked. */
  readonly fromMs: number
  /** The last of them took so long that it counts for two. */
  readonly slow: boolean
}

/** Everything that the traffic has shown so far. */
export interface Condition {
  readonly endpoints: readonly string[]
  readonly home: { readonly endpoint: string; readonly why?: Why | undefined }
  /** Requests without any reply. */
  readonly silent: Streak | undefined
  readonly mute: readonly string[]
  /** Bad and slow replies by question: statuses may be answered while snapshots are not (T27). */
  readonly bad: Readonly<Record<string, Streak>>
  /** Requests that have been in flight for {@link SLOW_MS}, and still are. */
  readonly overdue: ReadonlyMap<Flight, Trouble>
  /** The newest failure of an endpoint that was not asked as an IC member. */
  readonly failure: Why | undefined
  readonly health: Health | undefined
  readonly kind: string
}

/** A request that takes so long is a sign of trouble: a frozen target makes it 20 s. A 404 of a status takes two. */
export const SLOW_MS = 5_000
/** One lost packet means nothing; two failures in a row do, and so does one that took long. */
const BAD = 2
/** Nobody answers: so many questions in a row without a reply, or two that took so long together. */
const SILENT = 3
const SILENT_MS = 30_000
/** A question that nobody has asked for so long does not tell how the cluster does now. */
const FORGOTTEN_MS = 60_000
const MOST_QUESTIONS = 20

const NONE: ReadonlyMap<Flight, Trouble> = new Map()

/** The reason if the subscriber unsubscribed before the failure was reported. */
const PASSED_OVER: Why = { text: 'the endpoint that was given first did not answer', kind: 'passed over' }

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
 * Judges a cluster by one more piece of its traffic.
 *
 * `unreachable`: three questions in a row, or two over 30 s, got no reply at all, and every given endpoint was silent.
 * `degraded`: one question got two bad replies in a row (5xx, 429, 401, ErrFailedTo, or a body that cannot be decoded), or
 * any two questions got none; one that took 5 s is enough, and so is one that has been in flight for 5 s
 * ({@link withOverdue}). `failed-over`: all is well, but another endpoint answers than the one given first. `connected`:
 * all is well. A single failure changes nothing, unless it is the first evidence. One good reply ends `unreachable`, and
 * `degraded` unless another question is still answered badly. Failures of requests that were in flight together count as
 * one.
 */
export function fold(before: Condition, traffic: Traffic): Condition {
  if (isAsEver(before, traffic)) return before
  const after = { ...before, ...noted(before, traffic) }
  return concluded(after, judged(after, traffic), traffic.wallMs)
}

/**
 * Judges a cluster by a request that has been in flight for {@link SLOW_MS}.
 *
 * It counts as a slow reply to its question. While it is in flight, good replies to other requests do not make up for it:
 * the status of one job may hang while those of other jobs are answered.
 */
export function withOverdue(before: Condition, flight: Flight, atMs: number, wallMs: number): Condition {
  const { request, askedMs } = flight
  const tookMs = atMs - askedMs
  const why = { text: `${asked(request)} has been open for ${Math.floor(tookMs / 1000)} s`, kind: 'slow' }
  const key = keyOf(request)
  const { [key]: known, ...bad } = recent(before.bad, askedMs)
  const after = {
    ...before,
    bad: { ...bad, [key]: longer(known, { atMs, tookMs }, why) },
    overdue: new Map(before.overdue).set(flight, { atMs, why }),
  }
  return concluded(after, judged(after, { over: false, atMs }), wallMs)
}

/** Takes note that such a request was answered or cut; the state changes with the next reply at the earliest. */
export function withoutOverdue(before: Condition, flight: Flight): Condition {
  const overdue = new Map(before.overdue)
  overdue.delete(flight)
  return { ...before, overdue }
}

interface Judgement {
  readonly state?: Health['state']
  readonly why?: Why | undefined
}

function concluded(after: Condition, { state, why }: Judgement, wallMs: number): Condition {
  if (state === undefined) return after
  const kind = why?.kind ?? ''
  const { health } = after
  const { endpoint } = after.home
  const same = health?.state === state && health.endpoint === endpoint
  if (same && kind === after.kind) return after
  const sinceMs = same ? health.sinceMs : Math.max(health?.sinceMs ?? -Infinity, wallMs)
  const next = { state, endpoint, ...defined({ reason: why?.text }), sinceMs }
  return { ...after, kind, health: next }
}

/** Whether this is one more good reply of the endpoint that answers: most of all traffic, and no news. */
const isAsEver = (
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

type Noted = Pick<Condition, 'home' | 'silent' | 'mute' | 'bad' | 'failure'>

function noted(before: Condition, traffic: Traffic): Noted {
  const { atMs, tookMs, endpoint, route, request, error, over } = traffic
  const quality = qualityOf(error)
  const key = keyOf(request)
  const askedMs = atMs - tookMs
  const kept = recent(before.bad, askedMs)
  const { [key]: known, ...bad } = kept
  if (error !== undefined && quality !== 'well') {
    const why = whyOf(error)
    const failure = route === 'ic' ? before.failure : why
    if (quality === 'bad') {
      const now = over ? { ...bad, [key]: longer(known, traffic, why) } : kept
      return { home: before.home, silent: undefined, mute: [], bad: now, failure }
    }
    const mute = before.mute.includes(endpoint) ? before.mute : [...before.mute, endpoint]
    const silent = over ? longer(before.silent, traffic, why) : before.silent
    return { home: before.home, silent, mute, bad: kept, failure }
  }
  const home =
    route === 'ic'
      ? before.home
      : route === 'first'
        ? { endpoint }
        : { endpoint, why: (before.home.endpoint === endpoint ? before.home.why : before.failure) ?? PASSED_OVER }
  const slow = (): Why => ({ text: `${asked(request)} took ${Math.round(tookMs / 1000)} s`, kind: 'slow' })
  const now = tookMs < SLOW_MS ? bad : { ...bad, [key]: longer(known, traffic, slow()) }
  return { home, silent: undefined, mute: [], bad: now, failure: before.failure }
}

/** Drops the questions that nobody asks any more. */
function recent(bad: Condition['bad'], askedMs: number): Condition['bad'] {
  const kept = Object.entries(bad).filter(([, one]) => askedMs - one.atMs < FORGOTTEN_MS)
  return Object.fromEntries(kept.slice(-MOST_QUESTIONS))
}

const asked = ({ method, path, query }: RequestInfo): string => `${method} ${path}${query === '' ? '' : `?${query}`}`

/** The same question about another bucket has the same key. */
const keyOf = ({ method, path, query }: RequestInfo): string =>
  `${method} ${path.split('/').slice(0, 3).join('/')}?${query}`

/** A failure counts as another one only if its request was sent after the failure before. */
function longer(streak: Streak | undefined, { atMs, tookMs }: Pick<Traffic, 'atMs' | 'tookMs'>, why: Why): Streak {
  const slow = tookMs >= SLOW_MS
  const fromMs = atMs - tookMs
  if (streak === undefined) return { count: 1, fromMs, atMs, why, slow }
  const next = fromMs > streak.atMs
  return { count: streak.count + (next ? 1 : 0), fromMs: Math.min(streak.fromMs, fromMs), atMs, why, slow }
}

const isBad = (streak: Streak): boolean => streak.count >= BAD || streak.slow

function judged(
  { endpoints, home, silent, mute, bad, overdue, health }: Condition,
  { error, over, atMs }: Pick<Traffic, 'error' | 'over' | 'atMs'>,
): Judgement {
  if (silent !== undefined && endpoints.every((one) => mute.includes(one)))
    if (silent.count >= SILENT || (silent.count >= BAD && atMs - silent.fromMs >= SILENT_MS))
      return { state: 'unreachable', why: silent.why }
  const streaks = Object.values(bad)
    .concat(silent ?? [])
    .filter(isBad)
  const [worst] = [...streaks, ...overdue.values()].sort((a, b) => b.atMs - a.atMs)
  if (worst !== undefined) return { state: 'degraded', why: worst.why }
  if (qualityOf(error) === 'well')
    return { state: home.endpoint === endpoints[0] ? 'connected' : 'failed-over', why: home.why }
  if (!over || error === undefined) return {}
  // The first evidence of all, or the first reply after nobody answered.
  const isNews = health === undefined || (health.state === 'unreachable' && silent === undefined)
  return isNews ? { state: 'degraded', why: whyOf(error) } : {}
}
