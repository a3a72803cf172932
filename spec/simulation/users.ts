import type { Observable, Subscription } from 'rxjs'
import { constant } from '../../lib/cadence.ts'
import { abort, start } from '../../lib/commands.ts'
import { clusterOf, type ClusterLike } from '../../lib/environment.ts'
import { jobEvents } from '../../lib/events.ts'
import { health } from '../../lib/health.ts'
import { watchJobs } from '../../lib/jobs.ts'
import { andThen } from '../../lib/operators/and-then.ts'
import { progress } from '../../lib/progress.ts'
import type { JobSelector } from '../../lib/model/selection.ts'
import { wait, waitForIdle, waitNotRunning, waitSingleNode, waitStarted, type WaitOptions } from '../../lib/wait.ts'
import { watchDetails, watchStatus } from '../../lib/watch.ts'
import { chance, DRAW } from './chance.ts'
import { isDownloadType } from './downloads.ts'
import { openQueries, withTransport } from './library.ts'
import { CANARY, tokenAt, type Net } from './net.ts'
import { shares, type PlannedUser, type SimPlan } from './plan.ts'
import type { Recording, Session } from './recording.ts'
import type { SimTime } from './time.ts'
import { BUCKET_NAME, type World } from './world.ts'
import { defined } from '../../lib/common/defined.ts'

// The users of a plan, as subscribers of the library.

/** All users of the library in a plan. */
export interface Users {
  /** The number of queries that the library still keeps. */
  readonly queries: () => number
}

/** Subscribes the users of the plan at their times, and records what they receive. */
export function usersOf(
  plan: SimPlan,
  time: SimTime,
  world: World,
  net: Net,
  recording: Recording,
  onEnd: (session: Session) => void,
  onValue: (session: Session) => void = () => undefined,
): Users {
  const { cluster } = world
  let draws = 0
  const hasTokens = plan.tokens !== undefined
  const clusters: ClusterLike[] = []
  const newCluster = (): ClusterLike => {
    const environment = clusterOf(
      cluster.proxies.slice(0, plan.endpoints).map(({ url }) => url),
      {
        scheduler: time,
        // Only a default: each user replaces it by its own, so that each request is recorded for the user that caused it.
        transport: net.transportOf(0),
        ...defined({ requestTimeoutMs: plan.requestTimeoutMs }),
        random: () => chance(plan.seed, draws++, DRAW.jitter),
        ...(hasTokens
          ? { token: () => tokenAt(plan, time.frame) ?? '', log: (event) => recordLeak(recording, event) }
          : {}),
      },
    )
    clusters.push(environment)
    return environment
  }
  const common = plan.apart === true ? undefined : newCluster()
  plan.users.forEach((user, index) => {
    const session: Session = {
      index,
      beganMs: -1,
      overMs: Infinity,
      state: 'waiting',
      error: undefined,
      received: [],
      exchanges: [],
      inFlightAtStart: [],
    }
    recording.sessions.push(session)
    const own = withTransport(common ?? newCluster(), net.transportOf(index))
    time.at(time.awake(user.atMs), () => {
      session.beganMs = time.frame
      if (shares(plan)) session.inFlightAtStart.push(...recording.exchanges.filter(({ end }) => end === 'open'))
      const subscription = streamOf(own, plan, user, world.idOf(user.job)).subscribe({
        next: (value) => {
          if (hasTokens) recordLeak(recording, value)
          session.received.push({ value, atMs: time.frame })
          onValue(session)
        },
        error: (error: unknown) => ended(session, 'error', error),
        complete: () => ended(session, 'complete'),
      })
      if (session.state === 'waiting')
        time.at(time.awake(Math.min(plan.endMs, time.frame + (user.leaveMs ?? Infinity))), () =>
          leave(session, subscription),
        )
    })
  })
  const ended = (session: Session, how: Session['state'], error?: unknown): void => {
    session.state = how
    session.error = error
    session.overMs = time.frame
    // The library may still clean up after it has emitted.
    afterThisEvent(time, () => onEnd(session))
  }
  const leave = (session: Session, subscription: Subscription): void => {
    if (session.state !== 'waiting') return
    session.state = 'left'
    session.overMs = time.frame
    subscription.unsubscribe()
    onEnd(session)
  }
  return { queries: () => clusters.reduce((sum, one) => sum + openQueries(one), 0) }
}

const afterThisEvent = (time: SimTime, run: () => void): void => void time.at(time.frame, run)

/** Records a value that contains the token. */
const recordLeak = (recording: Recording, value: unknown): void => {
  const text = JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? String(one) : one))
  if (text.includes(CANARY)) recording.leaks.push(text)
}

/** More objects than some jobs have, and fewer than others. */
const TOTAL = 300

const WAITS = { wait, waitForIdle, waitSingleNode, waitStarted, waitNotRunning } as const

/** The stream of a user. */
function streamOf(cluster: ClusterLike, plan: SimPlan, user: PlannedUser, id: string): Observable<unknown> {
  const { type, job, byKind, all, timeoutMs = Infinity, gapMs, confirm } = user
  const kind = plan.jobs[job]?.kind
  const selector: JobSelector = byKind === true && kind !== undefined ? { kind } : { id }
  const isDownload = kind !== undefined && isDownloadType(kind)
  const cadence = gapMs === undefined ? {} : { cadence: constant(gapMs) }
  const options: WaitOptions = { timeoutMs, ...cadence }
  switch (type) {
    case 'watchStatus':
      return watchStatus(cluster, selector, cadence)
    case 'watchDetails':
      return watchDetails(cluster, selector, cadence)
    case 'progress':
      // A download knows its own total.
      return progress(cluster, selector, { ...cadence, ...(isDownload ? {} : { total: { objects: TOTAL } }) })
    case 'watchJobs':
      return watchJobs(cluster, all === true ? undefined : selector, cadence)
    case 'jobEvents':
      return jobEvents(cluster, all === true ? undefined : selector, cadence)
    case 'health':
      return health(cluster)
    case 'start':
      return start(cluster, { kind: 'load-lom-cache', bucket: { name: BUCKET_NAME, provider: 'ais' } }).pipe(
        andThen((started) => wait(cluster, started, options)),
      )
    case 'abort':
      return abort(cluster, selector, { confirm: confirm === true, ...(timeoutMs === Infinity ? {} : { timeoutMs }) })
    default:
      return WAITS[type](cluster, selector, options)
  }
}
