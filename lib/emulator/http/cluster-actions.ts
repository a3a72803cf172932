import { proxyOf } from '../cluster/nodes.ts'
import { isRefusal, type Refusal } from '../cluster/refusal.ts'
import { start } from '../cluster/start.ts'
import { stop } from '../cluster/stop.ts'
import { GoJsonError } from './go-reader.ts'
import { errorReply } from './error-reply.ts'
import { empty, reply, TEXT_TYPE, type Answer, type Request } from './exchange.ts'
import { goType, readAction, readArgs, type Action } from './messages.ts'
import type { Cluster } from '../cluster/state.ts'

/** The result of `read`; if the body is invalid, a refusal with the message of `explain`. */
const orRefuse = <A extends object>(read: () => A, explain: (error: string) => string): A | Refusal => {
  try {
    return read()
  } catch (error) {
    if (error instanceof GoJsonError) return { status: 400, message: explain(error.message) }
    throw error
  }
}

/** The action in the body of a request, or a refusal if the body is invalid. */
export const actionOf = (request: Request, proxy: string): Action | Refusal =>
  orRefuse(
    () => readAction(request.body),
    (error) => `p[${proxy}]: failed to unmarshal [*apc.ActMsg] (${request.method}), err: ${error} (htrun.go, #2910)`,
  )

/** The id of the primary, which carries out all actions. If the primary cannot, the error reply. */
export const primaryFor = (cluster: Cluster, request: Request, now: number): string | Answer => {
  const primary = proxyOf(cluster, cluster.primary)
  // The proxy forwards the action to the dead primary, and replies 502 without a body.
  if (primary.state !== 'up') return empty(502)
  if (primary.readyMs <= now) return primary.id
  const message = `p[${primary.id}] primary: not ready yet (cluster is starting up)`
  return errorReply({ status: 503, message }, { request, proxy: primary.id })
}

/** Replies to requests to start or stop jobs. */
export const answerAction = (cluster: Cluster, request: Request, now: number): Answer => {
  const read = actionOf(request, request.node)
  if (isRefusal(read)) return errorReply(read, { request, proxy: request.node })
  const { action, name, value } = read
  if (action !== 'start' && action !== 'stop') {
    return errorReply({ status: 400, message: `invalid action "${action}"` }, { request, proxy: request.node })
  }
  const proxy = primaryFor(cluster, request, now)
  if (typeof proxy !== 'string') return proxy
  const where = { request, proxy }
  const args = orRefuse(
    () => readArgs(value),
    (error) => `p[${proxy}]: failed to unmarshal ${action} (${goType(value)}), err: ${error}`,
  )
  if (isRefusal(args)) return errorReply(args, where)
  if (action === 'stop') {
    const refusal = stop(cluster, args, now)
    return refusal ? errorReply(refusal, where) : empty()
  }
  if (proxyOf(cluster, proxy).settledMs > now) {
    const message = `p[${proxy}] primary: not ready yet (finalizing global rebalancing state)`
    return errorReply({ status: 503, message }, where)
  }
  const started = start(cluster, args, name, proxy, now)
  if (isRefusal(started)) return errorReply(started, where)
  return started.id === '' ? empty() : reply(started.id, TEXT_TYPE)
}
