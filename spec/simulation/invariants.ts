import type { JobError } from '../../lib/error.ts'
import type { WaitResult } from '../../lib/model/wait-result.ts'
import { boundOf } from './bound.ts'
import { linksHold } from './links.ts'
import { shownKind } from './downloads.ts'
import { withinBudget } from './budget.ts'
import { hasLeapt, isTakenForNone } from './claim.ts'
import { streamsAgree } from './agreement.ts'
import { mappedParts } from './parts.ts'
import { goalOf } from './goal.ts'
import { restedSinceMs, type Oracle, type Truth } from './oracle.ts'
import { isWatcher, shares, type PlannedUser, type SimPlan } from './plan.ts'
import type { Exchange, Probe, Stay } from './probe.ts'
import { quietSpan } from './quiet.ts'
import { isThere } from './runs.ts'
import { sharedTraffic, trafficOf } from './traffic.ts'
import { herds } from './herd.ts'
import { watched } from './watched.ts'
import type { Violation } from './simulate.ts'
import type { SimTime } from './time.ts'
import type { World } from './world.ts'

/** Checks everything that a life recorded against the promises of the library. */
export function judge(plan: SimPlan, time: SimTime, world: World, oracle: Oracle, probe: Probe): readonly Violation[] {
  const given = new Set(world.cluster.proxies.slice(0, plan.endpoints).map(({ url }) => url.slice('http://'.length)))
  const found: Violation[] = probe.leaks.map((text) => ({ invariant: 'I11', atMs: 0, text }))
  for (const stay of probe.stays) {
    const user = plan.users[stay.index]!
    const say = (invariant: string, text: string, atMs = stay.overMs): void => {
      found.push({ invariant, atMs, text: `user ${stay.index} (${user.type}): ${text}` })
    }
    if (stay.beganMs < 0) continue
    if (stay.how === 'waiting') say('I2', 'the stream never ended', time.frame)
    if (stay.how === 'error') say('I2', `used the error channel: ${String(stay.error)}`)
    if (stay.seen.some(({ atMs }) => atMs > stay.overMs)) say('I6', 'emitted a value after the end')
    trafficOf(plan, stay, user, given, say)
    if (isWatcher(user)) {
      watched(plan, time, stay, user, oracle, say)
      continue
    }
    if (stay.how === 'complete' && stay.seen.length !== 1) say('I2', `completed with ${stay.seen.length} values`)
    const [last] = stay.seen
    if (user.type === 'abort') continue
    const truth = oracle.truthOf(stay)
    timely(plan, time, stay, user, truth, say)
    if (last === undefined) continue
    const result = last.value as { _tag: 'Left'; left: JobError } | { _tag: 'Right'; right: WaitResult }
    if (result._tag === 'Right') said(plan, world, oracle, stay, user, truth, result.right, say)
    else unsaid(plan, stay, user, truth, result.left, say)
  }
  const ofAll = (invariant: string, text: string, atMs = 0): void => void found.push({ invariant, atMs, text })
  if (shares(plan)) {
    sharedTraffic(plan, probe, given, ofAll)
    streamsAgree(plan, time, oracle, probe, (text, atMs) => ofAll('I16', text, atMs))
  }
  if (!shares(plan)) herds(plan, probe, (text, atMs) => ofAll('I14', text, atMs))
  if (plan.apart !== true) withinBudget(plan, probe, (text, atMs) => ofAll('I17', text, atMs))
  return found
}

export type Say = (invariant: string, text: string, atMs?: number) => void

/** When the wait itself began; for a start, with the reply to the start. */
export const waitBegan = (user: PlannedUser, stay: Stay): number => {
  if (user.type !== 'start') return stay.beganMs
  const last = stay.exchanges.filter(({ what }) => what === 'start').at(-1)
  // A redirect is followed, and a start that reached no server is sent to another endpoint.
  return last?.end === 200 ? last.endMs : Infinity
}

const LAST_ROUND_MS = 2_000

/** I2, I3 and I10: the outcome comes within the budget, and no later than its bound. */
function timely(plan: SimPlan, time: SimTime, stay: Stay, user: PlannedUser, truth: Truth, say: Say): void {
  const began = waitBegan(user, stay)
  const { timeoutMs = Infinity } = user
  const due = began + timeoutMs
  const held = time.awake(due)
  const hasLastRound = held - due > 1_000 || plan.jumps.length > 0 || plan.sleeps.length > 0
  const latest = hasLastRound ? time.awake(held + LAST_ROUND_MS) + 50 : held + 50
  if (stay.overMs > latest) say('I2', `ended ${stay.overMs - due} ms after its budget of ${timeoutMs} ms`)
  if (held - due > 1_000) sleptThrough(plan, stay, user, truth, held, say)
  const usual = boundOf(plan, user, stay, truth)
  if (usual === undefined) return
  // The last round has its own pace.
  const bound = hasLastRound ? Math.max(usual, LAST_ROUND_MS) : usual
  const quiet = quietSpan(plan, stay, Math.max(truth.fromMs, began), Math.min(truth.toMs, stay.overMs), bound)
  if (quiet === undefined) return
  const left = (stay.seen[0]?.value as { _tag?: string } | undefined)?._tag !== 'Right'
  say(
    left ? 'I3' : 'I10',
    `the outcome was observable since ${quiet.fromMs} and due within ${bound} ms, but had not come at ${quiet.toMs}`,
  )
}

/**
 * A user that slept beyond the end of its budget polls once more, and reports an end that a single poll of a healthy
 * cluster shows.
 */
function sleptThrough(plan: SimPlan, stay: Stay, user: PlannedUser, truth: Truth, heldMs: number, say: Say): void {
  const result = stay.seen[0]?.value as { _tag?: string; left?: JobError } | undefined
  if (result?.left?._tag !== 'WaitTimeout' || goalOf(user, plan.jobs[user.job]?.kind) !== 'end') return
  const inOrder =
    plan.events.every(({ type }) => type === 'stop' || type === 'wake') &&
    plan.jumps.length === 0 &&
    3 * (plan.latencyMs + 1) < 900 &&
    plan.net.every(({ fromMs, toMs, type }) => type === 'unfiltered' || toMs <= heldMs || fromMs > heldMs + 2_000)
  // A timeout that has grown after many failures does not apply to the last round; a kind may have runs that the wait
  // does not select.
  const plain = user.byKind !== true && truth.jobs.length === 1 && mappedParts(truth.jobs) && !truth.gone && !truth.lost
  if (inOrder && plain && truth.fromMs <= heldMs)
    say('I3', 'timed out after a sleep although a last round would have shown the end')
}

/** I1: the reported outcome is true. */
function said(
  plan: SimPlan,
  world: World,
  oracle: Oracle,
  stay: Stay,
  user: PlannedUser,
  truth: Truth,
  result: WaitResult,
  say: Say,
): void {
  const { outcome, success, jobId, kind, aborted } = result
  const planned = plan.jobs[user.job]?.kind
  const sampled = oracle.sampledOf(stay)
  if (kind !== undefined && planned !== undefined && user.type !== 'start' && kind !== shownKind(planned))
    say('I1', `kind ${kind} instead of ${planned}`)
  if (user.byKind !== true && user.type !== 'start' && jobId !== world.idOf(user.job))
    say('I1', `id ${String(jobId)} instead of ${world.idOf(user.job)}`)
  if (user.byKind === true && jobId !== undefined) {
    const foreign = jobId.split(',').filter((id) => !truth.jobs.some((job) => job.id === id))
    if (foreign.length > 0) say('I1', `ids ${foreign.join()} belong to runs that the wait does not select`)
  }
  const named =
    user.byKind === true && jobId !== undefined
      ? truth.jobs.filter(({ id }) => jobId.split(',').includes(id))
      : truth.jobs
  const runs = named.flatMap((job) => job.runs)
  const at = stay.overMs
  const lost = named.some((job) => truth.knownLost.has(job))
  const over = runs.every(
    (run) => Math.min(run.endMs, run.abortEndMs) <= at || (run.lost && !lost) || isTakenForNone(plan, truth, run, at),
  )
  const begun = runs.every((run) => run.startMs <= at)
  const err = success ? named.some((job) => truth.knownErr.has(job)) : truth.err
  const cut = success ? named.some((job) => truth.knownCut.has(job)) : runs.some((run) => run.abortMs <= at)
  const anyLost = runs.some((run) => run.lost)
  const goal = goalOf(user, planned)
  if (success !== ['finished', 'idle', 'started', 'not-running'].includes(outcome) && success)
    say('I1', `success of ${outcome}`)
  if (success && aborted) say('I1', 'a success with an abort')
  if (success)
    switch (outcome) {
      case 'finished':
        if (!over || err || cut || lost)
          say(
            'I1',
            `finished, but the job${over ? '' : ' is not over'}${err ? ' has an error' : ''}${cut ? ' was aborted' : ''}${lost ? ' is lost' : ''}`,
          )
        break
      case 'idle':
        if (!named.every((job) => sampled.rested.get(job)?.well === true)) say('I1', 'idle, but the job was never idle')
        else if (
          plan.jumps.length === 0 &&
          named.some((job) => at - restedSinceMs(sampled.rested.get(job)!, stay) < 1_990)
        )
          say('I1', 'idle after a single reply')
        break
      case 'started':
        // By kind, a run that had ended before the first poll does not count: only the runs in the result do.
        if (
          !sampled.startedWell.some((well) => named.every((job) => well.has(job))) &&
          !(over && !err && !cut) &&
          !(user.byKind === true && begun && !err && !cut)
        )
          say('I1', 'started, but not on all targets')
        break
      case 'not-running':
        if (user.byKind === true ? !sampled.nothingRan : !over || err || cut || lost)
          say('I1', 'not-running, but the job was running')
        break
      default:
        say('I1', `success of ${outcome}`)
    }
  else if (outcome === 'lost') {
    if (!truth.lost && !truth.gone && !hasLeapt(plan, at)) say('I3', 'lost, but no part is missing')
  } else if (outcome === 'failed' || (!aborted && outcome !== 'started' && outcome !== 'not-running')) {
    if (!err) say('I3', `${outcome}, but nothing failed`)
  } else if (outcome === 'aborted' && !cut && !anyLost && !truth.decided) say('I3', 'aborted, but nobody aborted it')
  if (goal === 'end' && outcome === 'idle') say('I1', 'idle is not an end')
  for (const job of named) linksHold(job, result, stay, say)
}

/** I4: no transient error ends a wait early. */
function unsaid(plan: SimPlan, stay: Stay, user: PlannedUser, truth: Truth, error: JobError, say: Say): void {
  const began = waitBegan(user, stay)
  const met = (f: (exchange: Exchange) => boolean): number =>
    [...stay.exchanges, ...stay.met.filter(({ atMs }) => atMs >= began)].filter(f).length
  // An error of the start itself is reported as it is, because a start is not repeated.
  const asked = ({ what, user: by }: Exchange): boolean =>
    by === stay.index && (what === 'snapshots' || what === 'status')
  if (user.type === 'start' && met(asked) === 0 && error._tag !== 'WaitTimeout') return
  // A user that the cluster has never replied to gives up after three pages from an intermediary. Other users of the same
  // cluster value may have received some of the three.
  if ((error._tag === 'HttpError' || error._tag === 'DecodeError') && error.permanent === true) {
    if (met(({ fault }) => fault === 'page') < (shares(plan) ? 1 : 3)) say('I4', 'gave up after fewer than three pages')
    if (met(({ end, endMs, disturbed }) => end === 200 && endMs < stay.overMs && !disturbed) > 0)
      say('I4', 'gave up, although the cluster replied')
    return
  }
  switch (error._tag) {
    case 'WaitTimeout':
      if (stay.overMs < began + (user.timeoutMs ?? Infinity)) say('I4', `timed out after ${stay.overMs - began} ms`)
      return
    case 'NotFound': {
      if (stay.overMs - began < 10_000 && plan.jumps.length === 0) say('I4', `NotFound after ${stay.overMs - began} ms`)
      const there = truth.jobs.flatMap((job) => job.runs).filter((run) => !run.lost && isThere(run))
      if (there.length > 0 && plan.jumps.length === 0 && truth.jobs.every((job) => job.startMs < began))
        say('I4', 'NotFound, although a target has the job')
      return
    }
    case 'DecodeError':
      if (met(({ fault }) => fault === 'garble') < 3)
        say('I4', 'gave up after fewer than three replies that could not be decoded')
      return
    case 'RedirectRefused':
      // A proxy that died and left the map in the meantime looks like a host outside the cluster.
      if (plan.events.some(({ type }) => type === 'kill-proxy') && met(({ end }) => end === 307) > 0) return
      if (met(({ fault }) => fault === 'permanent' || fault === 'foreign') === 0)
        say('I4', `gave up with ${error._tag}`)
      return
    case 'HttpError':
      if (met(({ fault }) => fault === 'permanent' || fault === 'foreign') === 0)
        say('I4', `gave up with ${error._tag}`)
      return
    case 'Unauthorized':
      if (met(({ end }) => end === 401) < 2 && met(({ fault }) => fault === 'permanent') === 0)
        say('I4', 'gave up after one rejected token')
      return
    default:
      say('I4', `gave up with ${error._tag}`)
  }
}
