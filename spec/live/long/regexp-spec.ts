import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import ts from 'typescript'
import { cpuMs } from '../../unit/codec/helpers/cpu.ts'

// A pattern that backtracks turns a long text of a hostile server into seconds of CPU time. Each pattern of lib runs on
// long texts that are made of its own characters; a quadratic one needs seconds for those.
// An id in a title, such as S5, is a row of docs/faults.md.

const LONGEST = 10_000
/** A linear pattern needs less than 1 ms, a quadratic one more than 50 ms. */
const MOST_MS = 20

const files = readdirSync('lib', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .sort()

/** The literal patterns of a file. */
function patternsOf(file: string): readonly RegExp[] {
  const found: RegExp[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const [, source = '', flags = ''] = /^\/(.*)\/(\w*)$/s.exec(node.text) ?? []
      found.push(new RegExp(source, flags.replace(/[gy]/g, '')))
    }
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, readFileSync(`lib/${file}`, 'utf8'), ts.ScriptTarget.Latest))
  return found
}

/** A text for each kind of character, and each character that the pattern itself names. */
const lettersOf = ({ source }: RegExp): readonly string[] => [
  ...new Set([
    ' ',
    'a',
    'A',
    '0',
    '-',
    '\n',
    '\\',
    '"',
    '\u0000',
    '\u200e',
    ...Array.from(source.replace(/\\[a-zA-Z]/g, '')),
  ]),
]

/** Long texts on which a backtracking pattern is slow. They end with a character that no repetition matches. */
function* textsFor(pattern: RegExp, length: number): Generator<string> {
  const letters = lettersOf(pattern)
  for (const one of letters) {
    for (const end of ['', '!', '\u0001']) yield one.repeat(length) + end
    for (const other of letters) if (other !== one) yield (one + other).repeat(length / 2) + '\u0001'
  }
}

/** The worst time of the pattern, in milliseconds. Ends early once it is too long, since the rest may take hours. */
function worstMs(pattern: RegExp): number {
  let worst = 0
  // From short to long texts, because a pattern that needs exponential time would never finish a long one.
  for (const length of [16, 20, 24, 28, 32, 36, 40, 1_000, LONGEST])
    for (const text of textsFor(pattern, length)) {
      const once = (): number => cpuMs(() => void pattern.test(text))
      // Three times, since the first run compiles the pattern, and a collection of garbage may fall into another.
      if (once() > 1) worst = Math.max(worst, Math.min(once(), once()))
      if (worst > MOST_MS) return worst
    }
  return worst
}

describe('the regular expressions of lib', () => {
  const patterns = new Map(files.flatMap(patternsOf).map((pattern) => [String(pattern), pattern]))

  it('are found', () => {
    expect(patterns.size).to.be.above(40)
  })

  for (const [name, pattern] of patterns)
    it(`take linear time for hostile texts: ${name} (S5)`, () => {
      expect(worstMs(pattern)).to.be.below(MOST_MS)
    })
})

describe('the check of regular expressions', () => {
  for (const pattern of [/\s+$/, /^(a+)+$/, /^(?:a|aa)+$/, /<.*>/, /a*b*a*$/])
    it(`detects ${String(pattern)}`, () => {
      expect(worstMs(pattern)).to.be.above(MOST_MS)
    })
})
