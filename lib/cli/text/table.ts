import { cut, pad, widthOf } from './width.ts'

/** One column of a table. */
export interface Column<A> {
  readonly title: string
  /** The text of a cell. Empty means unknown. It is escaped already. */
  readonly cell: (row: A) => string
  /** Whether the column is aligned to the right, as numbers are. Defaults to false. */
  readonly isRight?: boolean
  /** A narrow table first omits the column with the lowest number. A column without a number always stays. */
  readonly drop?: number
  /** The minimum width of a column that may be narrower than its texts. Columns get narrower before any is omitted. */
  readonly least?: number
  /** Whether the column is omitted if every cell is empty. Defaults to false. */
  readonly isOptional?: boolean
  /** Adds colour to a cell that has its final width. */
  readonly paint?: (text: string, row: A) => string
}

/** A column with the texts of its cells and its width on the terminal. */
interface Measured<A> {
  readonly column: Column<A>
  readonly cells: readonly string[]
  readonly width: number
}

const GAP = 2

/**
 * Lays out a table in the width of a terminal.
 *
 * If the table is too wide, it first narrows the columns that may be narrower, then omits columns in the order of their
 * `drop`, and then cuts lines. An empty cell is shown as `-`.
 *
 * @param width The width of the terminal, in characters; `Infinity` for no limit. A wide character counts as two.
 * @param hasHeader Whether the first line has the titles. Defaults to true.
 */
export function layout<A>(
  columns: readonly Column<A>[],
  rows: readonly A[],
  width: number,
  hasHeader = true,
): readonly string[] {
  const kept = fit(
    columns
      .map((column) => measure(column, rows, hasHeader))
      .filter(({ column, cells }) => column.isOptional !== true || cells.some((cell) => cell !== '')),
    width,
  )
  const line = (textOf: (one: Measured<A>) => string, row?: A): string => {
    let remaining = width
    const texts = kept.map((one, i) => {
      const { isRight = false, paint } = one.column
      const room = Math.max(0, Math.min(one.width, remaining))
      remaining -= room + GAP
      const text = cut(textOf(one), room)
      const isLast = i === kept.length - 1
      const padded = isLast && !isRight ? text : pad(text, room, isRight)
      return row === undefined || paint === undefined ? padded : paint(padded, row)
    })
    return texts.join(' '.repeat(GAP)).trimEnd()
  }
  const body = rows.map((row, i) => line(({ cells }) => cells[i] || '-', row))
  return hasHeader ? [line(({ column }) => column.title), ...body] : body
}

function measure<A>(column: Column<A>, rows: readonly A[], hasHeader: boolean): Measured<A> {
  const cells = rows.map(column.cell)
  const titles = hasHeader ? [column.title] : []
  return { column, cells, width: [...titles, ...cells].reduce((most, text) => Math.max(most, widthOf(text || '-')), 0) }
}

/** Narrows and omits columns until the table fits, or until nothing more can be done. */
function fit<A>(columns: readonly Measured<A>[], width: number): readonly Measured<A>[] {
  let excess = widthOfAll(columns) - width
  if (excess <= 0) return columns
  // Narrows the last columns first, because they matter least.
  const narrowed = columns
    .toReversed()
    .map((one) => {
      const saved = Math.min(excess, Math.max(0, one.width - (one.column.least ?? one.width)))
      excess -= saved
      return { ...one, width: one.width - saved }
    })
    .toReversed()
  const dropped = columns.map(({ column }) => column.drop ?? Infinity).reduce((a, b) => Math.min(a, b), Infinity)
  if (excess <= 0 || dropped === Infinity) return narrowed
  return fit(
    columns.filter(({ column }) => column.drop !== dropped),
    width,
  )
}

const widthOfAll = (columns: readonly { readonly width: number }[]): number =>
  columns.reduce((sum, { width }) => sum + width, GAP * Math.max(0, columns.length - 1))
