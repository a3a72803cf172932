import type { Refused } from './reply.ts'

/**
 * Servers before AIStore 3.16 have no lists of jobs, and refuse the query. This adds the needed version to the error.
 */
export const refusedList: Refused = (error, body) =>
  error._tag === 'HttpError' && error.status === 400 && body?.message.startsWith('unexpected query') === true
    ? { ...error, message: `${error.message}; the lists of jobs need AIStore 3.16 or later` }
    : error
