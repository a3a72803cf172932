/** The first error of a decoder, with the message of the server's JSON library. */
export class GoJsonError extends Error {}

/** Maximum nesting depth. The server allows ten thousand, which would overflow the stack here. */
const MAX_DEPTH = 2_000

const SPACE = /[ \t\r\n]/

/**
 * Reads JSON like the server: it reads one value and ignores the rest of the text. It keeps the first error, whose
 * message quotes the text around it.
 */
export class GoReader {
  /** Index of the next character. */
  head = 0
  /** The first error, in the words of the server. */
  error: string | undefined
  private depth = 0
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  /** Records an error with 10 and with 50 characters of context on each side. Later errors are ignored. */
  fail(operation: string, message: string): void {
    if (this.error !== undefined) return
    const { head, text } = this
    const start = Math.max(0, head - 10)
    const near = text.slice(start, head + 10)
    const wide = text.slice(Math.max(0, head - 50), head + 50)
    this.error = `${operation}: ${message}, error found in #${head - start} byte of ...|${near}|..., bigger context ...|${wide}|...`
  }

  /** Skips white space and returns the next character without consuming it; `\0` at the end. */
  peek(): string {
    while (this.head < this.text.length && SPACE.test(this.text.charAt(this.head))) this.head++
    return this.head < this.text.length ? this.text.charAt(this.head) : '\0'
  }

  /** Skips white space and consumes the next character; returns `\0` at the end. */
  token(): string {
    const next = this.peek()
    if (this.head < this.text.length) this.head++
    return next
  }

  /** Whether `first` starts `null`; if so, consumes the rest of it. */
  isNull(first: string): boolean {
    if (first !== 'n') return false
    if (this.text.startsWith('ull', this.head)) this.head += 3
    else this.fail('skipThreeBytes', `expect ull`)
    return true
  }

  /** Reads any value, as `JSON.parse` returns it; undefined after an error. */
  anything(): unknown {
    const first = this.peek()
    const from = this.head
    if (first === '{' || first === '[') {
      if (++this.depth > MAX_DEPTH) this.fail('incrementDepth', 'exceeded max depth')
      let value: unknown
      if (this.error === undefined) value = first === '{' ? this.map() : this.list()
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
