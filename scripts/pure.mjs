// Marks the calls at the top level of the compiled files as pure. A bundler keeps the result of a call that nobody uses, such
// as `const JobSnap = renamed(...)`, unless it knows that the call does nothing else.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

const MARK = '/* @__PURE__ */ '

/** @param {string} folder of JavaScript modules; their source maps stay right, because no line moves */
export function markPure(folder) {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    if (name.endsWith('.js')) {
      const path = join(folder, name)
      const text = readFileSync(path, 'utf8')
      const marked = marks(text)
      if (marked !== text) writeFileSync(path, marked)
    }
}

/** @param {string} text */
function marks(text) {
  const source = ts.createSourceFile('module.js', text, ts.ScriptTarget.Latest)
  /** @type {number[]} */
  const places = []
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) return
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) places.push(node.getStart(source))
    ts.forEachChild(node, visit)
  }
  for (const statement of source.statements)
    if (ts.isVariableStatement(statement))
      for (const { initializer } of statement.declarationList.declarations) if (initializer) visit(initializer)
  return [...new Set(places)].sort((a, b) => b - a).reduce((all, at) => all.slice(0, at) + MARK + all.slice(at), text)
}
