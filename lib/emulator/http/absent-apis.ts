import { errorReply } from './error-reply.ts'
import { reply, TEXT_TYPE, type Answer, type Request } from './exchange.ts'

/** Answers for the sorting of shards, which this server is built without: there are no such jobs, and none can be started. */
export const answerSort = ({ method }: Request): Answer => {
  if (method === 'GET') return reply('[]', 'application/json')
  const headers = { 'content-type': TEXT_TYPE, 'x-content-type-options': 'nosniff' }
  return { status: 501, headers, body: 'dsort not enabled (build with -tags=dsort)\n', delayMs: 0 }
}

/** Answers for transformations, which this server is built without. */
export const answerTransforms = (request: Request): Answer => {
  const message = 'cannot use ETL in a build without ETL support - operation not supported'
  return errorReply({ status: 501, message, tcode: 'ErrUnsupp' }, { request, proxy: request.node })
}
