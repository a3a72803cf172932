import { errorReply } from './error-reply.ts'
import { reply, TEXT_TYPE, type Answer, type Request } from './exchange.ts'

/**
 * Replies to requests for dsort. The emulated build has no dsort: the list of dsort jobs is empty, and a start is
 * refused.
 */
export const answerSort = ({ method }: Request): Answer => {
  if (method === 'GET') return reply('[]', 'application/json')
  const headers = { 'content-type': TEXT_TYPE, 'x-content-type-options': 'nosniff' }
  return { status: 501, headers, body: 'dsort not enabled (build with -tags=dsort)\n', delayMs: 0 }
}

/** Replies to requests for ETL, which this build does not support. */
export const answerTransforms = (request: Request): Answer => {
  const message = 'cannot use ETL in a build without ETL support - operation not supported'
  return errorReply({ status: 501, message, tcode: 'ErrUnsupp' }, { request, proxy: request.node })
}
