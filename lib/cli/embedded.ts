import {
  combineLatest,
  concat,
  defer,
  ignoreElements,
  lastValueFrom,
  map,
  merge,
  of,
  scan,
  shareReplay,
  startWith,
  switchMap,
  take,
  takeLast,
  takeWhile,
  tap,
  type Observable,
} from 'rxjs'
import { constant } from '../cadence.ts'
import { createCluster, type Cluster } from '../cluster.ts'
import type { Started } from '../commands.ts'
import { isLeft, isRight } from '../either.ts'
import { startEmulator } from '../emulator.ts'
import type { Result } from '../error.ts'
import { poll } from '../operators/poll.ts'
import { rights } from '../operators/rights.ts'
import { details } from '../queries.ts'
import { wait } from '../wait.ts'
import type { WaitResult } from '../wait-result.ts'
import { liveLines, resultLines, stepLines, type Shown } from './plan-lines.ts'
import { plansFor, type Plan } from './plans.ts'
import { nextRows, noRows, type Rows } from './rows.ts'
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
    const cluster = createCluster(endpoints, { cadence: constant(2 * LOOK_MS) })
    const { shown, rows } = await lastValueFrom(mainJob(cluster, plansFor(emulator), screen))
    screen.print('', ...resultLines(shown, rows))
    return shown.every(asExpected) ? 0 : 1
  } finally {
    await emulator.close()
  }
}

const asExpected = ({ plan, result }: Shown): boolean =>
  result !== undefined && isRight(result) && result.right.outcome === plan.expected

interface View {
  readonly rows: Rows
  readonly shown: readonly Shown[]
}

function mainJob(cluster: Cluster, plans: readonly Plan[], screen: Screen): Observable<View> {
  // One look at all targets serves every row.
  const live = details(cluster).pipe(
    poll(constant(LOOK_MS)),
    rights(),
    scan((rows: Rows, seen) => nextRows(rows, seen, Date.now()), noRows),
    shareReplay({ bufferSize: 1, refCount: true }),
  )
  const view = combineLatest({
    rows: live,
    shown: combineLatest(plans.map((plan) => course(cluster, plan, live))),
  }).pipe(takeWhile(({ shown }) => shown.some(({ result }) => result === undefined), true))
  return (screen.live ? drawn(view, screen) : printed(view, screen)).pipe(takeLast(1))
}

const drawn = (view: Observable<View>, screen: Screen): Observable<View> =>
  view.pipe(tap(({ shown, rows }) => screen.draw(liveLines(shown, rows, screen.columns))))

/** On a pipe: a line for each step of each job. */
const printed = (view: Observable<View>, screen: Screen): Observable<View> =>
  defer(() => {
    let before: readonly string[] = []
    return view.pipe(
      tap(({ shown, rows }) => {
        const lines = stepLines(shown, rows)
        screen.print(...lines.filter((line, i) => line !== before[i]))
        before = lines
      }),
    )
  })

/** One job from its start to its result. */
const course = (cluster: Cluster, plan: Plan, live: Observable<Rows>): Observable<Shown> =>
  plan.begin(cluster, live).pipe(
    switchMap((started): Observable<Shown> => {
      if (isLeft(started)) return of({ plan, result: started })
      const job = started.right
      return concat(of({ plan, job }), ended(cluster, plan, job, live).pipe(map((result) => ({ plan, job, result }))))
    }),
    startWith({ plan }),
  )

const ended = (
  cluster: Cluster,
  { meddle }: Plan,
  job: Started,
  live: Observable<Rows>,
): Observable<Result<WaitResult>> =>
  merge(
    wait(cluster, job, { timeoutMs: BUDGET_MS }),
    meddle === undefined ? [] : meddle(cluster, job, live).pipe(ignoreElements()),
  ).pipe(take(1))
