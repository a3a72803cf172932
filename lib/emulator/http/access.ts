import type { Refusal } from '../cluster/refusal.ts'
import type { Request } from './exchange.ts'
import { textOf } from './selection.ts'

/** A right that a token can grant. */
export type Access = 'show-cluster' | 'admin' | 'list' | 'read-write' | 'delete' | 'move' | 'promote'

/** The user and the rights of a token. */
export interface TokenRights {
  /** User name that refusals quote. */
  readonly user: string
  /** Granted rights. Requests that need another right are refused with 403. */
  readonly access: readonly Access[]
}

/** A single token with all rights, or several tokens, each with its own rights. */
export type Tokens = string | Readonly<Record<string, TokenRights>>

const BY_ACTION: Readonly<Record<string, Access>> = {
  list: 'list',
  'summary-bck': 'list',
  'delete-listrange': 'delete',
  'evict-listrange': 'delete',
  'evict-remote-bck': 'delete',
  'move-bck': 'move',
  promote: 'promote',
  'create-bck': 'admin',
  'destroy-bck': 'admin',
  'set-bprops': 'admin',
}

/** The action in a body; empty if the body names none. */
const actionIn = (body: string): string => {
  try {
    return textOf(JSON.parse(body), 'action')
  } catch {
    return ''
  }
}

/** The right that a request needs. */
const accessFor = ({ method, path, body }: Request): Access => {
  const kind = path.split('/')[2] ?? ''
  if (kind === 'buckets' || kind === 'objects') {
    return method === 'HEAD' ? 'list' : (BY_ACTION[actionIn(body)] ?? 'read-write')
  }
  if (kind === 'ml') return 'read-write'
  if (method === 'GET') return 'show-cluster'
  return kind === 'download' ? 'read-write' : 'admin'
}

/** Refuses a request that the token does not allow; undefined if it does, or if the token has no list of rights. */
export const checkAccess = (tokens: Tokens | undefined, token: string, request: Request): Refusal | undefined => {
  const rights = typeof tokens === 'object' ? tokens[token] : undefined
  if (!rights || rights.access.includes(accessFor(request))) return undefined
  return { status: 403, message: `user \`${rights.user}\` has insufficient permissions` }
}
