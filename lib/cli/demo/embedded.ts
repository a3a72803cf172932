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
import { constant } from '../../cadence.ts'
import { createCluster, type Cluster } from '../../cluster.ts'
import type { Started } from '../../commands.ts'
import { isLeft, isRight } from '../../common/either.ts'
import { startEmulator } from '../../emulator/index.ts'
import { rights } from '../../operators/rights.ts'
import { untilAborted } from '../../operators/until-aborted.ts'
import { progress } from '../../progress.ts'
import { wait } from '../../wait.ts'
import { liveLines, recordOf, resultLines, stepLines, type Shown } from './plan-lines.ts'
import { plansFor, type Plan } from './plans.ts'
import type { Printer } from '../printer.ts'
import type { Screen } from '../screen.ts'
import { cut } from '../text/width.ts'

const POLL_MS = 250
const TIMEOUT_MS = 25_000

/**
 * Starts jobs of several kinds on an embedded cluster, shows their progress, waits for all and prints their outcomes.
 *
 * @returns Whether each job had its expected outcome; undefined if `stop` fired before.
 */
export async function runEmbedded(
  screen: Screen,
  printer: Printer,
  { stop, hasHeader }: { readonly stop: AbortSignal; readonly hasHeader: boolean },
): Promise<boolean | undefined> {
  const emulator = await startEmulator({ objectsPerSecond: 500 })
  try {
    const { endpoint, endpoints, targetIds } = emulator
    const size = `${endpoints.length} proxies, ${targetIds.length} targets`
    printer.lines(
      ...[`an embedded AIStore cluster at ${endpoint}: ${size}`, ''].map((line) => cut(line, screen.columns)),
    )
    const cluster = createCluster(endpoints, { cadence: constant(POLL_MS) })
    const shown = await lastValueFrom(mainJob(cluster, plansFor(emulator), screen, printer).pipe(untilAborted(stop)), {
      defaultValue: [],
    })
    if (stop.aborted) return undefined
    screen.close()
    printer.lines('', ...resultLines(shown, screen.columns, hasHeader))
    for (const one of shown) printer.record('outcome', recordOf(one))
    return shown.every(asExpected)
  } finally {
    await emulator.close()
  }
}

const asExpected = ({ plan, result }: Shown): boolean =>
  result !== undefined && isRight(result) && result.right.outcome === plan.expected

/** Runs all plans at the same time, and shows them until each has a result. */
function mainJob(
  cluster: Cluster,
  plans: readonly Plan[],
  screen: Screen,
  printer: Printer,
): Observable<readonly Shown[]> {
  const shown = combineLatest(plans.map((plan) => runPlan(cluster, plan))).pipe(
    takeWhile((all) => all.some(({ result }) => result === undefined), true),
  )
  if (!screen.live || printer.isJson) return printed(shown, printer)
  return shown.pipe(tap((all) => screen.draw(() => liveLines(all, screen.columns))))
}

/** For output that is not a terminal: prints a line for each step of each job. */
const printed = (shown: Observable<readonly Shown[]>, printer: Printer): Observable<readonly Shown[]> =>
  defer(() => {
    let previous: readonly string[] = []
    return shown.pipe(
      tap((all) => {
        const lines = stepLines(all)
        all.forEach((one, i) => {
          if (lines[i] === previous[i]) return
          printer.lines(lines[i] ?? '')
          printer.record('job', recordOf(one))
        })
        previous = lines
      }),
    )
  })

/** Starts one job and emits its progress and its result. */
const runPlan = (cluster: Cluster, plan: Plan): Observable<Shown> =>
  plan.begin(cluster).pipe(
    switchMap((started): Observable<Shown> =>
      isLeft(started) ? of({ plan, result: started }) : followJob(cluster, plan, started.right),
    ),
    startWith({ plan }),
  )

/** The progress of a job and, at its end, its result. */
const followJob = (cluster: Cluster, plan: Plan, job: Started): Observable<Shown> =>
  merge(
    combineLatest({
      progress: progress(cluster, job, { total: { objects: plan.total } }).pipe(rights(), startWith(undefined)),
      // The reply that ends the wait also updates the counters. The delay lets that update come first.
      result: wait(cluster, job, { timeoutMs: TIMEOUT_MS }).pipe(delay(0), startWith(undefined)),
    }).pipe(map((seen): Shown => ({ plan, job, ...seen }))),
    plan.whileRunning?.(cluster, job).pipe(ignoreElements()) ?? [],
  )
