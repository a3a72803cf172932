import type { Job } from '../../lib/emulator/cluster/state.ts'
import type { JobError } from '../../lib/error.ts'
import type { WaitResult } from '../../lib/model/wait-result.ts'
import { boundOf } from './bound.ts'
import { checkLinks } from './links.ts'
import { shownKind } from './downloads.ts'
import { checkBudget } from './budget.ts'
import { hasClockJumped, isBelievedAbsent, isOverAt } from './claim.ts'
import { checkAgreement } from './agreement.ts'
import { areAllPartsMapped } from './parts.ts'
import { goalOf } from './goal.ts'
import { idleSinceMs, type Oracle, type Samples, type Truth } from './oracle.ts'
import { isWatcher, shares, type PlannedUser, type SimPlan } from './plan.ts'
import type { Exchange, Recording, Session } from './recording.ts'
import { quietSpan } from './quiet.ts'
import { isOnTarget } from './runs.ts'
import { checkSharedRequests, checkRequests, isRefusal } from './traffic.ts'
import { checkLockstep } from './lockstep.ts'
import { checkEndlessStream } from './watched.ts'
import type { Violation } from './simulate.ts'
import type { SimTime } from './time.ts'
import type { World } from './world.ts'

// I1 to I4 for waits, and the calls of all other invariants. README.md has the table of the invariants.

/** Checks everything that was recorded in a simulation against the promises of the library. */
export function checkInvariants(
  plan: SimPlan,
  time: SimTime,
  world: World,
  oracle: Oracle,
  recording: Recording,
): readonly Violation[] {
  const givenHosts = new Set(
    world.cluster.proxies.slice(0, plan.endpoints).map(({ url }) => url.slice('http://'.length)),
  )
  const found: Violation[] = recording.leaks.map((text) => ({ invariant: 'I11', atMs: 0, text }))
  for (const session of recording.sessions) {
    const user = plan.users[session.index]!
    const report = (invariant: string, text: string, atMs = session.overMs): void => {
      found.push({ invariant, atMs, text: `user ${session.index} (${user.type}): ${text}` })
    }
    if (session.beganMs < 0) continue
    if (session.state === 'waiting') report('I2', 'the stream never ended', time.frame)
    if (session.state === 'error') report('I2', `used the error channel: ${String(session.error)}`)
    if (session.received.some(({ atMs }) => atMs > session.overMs)) report('I6', 'emitted a value after the end')
    checkRequests(plan, session, user, givenHosts, report)
    if (isWatcher(user)) {
      checkEndlessStream(plan, time, session, user, oracle, report)
      continue
    }
    if (session.state === 'complete' && session.received.length !== 1)
      report('I2', `completed with ${session.received.length} values`)
    const [last] = session.received
    if (user.type === 'abort') continue
    const judged: JudgedWait = { plan, session, user, truth: oracle.truthOf(session), report }
    checkTime(judged, time)
    if (last === undefined) continue
    const result = last.value as { _tag: 'Left'; left: JobError } | { _tag: 'Right'; right: WaitResult }
    if (result._tag === 'Right') checkResult(judged, result.right, world, oracle)
    else checkError(judged, result.left)
  }
  const ofAll = (invariant: string, text: string, atMs = 0): void => void found.push({ invariant, atMs, text })
  if (shares(plan)) {
    checkSharedRequests(plan, recording, givenHosts, ofAll)
    checkAgreement(plan, time, oracle, recording, (text, atMs) => ofAll('I16', text, atMs))
  }
  if (!shares(plan)) checkLockstep(plan, recording, (text, atMs) => ofAll('I14', text, atMs))
  if (plan.apart !== true) checkBudget(plan, recording, (text, atMs) => ofAll('I17', text, atMs))
  return found
}

/** The wait of one user, with what is true about the jobs that it selects. */
interface JudgedWait {
  readonly plan: SimPlan
  readonly session: Session
  readonly user: PlannedUser
  readonly truth: Truth
  readonly report: ReportViolation
}

export type ReportViolation = (invariant: string, text: string, atMs?: number) => void

/** When the wait began. A wait after a start begins with the reply to the start. */
export const waitBeganMs = (user: PlannedUser, session: Session): number => {
  if (user.type !== 'start') return session.beganMs
  const last = session.exchanges.filter(({ what }) => what === 'start').at(-1)
  // A redirect is followed, and a start that reached no server is sent to another endpoint.
  return last?.end === 200 ? last.endMs : Infinity
}

/** How long the last round of requests may take. */
const LAST_ROUND_MS = 2_000
/** Three requests in a row that take less than this fit into the last round, even if one of them is repeated. */
const MOST_OF_ROUND_MS = 900

/** I2, I3 and I10: the outcome comes within the budget, and no later than its bound. */
function checkTime(judged: JudgedWait, time: SimTime): void {
  const { plan, session, user, truth, report } = judged
  const began = waitBeganMs(user, session)
  const { timeoutMs = Infinity } = user
  const budgetEndMs = began + timeoutMs
  // When the timer of the budget fires: late, if the machine sleeps.
  const firesMs = time.awake(budgetEndMs)
  const isLate = firesMs - budgetEndMs > 1_000
  const mayHaveLastRound = isLate || plan.jumps.length > 0 || plan.sleeps.length > 0
  const latestMs = (mayHaveLastRound ? time.awake(firesMs + LAST_ROUND_MS) : firesMs) + 50
  if (session.overMs > latestMs)
    report('I2', `ended ${session.overMs - budgetEndMs} ms after its budget of ${timeoutMs} ms`)
  if (isLate) checkAfterSleep(judged, firesMs)
  const usual = boundOf(plan, user, session, truth)
  if (usual === undefined) return
  // The last round of requests, after the end of the budget, takes longer than a usual poll.
  const bound = mayHaveLastRound ? Math.max(usual, LAST_ROUND_MS) : usual
  // The last round starts with no knowledge, so it shows only what a few polls prove.
  const overMs = mayHaveLastRound && usual > LAST_ROUND_MS ? Math.min(session.overMs, firesMs) : session.overMs
  const quiet = quietSpan(plan, session, Math.max(truth.fromMs, began), Math.min(truth.toMs, overMs), bound)
  if (quiet === undefined) return
  const hasNoResult = (session.received[0]?.value as { _tag?: string } | undefined)?._tag !== 'Right'
  report(
    hasNoResult ? 'I3' : 'I10',
    `the outcome was observable since ${quiet.fromMs} and due within ${bound} ms, but had not come at ${quiet.toMs}`,
  )
}

/**
 * I3 for a user whose machine slept beyond the end of the budget: the wait polls once more, and reports an end that one
 * poll of a healthy cluster shows.
 */
function checkAfterSleep({ plan, session, user, truth, report }: JudgedWait, awakeMs: number): void {
  const result = session.received[0]?.value as { _tag?: string; left?: JobError } | undefined
  if (result?.left?._tag !== 'WaitTimeout' || goalOf(user, plan.jobs[user.job]?.kind) !== 'end') return
  const endOfRoundMs = awakeMs + LAST_ROUND_MS
  const isHealthy =
    plan.events.every(({ type }) => type === 'stop' || type === 'wake') &&
    plan.jumps.length === 0 &&
    3 * (plan.latencyMs + 1) < MOST_OF_ROUND_MS &&
    plan.net.every(({ fromMs, toMs, type }) => type === 'unfiltered' || toMs <= awakeMs || fromMs > endOfRoundMs)
  // A timeout that has grown after many failures does not apply to the last round; a kind may have runs that the wait
  // does not select.
  const isPlain =
    user.byKind !== true &&
    truth.jobs.length === 1 &&
    areAllPartsMapped(truth.jobs) &&
    !truth.isPartMissing &&
    !truth.lost
  if (isHealthy && isPlain && truth.fromMs <= awakeMs)
    report('I3', 'timed out after a sleep although a last round would have shown the end')
}

/** The outcomes that are a success. */
const SUCCESSES: ReadonlySet<string> = new Set(['finished', 'idle', 'started', 'not-running'])

/** I1 and I3: the reported outcome is true. */
function checkResult(judged: JudgedWait, result: WaitResult, world: World, oracle: Oracle): void {
  const { session, user, truth, report } = judged
  const { outcome, success, jobId, aborted } = result
  checkNames(judged, result, world)
  const named =
    user.byKind === true && jobId !== undefined
      ? truth.jobs.filter(({ id }) => jobId.split(',').includes(id))
      : truth.jobs
  if (success && !SUCCESSES.has(outcome)) report('I1', `a success, but the outcome is ${outcome}`)
  if (success && aborted) report('I1', 'a success with an abort')
  if (success) checkSuccess(judged, outcome, named, oracle.samplesOf(session))
  else checkFailure(judged, result, named)
  if (outcome === 'idle' && goalOf(user, judged.plan.jobs[user.job]?.kind) === 'end') report('I1', 'idle is not an end')
  for (const job of named) checkLinks(job, result, session, report)
}

/** I1: the result names the jobs of the user, by kind and by id. */
function checkNames({ plan, user, truth, report }: JudgedWait, { kind, jobId }: WaitResult, world: World): void {
  const planned = plan.jobs[user.job]?.kind
  if (kind !== undefined && planned !== undefined && user.type !== 'start' && kind !== shownKind(planned))
    report('I1', `kind ${kind} instead of ${planned}`)
  if (user.byKind !== true && user.type !== 'start' && jobId !== world.idOf(user.job))
    report('I1', `id ${String(jobId)} instead of ${world.idOf(user.job)}`)
  if (user.byKind !== true || jobId === undefined) return
  const foreign = jobId.split(',').filter((id) => !truth.jobs.some((job) => job.id === id))
  if (foreign.length > 0) report('I1', `ids ${foreign.join()} belong to runs that the wait does not select`)
}

/** An idle job must be shown twice, 2 s apart. The sums of floating-point numbers are inexact. */
const IDLE_AT_LEAST_MS = 1_990

/** I1 for a success: the jobs had reached the goal, and nobody could know of an error, an abort or a loss. */
function checkSuccess(judged: JudgedWait, outcome: string, named: readonly Job[], sampled: Samples): void {
  const { plan, session, user, truth, report } = judged
  const { overMs } = session
  const runs = named.flatMap((job) => job.runs)
  const isLost = named.some((job) => truth.knownLost.has(job))
  const hasError = named.some((job) => truth.knownErr.has(job))
  const wasAborted = named.some((job) => truth.knownAborted.has(job))
  const isOver = runs.every(
    (run) => isOverAt(run, overMs) || (run.lost && !isLost) || isBelievedAbsent(plan, truth, run, overMs),
  )
  const faults = [
    isOver ? '' : ' is not over',
    hasError ? ' has an error' : '',
    wasAborted ? ' was aborted' : '',
    isLost ? ' is lost' : '',
  ].join('')
  switch (outcome) {
    case 'finished':
      if (faults !== '') report('I1', `finished, but the job${faults}`)
      return
    case 'idle': {
      const records = named.map((job) => sampled.idleRecords.get(job))
      if (!records.every((record) => record?.wasIdleWithoutError === true))
        report('I1', 'idle, but the job was never idle')
      else if (
        plan.jumps.length === 0 &&
        records.some((record) => overMs - idleSinceMs(record!, session) < IDLE_AT_LEAST_MS)
      )
        report('I1', 'idle after a single reply')
      return
    }
    case 'started': {
      const wasShown = sampled.startedWithoutError.some((jobs) => named.every((job) => jobs.has(job)))
      // A wait by kind ignores runs that had ended before its first poll, so it counts only the runs in its result.
      const hasBegun = isOver || (user.byKind === true && runs.every((run) => run.startMs <= overMs))
      // A clock that goes back reads the same for a request and for a wait that began a moment later.
      const isClockBack = plan.jumps.some(({ byMs }) => byMs < 0)
      if (!wasShown && !(hasBegun && !hasError && !wasAborted) && !isClockBack)
        report('I1', 'started, but not on all targets')
      return
    }
    case 'not-running':
      if (user.byKind === true ? !sampled.sawNothingRunning : faults !== '')
        report('I1', 'not-running, but the job was running')
  }
}

/** I3 for a failure, an abort and a loss: each of them is true. */
function checkFailure(judged: JudgedWait, { outcome, aborted }: WaitResult, named: readonly Job[]): void {
  const { plan, session, truth, report } = judged
  const runs = named.flatMap((job) => job.runs)
  // A wait that meets an abort may report `started` or `not-running` without success, although nothing failed.
  const isFailure = outcome === 'failed' || (!aborted && outcome !== 'started' && outcome !== 'not-running')
  if (outcome === 'lost') {
    if (!truth.lost && !truth.isPartMissing && !hasClockJumped(plan, session.overMs))
      report('I3', 'lost, but no part is missing')
  } else if (isFailure) {
    if (!truth.err) report('I3', `${outcome}, but nothing failed`)
  } else if (outcome === 'aborted') {
    const isExplained = truth.isEndedByProxies || runs.some((run) => run.lost || run.abortMs <= session.overMs)
    if (!isExplained) report('I3', 'aborted, but nobody aborted it')
  }
}

/** No job is unknown earlier than this (docs/bounds.md). */
const VISIBLE_MS = 10_000

/** I4: no transient error ends a wait early. */
function checkError({ plan, session, user, truth, report }: JudgedWait, error: JobError): void {
  const began = waitBeganMs(user, session)
  // The library's clock stops while the users' clock goes back, so a request that was sent just before seems to be sent
  // just after.
  const isSentSinceBegan = ({ atMs }: Exchange): boolean =>
    atMs >= began || plan.jumps.some((jump) => jump.byMs < 0 && jump.atMs >= atMs && jump.atMs <= began)
  const countOf = (f: (exchange: Exchange) => boolean): number =>
    [...session.exchanges, ...session.inFlightAtStart.filter(isSentSinceBegan)].filter(f).length
  // An error of the start ends the stream at once, because a start is never sent again.
  const isOwnQuery = ({ what, user: by }: Exchange): boolean =>
    by === session.index && (what === 'snapshots' || what === 'status')
  if (user.type === 'start' && countOf(isOwnQuery) === 0 && error._tag !== 'WaitTimeout') return
  // A user that the cluster has never replied to gives up after three pages from an intermediary. Other users of the same
  // cluster value may have received some of the three.
  if ((error._tag === 'HttpError' || error._tag === 'DecodeError') && error.permanent === true) {
    if (countOf(({ fault }) => fault === 'page') < (shares(plan) ? 1 : 3))
      report('I4', 'gave up after fewer than three pages')
    if (countOf(({ end, endMs, disturbed }) => end === 200 && endMs < session.overMs && !disturbed) > 0)
      report('I4', 'gave up, although the cluster replied')
    return
  }
  switch (error._tag) {
    case 'WaitTimeout':
      if (session.overMs < began + (user.timeoutMs ?? Infinity))
        report('I4', `timed out after ${session.overMs - began} ms`)
      return
    case 'NotFound': {
      if (session.overMs - began < VISIBLE_MS && plan.jumps.length === 0)
        report('I4', `NotFound after ${session.overMs - began} ms`)
      const there = truth.jobs.flatMap((job) => job.runs).filter((run) => !run.lost && isOnTarget(run))
      if (there.length > 0 && plan.jumps.length === 0 && truth.jobs.every((job) => job.startMs < began))
        report('I4', 'NotFound, although a target has the job')
      return
    }
    case 'DecodeError':
      if (countOf(({ fault }) => fault === 'garble') < 3)
        report('I4', 'gave up after fewer than three replies that could not be decoded')
      return
    case 'RedirectRefused':
      // A proxy that died and left the map in the meantime looks like a host outside the cluster.
      if (plan.events.some(({ type }) => type === 'kill-proxy') && countOf(({ end }) => end === 307) > 0) return
      if (countOf(isRefusal) === 0) report('I4', `gave up with ${error._tag}`)
      return
    case 'HttpError':
      if (countOf(isRefusal) === 0) report('I4', `gave up with ${error._tag}`)
      return
    case 'Unauthorized':
      if (countOf(({ end }) => end === 401) < 2 && countOf(({ fault }) => fault === 'permanent') === 0)
        report('I4', 'gave up after one rejected token')
      return
    default:
      report('I4', `gave up with ${error._tag}`)
  }
}
