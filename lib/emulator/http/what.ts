/** The value of `what` in a query. Most queries have no other parameter, so these cases skip the URL parser. */
export const whatOf = (query: string): string =>
  PLAIN.get(query) ?? /^what=([a-z_]+)$/.exec(query)?.[1] ?? new URLSearchParams(query).get('what') ?? ''

const PLAIN: ReadonlyMap<string, string> = new Map(
  ['status', 'status_all', 'qryxstats', 'running_all', 'smap'].map((what) => [`what=${what}`, what]),
)

/**
 * Whether a query may contain the parameter. This cheap check avoids the URL parser, which costs more than most
 * replies.
 */
export const mayContain = (query: string, name: string): boolean => query.includes(name) || query.includes('%')
