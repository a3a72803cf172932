import { isUnreachable } from '../common/unreachable.ts'
import type { JobError } from '../error.ts'

/** Statuses after which it is unknown what a server behind the one that replied has done. */
const UNKNOWN: readonly number[] = [500, 502, 504]

/**
 * Whether an abort may have had an effect although the request failed. If the primary proxy cannot call one target, it
 * refuses the request, although the other targets have stopped the job.
 */
export function mayHaveStopped(error: JobError): boolean {
  switch (error._tag) {
    case 'TransportError':
    case 'RequestTimeout':
      return error.nothingSent !== true
    case 'HttpError':
      return UNKNOWN.includes(error.status) || isUnreachable(error)
    default:
      return false
  }
}
