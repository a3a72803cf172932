import { checkInvariants } from './invariants.ts'
import { netOf } from './net.ts'
import { oracleOf, type Oracle } from './oracle.ts'
import { isWatcher, shares, type SimPlan } from './plan.ts'
import type { Exchange, Recording, Session } from './recording.ts'
import { SimTime } from './time.ts'
import { traceOf } from './trace.ts'
import { alsoRunsApart, checkSameOutcomes, type Simulation } from './apart.ts'
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
  const simulation = simulateOnce(plan)
  const violations = [...simulation.report.violations]
  if (plan.seed % TWICE_EACH === 0) violations.push(...checkRepeatable(plan, simulation.report))
  let { requests } = simulation.report
  if (alsoRunsApart(plan)) {
    const apart = simulateOnce({ ...plan, apart: true })
    requests += apart.report.requests
    violations.push(...apart.report.violations)
    checkSameOutcomes(plan, simulation, apart, (text, atMs) => violations.push({ invariant: 'I15', atMs, text }))
  }
  return {
    violations,
    requests,
    // Built on demand, because it is seldom needed.
    get trace() {
      return simulation.report.trace
    },
  }
}

/** I7: the same plan gives the same trace. */
function checkRepeatable(plan: SimPlan, { trace: a }: Report): readonly Violation[] {
  const b = simulateOnce(plan).report.trace
  if (a.length === b.length && a.every((line, index) => line === b[index])) return []
  const line = a.findIndex((text, index) => text !== b[index])
  return [{ invariant: 'I7', atMs: 0, text: `${a[line] ?? 'nothing'} <> ${b[line] ?? 'nothing'}` }]
}

/**
 * Passes a served request to the oracle for one session, if the request is about that user's job and the user was present
 * when it was sent. Another user may have sent it.
 */
function recordFor({ users, jobs }: SimPlan, world: World, oracle: Oracle, exchange: Exchange, session: Session): void {
  if (!session.exchanges.includes(exchange) && !session.inFlightAtStart.includes(exchange)) return
  const { body, user } = exchange
  const { job, byKind, all } = users[session.index]!
  const kind = jobs[job]?.kind ?? ''
  const isAboutJob = body.includes('"id"')
    ? byKind === true || body.includes(`"${world.idOf(job)}"`)
    : !body.includes('"kind"') || body.includes(`"${kind}"`)
  if (user === session.index || all === true || isAboutJob) oracle.record(exchange, session)
}

interface ReportedSimulation extends Simulation {
  readonly report: Report
}

/** Runs the plan in virtual time, and checks the invariants. */
function simulateOnce(plan: SimPlan): ReportedSimulation {
  const time = new SimTime(plan)
  const recording: Recording = { sessions: [], exchanges: [], leaks: [] }
  const violations: Violation[] = []
  const world = worldOf(plan, time)
  const oracle = oracleOf(plan, time, world)
  const isShared = shares(plan)
  const net = netOf(plan, time, world, recording, (exchange) => {
    oracle.sampleRunning()
    if (isShared) for (const session of recording.sessions) recordFor(plan, world, oracle, exchange, session)
    else oracle.record(exchange, recording.sessions[exchange.user]!)
  })
  let usersLeft = plan.users.length
  const users = usersOf(
    plan,
    time,
    world,
    net,
    recording,
    (session: Session) => {
      oracle.closeSession(session)
      const open = session.exchanges.filter(({ end }) => end === 'open').length
      // Users of one cluster value share their polls, and a shared poll continues for the others.
      if (open > 0 && (usersLeft === 1 || !(isShared || isWatcher(plan.users[session.index]!))))
        violations.push({
          invariant: 'I6',
          atMs: time.frame,
          text: `user ${session.index}: ${open} requests are in flight after the end`,
        })
      usersLeft--
      if (usersLeft > 0) return
      if (time.timers > 0) violations.push({ invariant: 'I6', atMs: time.frame, text: `${time.timers} timers remain` })
      if (users.queries() > 0)
        violations.push({ invariant: 'I6', atMs: time.frame, text: `${users.queries()} queries remain` })
    },
    oracle.sampleRunning,
  )
  try {
    time.flush()
  } catch (error) {
    violations.push({ invariant: 'I6', atMs: time.frame, text: `an exception: ${String(error)}` })
  }
  violations.push(...checkInvariants(plan, time, world, oracle, recording))
  const report: Report = {
    violations,
    requests: recording.exchanges.length,
    get trace() {
      return traceOf(recording)
    },
  }
  return { report, oracle, recording }
}
