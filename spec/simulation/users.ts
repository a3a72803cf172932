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
import { chance } from './chance.ts'
import { isDownloadType } from './downloads.ts'
import { openQueries, withTransport } from './library.ts'
import { CANARY, tokenAt, type Net } from './net.ts'
import { shares, type PlannedUser, type SimPlan } from './plan.ts'
import type { Probe, Stay } from './probe.ts'
import type { SimTime } from './time.ts'
import { BUCKET, type World } from './world.ts'
import { defined } from '../../lib/common/defined.ts'

/** All users of the library in one process, which share what the library shares. */
export interface Users {
  /** The number of queries that the library still keeps. */
  readonly queries: () => number
}

export function usersOf(
  plan: SimPlan,
  time: SimTime,
  world: World,
  net: Net,
  probe: Probe,
  over: (stay: Stay) => void,
  emitted: (stay: Stay) => void = () => undefined,
): Users {
  const { cluster } = world
  let draws = 0
  const hears = plan.tokens !== undefined
  const all: ClusterLike[] = []
  const environmentOf = (): ClusterLike => {
    const environment = clusterOf(
      cluster.proxies.slice(0, plan.endpoints).map(({ url }) => url),
      {
        scheduler: time,
        transport: net.transportOf(0),
        ...defined({ requestTimeoutMs: plan.requestTimeoutMs }),
        random: () => chance(plan.seed, draws++, 7),
        ...(hears ? { token: () => tokenAt(plan, time.frame) ?? '', log: (event) => leak(probe, event) } : {}),
      },
    )
    all.push(environment)
    return environment
  }
  const common = plan.apart === true ? undefined : environmentOf()
  plan.users.forEach((user, index) => {
    const stay: Stay = {
      index,
      beganMs: -1,
      overMs: Infinity,
      how: 'waiting',
      error: undefined,
      seen: [],
      exchanges: [],
      met: [],
    }
    probe.stays.push(stay)
    const own = withTransport(common ?? environmentOf(), net.transportOf(index))
    time.at(time.awake(user.atMs), () => {
      stay.beganMs = time.frame
      if (shares(plan)) stay.met.push(...probe.exchanges.filter(({ end }) => end === 'open'))
      const subscription = asked(own, plan, user, world.idOf(user.job)).subscribe({
        next: (value) => {
          if (hears) leak(probe, value)
          stay.seen.push({ value, atMs: time.frame })
          emitted(stay)
        },
        error: (error: unknown) => ended(stay, 'error', error),
        complete: () => ended(stay, 'complete'),
      })
      if (stay.how === 'waiting')
        time.at(time.awake(Math.min(plan.endMs, time.frame + (user.leaveMs ?? Infinity))), () =>
          leave(stay, subscription),
        )
    })
  })
  const ended = (stay: Stay, how: Stay['how'], error?: unknown): void => {
    stay.how = how
    stay.error = error
    stay.overMs = time.frame
    // The library may still clean up after it has emitted.
    asyncly(time, () => over(stay))
  }
  const leave = (stay: Stay, subscription: Subscription): void => {
    if (stay.how !== 'waiting') return
    stay.how = 'left'
    stay.overMs = time.frame
    subscription.unsubscribe()
    over(stay)
  }
  return { queries: () => all.reduce((sum, one) => sum + openQueries(one), 0) }
}

const asyncly = (time: SimTime, run: () => void): void => void time.at(time.frame, run)

const leak = (probe: Probe, value: unknown): void => {
  const text = JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? String(one) : one))
  if (text.includes(CANARY)) probe.leaks.push(text)
}

/** More objects than some jobs have, and fewer than others. */
const TOTAL = 300

const WAITS = { wait, waitForIdle, waitSingleNode, waitStarted, waitNotRunning } as const

function asked(c: ClusterLike, plan: SimPlan, user: PlannedUser, id: string): Observable<unknown> {
  const { type, job, byKind, all, timeoutMs = Infinity, gapMs, confirm } = user
  const kind = plan.jobs[job]?.kind
  const selector: JobSelector = byKind === true && kind !== undefined ? { kind } : { id }
  const isDownload = kind !== undefined && isDownloadType(kind)
  const cadence = gapMs === undefined ? {} : { cadence: constant(gapMs) }
  const options: WaitOptions = { timeoutMs, ...cadence }
  switch (type) {
    case 'watchStatus':
      return watchStatus(c, selector, cadence)
    case 'watchDetails':
      return watchDetails(c, selector, cadence)
    case 'progress':
      // How many files a download has is known.
      return progress(c, selector, { ...cadence, ...(isDownload ? {} : { total: { objects: TOTAL } }) })
    case 'watchJobs':
      return watchJobs(c, all === true ? undefined : selector, cadence)
    case 'jobEvents':
      return jobEvents(c, all === true ? undefined : selector, cadence)
    case 'health':
      return health(c)
    case 'start':
      return start(c, { kind: 'load-lom-cache', bucket: { name: BUCKET, provider: 'ais' } }).pipe(
        andThen((started) => wait(c, started, options)),
      )
    case 'abort':
      return abort(c, selector, { confirm: confirm === true, ...(timeoutMs === Infinity ? {} : { timeoutMs }) })
    default:
      return WAITS[type](c, selector, options)
  }
}
