import { Observable, type Subscriber } from 'rxjs'
import { answer } from '../../lib/emulator/http/answer.ts'
import type { Answer } from '../../lib/emulator/http/exchange.ts'
import type { Proxy, Target } from '../../lib/emulator/cluster/state.ts'
import type { HttpRequest, HttpResponse, Transport } from '../../lib/transport/transport.ts'
import { chance } from './chance.ts'
import { addressOf, DOWNLOAD_PATH, exchangeOf } from './exchange-of.ts'
import { insteadOf } from './instead.ts'
import { shares, type NetFault, type SimPlan } from './plan.ts'
import type { Exchange, Probe, Stay } from './probe.ts'
import type { SimTime } from './time.ts'
import { mayGoOn } from './traffic.ts'
import { COMMAND, redraw, type World } from './world.ts'

/** The net as one user sees it. */
export interface Net {
  readonly transportOf: (user: number) => Transport
}

/** A token that can be recognised if it leaks; the constant part comes first. */
export const CANARY = 'cAnArY'
export const tokenAt = ({ tokens }: SimPlan, ms: number): string | undefined =>
  tokens === undefined ? undefined : `${CANARY}-${tokens.filter((atMs) => atMs <= ms).length}`

/** What all requests of a plan depend on. */
interface Wires {
  readonly plan: SimPlan
  readonly time: SimTime
  readonly world: World
  readonly nodes: ReadonlyMap<string, Proxy | Target>
  readonly served: (exchange: Exchange) => void
}

export function netOf(plan: SimPlan, time: SimTime, world: World, probe: Probe, served: (x: Exchange) => void): Net {
  const { cluster } = world
  const nodes = new Map<string, Proxy | Target>()
  for (const node of cluster.proxies) nodes.set(node.url.slice('http://'.length), node)
  for (const node of cluster.targets) nodes.set(node.url.slice('http://'.length), node)
  const wires: Wires = { plan, time, world, nodes, served }
  const together = shares(plan)
  let ordinal = 0
  return {
    transportOf: (user) => (request) =>
      new Observable((subscriber) => {
        const exchange = exchangeOf(user, request, addressOf(request.url), time.frame)
        const before = together ? repeatedOf(exchange, probe.stays[user]!) : undefined
        probe.exchanges.push(exchange)
        probe.stays[user]!.exchanges.push(exchange)
        // A shared request serves all users that are present.
        if (together && exchange.what !== 'start' && exchange.what !== 'stop')
          for (const stay of probe.stays)
            if (stay.index !== user && stay.beganMs >= 0 && stay.how === 'waiting') {
              // A request that was in flight when a user started remains the same one if it is repeated with a new
              // token, or at another endpoint.
              const met = before !== undefined && stay.met.includes(before)
              ;(met ? stay.met : stay.exchanges).push(exchange)
            }
        const call = new Call(wires, request, exchange, ordinal++, subscriber)
        call.leave()
        return () => call.cut()
      }),
  }
}

/** The request that this one repeats, because its token was rejected or its endpoint failed a moment ago. */
function repeatedOf({ what, body, atMs }: Exchange, { exchanges }: Stay): Exchange | undefined {
  return exchanges.findLast((one) => one.endMs === atMs && one.what === what && one.body === body && mayGoOn(one))
}

/** One request on its way, and its reply. */
class Call {
  private readonly wires: Wires
  private readonly request: HttpRequest
  private readonly exchange: Exchange
  private readonly nth: number
  private readonly subscriber: Subscriber<HttpResponse>
  private readonly oneWayMs: number
  private fault: NetFault | undefined
  private cancel: (() => void) | undefined

  constructor(
    wires: Wires,
    request: HttpRequest,
    exchange: Exchange,
    nth: number,
    subscriber: Subscriber<HttpResponse>,
  ) {
    this.wires = wires
    this.request = request
    this.exchange = exchange
    this.nth = nth
    this.subscriber = subscriber
    this.oneWayMs = wires.plan.latencyMs / 2
  }

  leave(): void {
    const { time, plan } = this.wires
    if (plan.net.length > 0) this.fault = this.met()
    if (this.fault !== undefined) this.exchange.fault = this.fault.type
    if (this.fault?.type === 'refuse') this.fail('ECONNREFUSED')
    else this.cancel = time.at(time.frame + this.oneWayMs, () => this.arrive())
  }

  /** The subscriber has left. */
  cut(): void {
    this.cancel?.()
    if (this.exchange.end === 'open') this.close('cut')
  }

  private met(): NetFault | undefined {
    const { plan, time, world, nodes } = this.wires
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
    this.exchange.endMs = this.wires.time.frame
  }

  private fail(code: string): void {
    const { time } = this.wires
    this.exchange.disturbed = true
    this.cancel = time.at(time.awake(time.frame + this.oneWayMs), () => {
      this.close('failed')
      this.subscriber.error({ code, message: code.toLowerCase() })
    })
  }

  private deliver(reply: HttpResponse, inMs: number): void {
    const { time } = this.wires
    this.cancel = time.at(time.awake(time.frame + inMs), () => {
      this.close(reply.status)
      this.subscriber.next(reply)
      if (this.fault?.type === 'duplicate') this.subscriber.next(reply)
      this.subscriber.complete()
    })
  }

  private arrive(): void {
    const { world, nodes, time, served } = this.wires
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
    const said = this.answered(node.id)
    served(exchange)
    this.reply(said)
  }

  /** The way back. */
  private reply(said: Answer): void {
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
    const cut = fault?.type === 'cut-text' && said.status === 200 && request.method === 'GET'
    const share = cut ? chance(this.wires.plan.seed, nth, 99) : 1
    if (cut || isAmiss(exchange, said) || lateMs > 0) exchange.disturbed = true
    // A proxy that is starting up reports that nothing is running.
    if (exchange.what === 'running' && this.isStarting()) exchange.disturbed = true
    // A reply that lacks only its last line break is complete.
    const body = cut ? said.body.slice(0, Math.floor(said.body.trimEnd().length * share)) : said.body
    // What is left of a very short text looks like a page from an intermediary.
    if (cut && !/^\s*[[{]/.test(body)) exchange.fault = 'page'
    this.deliver({ status: said.status, headers: said.headers, body }, said.delayMs + this.oneWayMs + lateMs)
  }

  private isStarting(): boolean {
    const node = this.wires.nodes.get(this.exchange.host)
    return node !== undefined && 'readyMs' in node && node.readyMs > this.wires.time.frame
  }

  private answered(node: string): Answer {
    const { plan, time, world } = this.wires
    const { method, headers, url } = this.request
    const { pathname: path, search: query } = addressOf(url)
    const { what, user } = this.exchange
    if (what === 'start' || what === 'stop') redraw(world.cluster, plan, COMMAND + user)
    // A server that does not know a filter ignores it (T4).
    const unfiltered = this.fault?.type === 'unfiltered' && this.exchange.what === 'snapshots' && path !== DOWNLOAD_PATH
    const body = unfiltered ? '{}' : this.exchange.body
    const asked = { node, method, path, query, headers, body, remote: '10.0.0.9:4711' }
    return answer(world.cluster, asked, time.frame, tokenAt(plan, time.frame))
  }
}

/** Whether the reply is not an answer, or hangs because a target does. */
const isAmiss = ({ what }: Exchange, { status, delayMs }: Answer): boolean =>
  delayMs > 2_500 || (status !== 200 && !(status === 404 && (what === 'status' || what === 'snapshots')))
