import { asyncScheduler, defer, map, of, repeat, switchMap, take, tap, timer, type Observable } from 'rxjs'
import type { Cluster } from '../../cluster.ts'
import { isLeft } from '../../common/either.ts'
import { defined } from '../../common/defined.ts'
import { explain, type JobError } from '../../error.ts'
import { health as healthOf, type Health } from '../../health.ts'
import { longTimers } from '../../operators/long-timer.ts'
import { within } from '../../operators/within.ts'
import { clusterMap } from '../../queries.ts'
import { refuseWords } from '../arguments.ts'
import { DONE, failure, type Ending } from '../ending.ts'
import { EXIT } from '../exit-code.ts'
import { columnsOf } from '../io.ts'
import { unreachable } from '../reach.ts'
import { escape } from '../text/escape.ts'
import { layout, type Column } from '../text/table.ts'
import { REFRESH, type Context, type Verb } from '../verb.ts'

const TIMEOUT_MS = 5_000

/** Shows whether the cluster replies. */
export const health: Verb = {
  name: 'health',
  summary: 'tell whether the cluster replies, which endpoint does, and how fast',
  usage: '',
  flags: {
    ...REFRESH,
    watch: { type: 'boolean', short: 'w', help: 'check until interrupted; one line per change' },
    timeout: { type: 'string', value: 'DURATION', help: 'how long a reply may take (5s)' },
  },
  examples: ['aistore-rx health --json', 'aistore-rx health -w'],
  codes: [0, 1, 4, 129, 130, 143],
  meanings: {
    0: 'connected, or failed over to another endpoint',
    1: 'degraded',
    4: 'unreachable, or the token is refused; or stdout cannot be written',
  },
  run,
}

/** The result of one request to the cluster. */
interface Check {
  readonly state: Health['state'] | 'refused'
  readonly endpoint: string
  readonly reason?: string
  readonly latencyMs?: number
  readonly error?: JobError
}

const COLUMNS: readonly Column<Check>[] = [
  { title: 'STATE', cell: ({ state }) => state },
  {
    title: 'LATENCY',
    cell: ({ latencyMs }) => (latencyMs === undefined ? '' : `${latencyMs} ms`),
    isRight: true,
    drop: 1,
  },
  { title: 'ENDPOINT', cell: ({ endpoint }) => escape(endpoint), drop: 2 },
  { title: 'REASON', cell: ({ reason = '' }) => escape(reason), isOptional: true, least: 12 },
]

async function run(context: Context): Promise<Ending> {
  const { args, io, printer, refreshMs, last } = context
  refuseWords(args)
  const timeoutMs = args.ms('timeout') ?? TIMEOUT_MS
  const cluster = context.cluster()
  const isWatch = args.has('watch')
  let shown: string | undefined
  const checks = check(cluster, timeoutMs).pipe(
    isWatch ? repeat({ delay: () => timer(refreshMs, longTimers(asyncScheduler)) }) : take(1),
    tap((seen) => {
      const { state, endpoint, reason, latencyMs } = seen
      const text = `${state} ${endpoint} ${reason ?? ''}`
      if (text === shown) return
      const table = layout(COLUMNS, [seen], columnsOf(io.stdout, io.env), !args.has('no-headers'))
      printer.lines(...(shown === undefined ? table : table.slice(-1)))
      printer.record('health', { state, endpoint, ...defined({ reason, latencyMs }) })
      shown = text
    }),
  )
  const seen = await last(checks, undefined)
  return seen === undefined ? DONE : endingOf(seen)
}

function endingOf({ state, endpoint, reason, error }: Check): Ending {
  if (state === 'unreachable') return unreachable(endpoint, reason)
  if (state === 'refused' && error !== undefined) return failure(error)
  return { code: state === 'degraded' ? 1 : EXIT.done }
}

function stateAfter({ _tag }: JobError): Check['state'] {
  if (['TransportError', 'RequestTimeout', 'WaitTimeout'].includes(_tag)) return 'unreachable'
  return _tag === 'Unauthorized' ? 'refused' : 'degraded'
}

/** Sends one request, and reads the health after its reply. */
const check = (cluster: Cluster, timeoutMs: number): Observable<Check> =>
  defer(() => {
    const sentMs = performance.now()
    return clusterMap(cluster).pipe(
      within(timeoutMs),
      map((result) => ({ result, tookMs: Math.round(performance.now() - sentMs) })),
    )
  }).pipe(
    switchMap(({ result, tookMs }) => {
      if (!isLeft(result))
        return healthOf(cluster).pipe(
          take(1),
          map(({ state, endpoint, reason }): Check => ({ state, endpoint, latencyMs: tookMs, ...defined({ reason }) })),
        )
      const error = result.left
      return of<Check>({
        state: stateAfter(error),
        endpoint: cluster.endpoints[0] ?? '',
        reason: error._tag === 'WaitTimeout' ? `no reply within ${timeoutMs / 1_000} s` : explain(error),
        error,
      })
    }),
  )
