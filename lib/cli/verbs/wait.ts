import { defined } from '../../common/defined.ts'
import { type Ending } from '../ending.ts'
import { UsageError } from '../usage-error.ts'
import { subjectOf } from '../subject.ts'
import { REFRESH, SELECTION, type Context, type Verb } from '../verb.ts'
import { waitFor } from '../wait/wait-for.ts'

/** Waits until jobs are over. */
export const waitVerb: Verb = {
  name: 'wait',
  summary: 'wait until jobs are over, and report how they ended',
  usage: 'ID... | NAME',
  details:
    'Waits for ever without --timeout. By NAME, it waits for the run under way or, if there is none, for the next one.\n' +
    'A job of a kind that idles is over when it is idle. With several ids, the exit code is the worst one.',
  flags: {
    ...SELECTION,
    ...REFRESH,
    timeout: { type: 'string', value: 'DURATION', help: 'give up after this time, with exit code 3' },
    total: {
      type: 'string',
      value: 'N',
      help: 'objects that the job will process, for the bar and the remaining time',
    },
    idle: { type: 'boolean', help: 'wait until the job is idle or over' },
    'fail-fast': { type: 'boolean', help: 'end with the first job that does not succeed' },
  },
  examples: ['aistore-rx wait zOCwz4iJS --timeout 10m', 'aistore-rx wait rebalance --json'],
  codes: [0, 1, 3, 4, 129, 130, 143],
  run,
}

function run(context: Context): Promise<Ending> {
  const { args, printer } = context
  const { ids, kind, bucket } = subjectOf(args)
  if (ids.length === 0 && kind === undefined) throw new UsageError('wait expected an id or the name of a kind')
  const selectors = ids.length > 0 ? ids.map((id) => defined({ id, kind })) : [defined({ kind, bucket })]
  const { timeoutMs = Infinity, total } = { timeoutMs: args.ms('timeout'), total: args.count('total') }
  const cluster = context.cluster()
  if (ids.length === 0 && kind !== undefined)
    printer.note(`waiting for ${kind}: the run under way or, if there is none, the next one`)
  return waitFor(context, cluster, {
    selectors,
    timeoutMs,
    isIdle: args.has('idle'),
    isFailFast: args.has('fail-fast'),
    ...defined({ total }),
  })
}
