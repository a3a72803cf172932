// Maps each row of docs/faults.md to the specs that have its id in their title, and fails if a row has none.
//
//   npm run matrix [-- --titles]
//
// A title begins with the id ("N3: ...", "N2, N3: ...") or ends with it ("... (J1)"). `npm run lint` runs it too, with
// `--quiet`, which prints only the sum and the problems.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

const page = readFileSync(join(root, 'docs/faults.md'), 'utf8')
const ROWS = Object.fromEntries(
  [...page.matchAll(/^\| ([A-Z]\d+) +\| (.+?) +\|/gm)].map(([, id, fault]) => [id, fault]),
)

/** Rows without a spec. The page says why there is none. */
const DROPPED = new Set([...page.matchAll(/^- ([A-Z]\d+) has no spec/gm)].map(([, id]) => id))

const command = ['--import', 'tsx', '--conditions=aistore-rx-source', join(root, 'node_modules/mocha/bin/mocha.js')]
const options = ['--no-config', '--extension', 'ts', '--dry-run', '--reporter', 'json', 'spec/**/*-spec.ts']
const report = execFileSync(process.execPath, [...command, ...options], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 2 ** 28,
  stdio: ['ignore', 'pipe', 'inherit'],
})

const ID = '[NHCJDKS]\\d{1,2}'
const IDS = `${ID}(?:, ${ID})*`
const TITLE = new RegExp(`^(${IDS}): |\\((${IDS})\\)$`)

/** @type {Map<string, { title: string, file: string }[]>} */
const specs = new Map(Object.keys(ROWS).map((id) => [id, []]))
const wrong = []
for (const { title, fullTitle, file } of JSON.parse(report.slice(report.indexOf('{\n  "stats"'))).tests) {
  const [, before, after] = TITLE.exec(title) ?? []
  for (const id of (before ?? after ?? '').split(', ').filter((text) => text !== '')) {
    if (specs.has(id)) specs.get(id).push({ title, file: relative(root, file) })
    else wrong.push(`${id} is no row of docs/faults.md: ${fullTitle}`)
  }
}

const quiet = process.argv.includes('--quiet')
const print = (line) => {
  if (!quiet) console.log(line)
}
for (const [id, found] of specs) {
  const files = [...new Set(found.map(({ file }) => file))]
  const where = found.length === 0 ? 'NO SPEC' : `${found.length} in ${files.join(', ')}`
  print(`${id.padEnd(4)}${ROWS[id]}: ${where}`)
  if (process.argv.includes('--titles')) for (const { title } of found) print(`      ${title}`)
  if (found.length === 0 && !DROPPED.has(id)) wrong.push(`${id} has no spec: ${ROWS[id]}`)
  if (found.length > 0 && DROPPED.has(id)) wrong.push(`${id} has a spec and is listed as one without`)
}

const proven = [...specs.values()].filter((found) => found.length > 0).length
console.log(`fault matrix: ${proven} of ${specs.size} rows have specs, ${DROPPED.size} needs none`)
for (const line of wrong) console.error(line)
process.exitCode = wrong.length === 0 ? 0 : 1
