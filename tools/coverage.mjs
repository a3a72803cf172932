// Runs all specs but the live ones, and prints which lines of lib/ none of them runs.
//
//   npm run coverage [-- SPEC...]
//
// V8 reports most files of lib/ twice under one address: as CommonJS, which the specs run, and as ES modules, of which only
// the top level runs. c8 would add the two up although their texts differ, and would report executed lines as missing.
// So for each file, only the copy that ran more often is kept.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const FOLDER = 'node_modules/.cache/c8'
const specs = process.argv.slice(2)

const C8 = [fileURLToPath(import.meta.resolve('c8/bin/c8.js')), '--config', '.c8rc.json']

/** @param {readonly string[]} args */
const c8 = (...args) => spawnSync(process.execPath, [...C8, ...args], { stdio: 'inherit' }).status ?? 1

/** @param {{ functions: readonly { ranges: readonly { count: number }[] }[] }} script */
const callsOf = ({ functions }) => functions.reduce((sum, { ranges: [whole] }) => sum + (whole?.count ?? 0), 0)

/** @param {string} file a report of V8 */
function keepOneCopy(file) {
  const report = JSON.parse(readFileSync(file, 'utf8'))
  const kept = new Map()
  for (const script of report.result) {
    const other = kept.get(script.url)
    if (other === undefined || callsOf(script) > callsOf(other)) kept.set(script.url, script)
  }
  writeFileSync(file, JSON.stringify({ ...report, result: [...kept.values()] }))
}

const status = c8(
  '--reporter',
  'none',
  'node_modules/mocha/bin/mocha.js',
  ...(specs.length > 0 ? specs : ['spec/**/*-spec.ts']),
  '--reporter',
  'dot',
)
for (const name of readdirSync(FOLDER)) keepOneCopy(join(FOLDER, name))
process.exitCode = c8('report') || status
