import { EMPTY, asyncScheduler, filter, map, merge, take, takeWhile, timer, type Observable } from 'rxjs'
import { isLeft } from '../../common/either.ts'
import { defined } from '../../common/defined.ts'
import { show } from '../../common/text.ts'
import { explain, isPermanent, type JobError } from '../../error.ts'
import { jobEvents } from '../../events.ts'
import { longTimers } from '../../operators/long-timer.ts'
import type { EventType, JobEvent } from '../../view/job-event.ts'
import type { Arguments } from '../arguments.ts'
import { DONE, failure, type Ending } from '../ending.ts'
import { UsageError } from '../usage-error.ts'
import { EXIT } from '../exit-code.ts'
import { REGEX, regexOf } from '../jobs/job-filter.ts'
import { DATE_TIME } from '../jobs/look.ts'
import { iso } from '../jobs/job-record.ts'
import { neverReached, untilFirst } from '../reach.ts'
import { subjectOf } from '../subject.ts'
import { clock, dateTime } from '../../common/format.ts'
import { escape } from '../text/escape.ts'
import { nearest } from '../text/nearest.ts'
import { pad } from '../text/width.ts'
import { REFRESH, SELECTION, type Context, type Verb } from '../verb.ts'

const TYPES: readonly EventType[] = [
  'started',
  'progressed',
  'idle',
  'resumed',
  'finished',
  'failed',
  'aborted',
  'vanished',
]
/** Without `progressed`, which each poll of a running job would print. */
const DEFAULT = TYPES.filter((type) => type !== 'progressed')

/** Prints each event of jobs once. */
export const events: Verb = {
  name: 'events',
  summary: 'print what happens to jobs, each event once',
  usage: '[NAME] [ID] [BUCKET]',
  details: `Types: ${TYPES.join(', ')}.`,
  flags: {
    ...SELECTION,
    ...REFRESH,
    ...REGEX,
    ...DATE_TIME,
    type: { type: 'string', value: 'TYPE[,TYPE]', help: 'only these types (all but progressed)' },
    count: { type: 'string', value: 'N', help: 'end after N events' },
    timeout: { type: 'string', value: 'DURATION', help: 'end after this time, with exit code 3' },
  },
  examples: ['aistore-rx events --type failed,aborted', 'aistore-rx events rebalance --count 1 --timeout 1h --json'],
  codes: [0, 3, 4, 129, 130, 143],
  run,
}

const TIMED_OUT: Ending = { code: EXIT.timedOut, message: 'timed out', error: 'Timeout' }

function run(context: Context): Promise<Ending> {
  const { args, printer, last } = context
  const { ids, kind, bucket } = subjectOf(args)
  const types = typesOf(args)
  const hasMatch = regexOf(args)
  const timeoutMs = args.ms('timeout')
  const cluster = context.cluster()
  context.setInterruptHint('the jobs go on')
  let problem: string | undefined
  /** The ending for an error that retries cannot help; undefined for another one, which is noted. */
  const endingOf = (error: JobError): Ending | undefined => {
    if (isPermanent(error)) return failure(error)
    if (explain(error) !== problem) printer.note(`${explain(error)}; retrying`)
    problem = explain(error)
    return undefined
  }
  const ended: Observable<Ending> = jobEvents(cluster, defined({ id: ids.join(',') || undefined, kind, bucket })).pipe(
    map((result) => (isLeft(result) ? endingOf(result.left) : result.right)),
    filter((one) => one !== undefined),
    filter((one) => isEnding(one) || (types.includes(one.type) && hasMatch(one.job))),
    take(args.count('count') ?? Infinity),
    map((one) => {
      if (isEnding(one)) return one
      print(context, one)
      return DONE
    }),
    takeWhile(({ code }) => code === EXIT.done, true),
  )
  const timedOut =
    timeoutMs === undefined ? EMPTY : timer(timeoutMs, longTimers(asyncScheduler)).pipe(map(() => TIMED_OUT))
  return last(untilFirst(ended, merge(neverReached(context, cluster), timedOut)), DONE)
}

const isEnding = (one: Ending | JobEvent): one is Ending => 'code' in one

function typesOf(args: Arguments): readonly string[] {
  const types = args.text('type')?.split(',') ?? DEFAULT
  for (const type of types) {
    if ((TYPES as readonly string[]).includes(type)) continue
    const near = nearest(type, TYPES)
    throw new UsageError(
      `--type expected one of ${TYPES.join(', ')}, got ${show(type)}${near === undefined ? '' : `; did you mean ${near}?`}`,
    )
  }
  return types
}

function print({ args, printer }: Context, { type, job: { id, kind }, atMs, result }: JobEvent): void {
  const { error, endTime } = result ?? {}
  const time = new Date(atMs).toISOString()
  printer.lines(
    [
      (args.has('date-time') ? dateTime : clock)(atMs),
      pad(type, 10),
      pad(escape(kind), 16),
      pad(escape(id), 10),
      escape(error ?? ''),
    ]
      .join('  ')
      .trimEnd(),
  )
  printer.record('event', {
    event: type,
    id,
    kind,
    seen: time,
    ...defined({ outcome: result?.outcome, error, endTime: iso(endTime) }),
  })
}
