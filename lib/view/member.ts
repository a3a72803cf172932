import type { Cadence } from '../cadence.ts'
import { InvalidCadence, validCadence } from '../common/invalid-cadence.ts'
import type { Due } from './agenda.ts'
import type { Evidence } from './evidence.ts'
import type { Interest, Observed } from './interest.ts'
import type { Need } from './need.ts'
import { keepPace, pacedFrom, setWait, waitOf, type Timed } from './pace.ts'
import { planOf, type Plan } from './plan.ts'
import type { View } from './view.ts'

/** The subscriber of a stream. */
interface Listener {
  readonly next: (selected: unknown) => void
  readonly error: (defect: unknown) => void
  readonly complete: () => void
  readonly closed: boolean
}

/**
 * One subscriber of the view, and the teardown by which it leaves the loop.
 *
 * It has all fields from the start, and no closure, because there may be ten thousand members.
 */
export class Member implements Due, Timed {
  readonly sinceMs: number
  tickedMs: number
  waitMs: number
  n: number
  tookMs: number
  failures: number
  retryAfterMs: number | undefined
  readonly interest: Interest
  readonly subscriber: Listener
  cadence: Cadence | undefined
  dueMs: number
  /** When it is notified even without a reply, because time alone may change its answer. */
  wakeMs: number
  /** The wait of its cadence, by which the pool counts it. Undefined while it is not in the pool. */
  pooledMs: number | undefined
  /** The sources whose replies it waits for, as bits. */
  awaitedSources: number
  /** Whether its needs must be computed again. */
  isReady: boolean
  /** Whether it waits for a reply about many runs. */
  isParked: boolean
  /** Whether it has left. */
  isGone: boolean
  private readonly leave: (member: Member) => void

  constructor(
    interest: Interest,
    subscriber: Listener,
    cadence: Cadence | undefined,
    nowMs: number,
    leave: (member: Member) => void,
  ) {
    const { sinceMs, tickedMs, waitMs, n, tookMs, failures, retryAfterMs } = pacedFrom(nowMs)
    this.sinceMs = sinceMs
    this.tickedMs = tickedMs
    this.waitMs = waitMs
    this.n = n
    this.tookMs = tookMs
    this.failures = failures
    this.retryAfterMs = retryAfterMs
    this.interest = interest
    this.subscriber = subscriber
    this.cadence = cadence
    this.dueMs = Infinity
    this.wakeMs = Infinity
    this.pooledMs = undefined
    this.awaitedSources = 0
    this.isReady = false
    this.isParked = false
    this.isGone = false
    this.leave = leave
  }

  unsubscribe(): void {
    this.leave(this)
  }
}

/** The time, and the random source for the jitter of a cadence. */
export interface Moment {
  readonly nowMs: number
  readonly random: () => number
}

/** Notifies a member, unless it has left. A selector that throws ends only the stream of this member. */
export function notify({ subscriber, interest, isGone }: Member, observed: Observed): void {
  if (isGone) return
  let selected: unknown
  try {
    selected = interest.select(observed)
  } catch (defect) {
    subscriber.error(defect)
    return
  }
  if (selected !== undefined) subscriber.next(selected)
}

/** Computes what is due for a member. Needs that are due now are appended to `due`. Undefined if its cadence threw. */
export function planFor(member: Member, view: View, moment: Moment, due: Need[]): Plan | undefined {
  const { nowMs, random } = moment
  const { interest } = member
  try {
    keepPace(member, interest.lastTick(view), nowMs, random)
  } catch (defect) {
    refuse(member, defect)
    return undefined
  }
  const plan = planOf(interest.needs(view, member, nowMs), nowMs, due)
  member.wakeMs = plan.wakeMs
  return plan
}

/** Sets the cadence of a member. Returns false if the cadence threw. */
export function setCadence(member: Member, cadence: Cadence, { nowMs, random }: Moment): boolean {
  try {
    member.cadence = validCadence(cadence)
    setWait(member, nowMs, random)
    return true
  } catch (defect) {
    refuse(member, defect)
    return false
  }
}

/**
 * Whether a reply from before the member joined is recent enough for it. If so, the reply counts as the first tick of
 * the member.
 */
export function acceptsRecent(member: Member, evidence: Evidence, view: View, { nowMs, random }: Moment): boolean {
  const { interest, subscriber, cadence } = member
  if (subscriber.closed || interest.wantsReply?.(evidence, view) !== true) return false
  // Until the Observable of cadences has emitted one, the member does not poll.
  const waitMs = cadence === undefined ? Infinity : waitOf(member, cadence, nowMs, random())
  if (nowMs - evidence.atMs > waitMs) return false
  Object.assign(member, { n: 1, tickedMs: evidence.atMs, waitMs })
  return true
}

/** A cadence that throws or is invalid ends only the stream of its member. */
function refuse({ subscriber, interest }: Member, defect: unknown): void {
  if (defect instanceof InvalidCadence) {
    subscriber.next(interest.refuse === undefined ? defect.left : interest.refuse(defect.left))
    subscriber.complete()
  } else subscriber.error(defect)
}
