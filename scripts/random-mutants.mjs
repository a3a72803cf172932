// Small changes at random places of lib/view, lib/request and lib/proxies: a comparison that is off by one, a condition that
// is turned round, `&&` instead of `||`. `npm run mutants -- --random 20` applies them one at a time and lists those that no
// spec and no seed detects. Some of these change nothing that anybody can observe, so a survivor is not always a gap in the specs.
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

const FOLDERS = ['lib/view', 'lib/request', 'lib/proxies']

const { SyntaxKind } = ts

/** What replaces an operator. */
const OPERATORS = new Map([
  [SyntaxKind.LessThanToken, '<='],
  [SyntaxKind.LessThanEqualsToken, '<'],
  [SyntaxKind.GreaterThanToken, '>='],
  [SyntaxKind.GreaterThanEqualsToken, '>'],
  [SyntaxKind.EqualsEqualsEqualsToken, '!=='],
  [SyntaxKind.ExclamationEqualsEqualsToken, '==='],
  [SyntaxKind.AmpersandAmpersandToken, '||'],
  [SyntaxKind.BarBarToken, '&&'],
  [SyntaxKind.PlusToken, '-'],
  [SyntaxKind.MinusToken, '+'],
])

/** The changes that are possible in a file. A condition that is negated covers `if`, `?:` and filters. */
function editsOf(file, text) {
  const edits = []
  const add = (node, replace) => edits.push({ file, from: node.getStart(), to: node.end, replace })
  const visit = (node) => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node)) return
    if (ts.isBinaryExpression(node) && OPERATORS.has(node.operatorToken.kind))
      add(node.operatorToken, OPERATORS.get(node.operatorToken.kind))
    if (ts.isIfStatement(node)) add(node.expression, `!(${node.expression.getText()})`)
    if (ts.isConditionalExpression(node)) add(node.condition, `!(${node.condition.getText()})`)
    if (node.kind === SyntaxKind.TrueKeyword) add(node, 'false')
    if (node.kind === SyntaxKind.FalseKeyword) add(node, 'true')
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true))
  return edits
}

/** The same numbers for the same seed. */
function* numbers(seed) {
  for (let state = seed >>> 0; ;) {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    yield ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * @param {string} root
 * @param {number} count
 * @param {number} seed
 * @param {string} within only files whose path begins like this
 * @returns {readonly { name: string, what: string, texts: ReadonlyMap<string, string> }[]}
 */
export function randomMutants(root, count, seed, within) {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.ts'))
      .sort()
      .map((name) => `${folder}/${name}`)
      .filter((path) => path.startsWith(within)),
  )
  const texts = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]))
  const edits = [...texts].flatMap(([file, text]) => editsOf(file, text))
  const random = numbers(seed)
  return Array.from({ length: Math.min(count, edits.length) }, () => {
    const [{ file, from, to, replace }] = edits.splice(Math.floor(random.next().value * edits.length), 1)
    const text = texts.get(file)
    const line = text.slice(0, from).split('\n').length
    const shown = `${text.slice(from, to)} -> ${replace}`.replace(/\s+/g, ' ')
    return {
      name: `${file.replace(/^lib\/|\.ts$/g, '').replaceAll('/', '-')}-${line}-${from}`,
      what: `${file}:${line}: ${shown}`,
      texts: new Map([[file, text.slice(0, from) + replace + text.slice(to)]]),
    }
  })
}
