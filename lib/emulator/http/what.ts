/** What a query asks for: nearly all of them say that and nothing else. */
export const whatOf = (query: string): string =>
  /^what=([a-z_]+)$/.exec(query)?.[1] ?? new URLSearchParams(query).get('what') ?? ''

/** Whether a query may have a name at all; reading it properly costs more than most answers. */
export const mayHave = (query: string, name: string): boolean => query.includes(name) || query.includes('%')
