import { clearScreenDown, moveCursor } from 'node:readline'
import type { WriteStream } from 'node:tty'

/** Where lines go: a terminal, where a block can be drawn over itself, or anything else. */
export interface Screen {
  readonly live: boolean
  readonly columns: number
  /** Draws a block in the place of the one before. */
  draw(lines: readonly string[]): void
  /** Writes lines that stay, below whatever was drawn. */
  print(...lines: readonly string[]): void
}

export function screenOf(
  out: NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'columns' | 'rows'>>,
): Screen {
  let drawn = 0
  return {
    live: out.isTTY === true,
    get columns() {
      // A terminal that does not know its size says 0.
      return out.columns || 100
    },
    draw(lines) {
      if (drawn > 0) {
        moveCursor(out, 0, -drawn)
        clearScreenDown(out)
      }
      const block = fitted(lines, out.rows || Infinity)
      // A line that wraps would be two for the terminal and one for us.
      for (const line of block) out.write(`${line.slice(0, this.columns - 1)}\n`)
      drawn = block.length
    },
    print(...lines) {
      drawn = 0
      for (const line of lines) out.write(`${line}\n`)
    },
  }
}

/** What has scrolled out of a terminal can't be drawn over. The cursor stands below the block. */
function fitted(lines: readonly string[], rows: number): readonly string[] {
  if (lines.length < rows) return lines
  const kept = Math.max(0, rows - 2)
  return [...lines.slice(0, kept), `... and ${lines.length - kept} more`]
}
