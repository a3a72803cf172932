/** A range of rows of a long table, by index: includes `from`, but not `to`. */
export interface Stretch {
  /** Index of the first row. */
  readonly from: number
  /** Index after the last row. */
  readonly to: number
  /** Whether these rows are in the document; otherwise empty space stands for them. */
  readonly drawn: boolean
}

/** A table with at most this number of rows is drawn as a whole. */
const WHOLE = 300
/** This number of rows before and after the visible ones is drawn too, so that Tab and a quick scroll find them. */
const MARGIN = 20
/** The first and the last drawn row move by a multiple of this number of rows. */
const STEP = 10

/**
 * Divides the rows of a table into those that are drawn and those that are not.
 *
 * @param count how many rows there are
 * @param first the index of the first row that the user sees; it may lie outside of the table
 * @param last the index of the last row that the user sees
 * @param pinned the index of a row that stays in the document wherever it is, because it has the focus
 */
export function stretches(count: number, first: number, last: number, pinned?: number): readonly Stretch[] {
  const within = (index: number): number => Math.min(count, Math.max(0, index))
  const isShort = count <= WHOLE
  const from = isShort ? 0 : within(Math.floor((first - MARGIN) / STEP) * STEP)
  const to = isShort ? count : within(Math.ceil((last + 1 + MARGIN) / STEP) * STEP)
  const isApart = pinned !== undefined && pinned >= 0 && pinned < count && (pinned < from || pinned >= to)
  const drawn = [{ from, to }, ...(isApart ? [{ from: pinned, to: pinned + 1 }] : [])]
    .filter((one) => one.to > one.from)
    .sort((a, b) => a.from - b.from)
  const starts = [...drawn.map((one) => one.from), count]
  const ends = [0, ...drawn.map((one) => one.to)]
  return starts.flatMap((start, i) => [
    ...(start > (ends[i] ?? 0) ? [{ from: ends[i] ?? 0, to: start, drawn: false }] : []),
    ...(drawn[i] === undefined ? [] : [{ ...drawn[i], drawn: true }]),
  ])
}
