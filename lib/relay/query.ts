import { queryBody } from '../codec/messages.ts'
import { parseJson } from '../codec/json.ts'
import { isLeft, left, right } from '../common/either.ts'
import { defined } from '../common/defined.ts'
import type { Environment } from '../environment.ts'
import { invalidArgument, type Result } from '../error.ts'
import { checkDownloadId } from '../model/download.ts'
import { select, type JobSelector, type Selection } from '../model/selection.ts'
import { show } from '../common/text.ts'

/** What the relay requests from the cluster for a page. */
export interface RelayQuery {
  /**
   * `status`: of one job or kind; `status_all`: all of the Information Center; `running_all`: all jobs that run; `qryxstats`:
   * snapshots; `smap`: the ids of the nodes; `download`: how far one download is; `downloads`: all downloads.
   */
  readonly what: 'status' | 'status_all' | 'running_all' | 'qryxstats' | 'smap' | 'download' | 'downloads'
  /** Whether the Information Center queries targets that report late. */
  readonly force: boolean
  /** Which jobs. */
  readonly selection: Selection
}

/** The query for the cluster map, which has no body. */
export const MAP_QUERY: RelayQuery = {
  what: 'smap',
  force: false,
  selection: { ids: [], onlyRunning: false },
}

const WHATS: ReadonlySet<string> = new Set(['status', 'status_all', 'running_all', 'qryxstats'])
const MEMBERS: ReadonlySet<string> = new Set(['id', 'kind', 'bck', 'show_active'])

/** The Left for a request that the library would not send. */
export const refuse = (argument: string, message: string): Result<never> => left(invalidArgument(argument, message))

/** @internal Reads the query string and the body of a query. Nothing passes that the library would not send. */
export function readQuery({ kinds, ids }: Environment, target: string, body: string): Result<RelayQuery> {
  if (target.endsWith('/v1/download')) return readDownloadQuery(body)
  const parameters = parametersOf(target)
  if (parameters === undefined) return refuse('query', 'takes what, and frc with status_all, once each')
  const { what, frc } = parameters
  const sent = messageOf(body, MEMBERS)
  if (isLeft(sent)) return sent
  const { id, kind, bck, show_active: active } = sent.right
  if (active !== undefined && active !== true) return refuse('show_active', `got ${show(active)}; takes true`)
  if (typeof id === 'string' && id.includes(',')) return refuse('id', 'takes one id')
  const selector = defined({ id, kind, bucket: bck, onlyRunning: active }) as JobSelector
  const selection = select(selector, kinds, what === 'status' ? 'job' : 'anything', ids)
  if (isLeft(selection)) return selection
  return right({ what, force: frc, selection: selection.right })
}

const OF_DOWNLOAD: ReadonlySet<string> = new Set(['id', 'only_active_tasks'])

/**
 * Reads a query about one download, or about all of them. `only_active_tasks` has no effect on a query about one: the number
 * of its files decides whether the reply names them.
 */
function readDownloadQuery(body: string): Result<RelayQuery> {
  const sent = messageOf(body, OF_DOWNLOAD)
  if (isLeft(sent)) return sent
  const { id, only_active_tasks: active } = sent.right
  if (active !== undefined && active !== true) return refuse('only_active_tasks', `got ${show(active)}; takes true`)
  if (!('id' in sent.right))
    return right({ what: 'downloads', force: false, selection: { ids: [], onlyRunning: active === true } })
  const checked = checkDownloadId(id)
  if (isLeft(checked)) return checked
  return right({ what: 'download', force: false, selection: { ids: [checked.right], onlyRunning: false } })
}

/** A text that is equal for equal queries, in whatever order their members are. */
export const keyOf = ({ what, force, selection: { ids, kind, bucket, onlyRunning } }: RelayQuery): string =>
  `${what} ${String(force)} ${queryBody({ id: ids[0], kind, bck: bucket, show_active: onlyRunning || undefined })}`

/** The members of a JSON object in a body; a Left if there are others than the known ones. */
export function messageOf(body: string, known: ReadonlySet<string>): Result<Readonly<Record<string, unknown>>> {
  const parsed = parseJson(body)
  return isLeft(parsed) ? refuse('body', parsed.left) : membersOf(parsed.right, known)
}

/** The members of an object; a Left if there are others than the known ones. */
export function membersOf(value: unknown, known: ReadonlySet<string>): Result<Readonly<Record<string, unknown>>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse('body', 'takes a JSON object')
  const other = Object.keys(value).find((name) => !known.has(name))
  if (other !== undefined) return refuse('body', `got the member ${show(other)}; takes ${[...known].join(', ')}`)
  return right(value as Record<string, unknown>)
}

function parametersOf(target: string): { readonly what: RelayQuery['what']; readonly frc: boolean } | undefined {
  const start = target.indexOf('?')
  const [first, second, third] = start === -1 ? [] : target.slice(start + 1).split('&')
  const what = /^what=([a-z_]+)$/.exec(first ?? '')?.[1]
  if (what === undefined || !WHATS.has(what) || third !== undefined) return undefined
  if (second !== undefined && (second !== 'frc=true' || what !== 'status_all')) return undefined
  return { what: what as RelayQuery['what'], frc: second !== undefined }
}
