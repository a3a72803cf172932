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
 * Whether a plan can run over sockets at all: with all of its faults, users that do not sleep, one wall clock and no
 * tokens.
 */
export const isExpressible = ({ net, sleeps, jumps, tokens, requestTimeoutMs }: SimPlan): boolean =>
  sleeps.length === 0 &&
  jumps.length === 0 &&
  tokens === undefined &&
  // Sockets are so much slower than the plan's net that such a short timeout is too short.
  requestTimeoutMs === undefined &&
  net.every((fault) => {
    const wire = wireFault(fault)
    // A port is open or closed for all requests.
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
