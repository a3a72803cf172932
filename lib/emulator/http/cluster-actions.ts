import { proxyOf } from '../cluster/nodes.ts'
import { isRefusal, type Refusal } from '../cluster/refusal.ts'
import { start } from '../cluster/start.ts'
import { stop } from '../cluster/stop.ts'
import { GoJsonError } from './go-reader.ts'
import { errorReply } from './error-reply.ts'
import { empty, reply, TEXT_TYPE, type Answer, type Request } from './exchange.ts'
import { goType, readAction, readArgs, type Action } from './messages.ts'
import type { Cluster } from '../cluster/state.ts'

/** Runs `read`; a mistake in a body becomes the refusal that `explain` words. */
const orRefuse = <A extends object>(read: () => A, explain: (error: string) => string): A | Refusal => {
  try {
    return read()
  } catch (error) {
    if (error instanceof GoJsonError) return { status: 400, message: explain(error.message) }
    throw error
  }
}

/** Reads an action, or refuses its body. */
export const actionOf = (request: Request, proxy: string): Action | Refusal =>
  orRefuse(
    () => readAction(request.body),
    (error) => `p[${proxy}]: failed to unmarshal [*apc.ActMsg] (${request.method}), err: ${error} (htrun.go, #2910)`,
  )

/** The proxy that does what was asked: the primary, whoever was asked; or the answer where that is not possible. */
export const primaryFor = (cluster: Cluster, request: Request, now: number): string | Answer => {
  const primary = proxyOf(cluster, cluster.primary)
  // Passed on to a dead primary: the proxy has nothing to say but that.
  if (primary.state !== 'up') return empty(502)
  if (primary.readyMs <= now) return primary.id
  const message = `p[${primary.id}] primary: not ready yet (cluster is starting up)`
  return errorReply({ status: 503, message }, { request, proxy: primary.id })
}

/** Answers the start and the stop of jobs. */
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
