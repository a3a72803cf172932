import { checkAccess, type Tokens } from './access.ts'
import type { Refusal } from '../cluster/refusal.ts'
import type { Request } from './exchange.ts'

const invalid = (why: string): Refusal => ({
  status: 401,
  message: `invalid token from header "Authorization": invalid token [err: ${why}]`,
})

/** A member of the header or claims of a JWT; undefined if the part is unreadable or has no such member. */
const claim = (part: string | undefined, name: string): unknown => {
  try {
    const members: unknown = JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8'))
    return members !== null && typeof members === 'object' ? (members as Record<string, unknown>)[name] : undefined
  } catch {
    return undefined
  }
}

/**
 * Refuses a request without a valid token, or with a token that does not grant the right that it needs.
 *
 * The emulator verifies no signatures. An unknown token with three parts gets the error "expired" if its `exp` claim is
 * not after `nowSeconds`; otherwise it gets the error "invalid signature". Any other unknown token is "malformed".
 */
export const checkToken = (tokens: Tokens | undefined, request: Request, nowSeconds: number): Refusal | undefined => {
  if (tokens === undefined) return undefined
  const token = /^Bearer +(\S+)$/.exec(request.headers['authorization'] ?? '')?.[1]
  if (token === undefined) return { status: 401, message: 'token required' }
  const isKnown = typeof tokens === 'string' ? token === tokens : Object.hasOwn(tokens, token)
  if (isKnown) return checkAccess(tokens, token, request)
  const [head, claims, signature] = token.split('.')
  if (signature === undefined || token.split('.').length !== 3) {
    return invalid('token is malformed: token contains an invalid number of segments')
  }
  if (claim(head, 'alg') === 'none') return invalid('token signature is invalid: signing method none is invalid')
  const exp = claim(claims, 'exp')
  if (typeof exp === 'number' && exp <= nowSeconds) return invalid('token expired')
  return invalid('token signature is invalid: signature is invalid')
}
