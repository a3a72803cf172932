import { describe, type JobError, type RequestInfo } from '../error.ts'

/** How a cluster does, by the answers that others got. */
export interface Health {
  readonly state: 'connected' | 'degraded' | 'failed-over' | 'unreachable'
  /** Who answers: the address that answered last, the one that was given first before any did. */
  readonly endpoint: string
  /** Why it is not connected; for people, in one line. */
  readonly reason?: string
  /** When this state began, by the wall clock: the `now` of the cluster's scheduler. */
  readonly sinceMs: number
}

/** What came of one request to one endpoint. */
export interface Traffic {
  /** When it came, by the clock that never goes back: ages and durations are measured by it. */
  readonly atMs: number
  /** The same by the wall clock: what is shown. */
  readonly wallMs: number
  readonly tookMs: number
  readonly endpoint: string
  /** The endpoint that was given first, one in its place, or a member of the IC, which answers for it by rights. */
  readonly route: 'first' | 'other' | 'ic'
  readonly request: RequestInfo
  /** Absent if it was answered as it should be. */
  readonly error?: JobError
  /** Nobody else was asked after that. */
  readonly over: boolean
}

/** Failures in a row. */
interface Streak {
  readonly count: number
  /** When the first of them was asked, and when the last came. */
  readonly fromMs: number
  readonly atMs: number
  readonly why: Why
  /** Its last reply took so long that it counts for two. */
  readonly slow: boolean
}

interface Why {
  readonly text: string
  /** Equal for reasons of one kind, whatever numbers their text has. */
  readonly kind: string
}

/** All that was learnt from the traffic so far. */
export interface Condition {
  readonly endpoints: readonly string[]
  readonly home: { readonly endpoint: string; readonly why?: Why | undefined }
  /** Requests without any reply. */
  readonly silent: Streak | undefined
  readonly mute: readonly string[]
  /** Bad replies, question by question: statuses may come while the snapshots do not (T27). */
  readonly bad: Readonly<Record<string, Streak>>
  /** The newest failure of who is not asked for the IC. */
  readonly failure: Why | undefined
  readonly health: Health | undefined
  readonly kind: string
}

/** A frozen target makes the cluster answer after 20 s; a 404 of a status takes two. */
const SLOW_MS = 10_000
/** One lost packet is nothing; two in a row, or one that took long, are. */
const BAD = 2
/** So many questions in a row without any reply, or two that took so long together. */
const SILENT = 3
const SILENT_MS = 30_000
/** A question that nobody asks any more says nothing of how the cluster does now. */
const FORGOTTEN_MS = 60_000
const MOST_QUESTIONS = 20

/** Whoever asked has left before this could be told better. */
const PASSED_OVER: Why = { text: 'the endpoint that was given first did not answer', kind: 'passed over' }

export const unheard = (endpoints: readonly string[]): Condition => ({
  ...{ endpoints, home: { endpoint: endpoints[0] ?? '' }, silent: undefined, mute: [], bad: {} },
  ...{ failure: undefined, health: undefined, kind: '' },
})

/**
 * Judges a cluster by one more piece of its traffic.
 *
 * `unreachable`: three questions in a row, or two over 30 s, brought no reply at all, and every given endpoint is among
 * those that were silent. `degraded`: two in a row of one question were answered badly (5xx, 429, 401, ErrFailedTo, not what
 * the wire promises), or took 10 s, or two of any brought nothing; one that took 10 s is enough. `failed-over`: all is well, but an endpoint
 * answers that is not the one given first. `connected`: all is well. What is bad once changes nothing, but at the very
 * beginning; one good answer ends `unreachable`, and `degraded` unless another question is still answered badly. Requests
 * that are under way together count as one.
 */
export function fold(before: Condition, traffic: Traffic): Condition {
  if (isAsEver(before, traffic)) return before
  const after = { ...before, ...noted(before, traffic) }
  const { state, why } = judged(after, traffic)
  if (state === undefined) return after
  const kind = why?.kind ?? ''
  const { health } = before
  const { endpoint } = after.home
  const same = health?.state === state && health.endpoint === endpoint
  if (same && kind === before.kind) return after
  const sinceMs = same ? health.sinceMs : Math.max(health?.sinceMs ?? -Infinity, traffic.wallMs)
  const next = { state, endpoint, ...(why === undefined ? {} : { reason: why.text }), sinceMs }
  return { ...after, kind, health: next }
}

/** One more good answer of the one who answers: by far the most of all traffic, and no news. */
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
  const recent = Object.entries(before.bad).filter(([, one]) => askedMs - one.atMs < FORGOTTEN_MS)
  const kept = Object.fromEntries(recent.slice(-MOST_QUESTIONS))
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
  const slow = {
    text: `${request.method} ${request.path}?${request.query} took ${Math.round(tookMs / 1000)} s`,
    kind: 'slow',
  }
  const now = tookMs < SLOW_MS ? bad : { ...bad, [key]: longer(known, traffic, slow) }
  return { home, silent: undefined, mute: [], bad: now, failure: before.failure }
}

/** What is asked of one bucket is asked of the next. */
const keyOf = ({ method, path, query }: RequestInfo): string =>
  `${method} ${path.split('/').slice(0, 3).join('/')}?${query}`

/** Only what was asked after the last failure tells anything new. */
function longer(streak: Streak | undefined, { atMs, tookMs }: Traffic, why: Why): Streak {
  const slow = tookMs >= SLOW_MS
  const fromMs = atMs - tookMs
  if (streak === undefined) return { count: 1, fromMs, atMs, why, slow }
  const next = fromMs > streak.atMs
  return { count: streak.count + (next ? 1 : 0), fromMs: Math.min(streak.fromMs, fromMs), atMs, why, slow }
}

const isBad = (streak: Streak): boolean => streak.count >= BAD || streak.slow

function judged(
  { endpoints, home, silent, mute, bad, health }: Condition,
  { error, over, atMs }: Traffic,
): { readonly state?: Health['state']; readonly why?: Why | undefined } {
  if (silent !== undefined && endpoints.every((one) => mute.includes(one)))
    if (silent.count >= SILENT || (silent.count >= BAD && atMs - silent.fromMs >= SILENT_MS))
      return { state: 'unreachable', why: silent.why }
  const [worst] = Object.values(bad)
    .concat(silent ?? [])
    .filter(isBad)
    .sort((a, b) => b.atMs - a.atMs)
  if (worst !== undefined) return { state: 'degraded', why: worst.why }
  if (qualityOf(error) === 'well')
    return { state: home.endpoint === endpoints[0] ? 'connected' : 'failed-over', why: home.why }
  if (!over || error === undefined) return {}
  // Nobody has answered well yet, or there is somebody again who answers at all.
  const isNews = health === undefined || (health.state === 'unreachable' && silent === undefined)
  return isNews ? { state: 'degraded', why: whyOf(error) } : {}
}

/** Whether there was a reply, and whether it was one that a cluster in good order gives. */
function qualityOf(error: JobError | undefined): 'well' | 'bad' | 'silent' {
  switch (error?._tag) {
    case 'TransportError':
    case 'RequestTimeout':
      return 'silent'
    case 'HttpError':
      return error.status >= 500 || error.status === 429 || error.code === 'ErrFailedTo' ? 'bad' : 'well'
    case 'DecodeError':
    case 'RedirectRefused':
      return 'bad'
    case 'Unauthorized':
      return error.status === 401 ? 'bad' : 'well'
    default:
      return 'well'
  }
}

function whyOf(error: JobError): Why {
  const detail =
    error._tag === 'HttpError'
      ? `${error.status} ${error.code ?? ''}`
      : error._tag === 'TransportError'
        ? error.code
        : error._tag === 'Unauthorized'
          ? String(error.status)
          : ''
  return { text: describe(error), kind: `${error._tag} ${detail}` }
}
