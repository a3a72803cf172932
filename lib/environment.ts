import { asyncScheduler, throwError, type Observable, type SchedulerLike } from 'rxjs'
import type { Cadence } from './cadence.ts'
import { checkCadence } from './common/check-cadence.ts'
import { isLeft, isRight, left, right } from './common/either.ts'
import { isScheduler } from './common/require.ts'
import { checkArgument as check, invalidArgument, type InvalidArgument, type Result } from './error.ts'
import type { Health } from './monitor/condition.ts'
import { trafficLog, type TrafficLog } from './monitor/traffic.ts'
import { isKindInfo, type KindInfo } from './model/kind.ts'
import type { LogEvent } from './common/log.ts'
import { longTimers } from './operators/long-timer.ts'
import { monotonic } from './operators/monotonic.ts'
import { parseEndpoint, type Endpoint } from './request/endpoint.ts'
import { Hedging } from './request/hedging.ts'
import { firstContact, type FirstContact } from './request/first-contact.ts'
import { emptyRoster, type Roster } from './proxies/roster.ts'
import { isToken, tokenHolder, type TokenHolder, type TokenOption } from './request/token.ts'
import { show } from './common/text.ts'
import { faultOf, fetchTransport } from './transport/fetch.ts'
import type { TlsOptions } from './transport/tls.ts'
import type { Transport } from './transport/transport.ts'
import type { Evidence } from './view/evidence.ts'

/** Settings of a cluster. All are optional. */
export interface ClusterOptions {
  /**
   * A bearer token, or a function that returns one. The function is called again after a 401, once for all requests
   * that fail together. Defaults to no token.
   */
  readonly token?: TokenOption | undefined
  /**
   * Sends the HTTP requests. Defaults to `fetchTransport()`, which uses `node:http` in Node, Bun and Deno, and
   * cross-fetch elsewhere.
   */
  readonly transport?: Transport | undefined
  /**
   * The scheduler for all timers. Defaults to `asyncScheduler`. If it is a scheduler of RxJS on the wall clock,
   * `performance.now()` measures durations; otherwise the `now` of the scheduler does.
   */
  readonly scheduler?: SchedulerLike | undefined
  /** Returns random numbers in [0, 1) for the jitter. Defaults to `Math.random`. */
  readonly random?: (() => number) | undefined
  /** The cadence of waits and live streams without a cadence of their own. Defaults to `adaptive()`. */
  readonly cadence?: Cadence | Observable<Cadence> | undefined
  /**
   * The limit of one request, including the body of its reply, in milliseconds. Defaults to 30,000. In waits and live
   * streams it doubles after each request that times out.
   */
  readonly requestTimeoutMs?: number | undefined
  /**
   * The longest reply body that is read, in bytes. Defaults to 64 MiB; a runtime cannot hold more than 512 MiB in a
   * text.
   */
  readonly maxReplyBytes?: number | undefined
  /** Job kinds of a newer server that this library does not know. Defaults to none. */
  readonly kinds?: readonly KindInfo[] | undefined
  /**
   * Whether requests may also go to other proxies of the cluster map: after a redirect within the cluster, for a list
   * that only the Information Center has, or if a given endpoint does not reply. Defaults to true; to false if every
   * endpoint is a path such as '/ais'. Set it to false behind a relay or an ingress: then all requests go to the given
   * endpoints, and their replies are trusted. A bundle for browsers always does so, since a page asks relays, which hide
   * the addresses of the cluster map.
   */
  readonly discover?: boolean | undefined
  /** Node, Bun and Deno: certificates and keys for https endpoints. Defaults to those of the runtime. */
  readonly tls?: TlsOptions | undefined
  /**
   * Node, Bun and Deno: the `http.Agent` that opens the connections, such as that of a proxy package. `tls` is then
   * ignored. Defaults to an agent of this library.
   */
  readonly agent?: object | undefined
  /** @internal Pattern that job ids must match. Defaults to AIStore's grammar. */
  readonly ids?: RegExp | undefined
  /**
   * Called with each request, reply, retry and failure. If it throws, RxJS reports the error as unhandled, and the
   * streams go on.
   */
  readonly log?: ((event: LogEvent) => void) | undefined
}

/** @internal The key under which a cluster holds its environment, so that programs do not see it. */
export const ENVIRONMENT: unique symbol = Symbol('aistore-rx')

/** A cluster without `job()`: the part that the functions of this library need. */
export interface ClusterLike {
  /** The addresses of the endpoints, normalized. Empty if an argument is invalid. */
  readonly endpoints: readonly string[]
  /** @internal */
  readonly [ENVIRONMENT]: Result<Environment>
}

/**
 * @internal What every function needs of a cluster: its checked settings, its clocks, and the state that its streams
 * share.
 */
export interface Environment {
  /** The given endpoints, in the given order. */
  readonly endpoints: readonly [Endpoint, ...Endpoint[]]
  readonly token: TokenHolder
  readonly transport: Transport
  /** Closes the connections that the transport keeps open. It does not close a transport that the user passed in. */
  readonly close: () => Promise<void>
  /**
   * The user's scheduler. Its `now` is the wall clock: only for display, and for comparison with the cluster's times.
   */
  readonly scheduler: SchedulerLike
  /** A monotonic clock, in milliseconds; only differences between its readings have a meaning. */
  readonly now: () => number
  /** Moves the clock forward to this reading. Called when a timer that was set for this reading has fired. */
  readonly reached: (ms: number) => void
  /** The scheduler for timers; it supports any delay. */
  readonly timers: SchedulerLike
  readonly random: () => number
  /**
   * The cadence of the user. Undefined means the default cadence: the bundle of a program that only sends queries does
   * not need its code.
   */
  readonly cadence: Cadence | Observable<Cadence> | undefined
  readonly requestTimeoutMs: number
  readonly maxReplyBytes: number
  /** The kinds that the user adds to the built-in ones. */
  readonly kinds: readonly KindInfo[]
  /** Whether requests may also go to other proxies of the cluster map. */
  readonly discover: boolean
  /** The pattern that job ids must match; undefined for AIStore's grammar. */
  readonly ids: RegExp | undefined
  /** Undefined if the user does not log, so that no event is created. */
  readonly log: ((event: LogEvent) => void) | undefined
  /** The mutable state that all streams of this cluster value share. */
  readonly shared: {
    /**
     * The index of the given endpoint that the next request goes to: the endpoint that answered last, or the next one
     * after an endpoint that failed.
     */
    endpoint: number
    /** How many replies to queries in a row were no answers, such as a 500. */
    withoutAnswer: number
    /** The proxies of the cluster map. */
    readonly roster: Roster
    /** Whether the cluster has ever replied. */
    readonly contact: FirstContact
    /** All requests and replies. */
    readonly traffic: TrafficLog
    /** The health that is derived from the traffic; undefined until it has a subscriber. */
    health: Observable<Health> | undefined
    /** How long the machine has slept, for waits; undefined before the first wait. */
    sleptMs: (() => number) | undefined
    /** Which of the queries in flight are sent to a second endpoint. */
    readonly hedging: Hedging
    /** The scheduler for the time limits of waits and of the loop. Ten thousand limits may run at once. */
    limits: SchedulerLike | undefined
    /** Called with the evidence from each reply to a one-shot query. */
    readonly evidenceListeners: Set<(evidence: Evidence) => void>
  }
}

const MEBIBYTE = 2 ** 20
/** The longest text of V8, in characters. For a longer body, the runtime throws. */
const LONGEST_TEXT = 2 ** 29 - 24

/**
 * Describes a cluster without `job()` and `close()`, and sends nothing.
 *
 * All functions of this library take it. In a browser, use it instead of `createCluster`: a bundle then holds only the
 * functions that you import, while the methods of `cluster.job()` need them all.
 *
 * @param endpoint the address of a proxy or relay, or several to fail over between; a path prefix is kept
 * @param options see {@link ClusterOptions}; default none
 * @returns the cluster. The function never throws: if an argument is invalid, every stream of the cluster emits
 * Left(InvalidArgument) on subscribe
 * @example
 * import { clusterOf, status } from 'aistore-rx'
 * status(clusterOf('http://localhost:8080'), { id: 'zOCwz4iJS' }).subscribe(console.log)
 */
export function clusterOf(endpoint: string | readonly string[], options: ClusterOptions = {}): ClusterLike {
  const environment = checked(endpoint, options)
  const endpoints = isRight(environment) ? environment.right.endpoints.map(({ base }) => base) : []
  return { endpoints, [ENVIRONMENT]: environment }
}

/**
 * @internal The environment of a cluster; a Left if the argument is not a cluster, or if the cluster was created with
 * an invalid argument.
 */
export function environmentOf(cluster: ClusterLike): Result<Environment> {
  const given: unknown = cluster
  return typeof given === 'object' && given !== null && ENVIRONMENT in given
    ? cluster[ENVIRONMENT]
    : left(invalidArgument('cluster', `got ${nameOf(given)}; takes a cluster from createCluster()`))
}

/** Each copy of the package has a symbol of its own, so a cluster of another copy looks like any object. */
const nameOf = (given: unknown): string =>
  Object.getOwnPropertySymbols(Object(given)).some(({ description }) => description === ENVIRONMENT.description)
    ? 'a cluster of another copy of aistore-rx (npm ls aistore-rx lists the copies; import and require load one each)'
    : show(given)

/** Checks the arguments of a cluster. Reads the options in one place, since a getter may throw. */
function checked(endpoint: unknown, options: unknown): Result<Environment> {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    return left(
      invalidArgument('options', `got ${show(options)}; takes an object such as { requestTimeoutMs: 10_000 }`),
    )
  try {
    return assembled(Array.isArray(endpoint) ? endpoint : [endpoint], options)
  } catch {
    // A getter threw, or the certificates are invalid. The error is not quoted, since it may contain a key.
    return left(invalidArgument('options', 'got an option that cannot be read or used (tls takes PEM texts or bytes)'))
  }
}

/** Checks each option, and builds the environment from them. */
function assembled(list: readonly unknown[], options: ClusterOptions): Result<Environment> {
  const {
    token,
    transport,
    scheduler = asyncScheduler,
    random = Math.random,
    cadence,
    requestTimeoutMs = 30_000,
    maxReplyBytes = 64 * MEBIBYTE,
    kinds = [],
    discover = !areAllPaths(list),
    ids,
    tls,
    agent,
    log,
  } = options
  const isRelative = transport !== undefined || 'location' in globalThis
  const endpoints: Endpoint[] = []
  for (const item of list) {
    const parsed = parseEndpoint(item, { isRelative })
    if (isLeft(parsed)) return parsed
    endpoints.push(parsed.right)
  }
  const [first, ...others] = endpoints
  if (first === undefined) return left(invalidArgument('endpoint', 'got an empty list; takes at least one address'))
  const bad = [
    checkToken(token),
    check('transport', transport, transport === undefined || isFunction(transport), 'a function that takes a request'),
    check('scheduler', scheduler, isScheduler(scheduler), 'a scheduler of RxJS'),
    check('random', random, isFunction(random), 'a function that returns numbers from 0 to 1'),
    cadence === undefined ? undefined : checkCadence(cadence),
    check('requestTimeoutMs', requestTimeoutMs, isPositive(requestTimeoutMs), 'milliseconds above 0, or Infinity'),
    check('maxReplyBytes', maxReplyBytes, isPositive(maxReplyBytes), 'bytes above 0, or Infinity'),
    check('kinds', kinds, Array.isArray(kinds) && kinds.every(isKindInfo), 'a list of { kind, scope }'),
    check('discover', discover, typeof discover === 'boolean', 'true or false'),
    check('tls', tls, tls === undefined || isObject(tls), 'an object such as { ca }'),
    check('agent', agent, agent === undefined || isObject(agent), 'an http.Agent'),
    check('log', log, log === undefined || isFunction(log), 'a function that takes an event'),
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
    // Without a transport of the user, there is an own one.
    transport: transport ?? (own as Transport),
    close: () => own?.close() ?? Promise.resolve(),
    scheduler,
    ...clock,
    timers,
    random,
    cadence,
    requestTimeoutMs,
    maxReplyBytes: Math.min(maxReplyBytes, LONGEST_TEXT),
    kinds: [...kinds],
    discover,
    ids,
    log: log && guarded(log),
    shared: {
      endpoint: 0,
      withoutAnswer: 0,
      roster: emptyRoster(),
      contact: firstContact(),
      evidenceListeners: new Set(),
      traffic: trafficLog(now),
      health: undefined,
      sleptMs: undefined,
      hedging: new Hedging(now),
      limits: undefined,
    },
  })
}

/**
 * Whether every endpoint is a path, without a scheme. Such an endpoint is a relay on the origin of the page, which does
 * not pass on the cluster map.
 */
const areAllPaths = (endpoints: readonly unknown[]): boolean =>
  endpoints.every((one) => typeof one === 'string' && !/^[A-Za-z]+:/.test(one))

/** A `log` function that throws must not end a stream; RxJS reports its error as unhandled. */
const guarded =
  (log: (event: LogEvent) => void) =>
  (event: LogEvent): void => {
    try {
      log(event)
    } catch (defect) {
      throwError(() => defect).subscribe()
    }
  }

/** The message must not quote the value, which may be a secret. */
function checkToken(token: unknown): InvalidArgument | undefined {
  if (token === undefined || isFunction(token) || (typeof token === 'string' && isToken(token.trim()))) return undefined
  const got =
    typeof token === 'string' ? `${token.length} characters that are not a token` : `a value of type ${typeof token}`
  return invalidArgument('token', `got ${got}; takes visible ASCII characters without spaces, or a function`)
}

const isFunction = (value: unknown): boolean => typeof value === 'function'
const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null
const isPositive = (value: unknown): boolean => typeof value === 'number' && value > 0
