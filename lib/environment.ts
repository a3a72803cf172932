import { asyncScheduler, isObservable, throwError, type Observable, type SchedulerLike } from 'rxjs'
import { adaptive, type Cadence } from './cadence.ts'
import { isLeft, isRight, left, right } from './common/either.ts'
import { invalidArgument, type InvalidArgument, type Result } from './error.ts'
import { createMonitor, type Monitor } from './monitor/monitor.ts'
import { isKindInfo, type KindInfo } from './model/kind.ts'
import type { LogEvent } from './common/log.ts'
import { longTimers } from './operators/long-timer.ts'
import { sharedTimers } from './operators/shared-timers.ts'
import { monotonic } from './operators/monotonic.ts'
import { parseEndpoint, type Endpoint } from './request/endpoint.ts'
import { emptyRoster, type Roster } from './request/roster.ts'
import { isToken, tokenHolder, type TokenHolder, type TokenOption } from './request/token.ts'
import { show } from './common/text.ts'
import { faultOf, fetchTransport } from './transport/fetch.ts'
import type { TlsOptions } from './transport/tls.ts'
import type { Transport } from './transport/transport.ts'
import type { Evidence } from './view/evidence.ts'

/** Settings of a cluster; each has a default. */
export interface ClusterOptions {
  /**
   * A bearer token, or a function that gives one; called once more after a 401, once for all requests that fail
   * together.
   */
  readonly token?: TokenOption | undefined
  /** Default: `fetchTransport()`, on `node:http` in Node, Bun and Deno, elsewhere on cross-fetch. */
  readonly transport?: Transport | undefined
  /**
   * Sets every timer and tells the time; default `asyncScheduler`. With the default, `performance.now()` measures
   * durations; with any other scheduler, its `now` does.
   */
  readonly scheduler?: SchedulerLike | undefined
  /** For jitter; default `Math.random`. */
  readonly random?: (() => number) | undefined
  /** The cadence of waits and live streams that are given none; default `adaptive()`. */
  readonly cadence?: Cadence | Observable<Cadence> | undefined
  /** One request, its body included, in milliseconds; default 30,000; doubled after each request of a wait that ran into it. */
  readonly requestTimeoutMs?: number | undefined
  /** The longest reply that is read; default 64 MiB. */
  readonly maxReplyBytes?: number | undefined
  /** Kinds that a newer server has and the table of this library has not. */
  readonly kinds?: readonly KindInfo[] | undefined
  /**
   * Whether requests may go to members of the cluster map if needed (redirects within the cluster, a list that only the
   * Information Center has, a given endpoint that is gone); default true. Set it to false behind a relay or an ingress:
   * all requests then go to the given endpoints, and their replies count as they are.
   */
  readonly discover?: boolean | undefined
  /** Node, Bun and Deno: certificates for https endpoints. */
  readonly tls?: TlsOptions | undefined
  /** Node, Bun and Deno: the `http.Agent` that opens the connections, such as that of a proxy package; `tls` is then ignored. */
  readonly agent?: object | undefined
  /** @internal What an id looks like; default: as AIStore's own do. */
  readonly ids?: RegExp | undefined
  /**
   * Called with requests, replies, retries and failures. If it throws, RxJS reports the error, and no stream is
   * disturbed.
   */
  readonly log?: ((event: LogEvent) => void) | undefined
}

/** @internal */
export const INTERNALS: unique symbol = Symbol('aistore-rx')

/** A cluster without its handle: all that the functions of this library need. */
export interface Environment {
  /** The addresses as they are used; empty if the arguments were wrong. */
  readonly endpoints: readonly string[]
  /** @internal */
  readonly [INTERNALS]: Result<Internals>
}

/** @internal */
export interface Internals {
  readonly endpoints: readonly [Endpoint, ...Endpoint[]]
  readonly token: TokenHolder
  readonly transport: Transport
  /** Closes the connections that the transport keeps, unless the user gave it. */
  readonly close: () => Promise<void>
  /** Sets the timers. Its `now` is the wall clock: it is only shown, and compared with the cluster's own stamps. */
  readonly scheduler: SchedulerLike
  /** Milliseconds of a clock that never goes back; only differences mean anything. */
  readonly now: () => number
  /** Tells the clock that a timer has fired that was set for this reading. */
  readonly reached: (ms: number) => void
  /** The scheduler for timers, right for any delay. */
  readonly timers: SchedulerLike
  /** The same for time limits, of which there may be ten thousand at once. */
  readonly limits: SchedulerLike
  readonly random: () => number
  readonly cadence: Cadence | Observable<Cadence>
  readonly requestTimeoutMs: number
  readonly maxReplyBytes: number
  readonly kinds: readonly KindInfo[]
  readonly discover: boolean
  readonly ids: RegExp | undefined
  readonly log: (event: LogEvent) => void
  /** What all streams of this cluster value share. */
  readonly shared: {
    /** Index of the given endpoint that answered last, or of the one after an endpoint that failed. */
    endpoint: number
    /** The origins in the cluster map, once it is known. */
    members: ReadonlySet<string> | undefined
    /** The proxies of the cluster map. */
    readonly roster: Roster
    /** Judges the health by all traffic. */
    readonly monitor: Monitor
    /** Called with each reply to a one-shot question. */
    readonly witnesses: Set<(evidence: Evidence) => void>
  }
}

const MEBIBYTE = 2 ** 20

/** Checks the arguments once; a wrong one arrives on subscribe, as the Left of every question. */
export function createEnvironment(endpoint: string | readonly string[], options: ClusterOptions = {}): Environment {
  const internals = checked(endpoint, options)
  const endpoints = isRight(internals) ? internals.right.endpoints.map(({ base }) => base) : []
  return { endpoints, [INTERNALS]: internals }
}

/** @internal The inside of a cluster; a Left if the argument is no cluster. */
export function internalsOf(cluster: Environment): Result<Internals> {
  const given: unknown = cluster
  return typeof given === 'object' && given !== null && INTERNALS in given
    ? cluster[INTERNALS]
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
    // A getter threw, or the certificates are none. The error is not quoted, since it may contain a key.
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
    agent,
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
    check('agent', agent, agent === undefined || isObject(agent), 'an http.Agent'),
    check('log', log, isFunction(log), 'a function of an event'),
  ].find((found) => found !== undefined)
  if (bad !== undefined) return left(bad)
  const fault = transport === undefined ? faultOf({ tls, agent }) : undefined
  if (fault !== undefined) return left(invalidArgument(fault.argument, fault.message))
  const own = transport === undefined ? fetchTransport({ tls, agent }) : undefined
  const clock = monotonic(scheduler)
  const { now } = clock
  const timers = longTimers(scheduler)
  return right({
    endpoints: [first, ...others],
    token: tokenHolder(token),
    transport: transport ?? own ?? fetchTransport(),
    close: () => own?.close() ?? Promise.resolve(),
    scheduler,
    ...clock,
    timers,
    limits: sharedTimers(timers, now),
    random,
    cadence,
    requestTimeoutMs,
    maxReplyBytes,
    kinds: [...kinds],
    discover,
    ids,
    log: guarded(log),
    shared: {
      endpoint: 0,
      members: undefined,
      roster: emptyRoster(),
      witnesses: new Set(),
      monitor: createMonitor(
        endpoints.map(({ base }) => base),
        { scheduler, now },
      ),
    },
  })
}

/** A log that throws must not disturb a stream; RxJS reports the error as unhandled. */
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
