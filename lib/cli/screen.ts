import process from 'node:process'
import type { Variables } from '../node/cluster-from-env.ts'
import { columnsOf, isLive, type Out } from './io.ts'
import { cut, widthOf } from './text/width.ts'

/** The output: a terminal, in which a block of lines can be redrawn in place, or anything else. */
export interface Screen {
  readonly live: boolean
  readonly columns: number
  /** Lines that a block may have. A longer one is cut, since lines that scroll out cannot be redrawn. */
  readonly rows: number
  /** Draws a block of lines, which replaces the previous block. It is drawn again when the size of the terminal changes. */
  draw(lines: () => readonly string[]): void
  /** Removes the block. */
  clear(): void
  /** Writes permanent lines below the last block. */
  print(...lines: readonly string[]): void
  /** Leaves the block where it is, and no longer draws it again. */
  close(): void
}

const ERASE_LINE = '\u001b[2K'
const ERASE_BELOW = '\u001b[0J'

/** Creates the screen of a stream such as stdout. */
export function screenOf(out: Out, env: Variables = {}): Screen {
  let drawn: readonly string[] = []
  let render: (() => readonly string[]) | undefined
  const live = isLive(out, env)
  /** How many rows the cursor is below the first line of the block. */
  const rowsUp = (): number => {
    // After a resize, a line may take several rows.
    const columns = columnsOf(out, env)
    const height = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(cellsOf(line) / columns)), 0)
    return Math.min(height, Math.max(0, (out.rows || Infinity) - 1))
  }
  const redraw = (): void => {
    if (render === undefined) return
    const up = rowsUp()
    // A line that wraps would break the count of lines to redraw.
    drawn = fitted(render(), screen.rows).map((line) => (line.includes('\u001b') ? line : cut(line, screen.columns)))
    // Erases line by line: if all text from the top row of the screen down is erased at once, a terminal may keep it in its
    // scrollback.
    const overwritten = drawn.map((line) => `${ERASE_LINE}${line}\n`).join('')
    out.write(up === 0 ? drawn.map((line) => `${line}\n`).join('') : `\u001b[${up}A${overwritten}${ERASE_BELOW}`)
  }
  // After Ctrl-Z and `fg`, the shell has written below the block.
  const continued = (): void => {
    drawn = []
    redraw()
  }
  const forget = (): void => {
    drawn = []
    render = undefined
    out.off('resize', redraw)
    process.off('SIGCONT', continued)
  }
  const screen: Screen = {
    live,
    get columns() {
      return Math.max(1, columnsOf(out, env) - (live ? 1 : 0))
    },
    get rows() {
      // The cursor is in the line below the block. A terminal of unknown size reports 0 rows.
      return Math.max(1, (out.rows || Infinity) - 1)
    },
    draw(lines) {
      if (render === undefined) {
        out.on('resize', redraw)
        process.on('SIGCONT', continued)
      }
      render = lines
      redraw()
    },
    clear() {
      const up = rowsUp()
      if (up > 0) out.write(`\u001b[1A${ERASE_LINE}`.repeat(up))
      forget()
    },
    print(...lines) {
      forget()
      for (const line of lines) out.write(`${line}\n`)
    },
    close: forget,
  }
  return screen
}

/** The lines that fit above the cursor. */
function fitted(lines: readonly string[], rows: number): readonly string[] {
  if (lines.length <= rows) return lines
  const kept = Math.max(0, rows - 1)
  return [...lines.slice(0, kept), `... and ${lines.length - kept} more`]
}

const cellsOf = (line: string): number => widthOf(line.replace(/\u001b\[\d*m/g, ''))
