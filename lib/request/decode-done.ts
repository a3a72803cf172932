import { left, right } from '../common/either.ts'
import { show } from '../common/text.ts'
import type { DecodeError, RequestInfo, Result } from '../error.ts'

/**
 * Decodes the reply to a command that returns no value: 200 with an empty body. Any other body comes from an
 * intermediary, such as a login page, and the command may never have arrived.
 */
export const decodeDone = (body: string, request: RequestInfo, status: number): Result<void> =>
  status === 200 && body.trim() === '' ? right(undefined) : left(notEmpty(body, request, status))

const notEmpty = (body: string, request: RequestInfo, status: number): DecodeError => {
  const got = status === 200 ? show(body.trim()) : `HTTP ${status}`
  return {
    _tag: 'DecodeError',
    problems: [`$: expected an empty reply with HTTP 200, got ${got}`],
    notJson: true,
    request,
  }
}
