import { el, setAttribute } from './dom.ts'
import { rowView, type RowView } from './row.ts'
import type { Moment, Shown } from './shown.ts'
import { stretches } from './stretches.ts'

/** The rows of the table. If the table is long, only rows near the visible ones are in the document. */
export interface RowsView {
  readonly element: HTMLTableSectionElement
  readonly show: (order: readonly string[], jobs: ReadonlyMap<string, Shown>, moment: Moment) => void
  /** Moves the focus to a job, if it is among the rows. */
  readonly focus: (id: string) => void
  /** Moves the focus by a number of rows; without a focused row, to the first visible one. */
  readonly step: (by: number) => void
}

/** Makes the body of the table. Without `stop`, the rows have no button to stop. */
export function rowsView(stop: ((id: string) => void) | undefined): RowsView {
  const element = el('tbody', { role: 'rowgroup' })
  const rows = new Map<string, RowView>()
  const gaps = [gap(), gap(), gap()]
  let order: readonly string[] = []
  let jobs: ReadonlyMap<string, Shown> = new Map()
  let moment: Moment = { nowMs: 0, isStale: false }
  let drawnLast = ''

  const focusedId = (): string | undefined =>
    element.contains(document.activeElement)
      ? document.activeElement?.closest<HTMLElement>('tr')?.dataset['id']
      : undefined
  /**
   * The height of a row, 48 pixels if there is none. It is read before anything is written, so that the browser need not lay
   * out the page again.
   */
  const heightOfRow = (): number => rows.values().next().value?.element.getBoundingClientRect().height ?? 48
  const firstSeen = (height: number): number => Math.floor(-element.getBoundingClientRect().top / height)

  /** Which rows to draw: those near the visible ones, and the pinned one. */
  const stretchesAt = (height: number, pinned: number): ReturnType<typeof stretches> => {
    const first = firstSeen(height)
    return stretches(order.length, first, first + Math.ceil(innerHeight / height), pinned)
  }

  /** Draws the table. The pinned row is drawn even if it is far from the visible ones: it has the focus, or gets it. */
  const draw = (pinned = order.indexOf(focusedId() ?? '')): void => {
    const height = heightOfRow()
    const parts = stretchesAt(height, pinned)
    drawnLast = JSON.stringify(parts)
    const focused = document.activeElement
    const hadFocus = focusedId()
    const ids = new Set(parts.filter(({ drawn }) => drawn).flatMap(({ from, to }) => order.slice(from, to)))
    const spare = gaps.values()
    const wanted = parts.flatMap(({ from, to, drawn }): readonly HTMLElement[] => {
      if (drawn) return order.slice(from, to).flatMap((id, i) => rowOf(id, from + i))
      const space = spare.next().value
      if (space === undefined) return []
      space.style.height = `${(to - from) * height}px`
      return [space]
    })
    for (const [id, row] of rows)
      if (!ids.has(id)) {
        row.element.remove()
        rows.delete(id)
      }
    for (const space of spare) space.remove()
    wanted.forEach((one, index) => {
      // Moves only rows whose place has changed: a move is slow, and a row that is removed loses the focus.
      if (element.children[index] !== one) element.insertBefore(one, element.children[index] ?? null)
    })
    // A row that was moved gets its focus back; if the row is gone, the row at its place gets the focus.
    if (hadFocus === undefined || focused === document.activeElement) return
    if (focused instanceof HTMLElement && focused.isConnected) focused.focus({ preventScroll: true })
    else rows.get(order[Math.min(pinned, order.length - 1)] ?? '')?.focus()
  }

  const rowOf = (id: string, index: number): readonly HTMLElement[] => {
    const job = jobs.get(id)
    if (job === undefined) return []
    const row = rows.get(id) ?? rowView(id, stop)
    rows.set(id, row)
    row.show(job, moment)
    // The header is the first row.
    setAttribute(row.element, 'aria-rowindex', String(index + 2))
    return [row.element]
  }

  let isPlanned = false
  const drawAfterScroll = (): void => {
    if (isPlanned || drawnLast === '') return
    isPlanned = true
    requestAnimationFrame(() => {
      isPlanned = false
      const parts = stretchesAt(heightOfRow(), order.indexOf(focusedId() ?? ''))
      if (JSON.stringify(parts) !== drawnLast) draw()
    })
  }
  addEventListener('scroll', drawAfterScroll, { passive: true })
  addEventListener('resize', drawAfterScroll)

  return {
    element,
    show: (nextOrder, nextJobs, nextMoment) => {
      order = nextOrder
      jobs = nextJobs
      moment = nextMoment
      draw()
    },
    focus: (id) => {
      draw(order.indexOf(id))
      rows.get(id)?.focus()
    },
    step: (by) => {
      const at = order.indexOf(focusedId() ?? '')
      const seen = Math.max(0, firstSeen(heightOfRow()))
      const index = Math.min(order.length - 1, Math.max(0, at === -1 ? seen : at + by))
      draw(index)
      rows.get(order[index] ?? '')?.focus()
    },
  }
}

/** An empty row in place of the rows that are not in the document. */
const gap = (): HTMLTableRowElement => el('tr', { class: 'gap', 'aria-hidden': 'true' }, el('td'))
