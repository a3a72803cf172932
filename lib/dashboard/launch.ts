import { map, of, type Observable } from 'rxjs'
import { stringifyJson } from '../codec/json.ts'
import { defined } from '../common/defined.ts'
import { isLeft } from '../common/either.ts'
import type { ClusterLike } from '../environment.ts'
import { invalidArgument, type LaunchResult } from '../error.ts'
import { archive } from '../launch/archive.ts'
import { copyBucket } from '../launch/copy-bucket.ts'
import { copyObjects } from '../launch/copy-objects.ts'
import { download } from '../launch/download.ts'
import { jobsOf } from '../launch/follow-events.ts'
import type { Launched } from '../launch/launched.ts'
import { erasureCode, mirror } from '../launch/layout-jobs.ts'
import { evictObjects, prefetch } from '../launch/object-jobs.ts'
import { messageOf } from '../relay/query.ts'
import { answered, failed, type Reply } from '../relay/reply.ts'
import type { LaunchName } from './forms.ts'

type Launch = (cluster: ClusterLike, options: never) => Observable<LaunchResult<Launched>>

const LAUNCHES: ReadonlyMap<unknown, Launch> = new Map<LaunchName, Launch>([
  ['copyBucket', copyBucket],
  ['copyObjects', copyObjects],
  ['prefetch', prefetch],
  ['evictObjects', evictObjects],
  ['archive', archive],
  ['mirror', mirror],
  ['erasureCode', erasureCode],
  ['download', download],
])

const MEMBERS: ReadonlySet<string> = new Set(['launch', 'options'])

/** A job that the page has launched. */
export interface LaunchedByPage {
  readonly id?: string
  readonly kind: string
  /** The number of objects, if the launch named them. */
  readonly objects?: number
}

/** Launches the requested job, once. The library checks the options, and refuses unknown ones. */
export function launchReply(cluster: ClusterLike, body: string): Observable<Reply> {
  const sent = messageOf(body, MEMBERS)
  if (isLeft(sent)) return of(failed(sent.left))
  const launch = LAUNCHES.get(sent.right['launch'])
  if (launch === undefined) return of(failed(invalidArgument('launch', `takes ${[...LAUNCHES.keys()].join(', ')}`)))
  return launch(cluster, sent.right['options'] as never).pipe(
    map((result) => {
      if (isLeft(result)) return result.left.mayHaveStarted ? doubtful(failed(result.left)) : failed(result.left)
      const jobs = jobsOf(result.right).map((job): LaunchedByPage => ({
        kind: job.kind,
        ...defined({ id: job.id, objects: 'expected' in job ? job.expected.objects : undefined }),
      }))
      return answered(stringifyJson({ jobs }))
    }),
  )
}

/** The reply for a launch that failed but may have started a job. */
function doubtful(reply: Reply): Reply {
  const body = JSON.parse(reply.body) as { readonly message: string }
  const message = `${body.message}; it may have started, so look for it before you launch it again`
  return { ...reply, body: stringifyJson({ ...body, message }) }
}
