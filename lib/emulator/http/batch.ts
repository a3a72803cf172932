import { workOn } from '../cluster/bucket-jobs.ts'
import { findBucket } from '../cluster/create.ts'
import { freshId } from '../cluster/launch.ts'
import { unreachable } from '../cluster/reach.ts'
import { checkBucket } from '../cluster/start-checks.ts'
import { wakeOrLaunch } from '../cluster/wake.ts'
import { bucketOf } from './bucket-name.ts'
import { errorReply } from './error-reply.ts'
import { redirectToTarget } from './object-actions.ts'
import { member } from './selection.ts'
import type { Answer, Request } from './exchange.ts'
import type { Cluster } from '../cluster/state.ts'

const objectsIn = (body: string): number => {
  try {
    const listed = member(JSON.parse(body), 'in')
    return Array.isArray(listed) ? listed.length : 0
  } catch {
    return 0
  }
}

/** Replies to a GetBatch request at a proxy, which redirects it to a target. */
export const answerBatch = (cluster: Cluster, request: Request, name: string): Answer => {
  const refusal = name === '' ? undefined : checkBucket(cluster, bucketOf(name, new URLSearchParams(request.query)))
  const failed = refusal ?? unreachable(cluster, request.node)
  return failed ? errorReply(failed, { request, proxy: request.node }) : redirectToTarget(cluster, request)
}

/** Replies to a GetBatch request at a target: starts or resumes a `get-batch` job and returns an empty archive. */
export const serveBatch = (cluster: Cluster, request: Request, name: string, now: number): Answer => {
  const bck = bucketOf(name, new URLSearchParams(request.query))
  const bucket = findBucket(cluster, bck)
  const work = bucket ? { ...workOn(bucket), bck } : { objectSize: 0, over: '' }
  const id = freshId(cluster, 'gbt-')
  const job = wakeOrLaunch(cluster, { ...work, kind: 'get-batch', id, objects: objectsIn(request.body) }, now)
  const headers = { 'content-type': 'application/x-tar', 'ais-xaction-id': job.id }
  return { status: 200, headers, body: '', delayMs: 0, bytes: new Uint8Array(1_024) }
}
