/** What a query asks for: nearly all of them say that and nothing else. */
export const whatOf = (query: string): string =>
  PLAIN.get(query) ?? /^what=([a-z_]+)$/.exec(query)?.[1] ?? new URLSearchParams(query).get('what') ?? ''

const PLAIN: ReadonlyMap<string, string> = new Map(
  ['status', 'status_all', 'qryxstats', 'running_all', 'smap'].map((what) => [`what=${what}`, what]),
)

/** Whether a query may have a name at all; reading it properly costs more than most answers. */
export const mayHave = (query: string, name: string): boolean => query.includes(name) || query.includes('%')
