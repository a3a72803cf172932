import { Observable, type Subscriber } from 'rxjs'
import { answer } from '../../lib/emulator/http/answer.ts'
import type { Answer } from '../../lib/emulator/http/exchange.ts'
import type { Proxy, Target } from '../../lib/emulator/cluster/state.ts'
import type { HttpRequest, HttpResponse, Transport } from '../../lib/transport/transport.ts'
import { chance, DRAW } from './chance.ts'
import { addressOf, DOWNLOAD_PATH, exchangeOf } from './exchange-of.ts'
import { insteadOf } from './instead.ts'
import { shares, type NetFault, type SimPlan } from './plan.ts'
import type { Exchange, Recording, Session } from './recording.ts'
import type { SimTime } from './time.ts'
import { mayRepeatAtOnce } from './traffic.ts'
import { COMMAND_ACT, reseed, type World } from './world.ts'

// The network between the users and the cluster, with the faults of the plan.

/** The net as one user sees it. */
export interface Net {
  readonly transportOf: (user: number) => Transport
}

/** A token that can be recognised if it leaks; the constant part comes first. */
export const CANARY = 'cAnArY'
/** The token that the cluster accepts at a time. */
export const tokenAt = ({ tokens }: SimPlan, ms: number): string | undefined =>
  tokens === undefined ? undefined : `${CANARY}-${tokens.filter((atMs) => atMs <= ms).length}`

/** What all requests of a plan depend on. */
interface NetContext {
  readonly plan: SimPlan
  readonly time: SimTime
  readonly world: World
  /** The nodes by their hosts, which include the ports. */
  readonly nodes: ReadonlyMap<string, Proxy | Target>
  /** Called when the cluster has served a request. */
  readonly served: (exchange: Exchange) => void
}

/** The network between the users and the cluster, with the faults of the plan. */
export function netOf(
  plan: SimPlan,
  time: SimTime,
  world: World,
  recording: Recording,
  served: (exchange: Exchange) => void,
): Net {
  const { cluster } = world
  const nodes = new Map<string, Proxy | Target>()
  for (const node of cluster.proxies) nodes.set(node.url.slice('http://'.length), node)
  for (const node of cluster.targets) nodes.set(node.url.slice('http://'.length), node)
  const context: NetContext = { plan, time, world, nodes, served }
  const together = shares(plan)
  let ordinal = 0
  return {
    transportOf: (user) => (request) =>
      new Observable((subscriber) => {
        const exchange = exchangeOf(user, request, addressOf(request.url), time.frame)
        const repeated = together ? repeatedOf(exchange, recording.sessions[user]!) : undefined
        recording.exchanges.push(exchange)
        recording.sessions[user]!.exchanges.push(exchange)
        // A shared request serves all users that are present.
        if (together && exchange.what !== 'start' && exchange.what !== 'stop')
          for (const session of recording.sessions)
            if (session.index !== user && session.beganMs >= 0 && session.state === 'waiting') {
              // A request that was in flight when a user started remains the same one if it is repeated with a new
              // token, or at another endpoint: the library counts a reply from the time of the first request.
              const met = repeated !== undefined && session.inFlightAtStart.includes(repeated)
              ;(met ? session.inFlightAtStart : session.exchanges).push(exchange)
            }
        const call = new SimulatedRequest(context, request, exchange, ordinal++, subscriber)
        call.send()
        return () => call.cut()
      }),
  }
}

/**
 * The request that this one repeats: the same query, which has just failed, whose token was just rejected, or which is
 * still in flight, so that this one goes to a second endpoint.
 */
function repeatedOf({ what, body, atMs }: Exchange, { exchanges }: Session): Exchange | undefined {
  return exchanges.findLast(
    (one) =>
      one.what === what && one.body === body && (one.end === 'open' || (one.endMs === atMs && mayRepeatAtOnce(one))),
  )
}

/** One request on its way, and its reply. */
class SimulatedRequest {
  private readonly context: NetContext
  private readonly request: HttpRequest
  private readonly exchange: Exchange
  private readonly nth: number
  private readonly subscriber: Subscriber<HttpResponse>
  private readonly oneWayMs: number
  private fault: NetFault | undefined
  private cancel: (() => void) | undefined

  constructor(
    context: NetContext,
    request: HttpRequest,
    exchange: Exchange,
    nth: number,
    subscriber: Subscriber<HttpResponse>,
  ) {
    this.context = context
    this.request = request
    this.exchange = exchange
    this.nth = nth
    this.subscriber = subscriber
    this.oneWayMs = context.plan.latencyMs / 2
  }

  send(): void {
    const { time, plan } = this.context
    if (plan.net.length > 0) this.fault = this.faultOf()
    if (this.fault !== undefined) this.exchange.fault = this.fault.type
    if (this.fault?.type === 'refuse') this.fail('ECONNREFUSED')
    else this.cancel = time.at(time.frame + this.oneWayMs, () => this.arrive())
  }

  /** The subscriber has left. */
  cut(): void {
    this.cancel?.()
    if (this.exchange.end === 'open') this.close('cut')
  }

  private faultOf(): NetFault | undefined {
    const { plan, time, world, nodes } = this.context
    const { what, host } = this.exchange
    return plan.net.find(
      ({ type, fromMs, toMs, proxy, rate }, index) =>
        fromMs <= time.frame &&
        time.frame < toMs &&
        (proxy === undefined || world.cluster.proxies[proxy] === nodes.get(host)) &&
        // Every proxy has the map itself.
        !(type === 'redirect' && what === 'map') &&
        chance(plan.seed, this.nth, index) < rate,
    )
  }

  private close(end: Exchange['end']): void {
    this.exchange.end = end
    this.exchange.endMs = this.context.time.frame
  }

  private fail(code: string): void {
    const { time } = this.context
    this.exchange.disturbed = true
    this.cancel = time.at(time.awake(time.frame + this.oneWayMs), () => {
      this.close('failed')
      this.subscriber.error({ code, message: code.toLowerCase() })
    })
  }

  private deliver(reply: HttpResponse, inMs: number): void {
    const { time } = this.context
    this.cancel = time.at(time.awake(time.frame + inMs), () => {
      this.close(reply.status)
      this.subscriber.next(reply)
      if (this.fault?.type === 'duplicate') this.subscriber.next(reply)
      this.subscriber.complete()
    })
  }

  private arrive(): void {
    const { world, nodes, time, served } = this.context
    const { exchange, fault } = this
    const node = nodes.get(exchange.host)
    if (node === undefined || node.state === 'dead') {
      this.fail('ECONNREFUSED')
      return
    }
    if (node.state === 'frozen') {
      exchange.disturbed = true
      return
    }
    const instead = fault === undefined ? undefined : insteadOf(fault, exchange, world.cluster.proxies, this.request)
    if (instead !== undefined) {
      exchange.disturbed = true
      this.deliver(instead, this.oneWayMs)
      return
    }
    exchange.servedMs = time.frame
    const answered = this.answerOf(node.id)
    served(exchange)
    this.reply(answered)
  }

  /** Sends the reply back, changed by the fault if there is one. */
  private reply(answered: Answer): void {
    const { exchange, fault, request, nth } = this
    switch (fault?.type) {
      case 'reset':
        this.fail('ECONNRESET')
        return
      case 'cut':
        this.fail('ERR_BODY_CUT')
        return
      case 'loss':
        exchange.disturbed = true
        return
    }
    const lateMs = fault?.type === 'late' ? (fault.value ?? 0) : 0
    // A refusal is short enough to arrive in one piece.
    const cut = fault?.type === 'cut-text' && answered.status === 200 && request.method === 'GET'
    const share = cut ? chance(this.context.plan.seed, nth, DRAW.cutPlace) : 1
    if (cut || isDisturbed(exchange, answered) || lateMs > 0) exchange.disturbed = true
    // A proxy that is starting up reports that nothing is running.
    if (exchange.what === 'running' && this.isStarting()) exchange.disturbed = true
    // A reply that lacks only its last line break is complete.
    const body = cut ? answered.body.slice(0, Math.floor(answered.body.trimEnd().length * share)) : answered.body
    // What is left of a very short text looks like a page from an intermediary.
    if (cut && !/^\s*[[{]/.test(body)) exchange.fault = 'page'
    this.deliver(
      { status: answered.status, headers: answered.headers, body },
      answered.delayMs + this.oneWayMs + lateMs,
    )
  }

  private isStarting(): boolean {
    const node = this.context.nodes.get(this.exchange.host)
    return node !== undefined && 'readyMs' in node && node.readyMs > this.context.time.frame
  }

  private answerOf(node: string): Answer {
    const { plan, time, world } = this.context
    const { method, headers, url } = this.request
    const { pathname: path, search: query } = addressOf(url)
    const { what, user } = this.exchange
    if (what === 'start' || what === 'stop') reseed(world.cluster, plan, COMMAND_ACT + user)
    // A server that does not know a filter ignores it (protocol T4).
    const unfiltered = this.fault?.type === 'unfiltered' && this.exchange.what === 'snapshots' && path !== DOWNLOAD_PATH
    const body = unfiltered ? '{}' : this.exchange.body
    const received = { node, method, path, query, headers, body, remote: '10.0.0.9:4711' }
    return answer(world.cluster, received, time.frame, tokenAt(plan, time.frame))
  }
}

/** Whether the reply is an error, or is delayed because a target is frozen. */
const isDisturbed = ({ what }: Exchange, { status, delayMs }: Answer): boolean =>
  delayMs > 2_500 || (status !== 200 && !(status === 404 && (what === 'status' || what === 'snapshots')))
