// Your own transport: undici instead of node:http, for a service that sends thousands of requests a second.
import { Observable } from 'rxjs'
import type { Agent } from 'undici'
import { createCluster, type Cluster, type HttpResponse, type Transport } from 'aistore-rx'

const tooLarge = Object.assign(new Error('the reply was longer than maxReplyBytes'), { code: 'REPLY_TOO_LARGE' })
const gone = Object.assign(new Error('the subscriber has left'), { code: 'ECONNABORTED' })
const texts = (fields: Readonly<Record<string, string | string[] | undefined>>): HttpResponse['headers'] =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]))

/** Cold: each subscription sends one request, and closes its connection if it ends before the reply is complete. */
export const undiciTransport =
  (agent: Agent): Transport =>
  ({ url, method, headers, body = null, maxReplyBytes }) =>
    new Observable((subscriber) => {
      const { origin, pathname, search } = new URL(url)
      const whole: Buffer[] = []
      let [head, bytes, leave] = [{ status: 0, headers: {} }, 0, (): void => undefined]
      // Without `reset: false`, undici closes the connection after each GET with a body, and all queries have one.
      const request = { origin, path: pathname + search, method: method as 'GET', headers, body, reset: false }
      agent.dispatch(request, {
        onRequestStart: (controller) => {
          leave = () => controller.abort(gone)
          if (subscriber.closed) leave()
        },
        onResponseStart: (_, status, fields) => void (head = { status, headers: texts(fields) }),
        onResponseData: (controller, chunk) =>
          (bytes += chunk.length) > maxReplyBytes ? controller.abort(tooLarge) : void whole.push(chunk),
        onResponseEnd: () => {
          leave = () => undefined
          subscriber.next({ ...head, body: Buffer.concat(whole).toString() })
          subscriber.complete()
        },
        onResponseError: (_, error) => subscriber.error(error),
      })
      return () => leave()
    })

export const main = (endpoint: string, agent: Agent): Cluster =>
  createCluster(endpoint, { transport: undiciTransport(agent) })
