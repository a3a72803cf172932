import { isUnreachable } from '../common/unreachable.ts'
import { explain, type JobError } from '../error.ts'

/** The reason of a health state. */
export interface Why {
  readonly text: string
  /** The same for all reasons of one kind, whose texts may differ in their numbers. */
  readonly kind: string
}

/** `silent`: no reply; `bad`: a reply that indicates a problem of the cluster; `good`: any other reply. */
export function qualityOf(error: JobError | undefined): 'good' | 'bad' | 'silent' {
  switch (error?._tag) {
    case 'TransportError':
    case 'RequestTimeout':
      return 'silent'
    case 'HttpError':
      return error.notJson === true || error.status >= 500 || error.status === 429 || isUnreachable(error)
        ? 'bad'
        : 'good'
    case 'DecodeError':
    case 'RedirectRefused':
      return 'bad'
    case 'Unauthorized':
      return error.status === 401 ? 'bad' : 'good'
    default:
      return 'good'
  }
}

/** The reason that an error gives for a health state. */
export const whyOf = (error: JobError): Why => ({ text: explain(error), kind: `${error._tag} ${detailOf(error)}` })

function detailOf(error: JobError): string {
  switch (error._tag) {
    case 'HttpError':
      // One unreachable target fails requests with different codes.
      return isUnreachable(error) ? 'unreachable target' : `${error.status} ${error.code ?? ''}`
    case 'TransportError':
      return error.code
    case 'Unauthorized':
      return String(error.status)
    default:
      return ''
  }
}
