import type { ServerResponse } from 'node:http'
import { send } from '../faults/faulty-reply.ts'
import { replacementFor } from '../faults/replacement.ts'
import type { AskedFor, Fault } from '../faults/fault.ts'
import type { Tokens } from './access.ts'
import { answer } from './answer.ts'
import type { Clock } from './clock.ts'
import { reply, TEXT_TYPE, type Answer, type Request } from './exchange.ts'
import { whatOf } from './what.ts'
import type { RequestLog } from './request-log.ts'
import type { Cluster } from '../cluster/state.ts'

/** The parts of an emulator that its servers share. */
export interface Service {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly tokens: Tokens | undefined
  readonly requests: RequestLog
  /** Returns the fault to inject into a request, if any. */
  readonly take: (request: AskedFor) => Fault | undefined
  /** Called after the cluster has answered a request. */
  readonly answered?: (() => void) | undefined
}

/** The request handler of all nodes. */
export interface Serving {
  readonly handle: (request: Request, response: ServerResponse) => void
  /** Cancels all delayed replies. */
  readonly close: () => void
}

/**
 * Creates the request handler. The reply comes from a fault that replaces the cluster's, or from the cluster. It is
 * sent after its delay, disturbed by a fault of the wire if there is one.
 */
export const serve = ({ cluster, clock, tokens, requests, take, answered }: Service): Serving => {
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
  /** An exception of the emulator must not crash the user's process. */
  const answerOf = (request: Request): Answer => {
    try {
      return answer(cluster, request, clock.now(), tokens)
    } catch (error) {
      return reply(`the emulator failed: ${String(error)}\n`, TEXT_TYPE, 0, 500)
    }
  }
  const handle = (request: Request, response: ServerResponse): void => {
    const { node, method, path, query, body } = request
    const fields = { node, method, path, query, what: whatOf(query), body }
    requests.add({ atMs: clock.now(), ...fields })
    // A request can kill targets (`create-inventory`), and then their ports still accept connections.
    if (cluster.targets.some(({ id, state }) => id === node && state === 'dead')) {
      response.socket?.resetAndDestroy()
      return
    }
    const fault = take(fields)
    const sent = replacementFor(fault, fields) ?? answerOf(request)
    answered?.()
    later(sent.delayMs + (fault?.type === 'slow' ? fault.delayMs : 0), () => {
      if (!response.destroyed) send(response, sent, fault, later)
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
