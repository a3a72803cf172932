import { isLeft } from '../../common/either.ts'
import { defined } from '../../common/defined.ts'
import { start } from '../../commands.ts'
import { isPermanent, type JobError } from '../../error.ts'
import { DONE, failure, type Ending } from '../ending.ts'
import { UsageError } from '../usage-error.ts'
import { subjectOf } from '../subject.ts'
import { escape } from '../text/escape.ts'
import { REFRESH, type Context, type Verb } from '../verb.ts'
import { waitFor } from '../wait/wait-for.ts'

/** Starts a job. */
export const startVerb: Verb = {
  name: 'start',
  summary: 'start a job, and print its id',
  usage: 'NAME [BUCKET]',
  details: 'Sends the request once. `aistore-rx kinds --startable` lists the kinds.',
  flags: {
    ...REFRESH,
    bucket: { type: 'string', value: 'BUCKET', help: 'the bucket of the job' },
    target: { type: 'string', value: 'ID', help: 'the target, for a resilver' },
    prefix: { type: 'string', value: 'TEXT', help: 'the prefix of a rebalance, or the object of a blob-download' },
    force: { type: 'boolean', short: 'f', help: 'for lru, cleanup-store and rebalance' },
    yes: { type: 'boolean', short: 'y', help: 'accepted for scripts written for `ais`; nothing is asked' },
    wait: { type: 'boolean', help: 'wait until the job is over, as `wait` does' },
    timeout: { type: 'string', value: 'DURATION', help: 'with --wait: give up after this time, with exit code 3' },
    total: { type: 'string', value: 'N', help: 'with --wait: objects that the job will process' },
  },
  examples: ['aistore-rx start load-lom-cache photos --wait', 'id=$(aistore-rx start lru) && aistore-rx wait $id'],
  codes: [0, 1, 3, 4, 130, 143],
  run,
}

async function run(context: Context): Promise<Ending> {
  const { args, printer, last } = context
  const { ids, kind, bucket } = subjectOf(args, true)
  if (kind === undefined || ids.length > 0)
    throw new UsageError('start expected the name of a kind; `aistore-rx kinds` lists them')
  const [timeoutMs, total] = [args.ms('timeout'), args.count('total')]
  if (timeoutMs !== undefined && !args.has('wait')) throw new UsageError('--timeout requires --wait')
  const cluster = context.cluster()
  const force = args.has('force') ? true : undefined
  const options = { kind, ...defined({ bucket, target: args.text('target'), name: args.text('prefix'), force }) }
  const started = await last(start(cluster, options), undefined)
  if (started === undefined) return DONE
  if (isLeft(started)) {
    const ending = failure(started.left)
    // The request is never repeated: it may have had its effect although the reply was lost.
    return isRefusal(started.left)
      ? ending
      : { ...ending, message: `${ending.message ?? ''}; the job may have started: aistore-rx show ${kind}` }
  }
  const { id } = started.right
  printer.record('started', started.right)
  if (id === undefined) printer.note(`started ${started.right.kind}; the cluster returned no id`)
  else printer.lines(escape(id))
  if (!args.has('wait')) return DONE
  return waitFor(context, cluster, {
    selectors:
      id === undefined
        ? [{ kind: started.right.kind }]
        : id.split(',').map((one) => ({ id: one, kind: started.right.kind })),
    timeoutMs: timeoutMs ?? Infinity,
    ...defined({ total }),
  })
}

/** Whether the job has certainly not started. */
const isRefusal = (error: JobError): boolean =>
  isPermanent(error) ||
  error._tag === 'NotFound' ||
  error._tag === 'HttpError' ||
  (error._tag === 'TransportError' && error.nothingSent === true)
