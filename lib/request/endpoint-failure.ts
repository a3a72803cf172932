import type { JobError } from '../error.ts'
import { asksToComeBack } from './first-contact.ts'

/** Whether an error may be due to this endpoint only, so that the same query is worth sending to another one. */
export const isEndpointFailure = (error: JobError): boolean =>
  error._tag === 'TransportError' ||
  error._tag === 'RequestTimeout' ||
  (error._tag === 'HttpError' && (error.notJson === true || error.status === 502 || error.status === 503)) ||
  (error._tag === 'DecodeError' && error.notJson === true)

/**
 * Whether an error says nothing about what was requested, so that another endpoint may have answered. Not all of these
 * errors are worth another request at once, as {@link isEndpointFailure} is, because the whole cluster may reply so.
 */
export const isNoAnswer = (error: JobError): boolean =>
  isEndpointFailure(error) ||
  error._tag === 'DecodeError' ||
  (error._tag === 'HttpError' && asksToComeBack(error.status))
