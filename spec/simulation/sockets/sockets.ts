import type { Fault } from '../../../lib/emulator/faults/fault.ts'
import type { Clock } from '../../../lib/emulator/http/clock.ts'
import { openNode, type NodeServer } from '../../../lib/emulator/http/node-server.ts'
import { RequestLog } from '../../../lib/emulator/http/request-log.ts'
import { serve, type Serving } from '../../../lib/emulator/http/serve.ts'
import { fetchTransport } from '../../../lib/transport/fetch.ts'
import type { PlannedEvent, SimPlan } from '../plan.ts'
import type { Recording } from '../recording.ts'
import type { SimTime } from '../time.ts'
import { usersOf } from '../users.ts'
import { worldOf, type World } from '../world.ts'
import { faultAt, wireFault } from './expressed.ts'
import { outcomesOf, type Outcomes } from './outcomes.ts'
import { SocketTime } from './socket-time.ts'

/** The result of a plan over sockets. */
export interface SocketOutcome {
  readonly outcomes: Outcomes
  /** The faults that requests met, in their order. */
  readonly faults: readonly Fault['type'][]
}

/**
 * Runs a plan over real sockets: the same world and the same users, but with the emulator's ports, the library's own
 * transport and real timers, all accelerated by the same factor.
 *
 * This assembles the emulator from the parts that `startEmulator` uses, because the jobs of a plan are placed directly
 * in its cluster.
 */
export async function overSockets(plan: SimPlan, speed: number): Promise<SocketOutcome> {
  const time = new SocketTime(speed)
  // Stands in for virtual time: it has all that the world and the users use.
  const world = worldOf(plan, time as unknown as SimTime)
  const faults: Fault['type'][] = []
  const serving = servingOf(plan, time, world, (fault) => faults.push(fault.type))
  const servers = new Map<string, NodeServer>()
  try {
    for (const node of [...world.cluster.proxies, ...world.cluster.targets]) {
      const server = await openNode(0, (request, response) => serving.handle({ ...request, node: node.id }, response))
      servers.set(node.id, server)
      node.url = `http://127.0.0.1:${server.port}`
    }
    ports(plan, time, world, servers)
    return { outcomes: await playToEnd(plan, time, world, speed), faults }
  } finally {
    time.close()
    serving.close()
    await Promise.all([...servers.values()].map((server) => server.refuse()))
  }
}

/** How a server of the emulator replies, with the faults of the plan. */
function servingOf(plan: SimPlan, time: SocketTime, { cluster }: World, onFault: (fault: Fault) => void): Serving {
  const clock: Clock = { now: () => time.frame, after: (ms, call) => time.at(time.frame + ms, call) }
  const proxies = cluster.proxies.map(({ id }) => id)
  let nth = 0
  const take = ({ node }: { readonly node: string }): Fault => {
    const fault = faultAt(plan, nth++, proxies.indexOf(node), time.frame)
    if (fault === undefined) return { type: 'slow', delayMs: plan.latencyMs }
    onFault(fault)
    return fault.type === 'slow' ? { ...fault, delayMs: fault.delayMs + plan.latencyMs } : fault
  }
  return serve({ cluster, clock, tokens: undefined, requests: new RequestLog(), take })
}

/** A real timer may fire a little early, and by more in an accelerated clock. */
const EARLY_MS = 60

/** Opens and closes ports, which the world does not know. */
function ports(plan: SimPlan, time: SocketTime, { cluster }: World, servers: ReadonlyMap<string, NodeServer>): void {
  const close = (id: string): void => void servers.get(id)?.refuse()
  // The end of one fault does not open the port of a dead node, or a port that another fault still closes.
  const isShut = (id: string): boolean =>
    [...cluster.proxies, ...cluster.targets].some((node) => node.id === id && node.state === 'dead') ||
    plan.net.some(
      (fault) =>
        wireFault(fault) === 'refuse' &&
        fault.fromMs <= time.frame &&
        time.frame < fault.toMs - EARLY_MS &&
        cluster.proxies.some((proxy, at) => proxy.id === id && (fault.proxy === undefined || fault.proxy === at)),
    )
  const open = (id: string): void => {
    if (!isShut(id)) void servers.get(id)?.accept()
  }
  const nodeOf = (event: PlannedEvent): string => {
    if ('target' in event) return cluster.targets[event.target % cluster.targets.length]!.id
    return 'proxy' in event ? cluster.proxies[event.proxy % cluster.proxies.length]!.id : ''
  }
  for (const event of plan.events) {
    if (event.type === 'crash' || event.type === 'kill-proxy') time.at(event.atMs, () => close(nodeOf(event)))
    // The world restarts the node by a timer of its own, which may fire after this one.
    if (event.type === 'restart' || event.type === 'restart-proxy')
      time.at(event.atMs + EARLY_MS, () => open(nodeOf(event)))
  }
  for (const fault of plan.net) {
    if (wireFault(fault) !== 'refuse') continue
    const ids = cluster.proxies.filter((_, at) => fault.proxy === undefined || fault.proxy === at).map(({ id }) => id)
    time.at(fault.fromMs, () => ids.forEach(close))
    time.at(fault.toMs, () => ids.forEach(open))
  }
}

/** Resolves when all users have completed or left. */
function playToEnd(plan: SimPlan, time: SocketTime, world: World, speed: number): Promise<Outcomes> {
  const recording: Recording = { sessions: [], exchanges: [], leaks: [] }
  return new Promise((resolve) => {
    let present = plan.users.length
    const end = setTimeout(() => resolve(outcomesOf(plan, recording)), plan.endMs / speed + 5_000)
    const userEnded = (): void => {
      present -= 1
      if (present > 0) return
      clearTimeout(end)
      resolve(outcomesOf(plan, recording))
    }
    usersOf(plan, time as unknown as SimTime, world, { transportOf: () => fetchTransport() }, recording, userEnded)
  })
}
