import { map } from 'rxjs'
import { start } from '../../commands.ts'
import { defined } from '../../common/defined.ts'
import { isLeft, left } from '../../common/either.ts'
import { isPermanent, type JobError } from '../../error.ts'
import type { Ending } from '../ending.ts'
import { LAUNCH, LAUNCH_CODES, launch } from '../launch/launch.ts'
import { verbOfKind } from '../launch/verb-of-kind.ts'
import { findKind } from '../../model/kind.ts'
import { subjectOf } from '../subject.ts'
import { UsageError } from '../usage-error.ts'
import type { Context, Verb } from '../verb.ts'

/** Starts a job. */
export const startVerb: Verb = {
  name: 'start',
  summary: 'start a job, and print its id',
  usage: 'NAME [BUCKET]',
  details: 'Sends the request once. `aistore-rx kinds --startable` lists the kinds.',
  flags: {
    bucket: { type: 'string', value: 'BUCKET', help: 'the bucket of the job' },
    target: { type: 'string', value: 'ID', help: 'the target, for a resilver' },
    prefix: { type: 'string', value: 'TEXT', help: 'the prefix of a rebalance, or the object of a blob-download' },
    force: { type: 'boolean', short: 'f', help: 'for lru, cleanup-store and rebalance' },
    yes: {
      type: 'boolean',
      short: 'y',
      help: 'accepted for scripts written for `ais`; there is no question to confirm',
    },
    ...LAUNCH,
  },
  examples: ['aistore-rx start load-lom-cache photos --wait', 'id=$(aistore-rx start lru) && aistore-rx wait $id'],
  codes: LAUNCH_CODES,
  run,
}

function run(context: Context): Promise<Ending> {
  const { args } = context
  const { ids, kind, bucket } = subjectOf(args, { hasPlainBucket: true })
  if (kind === undefined || ids.length > 0)
    throw new UsageError('start expected the name of a kind; `aistore-rx kinds` lists them')
  const info = findKind(kind)
  const verb = info && verbOfKind(info.kind)
  if (verb !== undefined) throw new UsageError(`start cannot start a ${kind}; see \`aistore-rx ${verb} --help\``)
  const force = args.has('force') ? true : undefined
  const options = { kind, ...defined({ bucket, target: args.text('target'), name: args.text('prefix'), force }) }
  return launch(context, {
    kind,
    launch: (cluster) =>
      start(cluster, options).pipe(
        map((result) => (isLeft(result) ? left({ ...result.left, mayHaveStarted: !isRefusal(result.left) }) : result)),
      ),
  })
}

/** Whether the job has certainly not started. */
const isRefusal = (error: JobError): boolean =>
  isPermanent(error) ||
  error._tag === 'NotFound' ||
  error._tag === 'HttpError' ||
  (error._tag === 'TransportError' && error.nothingSent === true)
