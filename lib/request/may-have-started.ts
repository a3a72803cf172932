import type { ErrorBody } from '../codec/error-body.ts'
import { isUnreachable } from '../common/unreachable.ts'
import type { JobError, LaunchError } from '../error.ts'
import type { Refused } from './reply.ts'

/** Adds to an error whether the job may have started. Refusals of the cluster have it already. */
export const mayHaveStarted = (error: JobError): LaunchError =>
  'mayHaveStarted' in error ? (error as LaunchError) : { ...error, mayHaveStarted: mayFollow(error) }

/** Whether a job may have started although there is no answer, and no error body of the cluster. */
function mayFollow(error: JobError): boolean {
  switch (error._tag) {
    case 'InvalidArgument':
    case 'Unauthorized':
    // A redirect that was not followed has reached no target.
    case 'RedirectRefused':
      return false
    case 'TransportError':
      return error.nothingSent !== true
    default:
      return true
  }
}

/**
 * Adds to the error of a refusal whether the job may have started.
 *
 * @param isOneTarget whether one target alone gets the request, so that its refusal is that of the whole
 */
export const refusedLaunch =
  (isOneTarget: boolean): Refused =>
  (error, body): LaunchError => ({ ...error, mayHaveStarted: afterRefusal(error, body, isOneTarget) })

/**
 * A time limit, or one of several targets, behind a refusal of the proxy. The other targets may be at work (T25). The first
 * target that cannot start a download refuses for all of them.
 */
const IN_PART = /deadline exceeded|timed? ?out|List\/Range|^Error starting download/i

function afterRefusal(error: JobError, body: ErrorBody | undefined, isOneTarget: boolean): boolean {
  if (error._tag === 'Unauthorized') return false
  // An empty or foreign reply, as of a reverse proxy: the request may have got through.
  if (body === undefined) return true
  const { urlPath = '', node = '', tcode, message, method, caller = '' } = body
  // A proxy looks up both buckets, through a target if they are remote, before it starts anything.
  if (method === 'HEAD' && caller.startsWith('p[')) return false
  if (node.startsWith('p[') && /failed to lookup bucket/i.test(message)) return false
  // Jobs in two phases: nothing runs before `commit`.
  if (urlPath.endsWith('/begin')) return false
  if (urlPath.endsWith('/commit') || isUnreachable({ code: tcode, message }) || IN_PART.test(message)) return true
  return isOneTarget ? error._tag === 'HttpError' && error.status >= 500 : !node.startsWith('p[')
}
