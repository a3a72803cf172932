import type { Address, Column } from './address.ts'
import { matches, sorted } from './chosen.ts'
import { byId, el, setAttribute, setText } from './dom.ts'
import { rowView, type RowView } from './row.ts'
import type { Shown } from './shown.ts'

/** Of more jobs, the first ones are shown, so that the page stays quick. */
const STEP = 300
/** The table is sorted again after this time at the earliest, so that nothing jumps away under a finger. */
const SORT_MS = 2_000

const HEADERS: readonly (readonly [label: string, column: Column | undefined, name: string])[] = [
  ['State', 'state', 'mark'],
  ['Kind', 'kind', 'kind'],
  ['ID', 'id', 'id'],
  ['Bucket', 'bucket', 'bucket'],
  ['Progress', 'progress', 'progress'],
  ['Objects', 'objects', 'objects number'],
  ['Bytes', undefined, 'bytes number'],
  ['Rate', 'rate', 'rate number'],
  ['ETA', 'eta', 'eta number'],
  ['Age', 'age', 'age number'],
]

/** The table of all jobs. */
export interface TableView {
  readonly show: (jobs: ReadonlyMap<string, Shown>, address: Address, nowMs: number) => void
}

/** What the table lets the user do. */
export interface TableActions {
  readonly sortBy: (column: Column) => void
  readonly clear: () => void
  readonly stop?: ((id: string) => void) | undefined
}

/** Fills the table of index.html. */
export function tableView({ sortBy, clear, stop }: TableActions): TableView {
  const rows = new Map<string, RowView>()
  const body = el('tbody', { role: 'rowgroup' })
  const headers = HEADERS.map(([label, column, name]) => {
    const content =
      column === undefined ? label : el('button', { type: 'button', onclick: () => sortBy(column) }, label)
    return { column, cell: el('th', { scope: 'col', role: 'columnheader', class: name }, content) }
  })
  const last = stop === undefined ? [] : [el('th', { role: 'columnheader', class: 'actions' }, 'Action')]
  const head = el('tr', { role: 'row' }, ...headers.map(({ cell }) => cell), ...last)
  byId('jobs').append(el('thead', { role: 'rowgroup' }, head), body)
  const [summary, more, none] = [byId('summary'), byId('more'), byId('none')]
  byId('clear').addEventListener('click', clear)
  let limit = STEP
  let order: readonly string[] = []
  let sortedMs = -Infinity
  let sortedFor = ''
  let shownLast: (() => void) | undefined
  more.addEventListener('click', () => {
    limit += STEP
    sortedFor = ''
    shownLast?.()
  })

  const show: TableView['show'] = (jobs, address, nowMs) => {
    shownLast = () => show(jobs, address, nowMs)
    const chosen = [...jobs.values()].filter((job) => matches(address, job))
    const wanted = JSON.stringify([
      address.sort,
      address.descending,
      address.search,
      address.state,
      address.kind,
      limit,
    ])
    const isHeld = nowMs - sortedMs < SORT_MS || body.matches(':hover, :focus-within')
    if (wanted !== sortedFor || !isHeld) {
      order = sorted(chosen, address).map(({ id }) => id)
      ;[sortedMs, sortedFor] = [nowMs, wanted]
    } else order = keptOrder(order, chosen)
    const visible = order.slice(0, limit)
    for (const id of [...rows.keys()].filter((one) => !visible.includes(one))) {
      rows.get(id)?.element.remove()
      rows.delete(id)
    }
    visible.forEach((id, index) => {
      const job = jobs.get(id)
      if (job === undefined) return
      const row = rows.get(id) ?? rowView(id, stop)
      rows.set(id, row)
      row.show(job, nowMs)
      // Only rows that moved are moved: a row that is taken out loses its focus.
      if (body.children[index] !== row.element) body.insertBefore(row.element, body.children[index] ?? null)
    })
    for (const { column, cell } of headers)
      setAttribute(
        cell,
        'aria-sort',
        column !== address.sort ? undefined : address.descending ? 'descending' : 'ascending',
      )
    const isFiltered = address.search !== '' || address.state !== '' || address.kind !== ''
    setText(summary, isFiltered ? `${chosen.length} of ${jobs.size} jobs match` : `${jobs.size} jobs`)
    byId('clear').hidden = !isFiltered
    none.hidden = chosen.length > 0
    setText(none, jobs.size === 0 ? 'No job runs, and none has ended lately.' : 'No job matches the filter.')
    more.hidden = order.length <= limit
    setText(more, `Show more: ${visible.length} of ${order.length} are shown`)
  }
  return { show }
}

/** The same order, without the jobs that are gone, and with new ones at the end. */
function keptOrder(order: readonly string[], chosen: readonly Shown[]): readonly string[] {
  const ids = new Set(chosen.map(({ id }) => id))
  const kept = order.filter((id) => ids.delete(id))
  return [...kept, ...ids]
}
