/** The first mistake a decoder found, in the words of the server's JSON library. */
export class GoJsonError extends Error {}

/** Deeper than this nothing is meant. The server stops at ten thousand; the stack here would not reach so far. */
const MAX_DEPTH = 2_000

const SPACE = /[ \t\r\n]/

/**
 * Reads JSON the way the server does: one value from the front of the text, whatever follows; the first mistake stays,
 * and its text shows what stood around it.
 */
export class GoReader {
  head = 0
  error: string | undefined
  private depth = 0
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  /** Notes a mistake, with ten characters on either side and fifty around them; only the first one counts. */
  fail(operation: string, message: string): void {
    if (this.error !== undefined) return
    const { head, text } = this
    const start = Math.max(0, head - 10)
    const near = text.slice(start, head + 10)
    const wide = text.slice(Math.max(0, head - 50), head + 50)
    this.error = `${operation}: ${message}, error found in #${head - start} byte of ...|${near}|..., bigger context ...|${wide}|...`
  }

  /** The next character that is not a space, not consumed; a zero character at the end. */
  peek(): string {
    while (this.head < this.text.length && SPACE.test(this.text.charAt(this.head))) this.head++
    return this.head < this.text.length ? this.text.charAt(this.head) : '\0'
  }

  /** The next character that is not a space, consumed. */
  token(): string {
    const next = this.peek()
    if (this.head < this.text.length) this.head++
    return next
  }

  /** Consumes the rest of `null` where that is next, and says whether it was. */
  isNull(first: string): boolean {
    if (first !== 'n') return false
    if (this.text.startsWith('ull', this.head)) this.head += 3
    else this.fail('skipThreeBytes', `expect ull`)
    return true
  }

  /** Any value, as JavaScript sees it; undefined after a mistake. */
  anything(): unknown {
    const first = this.peek()
    const from = this.head
    if (first === '{' || first === '[') {
      if (++this.depth > MAX_DEPTH) this.fail('incrementDepth', 'exceeded max depth')
      const value = this.error === undefined ? (first === '{' ? this.map() : this.list()) : undefined
      this.depth--
      return value
    }
    const match = /^(?:"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|true|false|null)/s.exec(this.text.slice(from))
    if (!match) {
      this.fail('Read', `unexpected value type: ${first}`)
      return undefined
    }
    this.head = from + match[0].length
    try {
      return JSON.parse(match[0]) as unknown
    } catch {
      this.fail('Read', `unexpected value type: ${first}`)
      return undefined
    }
  }

  private map(): Record<string, unknown> {
    const members: Record<string, unknown> = {}
    this.token()
    if (this.next('}')) return members
    for (;;) {
      const name = this.anything()
      if (typeof name !== 'string') {
        this.fail('ReadMapCB', `expect " after {, but found ${this.text.charAt(this.head)}`)
        return members
      }
      if (this.token() !== ':') this.fail('ReadMapCB', 'expect : after object field, but found something else')
      members[name] = this.anything()
      if (this.error !== undefined) return members
      const after = this.token()
      if (after === ',') continue
      if (after !== '}') this.fail('ReadMapCB', 'object not ended with }')
      return members
    }
  }

  private list(): unknown[] {
    const items: unknown[] = []
    this.token()
    if (this.next(']')) return items
    for (;;) {
      items.push(this.anything())
      if (this.error !== undefined) return items
      const after = this.token()
      if (after === ',') continue
      if (after !== ']') this.fail('ReadArrayCB', `expect ] in the end, but found ${after}`)
      return items
    }
  }

  private next(closing: string): boolean {
    if (this.peek() !== closing) return false
    this.token()
    return true
  }
}
