import { asyncScheduler, defer, map, of, type Observable, type SchedulerLike } from 'rxjs'
import { isLeft, right } from '../common/either.ts'
import { requireOptions, requireScheduler } from '../common/require.ts'
import { environmentOf, type ClusterLike, type Environment } from '../environment.ts'
import { AisError, requireArgument, type Result } from '../error.ts'
import { monotonic } from '../operators/monotonic.ts'
import { answerTo, carryOut } from './answer.ts'
import { commandOf, type RelayCommand } from './command.ts'
import type { Admission, RequestType } from './admit.ts'
import type { RelayCore } from './core.ts'
import { fetchHandler, type FetchHandler } from './fetch.ts'
import { flights } from './flights.ts'
import { forwardedClient, type Incoming } from './incoming.ts'
import { nodeHandler, type NodeHandler } from './node.ts'
import { MAP_QUERY, keyOf, readQuery, type RelayQuery } from './query.ts'
import { busy, failed, refused, type Reply } from './reply.ts'

/** The head of a request, for the predicates of the operator. */
export interface RelayRequest {
  /** Every value of each header, by its name in lower case. */
  readonly headers: ReadonlyMap<string, readonly string[]>
  /** The address of the client, if the server or the trusted proxy reports it. */
  readonly client: string | undefined
}

/** Settings of {@link createRelay}. */
export interface RelayOptions {
  /** The path in front of `/v1/cluster`. Defaults to `/ais`. */
  readonly prefix?: string | undefined
  /**
   * The hosts under which pages address this server, such as `app.example.com` or `app.example.com:8443`. Defaults to the
   * loopback names and to IP addresses, with the port of this server.
   */
  readonly hosts?: readonly string[] | undefined
  /** The origins whose pages may send requests. Defaults to the scheme and host of the request itself. */
  readonly origins?: readonly string[] | undefined
  /**
   * Whether to believe `X-Forwarded-Host`, `X-Forwarded-Proto` and the last address of `X-Forwarded-For`. Then all requests must
   * come through a proxy that sets the three headers, because a page could set them, too. Defaults to false.
   */
  readonly trustProxy?: boolean | undefined
  /** Which queries pass; only `true` lets one pass. Defaults to all. */
  readonly allow?: ((query: RelayQuery, request: RelayRequest) => boolean) | undefined
  /** Which commands pass; only `true` lets one pass. Without it, the relay takes no commands. */
  readonly commands?: ((command: RelayCommand, request: RelayRequest) => boolean) | undefined
  /** Requests of different identities never share a reply. Defaults to one identity for all. */
  readonly identity?: ((request: RelayRequest) => string) | undefined
  /** For how many milliseconds a reply is sent again for an equal query. Defaults to 1,000; 0 keeps none. */
  readonly maxAgeMs?: number | undefined
  /** The clock for `maxAgeMs`. Defaults to `asyncScheduler`, which stands for `performance.now()`. */
  readonly scheduler?: SchedulerLike | undefined
}

/** A relay, in the forms that servers take. */
export interface Relay {
  /** For node:http, Express, Fastify's middleware, Vite and Next: calls `next` for paths that are not the relay's. */
  readonly node: NodeHandler
  /** For Hono, Deno, Bun and workers. */
  readonly fetch: FetchHandler
}

/**
 * Creates a relay between pages and a cluster.
 *
 * A browser cannot query AIStore, which reads the body of a GET and sends no CORS headers. The relay therefore takes the page's requests on the page's
 * own origin, and sends them to the cluster with the server's token and certificates.
 *
 * It accepts only the queries that this library sends, checks where each request comes from, and builds a new request from the
 * decoded values. Equal queries share one request, and its reply for `maxAgeMs`: many pages cost the cluster about as much as
 * one. Commands need the predicate `commands`. Replies hold no addresses of the cluster.
 *
 * @param cluster the cluster, with its token and certificates
 * @param options see {@link RelayOptions}
 * @returns the handlers. Each sends the status of the cluster, or 502 or 504 if the cluster does not answer. It refuses a request
 * with 404 (another path), 403 (a foreign host or origin, or a predicate), 405 (another method), 400 (the library would not send
 * it), 413 (above 64 KiB), 415 (another content type), 431 (above 100 headers), 501 (a transfer encoding other than chunked) or
 * 408 (its body takes 10 s). If too many requests are in flight, it sends 429 or 503 with Retry-After
 * @throws AisError with InvalidArgument if an argument is invalid
 * @example
 * import { createServer } from 'node:http'
 * import { createCluster } from 'aistore-rx'
 * import { createRelay } from 'aistore-rx/relay'
 * const relay = createRelay(createCluster('http://localhost:8080'))
 * createServer(relay.node).listen(3000, '127.0.0.1') // in the page: createCluster('/ais')
 */
export function createRelay(cluster: ClusterLike, options: RelayOptions = {}): Relay {
  requireOptions(options)
  const environment = environmentOf(cluster)
  if (isLeft(environment)) throw new AisError(environment.left)
  const core = coreOf(cluster, environment.right, options)
  return { node: nodeHandler(core), fetch: fetchHandler(core) }
}

const PREFIX = /^(?:\/(?!\.)[A-Za-z0-9._~-]+)*$/

/** Checks the options, and builds the part of the relay that all servers share. */
function coreOf(cluster: ClusterLike, env: Environment, options: RelayOptions): RelayCore {
  const { prefix = '/ais', hosts, origins, trustProxy = false, maxAgeMs = 1_000, scheduler = asyncScheduler } = options
  const { allow, commands, identity } = options
  requireArgument('prefix', prefix, typeof prefix === 'string' && PREFIX.test(prefix), 'a path such as "/ais"')
  // A text such as "false" would turn it on.
  requireArgument('trustProxy', trustProxy, typeof trustProxy === 'boolean', 'true or false')
  requireArgument('maxAgeMs', maxAgeMs, Number.isFinite(maxAgeMs) && maxAgeMs >= 0, 'milliseconds from 0')
  requireScheduler(scheduler)
  for (const [name, list] of Object.entries({ hosts, origins }))
    requireArgument(name, list, list === undefined || Array.isArray(list), 'a list of texts')
  for (const [name, predicate] of Object.entries({ allow, commands, identity }))
    requireArgument(name, predicate, predicate === undefined || typeof predicate === 'function', 'a function')

  const inFlight = flights<Result<Reply>>(maxAgeMs, sizeOf, monotonic(scheduler).now)
  const admission: Admission = { prefix, hosts, origins, trustProxy, takesCommands: commands !== undefined }
  const notAllowed = refused(403, 'not allowed')

  const handleQuery = (requestType: RequestType, incoming: Incoming, body: string): Reply | Observable<Reply> => {
    const query = requestType === 'map' ? right(MAP_QUERY) : readQuery(env, incoming.target, body)
    if (isLeft(query)) return failed(query.left)
    if (allow !== undefined && !isTrue(() => allow(query.right, incoming))) return notAllowed
    const identityText = identity?.(incoming) ?? ''
    const flight = inFlight.run(`${identityText}\n${keyOf(query.right)}`, incoming.client, () =>
      answerTo(cluster, env, query.right),
    )
    if (flight === 'relay') return busy(503, 'too many requests are in flight', env.random)
    if (flight === 'client') return busy(429, 'too many requests of this client are in flight', env.random)
    return flight.pipe(map((result) => (isLeft(result) ? failed(result.left) : result.right)))
  }
  const command = (incoming: Incoming, body: string): Reply | Observable<Reply> => {
    const given = commandOf(env, incoming.target, body)
    if (isLeft(given)) return failed(given.left)
    if (commands === undefined || !isTrue(() => commands(given.right, incoming))) return notAllowed
    return carryOut(cluster, given.right)
  }
  return {
    admission,
    // A function of the operator that throws must not end the server: each form of the relay replies with 500.
    handle: (requestType, received, body) =>
      defer(() => {
        const incoming = trustProxy ? { ...received, client: forwardedClient(received) } : received
        const reply = requestType === 'command' ? command(incoming, body) : handleQuery(requestType, incoming, body)
        return 'status' in reply ? of(reply) : reply
      }),
  }
}

/** The length of a reply to keep; undefined for a failure, which is not kept. */
const sizeOf = (result: Result<Reply>): number | undefined => (isLeft(result) ? undefined : result.right.body.length)

/** Whether a predicate returns true. One that throws, or returns anything else, refuses the request. */
function isTrue(predicate: () => unknown): boolean {
  try {
    return predicate() === true
  } catch {
    return false
  }
}
