import {
  combineLatest,
  defer,
  delay,
  ignoreElements,
  lastValueFrom,
  map,
  merge,
  of,
  startWith,
  switchMap,
  takeWhile,
  tap,
  type Observable,
} from 'rxjs'
import { constant } from '../cadence.ts'
import { createCluster, type Cluster } from '../cluster.ts'
import type { Started } from '../commands.ts'
import { isLeft, isRight } from '../common/either.ts'
import { startEmulator } from '../emulator/index.ts'
import { rights } from '../operators/rights.ts'
import { progress } from '../progress.ts'
import { wait } from '../wait.ts'
import { liveLines, resultLines, stepLines, type Shown } from './plan-lines.ts'
import { plansFor, type Plan } from './plans.ts'
import type { Screen } from './screen.ts'

const LOOK_MS = 250
const BUDGET_MS = 25_000

/** The main job on a cluster of its own: starts several kinds at once, shows them live, waits for all, tells how they ended. */
export async function runEmbedded(screen: Screen): Promise<number> {
  const emulator = await startEmulator({ objectsPerSecond: 1_500 })
  try {
    const { endpoint, endpoints, targetIds } = emulator
    screen.print(
      `an embedded AIStore cluster at ${endpoint}: ${endpoints.length} proxies, ${targetIds.length} targets`,
      '',
    )
    const cluster = createCluster(endpoints, { cadence: constant(LOOK_MS) })
    const shown = await lastValueFrom(mainJob(cluster, plansFor(emulator), screen))
    screen.print('', ...resultLines(shown))
    return shown.every(asExpected) ? 0 : 1
  } finally {
    await emulator.close()
  }
}

const asExpected = ({ plan, result }: Shown): boolean =>
  result !== undefined && isRight(result) && result.right.outcome === plan.expected

function mainJob(cluster: Cluster, plans: readonly Plan[], screen: Screen): Observable<readonly Shown[]> {
  const shown = combineLatest(plans.map((plan) => course(cluster, plan))).pipe(
    takeWhile((all) => all.some(({ result }) => result === undefined), true),
  )
  return screen.live ? drawn(shown, screen) : printed(shown, screen)
}

const drawn = (shown: Observable<readonly Shown[]>, screen: Screen): Observable<readonly Shown[]> =>
  shown.pipe(tap((all) => screen.draw(liveLines(all, screen.columns))))

/** On a pipe: a line for each step of each job. */
const printed = (shown: Observable<readonly Shown[]>, screen: Screen): Observable<readonly Shown[]> =>
  defer(() => {
    let before: readonly string[] = []
    return shown.pipe(
      tap((all) => {
        const lines = stepLines(all)
        screen.print(...lines.filter((line, i) => line !== before[i]))
        before = lines
      }),
    )
  })

/** One job from its start to its result. */
const course = (cluster: Cluster, plan: Plan): Observable<Shown> =>
  plan.begin(cluster).pipe(
    switchMap((started): Observable<Shown> =>
      isLeft(started) ? of({ plan, result: started }) : followed(cluster, plan, started.right),
    ),
    startWith({ plan }),
  )

const followed = (cluster: Cluster, plan: Plan, job: Started): Observable<Shown> =>
  merge(
    combineLatest({
      progress: progress(cluster, job, { total: { objects: plan.total } }).pipe(rights(), startWith(undefined)),
      // What the reply that ends the wait says of the counters comes first.
      result: wait(cluster, job, { timeoutMs: BUDGET_MS }).pipe(delay(0), startWith(undefined)),
    }).pipe(map((seen): Shown => ({ plan, job, ...seen }))),
    plan.meddle?.(cluster, job).pipe(ignoreElements()) ?? [],
  )
