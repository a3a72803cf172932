import type { Fault } from '../../../lib/emulator/faults/fault.ts'
import { chance } from '../chance.ts'
import type { NetFault, SimPlan } from '../plan.ts'

/** The emulator's wire fault for a fault of the simulated net; undefined if there is none. */
export function wireFault({ type, value = 0 }: NetFault): Fault | 'refuse' | undefined {
  switch (type) {
    case 'refuse':
      return 'refuse'
    case 'reset':
      return { type: 'reset' }
    case 'cut':
      return { type: 'reset-body' }
    case 'loss':
      return { type: 'stall' }
    case 'late':
      return { type: 'slow', delayMs: value }
    case 'page':
      return value === 200 ? { type: 'wrong-type' } : undefined
    case 'status':
      return { type: 'status', status: value }
    case 'retry-after':
      return { type: 'status', status: 503, retryAfterSeconds: value }
    default:
      return undefined
  }
}

/**
 * Whether a plan can run over sockets. It cannot if the emulator lacks one of its faults, if a user's machine sleeps, if the
 * wall clock is set, or if the plan has tokens or a timeout for requests.
 */
export const isExpressible = ({ net, sleeps, jumps, tokens, requestTimeoutMs }: SimPlan): boolean =>
  sleeps.length === 0 &&
  jumps.length === 0 &&
  tokens === undefined &&
  // Sockets are much slower than the simulated net, so the short timeout of a plan would end requests that succeed there.
  requestTimeoutMs === undefined &&
  net.every((fault) => {
    const wire = wireFault(fault)
    // A closed port refuses every request, so it cannot express a fault that refuses only some.
    return wire !== undefined && (wire !== 'refuse' || fault.rate >= 1)
  })

/** The fault that a request meets at this time, like in the simulated net. */
export const faultAt = (plan: SimPlan, nth: number, proxy: number, nowMs: number): Fault | undefined => {
  const met = plan.net.find(
    (fault, index) =>
      fault.fromMs <= nowMs &&
      nowMs < fault.toMs &&
      (fault.proxy === undefined || fault.proxy === proxy) &&
      chance(plan.seed, nth, index) < fault.rate,
  )
  const wire = met === undefined ? undefined : wireFault(met)
  return wire === 'refuse' ? undefined : wire
}
