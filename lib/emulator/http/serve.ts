import type { ServerResponse } from 'node:http'
import { insteadOf, send } from '../faults/faulty-reply.ts'
import type { AskedFor, Fault } from '../faults/fault.ts'
import type { Tokens } from './access.ts'
import { answer } from './answer.ts'
import type { Clock } from './clock.ts'
import { reply, TEXT_TYPE, type Answer, type Request } from './exchange.ts'
import { whatOf } from './what.ts'
import type { RequestLog } from './request-log.ts'
import type { Cluster } from '../cluster/state.ts'

/** What stands behind the ports. */
export interface Service {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly tokens: Tokens | undefined
  readonly requests: RequestLog
  /** The fault that a request meets. */
  readonly take: (asked: AskedFor) => Fault | undefined
}

/** Answers the requests of all nodes. */
export interface Serving {
  readonly handle: (request: Request, response: ServerResponse) => void
  /** Calls off whatever still waits to be answered. */
  readonly close: () => void
}

/** Turns requests into replies: a fault in front first, then the cluster, then the wait, then a fault of the wire. */
export const serve = ({ cluster, clock, tokens, requests, take }: Service): Serving => {
  const waiting = new Set<() => void>()
  const later = (ms: number, call: () => void): void => {
    if (ms <= 0) {
      call()
      return
    }
    const cancel = clock.after(ms, () => {
      waiting.delete(cancel)
      call()
    })
    waiting.add(cancel)
  }
  /** A mistake of the emulator itself must not take the process of its user down. */
  const answered = (request: Request): Answer => {
    try {
      return answer(cluster, request, clock.now(), tokens)
    } catch (error) {
      return reply(`the emulator failed: ${String(error)}\n`, TEXT_TYPE, 0, 500)
    }
  }
  const handle = (request: Request, response: ServerResponse): void => {
    const { node, method, path, query, body } = request
    const asked = { node, method, path, query, what: whatOf(query), body }
    requests.add({ atMs: clock.now(), ...asked })
    // A target that died of a request has a port no longer, whoever else still serves here.
    if (cluster.targets.some(({ id, state }) => id === node && state === 'dead')) {
      response.socket?.resetAndDestroy()
      return
    }
    const fault = take(asked)
    const sent = insteadOf(fault) ?? answered(request)
    later(sent.delayMs + (fault?.type === 'slow' ? fault.delayMs : 0), () => {
      if (!response.destroyed) send(response, sent, fault)
    })
  }
  return {
    handle,
    close: () => {
      for (const cancel of waiting) cancel()
      waiting.clear()
    },
  }
}
