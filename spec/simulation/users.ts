import type { Observable, Subscription } from 'rxjs'
import { constant } from '../../lib/cadence.ts'
import { abort, start } from '../../lib/commands.ts'
import { isRight, right } from '../../lib/either.ts'
import { createEnvironment, INTERNALS, type Environment, type Internals } from '../../lib/environment.ts'
import { health } from '../../lib/health.ts'
import { andThen } from '../../lib/operators/and-then.ts'
import { progress } from '../../lib/progress.ts'
import type { JobSelector } from '../../lib/selection.ts'
import { wait, waitForIdle, waitNotRunning, waitSingleNode, waitStarted, type WaitOptions } from '../../lib/wait.ts'
import { watchDetails, watchStatus } from '../../lib/watch.ts'
import { chance } from './chance.ts'
import { CANARY, tokenAt, type Net } from './net.ts'
import { shares, type PlannedUser, type SimPlan } from './plan.ts'
import type { Probe, Stay } from './probe.ts'
import type { SimTime } from './time.ts'
import { BUCKET, type World } from './world.ts'

/** All who use the library in one process: they share what the library shares. */
export interface Users {
  /** The polls that the library still shares. */
  readonly polls: () => number
}

export function usersOf(
  plan: SimPlan,
  time: SimTime,
  world: World,
  net: Net,
  probe: Probe,
  over: (stay: Stay) => void,
): Users {
  const { cluster } = world
  let draws = 0
  const hears = plan.tokens !== undefined
  const environmentOf = (): readonly [Environment, Internals] => {
    const environment = createEnvironment(
      cluster.proxies.slice(0, plan.endpoints).map(({ url }) => url),
      {
        scheduler: time,
        transport: net.transportOf(0),
        ...(plan.requestTimeoutMs === undefined ? {} : { requestTimeoutMs: plan.requestTimeoutMs }),
        random: () => chance(plan.seed, draws++, 7),
        ...(hears ? { token: () => tokenAt(plan, time.frame) ?? '', log: (event) => leak(probe, event) } : {}),
      },
    )
    const internals = environment[INTERNALS]
    if (!isRight(internals)) throw new Error('a plan with arguments that cannot be meant')
    all.push(internals.right)
    return [environment, internals.right]
  }
  const all: Internals[] = []
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
    const own = ownOf(...(common ?? environmentOf()), net, index)
    time.at(time.awake(user.atMs), () => {
      stay.beganMs = time.frame
      if (shares(plan)) stay.met.push(...probe.exchanges.filter(({ end }) => end === 'open'))
      const subscription = asked(own, plan, user, world.idOf(user.job)).subscribe({
        next: (value) => {
          if (hears) leak(probe, value)
          stay.seen.push({ value, atMs: time.frame })
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
    // What the library tidies up, it may tidy up after it has told.
    asyncly(time, () => over(stay))
  }
  const leave = (stay: Stay, subscription: Subscription): void => {
    if (stay.how !== 'waiting') return
    stay.how = 'left'
    stay.overMs = time.frame
    subscription.unsubscribe()
    over(stay)
  }
  return {
    polls: () =>
      all.reduce((sum, { shared: { polls, lanes, wanted } }) => sum + polls.size + lanes.size + wanted.size, 0),
  }
}

const asyncly = (time: SimTime, run: () => void): void => void time.at(time.frame, run)

/** The same cluster, with a transport that knows who asks. */
const ownOf = (shared: Environment, internals: Internals, net: Net, index: number): Environment => ({
  ...shared,
  [INTERNALS]: right({ ...internals, transport: net.transportOf(index) }),
})

const leak = (probe: Probe, value: unknown): void => {
  const text = JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? String(one) : one))
  if (text.includes(CANARY)) probe.leaks.push(text)
}

/** More than some jobs have, and less than others. */
const TOTAL = 300

const WAITS = { wait, waitForIdle, waitSingleNode, waitStarted, waitNotRunning } as const

function asked(c: Environment, plan: SimPlan, user: PlannedUser, id: string): Observable<unknown> {
  const { type, job, byKind, timeoutMs = Infinity, gapMs, confirm } = user
  const kind = plan.jobs[job]?.kind
  const selector: JobSelector = byKind === true && kind !== undefined ? { kind } : { id }
  const cadence = gapMs === undefined ? {} : { cadence: constant(gapMs) }
  const options: WaitOptions = { timeoutMs, ...cadence }
  switch (type) {
    case 'watchStatus':
      return watchStatus(c, selector, cadence)
    case 'watchDetails':
      return watchDetails(c, selector, cadence)
    case 'progress':
      return progress(c, selector, { ...cadence, total: { objects: TOTAL } })
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
