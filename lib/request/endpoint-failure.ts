import type { JobError } from '../error.ts'

/** Whether an error may be due to this endpoint only, so that another one is worth trying. */
export const isEndpointFailure = (error: JobError): boolean =>
  error._tag === 'TransportError' ||
  error._tag === 'RequestTimeout' ||
  (error._tag === 'HttpError' && (error.notJson === true || error.status === 502 || error.status === 503))
