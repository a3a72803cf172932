import { clearScreenDown, moveCursor } from 'node:readline'
import type { WriteStream } from 'node:tty'

/** The output: a terminal, in which a block of lines can be redrawn in place, or anything else. */
export interface Screen {
  readonly live: boolean
  readonly columns: number
  /** Draws a block of lines, which replaces the previous block. */
  draw(lines: readonly string[]): void
  /** Writes permanent lines below the last block. */
  print(...lines: readonly string[]): void
}

export function screenOf(
  out: NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'columns' | 'rows'>>,
): Screen {
  let drawn = 0
  return {
    live: out.isTTY === true,
    get columns() {
      // A terminal of unknown size reports 0 columns.
      return out.columns || 100
    },
    draw(lines) {
      if (drawn > 0) {
        moveCursor(out, 0, -drawn)
        clearScreenDown(out)
      }
      const block = fitted(lines, out.rows || Infinity)
      // Cut long lines, because a wrapped line would break the count of lines to redraw.
      for (const line of block) out.write(`${line.slice(0, this.columns - 1)}\n`)
      drawn = block.length
    },
    print(...lines) {
      drawn = 0
      for (const line of lines) out.write(`${line}\n`)
    },
  }
}

/** The lines that fit into the terminal with the cursor below them. Lines that scroll out cannot be redrawn. */
function fitted(lines: readonly string[], rows: number): readonly string[] {
  if (lines.length < rows) return lines
  const kept = Math.max(0, rows - 2)
  return [...lines.slice(0, kept), `... and ${lines.length - kept} more`]
}
