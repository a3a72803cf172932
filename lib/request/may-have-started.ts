import type { ErrorBody } from '../codec/error-body.ts'
import { isUnreachable } from '../common/unreachable.ts'
import type { JobError, LaunchError } from '../error.ts'
import type { Refused } from './reply.ts'

/** Adds `mayHaveStarted` to an error. A refusal of the cluster has it already. */
export const mayHaveStarted = (error: JobError): LaunchError =>
  'mayHaveStarted' in error ? (error as LaunchError) : { ...error, mayHaveStarted: isStartPossible(error) }

/** Whether a job may have started although the request failed without an error body of the cluster. */
function isStartPossible(error: JobError): boolean {
  switch (error._tag) {
    case 'InvalidArgument':
    case 'Unauthorized':
    // A redirect that was not followed has reached no target.
    case 'RedirectRefused':
      return false
    case 'TransportError':
    case 'RequestTimeout':
      return error.nothingSent !== true
    default:
      return true
  }
}

/**
 * Adds `mayHaveStarted` to the error of a refusal.
 *
 * @param isOneTarget whether only one target gets the request, so that no other target can have started
 */
export const refusedLaunch =
  ({ isOneTarget }: { readonly isOneTarget: boolean }): Refused =>
  (error, body): LaunchError => ({ ...error, mayHaveStarted: afterRefusal(error, body, isOneTarget) })

/**
 * Refusals after which some targets may be at work (protocol T25): the proxy refuses if one target refuses or does not
 * reply in time, although the other targets have started. A download is refused if one target cannot start it.
 */
const IN_PART = /deadline exceeded|timed? ?out|List\/Range|^Error starting download/i

/** Statuses with which a server or a proxy refuses a request before it does anything with it. */
const UNREAD: readonly number[] = [407, 413, 421, 425, 431, 511]

/** Whether a job may have started although the cluster refused the request with this body. */
function afterRefusal(error: JobError, body: ErrorBody | undefined, isOneTarget: boolean): boolean {
  if (error._tag === 'Unauthorized') return false
  // An empty reply, or a reply of a reverse proxy: the request may have reached the cluster.
  if (body === undefined) return !(error._tag === 'HttpError' && UNREAD.includes(error.status))
  const { urlPath = '', node = '', tcode, message, method, caller = '' } = body
  // A proxy looks up both buckets, through a target if they are remote, before it starts anything.
  if (method === 'HEAD' && caller.startsWith('p[')) return false
  if (node.startsWith('p[') && /failed to lookup bucket/i.test(message)) return false
  // Jobs in two phases: nothing runs before `commit`.
  if (urlPath.endsWith('/begin')) return false
  if (urlPath.endsWith('/commit') || isUnreachable({ code: tcode, message }) || IN_PART.test(message)) return true
  // A single target may have started the job before it failed. Otherwise: a proxy (`p[...]`) that refuses by itself has
  // started nothing, but if a target refuses, other targets may have started.
  return isOneTarget ? error._tag === 'HttpError' && error.status >= 500 : !node.startsWith('p[')
}
