import { mappedTargets } from './launch.ts'
import { pick } from './random.ts'
import type { Refusal } from './refusal.ts'
import type { Cluster, Target } from './state.ts'

/** Go's error of a call to a target. Nodes call each other on a port that is 1,000 above the public port. */
export const callError = (target: Target, method: string, path: string, reason: string): string => {
  const { port, hostname } = new URL(target.url)
  return `${method} "http://${hostname}:${Number(port) + 1_000}${path}": ${reason}`
}

/** The refusal of a proxy that cannot call a target. */
export const failedCall = (proxyId: string, target: Target, method: string, path: string, reason: string): Refusal => {
  const error = callError(target, method, path, reason)
  const message = `p[${proxyId}]: failed to call t[${target.id}] [control-plane], err: ${error}`
  return { status: 400, message, tcode: 'ErrFailedTo' }
}

/** The error of a call to a dead target. */
export const refusedCall = (target: Target): string => {
  const { port, hostname } = new URL(target.url)
  return `dial tcp ${hostname}:${Number(port) + 1_000}: connect: connection refused`
}

const DEADLINE_EXCEEDED = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'

/** The refusal of a start because a target is unreachable; undefined if all targets are reachable. */
export const unreachable = (cluster: Cluster, proxyId: string): Refusal | undefined => {
  const targets = mappedTargets(cluster)
  const call = (target: Target, reason: string): Refusal => failedCall(proxyId, target, 'Put', '/v1/xactions', reason)
  const dead = targets.find((target) => target.state === 'dead')
  if (dead) return call(dead, refusedCall(dead))
  const wedged = targets.filter((target) => target.wedged)
  const stuck = wedged.length > 0 ? pick(cluster.random, wedged) : targets.find((target) => target.state === 'frozen')
  return stuck ? { ...call(stuck, DEADLINE_EXCEEDED), delayMs: cluster.timing.callMs } : undefined
}
