import { judge } from './invariants.ts'
import { netOf } from './net.ts'
import { oracleOf, type Oracle } from './oracle.ts'
import { isWatcher, shares, type SimPlan } from './plan.ts'
import type { Exchange, Probe, Stay } from './probe.ts'
import { SimTime } from './time.ts'
import { traceOf } from './trace.ts'
import { isLivedApart, sameOutcomes, type Life } from './twice.ts'
import { usersOf } from './users.ts'
import { worldOf, type World } from './world.ts'

/** A broken invariant. */
export interface Violation {
  /** I1 .. I20. */
  readonly invariant: string
  readonly atMs: number
  readonly text: string
}

export interface Report {
  readonly violations: readonly Violation[]
  readonly trace: readonly string[]
  readonly requests: number
}

/** One seed in this many runs a second time, and must give the same trace. */
const TWICE_EACH = 64

/** Runs one plan, and reports the violations. */
export function simulate(plan: SimPlan): Report {
  const life = lived(plan)
  const violations = [...life.report.violations]
  if (plan.seed % TWICE_EACH === 0) violations.push(...again(plan, life.report))
  let { requests } = life.report
  if (isLivedApart(plan)) {
    const apart = lived({ ...plan, apart: true })
    requests += apart.report.requests
    violations.push(...apart.report.violations)
    sameOutcomes(plan, life, apart, (text, atMs) => violations.push({ invariant: 'I15', atMs, text }))
  }
  return {
    violations,
    requests,
    // Built on demand, because it is seldom needed.
    get trace() {
      return life.report.trace
    },
  }
}

/** I7: the same plan leads to the same life. */
function again(plan: SimPlan, { trace: a }: Report): readonly Violation[] {
  const b = lived(plan).report.trace
  if (a.length === b.length && a.every((line, index) => line === b[index])) return []
  const line = a.findIndex((text, index) => text !== b[index])
  return [{ invariant: 'I7', atMs: 0, text: `${a[line] ?? 'nothing'} <> ${b[line] ?? 'nothing'}` }]
}

/**
 * Passes a served request to the oracle if it concerns the job of a user that was present when it was sent, whoever
 * sent it.
 */
function passOn({ users, jobs }: SimPlan, world: World, oracle: Oracle, exchange: Exchange, stay: Stay): void {
  if (!stay.exchanges.includes(exchange) && !stay.met.includes(exchange)) return
  const { body, user } = exchange
  const { job, byKind, all } = users[stay.index]!
  const kind = jobs[job]?.kind ?? ''
  const isOfIt = body.includes('"id"')
    ? byKind === true || body.includes(`"${world.idOf(job)}"`)
    : !body.includes('"kind"') || body.includes(`"${kind}"`)
  if (user === stay.index || all === true || isOfIt) oracle.record(exchange, stay)
}

interface Whole extends Life {
  readonly report: Report
}

function lived(plan: SimPlan): Whole {
  const time = new SimTime(plan)
  const probe: Probe = { stays: [], exchanges: [], leaks: [] }
  const violations: Violation[] = []
  const world = worldOf(plan, time)
  const oracle = oracleOf(plan, time, world)
  const together = shares(plan)
  const net = netOf(plan, time, world, probe, (exchange) => {
    oracle.instant()
    if (together) for (const stay of probe.stays) passOn(plan, world, oracle, exchange, stay)
    else oracle.record(exchange, probe.stays[exchange.user]!)
  })
  let present = plan.users.length
  const users = usersOf(
    plan,
    time,
    world,
    net,
    probe,
    (stay: Stay) => {
      oracle.over(stay)
      const open = stay.exchanges.filter(({ end }) => end === 'open').length
      // A shared poll continues for other users.
      if (open > 0 && (present === 1 || !(together || isWatcher(plan.users[stay.index]!))))
        violations.push({
          invariant: 'I6',
          atMs: time.frame,
          text: `user ${stay.index}: ${open} requests are in flight after the end`,
        })
      if (--present > 0) return
      if (time.timers > 0) violations.push({ invariant: 'I6', atMs: time.frame, text: `${time.timers} timers remain` })
      if (users.queries() > 0)
        violations.push({ invariant: 'I6', atMs: time.frame, text: `${users.queries()} queries remain` })
    },
    oracle.instant,
  )
  try {
    time.flush()
  } catch (error) {
    violations.push({ invariant: 'I6', atMs: time.frame, text: `an exception: ${String(error)}` })
  }
  violations.push(...judge(plan, time, world, oracle, probe))
  const report: Report = {
    violations,
    requests: probe.exchanges.length,
    get trace() {
      return traceOf(probe)
    },
  }
  return { report, oracle, probe }
}
