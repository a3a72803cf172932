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

export function screenOf(out: NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'columns'>>): Screen {
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
      // A line that wraps would be two for the terminal and one for us.
      for (const line of lines) out.write(`${line.slice(0, this.columns - 1)}\n`)
      drawn = lines.length
    },
    print(...lines) {
      drawn = 0
      for (const line of lines) out.write(`${line}\n`)
    },
  }
}
