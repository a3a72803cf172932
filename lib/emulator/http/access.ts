import type { Refusal } from '../cluster/refusal.ts'
import type { Request } from './exchange.ts'
import { textOf } from './selection.ts'

/** What a token may allow. */
export type Access = 'show-cluster' | 'admin' | 'list' | 'read-write' | 'delete' | 'move' | 'promote'

/** Whose token it is, and what it allows. */
export interface TokenRights {
  /** The name that refusals quote. */
  readonly user: string
  /** What is allowed; all else is refused with 403. */
  readonly access: readonly Access[]
}

/** The one token that allows everything, or several with what each allows. */
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

const actionIn = (body: string): string => {
  try {
    return textOf(JSON.parse(body), 'action')
  } catch {
    return ''
  }
}

/** What a request needs: questions about the cluster one thing, starts and stops another, buckets what is done to them. */
const accessFor = ({ method, path, body }: Request): Access => {
  const kind = path.split('/')[2] ?? ''
  if (kind === 'buckets' || kind === 'objects') {
    return method === 'HEAD' ? 'list' : (BY_ACTION[actionIn(body)] ?? 'read-write')
  }
  if (kind === 'ml') return 'read-write'
  if (method === 'GET') return 'show-cluster'
  return kind === 'download' ? 'read-write' : 'admin'
}

/** Refuses what a known token does not allow. */
export const checkAccess = (tokens: Tokens | undefined, token: string, request: Request): Refusal | undefined => {
  const rights = typeof tokens === 'object' ? tokens[token] : undefined
  if (!rights || rights.access.includes(accessFor(request))) return undefined
  return { status: 403, message: `user \`${rights.user}\` has insufficient permissions` }
}
