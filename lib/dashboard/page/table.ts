import type { Address, Column } from './address.ts'
import { matches } from './chosen.ts'
import { byId, el, setAttribute, setText } from './dom.ts'
import { createOrder } from './order.ts'
import { rowsView } from './rows-view.ts'
import type { Moment, Shown } from './shown.ts'

const HEADERS: readonly (readonly [label: string, column: Column, name: string])[] = [
  ['State', 'state', 'mark'],
  ['Kind', 'kind', 'kind'],
  ['ID', 'id', 'id'],
  ['Bucket', 'bucket', 'bucket'],
  ['Progress', 'progress', 'progress'],
  ['Objects', 'objects', 'objects number'],
  ['Bytes', 'bytes', 'bytes number'],
  ['Rate', 'rate', 'rate number'],
  ['ETA', 'eta', 'eta number'],
  ['Age', 'age', 'age number'],
]

/** The table of all jobs. */
export interface TableView {
  readonly show: (jobs: ReadonlyMap<string, Shown>, address: Address, moment: Moment) => void
  /** Moves the focus by a number of rows. */
  readonly step: (by: number) => void
  /** Moves the focus to a job, if it is among the rows. */
  readonly focus: (id: string) => void
}

/** What the table lets the user do. */
export interface TableActions {
  /** Changes a part of the address of the page, such as the column to sort by. */
  readonly change: (part: Partial<Address>) => void
  /** Shows the table again with the same data. */
  readonly redraw: () => void
  /** Stops the job of a row. Without it, rows have no button to stop. */
  readonly stop?: ((id: string) => void) | undefined
}

/** Fills the table of index.html. */
export function tableView({ change, redraw, stop }: TableActions): TableView {
  const rows = rowsView(stop)
  const order = createOrder()
  let shown: Pick<Address, 'sort' | 'descending'> = { sort: 'state', descending: false }
  const sortBy = (sort: Column): void => change({ sort, descending: shown.sort === sort && !shown.descending })
  const headers = HEADERS.map(([label, column, name]) => {
    const content = el('button', { type: 'button', onclick: () => sortBy(column) }, label)
    return { column, cell: el('th', { scope: 'col', role: 'columnheader', class: name }, content) }
  })
  const last = stop === undefined ? [] : [el('th', { scope: 'col', role: 'columnheader', class: 'actions' }, 'Action')]
  const head = el('tr', { role: 'row', 'aria-rowindex': '1' }, ...headers.map(({ cell }) => cell), ...last)
  const table = byId('jobs')
  table.append(el('thead', { role: 'rowgroup' }, head), rows.element)
  const sort = byId('sort') as HTMLSelectElement
  sort.append(...HEADERS.map(([label, column]) => el('option', { value: column }, label)))
  sort.addEventListener('change', () => change({ sort: sort.value as Column, descending: false }))
  const direction = byId('direction')
  direction.addEventListener('click', () => change({ descending: !shown.descending }))
  const summary = byId('summary')
  const none = byId('none')
  const fresh = byId('fresh')
  const clear = byId('clear')
  clear.addEventListener('click', () => change({ search: '', state: '', kind: '' }))
  fresh.addEventListener('click', () => {
    order.renew()
    redraw()
  })

  return {
    step: rows.step,
    focus: rows.focus,
    show: (jobs, address, moment) => {
      shown = address
      const chosen = [...jobs.values()].filter((job) => matches(address, job))
      const { ids, fresh: newCount, isOld } = order.next(chosen, address, isInUse(rows.element), moment.nowMs)
      rows.show(ids, jobs, moment)
      setAttribute(table, 'aria-rowcount', String(ids.length + 1))
      fresh.hidden = !isOld
      setText(fresh, newCount > 0 ? `${newCount} new, sort again` : 'Sort again')
      if (sort.value !== address.sort) sort.value = address.sort
      setText(direction, address.descending ? '▼' : '▲')
      setAttribute(direction, 'aria-label', address.descending ? 'Sorted downwards' : 'Sorted upwards')
      const ariaSort = address.descending ? 'descending' : 'ascending'
      for (const { column, cell } of headers)
        setAttribute(cell, 'aria-sort', column === address.sort ? ariaSort : undefined)
      const isFiltered = address.search !== '' || address.state !== '' || address.kind !== ''
      const all = jobs.size === 1 ? '1 job' : `${jobs.size} jobs`
      setText(summary, isFiltered ? `${chosen.length} of ${jobs.size} match` : all)
      clear.hidden = !isFiltered
      none.hidden = chosen.length > 0
      setText(none, emptyText(address, jobs.size))
    },
  }
}

/**
 * Whether the user points at a row or has moved the focus to one. On a touch screen, `:hover` stays after the finger
 * has left, so it counts only on devices that can hover.
 */
const isInUse = (rows: HTMLElement): boolean =>
  rows.matches(':focus-within') || (matchMedia('(hover: hover)').matches && rows.matches(':hover'))

/** Why no row is shown. */
function emptyText({ state, search, kind }: Address, count: number): string {
  if (count === 0) return 'No job runs, and none has ended in the last hour.'
  if (state === 'open' && search === '' && kind === '') return `No job runs. ${count} ended in the last hour.`
  return 'No job matches the filter.'
}
