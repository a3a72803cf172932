/** The columns by which the table can be sorted. */
export const COLUMNS = ['state', 'kind', 'id', 'bucket', 'progress', 'objects', 'bytes', 'rate', 'eta', 'age'] as const
export type Column = (typeof COLUMNS)[number]

/** The state in the address of the page: which jobs are shown in which order, or which job is open. */
export interface Address {
  /** The id of the job whose page is open. */
  readonly job?: string | undefined
  readonly search: string
  readonly state: string
  readonly kind: string
  readonly sort: Column
  readonly descending: boolean
  readonly paused: boolean
}

const isColumn = (text: string): text is Column => (COLUMNS as readonly string[]).includes(text)

/** Reads the fragment of the address. Whatever does not fit counts as absent. */
export function parseAddress(hash: string): Address {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2)
  const params = new URLSearchParams(query)
  const sort = params.get('sort') ?? ''
  const [, id] = /^\/job\/(.+)$/.exec(path) ?? []
  return {
    job: id === undefined ? undefined : decoded(id),
    search: params.get('q') ?? '',
    state: params.get('state') ?? '',
    kind: params.get('kind') ?? '',
    sort: isColumn(sort) ? sort : 'state',
    descending: params.get('order') === 'desc',
    paused: params.get('paused') === '1',
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The fragment for an address. Defaults are left out, so that a link is short. */
export function formatAddress({ job, search, state, kind, sort, descending, paused }: Address): string {
  const params = new URLSearchParams()
  if (search !== '') params.set('q', search)
  if (state !== '') params.set('state', state)
  if (kind !== '') params.set('kind', kind)
  if (sort !== 'state') params.set('sort', sort)
  if (descending) params.set('order', 'desc')
  if (paused) params.set('paused', '1')
  const query = params.toString()
  return `#/${job === undefined ? '' : `job/${encodeURIComponent(job)}`}${query === '' ? '' : `?${query}`}`
}
