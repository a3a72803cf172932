import { asyncScheduler, isObservable, throwError, type Observable, type SchedulerLike, type Subject } from 'rxjs'
import type { Snapshots } from './codec/snapshots.ts'
import { adaptive, type Cadence } from './cadence.ts'
import { isLeft, isRight, left, right } from './either.ts'
import { invalidArgument, type InvalidArgument, type Result } from './error.ts'
import { createMonitor, type Monitor } from './health/monitor.ts'
import { isKindInfo, type KindInfo } from './kind.ts'
import type { LogEvent } from './log.ts'
import { gateOf, type Gate } from './operators/gate.ts'
import { monotonic } from './operators/monotonic.ts'
import { parseEndpoint, type Endpoint } from './request/endpoint.ts'
import { emptyRoster, type Roster } from './request/roster.ts'
import { isToken, tokenHolder, type TokenHolder, type TokenOption } from './request/token.ts'
import { show } from './text.ts'
import { fetchTransport } from './transport/fetch.ts'
import type { TlsOptions } from './transport/tls.ts'
import type { Transport } from './transport/transport.ts'

/** Settings of a cluster; each has a default. */
export interface ClusterOptions {
  /** A bearer token, or a function that gives one; asked again once after a 401, by all who wait together. */
  readonly token?: TokenOption
  /** Default: cross-fetch. */
  readonly transport?: Transport
  /**
   * Sets every timer and tells the time; default `asyncScheduler`. With the default, `performance.now()` measures durations;
   * with any other scheduler, its `now` does.
   */
  readonly scheduler?: SchedulerLike
  /** For jitter; default `Math.random`. */
  readonly random?: () => number
  /** Of all waits that are given none; default `adaptive()`. */
  readonly cadence?: Cadence | Observable<Cadence>
  /** One request, its body included, in milliseconds; default 30,000; doubled after each request of a wait that ran into it. */
  readonly requestTimeoutMs?: number
  /** The longest reply that is read; default 64 MiB. */
  readonly maxReplyBytes?: number
  /** Kinds that a newer server has and the table of this library has not. */
  readonly kinds?: readonly KindInfo[]
  /**
   * Whether members of the cluster map may be asked where an answer needs them (redirects within the cluster, a list that
   * only the Information Center has, a given endpoint that has gone); default true. False behind a relay or an ingress: all questions stay with the
   * given endpoints, and what those say is believed.
   */
  readonly discover?: boolean
  /** Node only: certificates for https endpoints. */
  readonly tls?: TlsOptions
  /** @internal What an id looks like; default: as AIStore's own do. */
  readonly ids?: RegExp
  /** Told of requests, replies, retries and failures; one that throws is reported as RxJS does, and disturbs nobody. */
  readonly log?: (event: LogEvent) => void
}

/** @internal */
export const INTERNALS: unique symbol = Symbol('aistore-rx')

/** A cluster without its handle: all that questions and commands need. */
export interface Environment {
  /** The addresses as they are used; none where the arguments were wrong. */
  readonly endpoints: readonly string[]
  /** @internal */
  readonly [INTERNALS]: Result<Internals>
}

/** @internal */
export interface Internals {
  readonly endpoints: readonly [Endpoint, ...Endpoint[]]
  readonly token: TokenHolder
  readonly transport: Transport
  /** Sets the timers; its `now` is the wall clock, which is only shown, and compared with the cluster's own stamps. */
  readonly scheduler: SchedulerLike
  /** Milliseconds of a clock that never goes back; only differences mean anything. */
  readonly now: () => number
  readonly random: () => number
  readonly cadence: Cadence | Observable<Cadence>
  readonly requestTimeoutMs: number
  readonly maxReplyBytes: number
  readonly kinds: readonly KindInfo[]
  readonly discover: boolean
  readonly ids: RegExp | undefined
  readonly log: (event: LogEvent) => void
  /** What all who use this cluster share of its condition. */
  readonly shared: {
    /** Index of the given endpoint that answered last, or follows one that failed. */
    endpoint: number
    /** Origins of the cluster map, once it was read. */
    members: ReadonlySet<string> | undefined
    /** The polls that are under way, by what they ask. */
    readonly polls: Map<string, unknown>
    /** The proxies of the cluster map. */
    readonly roster: Roster
    /** Hears all traffic, and judges by it. */
    readonly monitor: Monitor
    /** Who wants what of those that serve one job or all. */
    readonly wanted: Map<string, Wanted>
    /** Questions that are asked one at a time, by what they ask. */
    readonly lanes: Map<string, unknown>
    /** For questions that are about one job each, of which there may be very many at once. */
    readonly gate: Gate
    /** How many wait. */
    waits: number
    /** What the targets show of a job, while somebody watches that. */
    readonly looked: Map<string, { by: number; snapshots: Snapshots | undefined }>
  }
}

/** @internal Who wants what of a question that serves one job or all. */
export interface Wanted {
  /** How many want to know of each job. */
  readonly runs: Map<string, number>
  /** How many want to know of all. */
  all: number
  /** One job is not enough any more. */
  readonly grown: Subject<void>
}

const MEBIBYTE = 2 ** 20

/** Checks everything once; what is wrong arrives on subscribe, as the Left of every question. */
export function createEnvironment(endpoint: string | readonly string[], options: ClusterOptions = {}): Environment {
  const internals = checked(endpoint, options)
  const endpoints = isRight(internals) ? internals.right.endpoints.map(({ base }) => base) : []
  return { endpoints, [INTERNALS]: internals }
}

/** @internal What a question needs of a cluster; something else in its place is an argument like any other. */
export function internalsOf(c: Environment): Result<Internals> {
  const given: unknown = c
  return typeof given === 'object' && given !== null && INTERNALS in given
    ? c[INTERNALS]
    : left(invalidArgument('cluster', `got ${show(given)}; takes what createCluster() gives`))
}

function checked(endpoint: unknown, options: unknown): Result<Internals> {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    return left(
      invalidArgument('options', `got ${show(options)}; takes an object such as { requestTimeoutMs: 10_000 }`),
    )
  try {
    return assembled(Array.isArray(endpoint) ? endpoint : [endpoint], options)
  } catch {
    // A getter that throws, or certificates that are none; what they say may quote a key.
    return left(invalidArgument('options', 'got an option that cannot be read or used (tls takes PEM texts or bytes)'))
  }
}

function assembled(list: readonly unknown[], options: ClusterOptions): Result<Internals> {
  const {
    token,
    transport,
    scheduler = asyncScheduler,
    random = Math.random,
    cadence = adaptive(),
    requestTimeoutMs = 30_000,
    maxReplyBytes = 64 * MEBIBYTE,
    kinds = [],
    discover = true,
    ids,
    tls,
    log = () => undefined,
  } = options
  const relative = transport !== undefined || 'location' in globalThis
  const endpoints: Endpoint[] = []
  for (const item of list) {
    const parsed = parseEndpoint(item, relative)
    if (isLeft(parsed)) return parsed
    endpoints.push(parsed.right)
  }
  const [first, ...others] = endpoints
  if (first === undefined) return left(invalidArgument('endpoint', 'got an empty list; takes at least one address'))
  const bad = [
    checkToken(token),
    check('transport', transport, transport === undefined || isFunction(transport), 'a function from a request'),
    check('scheduler', scheduler, isScheduler(scheduler), 'a scheduler of RxJS'),
    check('random', random, isFunction(random), 'a function that gives numbers from 0 to 1'),
    check('cadence', cadence, isFunction(cadence) || isObservable(cadence), 'a cadence, or an Observable of them'),
    check('requestTimeoutMs', requestTimeoutMs, isPositive(requestTimeoutMs), 'milliseconds above 0, or Infinity'),
    check('maxReplyBytes', maxReplyBytes, isPositive(maxReplyBytes), 'bytes above 0, or Infinity'),
    check('kinds', kinds, Array.isArray(kinds) && kinds.every(isKindInfo), 'a list of { kind, scope }'),
    check('discover', discover, typeof discover === 'boolean', 'true or false'),
    check('tls', tls, tls === undefined || isObject(tls), 'an object such as { ca }'),
    check('log', log, isFunction(log), 'a function of an event'),
  ].find((found) => found !== undefined)
  if (bad !== undefined) return left(bad)
  return right({
    endpoints: [first, ...others],
    token: tokenHolder(token),
    transport: transport ?? fetchTransport(tls === undefined ? {} : { tls }),
    scheduler,
    now: monotonic(scheduler),
    random,
    cadence,
    requestTimeoutMs,
    maxReplyBytes,
    kinds: [...kinds],
    discover,
    ids,
    log: guarded(log),
    shared: {
      ...{ endpoint: 0, members: undefined, polls: new Map(), roster: emptyRoster() },
      ...{ wanted: new Map(), lanes: new Map(), gate: gateOf(16), waits: 0, looked: new Map() },
      monitor: createMonitor(endpoints.map(({ base }) => base)),
    },
  })
}

/** The log is of the cluster, and its defects are of nobody's stream; without a handler, RxJS reports an error. */
const guarded =
  (log: (event: LogEvent) => void) =>
  (event: LogEvent): void => {
    try {
      log(event)
    } catch (defect) {
      throwError(() => defect).subscribe()
    }
  }

const check = (argument: string, value: unknown, fits: boolean, takes: string): InvalidArgument | undefined =>
  fits ? undefined : invalidArgument(argument, `got ${show(value)}; takes ${takes}`)

/** The message must not repeat what may be a secret. */
function checkToken(token: unknown): InvalidArgument | undefined {
  if (token === undefined || isFunction(token) || (typeof token === 'string' && isToken(token.trim()))) return undefined
  const got =
    typeof token === 'string' ? `${token.length} characters that are not a token` : `a value of type ${typeof token}`
  return invalidArgument('token', `got ${got}; takes visible ASCII characters without spaces, or a function`)
}

const isFunction = (value: unknown): boolean => typeof value === 'function'
const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null
const isPositive = (value: unknown): boolean => typeof value === 'number' && value > 0

function isScheduler(value: unknown): boolean {
  if (!isObject(value)) return false
  const { now, schedule } = value as Partial<SchedulerLike>
  return isFunction(now) && isFunction(schedule)
}
