import type { Fault } from '../../../lib/emulator/faults/fault.ts'
import { chance } from '../chance.ts'
import type { NetFault, SimPlan } from '../plan.ts'

/** A fault of the simulated net as one of the emulator's wire; undefined where the wire has none like it. */
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

/** Whether a plan can happen over sockets at all: all of its faults, awake users, one wall clock, no tokens. */
export const isExpressible = ({ net, sleeps, jumps, tokens, requestTimeoutMs }: SimPlan): boolean =>
  sleeps.length === 0 &&
  jumps.length === 0 &&
  tokens === undefined &&
  // Sockets are slower than the plan's net by more than such a limit can bear.
  requestTimeoutMs === undefined &&
  net.every((fault) => {
    const wire = wireFault(fault)
    // A port is open or closed for all.
    return wire !== undefined && (wire !== 'refuse' || fault.rate >= 1)
  })

/** The fault that a request meets at that time, as the simulated net finds it. */
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
