import { between, next, pick, type Random } from '../../lib/emulator/cluster/random.ts'
import type { FaultClass, NetFault, NetFaultType, PlannedEvent, PlannedJob, PlannedUser, SimPlan } from './plan.ts'
import { defined } from '../../lib/common/defined.ts'

// What goes wrong in a plan. The random draws follow each other in a fixed order: another order would make another plan of
// each seed.

/** What the faults of a plan depend on. */
interface Setting {
  /** Whether the plan has this fault class. */
  readonly has: (one: FaultClass) => boolean
  readonly mode: SimPlan['mode']
  readonly targets: number
  readonly proxies: number
  readonly jobs: readonly PlannedJob[]
  readonly users: readonly PlannedUser[]
  /** When the first user subscribes. */
  readonly fromMs: number
}

interface Faults {
  readonly events: readonly PlannedEvent[]
  readonly net: readonly NetFault[]
  /** When all faults are over. */
  readonly healMs: number
}

/** An end that no plan reaches. */
export const FOR_EVER_MS = 1e9

/** The types of faults of each class. */
const NET: readonly (readonly [faultClass: FaultClass, types: readonly NetFaultType[]])[] = [
  ['refuse', ['refuse']],
  ['reset', ['reset']],
  ['loss', ['loss']],
  ['cut', ['cut', 'cut-text']],
  ['duplicate', ['duplicate']],
  ['reorder', ['late']],
  ['redirect', ['redirect']],
  ['page', ['page']],
  ['garble', ['garble']],
  ['http-error', ['status']],
  ['retry-after', ['retry-after']],
  ['permanent', ['permanent', 'foreign']],
  ['unfiltered', ['unfiltered']],
  ['echo', ['echo']],
]

/** The shares of the requests that meet a fault. A fault that lasts for ever must leave some chance to the library. */
const RATES: Readonly<Record<SimPlan['mode'], readonly number[]>> = {
  clean: [0.3, 0.7, 1, 1],
  heals: [0.3, 0.7, 1, 1],
  hostile: [0.05, 0.2, 0.5, 1],
}

/** The faults of a plan, and when they end. */
export function faultsOf(random: Random, setting: Setting): Faults {
  const { has, mode, jobs, fromMs, proxies, targets } = setting
  const lastMs = next(random) < 0.8 ? 4_000 : 60_000
  const healMs = fromMs + Math.floor(between(random, 0, lastMs))
  const toMs = mode === 'hostile' ? FOR_EVER_MS : healMs
  const net: NetFault[] = []
  for (const [one, types] of NET) {
    if (!has(one)) continue
    const type = pick(random, types)
    const rate = pick(random, type === 'unfiltered' ? [0.5, 1] : RATES[mode])
    const value = drawnValue(random, type)
    const proxy = proxies > 1 && next(random) < 0.3 ? Math.floor(next(random) * proxies) : undefined
    const always = type === 'duplicate' || type === 'unfiltered' || type === 'redirect'
    net.push({
      type,
      fromMs: 0,
      toMs: always ? FOR_EVER_MS : toMs,
      rate,
      ...defined({ value, proxy }),
    })
  }
  const events: PlannedEvent[] = []
  const during = (ms: number): number => fromMs + Math.floor(between(random, 0, ms))
  const workMs = jobs[0]?.workMs ?? 0
  const target = Math.floor(next(random) * targets)
  if (has('crash')) events.push({ type: 'crash', atMs: during(workMs + 2_000), target })
  if (has('restart')) {
    const atMs = during(workMs + 2_000)
    events.push(
      { type: 'crash', atMs, target },
      { type: 'restart', atMs: atMs + Math.floor(between(random, 100, 50_000)), target },
    )
  }
  if (has('freeze')) {
    const atMs = during(workMs + 2_000)
    events.push({ type: 'freeze', atMs, target })
    if (mode !== 'hostile' || next(random) < 0.5)
      events.push({ type: 'thaw', atMs: Math.max(healMs, atMs) + Math.floor(between(random, 100, 40_000)), target })
  }
  const killAndRestart = (proxy: number): void => {
    const atMs = during(3_000)
    events.push({ type: 'kill-proxy', atMs, proxy })
    if (mode !== 'hostile' || next(random) < 0.6)
      events.push({
        type: 'restart-proxy',
        atMs: Math.max(healMs, atMs) + Math.floor(between(random, 100, 20_000)),
        proxy,
      })
  }
  if (has('election')) killAndRestart(0)
  if (has('proxy-down')) killAndRestart(Math.floor(next(random) * proxies))
  if (has('ic-memory')) for (let proxy = 0; proxy < proxies; proxy++) killAndRestart(proxy)
  if (has('abort'))
    events.push({ type: 'stop', atMs: (jobs[0]?.atMs ?? 0) + Math.floor(between(random, 1, workMs + 1_500)), job: 0 })
  if (has('wake'))
    events.push({ type: 'wake', atMs: (jobs[0]?.atMs ?? 0) + Math.floor(between(random, 1, workMs + 12_000)), job: 0 })
  return { events, net, healMs }
}

/** The number of a fault: milliseconds, seconds or a status, as its type demands. */
function drawnValue(random: Random, type: NetFaultType): number | undefined {
  switch (type) {
    case 'late':
      return pick(random, [50, 1_999, 2_001, 20_000, 29_999, 30_001, 299_000])
    case 'retry-after':
      return pick(random, [0, 1, 5, 30, 60, 86_400])
    case 'page':
      return pick(random, [200, 404, 502])
    case 'status':
      return pick(random, [500, 502, 503, 504, 429, 408])
    case 'redirect':
      return Math.floor(next(random) * 5)
    case 'permanent':
      return pick(random, [400, 403, 405, 501])
    default:
      return undefined
  }
}
