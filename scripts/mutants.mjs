// Breaks a copy of the library in the ways of spec/simulation/mutants.mjs, one at a time, and runs the simulation over it.
// A mutant that lives through all of the seeds means that the simulation does not hold what it claims to hold.
//
//   npm run mutants -- [--seeds 2000] [--seed 1] [--jobs 2] [--only id,id]
import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { bundle } from './bundle.mjs'
import { MUTANTS } from '../spec/simulation/mutants.mjs'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '2' },
    only: { type: 'string', default: '' },
  },
})
const only = values.only === '' ? undefined : new Set(values.only.split(','))
for (const id of only ?? [])
  if (!MUTANTS.some((mutant) => mutant.id === id)) throw new RangeError(`--only: no mutant is called ${id}`)

/** A broken library may poll for ever in virtual time; nobody else than the real clock can end that. */
const LONGEST_MS = 180_000
const COPIED = ['lib', 'spec/simulation', 'spec/helpers', 'package.json', 'tsconfig.json']

const root = resolve(fileURLToPath(new URL('..', import.meta.url)))
const base = mkdtempSync(join(tmpdir(), 'mutants-'))
const say = (text) => process.stdout.write(`${text}\n`)

/** A copy with the edits in it. */
function prepared({ id, edits }) {
  const folder = join(base, id)
  mkdirSync(join(folder, 'spec'), { recursive: true })
  for (const name of COPIED)
    if (existsSync(join(root, name))) cpSync(join(root, name), join(folder, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  for (const { file, from, to } of edits) {
    const path = join(folder, file)
    const text = readFileSync(path, 'utf8')
    const times = text.split(from).length - 1
    if (times !== 1)
      throw new Error(`mutant ${id}: the text to replace is ${times} times in ${file}, which must be once:\n${from}`)
    writeFileSync(
      path,
      text.replace(from, () => to),
    )
  }
  return folder
}

/**
 * @param {string} folder
 * @param {string} leftOut seeds to leave out, or `all` to find all that fail
 * @param {number} longestMs
 * @returns {Promise<{ seeds?: number, perSecond?: number, found?: { seed: number, violations: { invariant: string, text: string }[] }[], late?: boolean, died?: string }>}
 */
async function hunt(folder, leftOut, longestMs) {
  const file = join(folder, 'hunt.mjs')
  try {
    await bundle(folder, 'spec/simulation/runner/hunt.ts', file)
  } catch (error) {
    return { died: String(error) }
  }
  return await new Promise((done) => {
    const child = spawn(process.execPath, [file, values.seed, values.seeds, leftOut], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let out = ''
    let err = ''
    let late = false
    const timer = setTimeout(() => {
      late = true
      child.kill('SIGKILL')
    }, longestMs)
    child.stdout.on('data', (chunk) => (out += chunk))
    child.stderr.on('data', (chunk) => (err += chunk))
    child.on('close', (code) => {
      clearTimeout(timer)
      if (late) done({ late })
      else if (code !== 0) done({ died: err.trim().slice(-600) })
      else done(JSON.parse(out.trim().split('\n').at(-1)))
    })
  })
}

/** A mutant that cannot be run, or whose specs crash, has not been noticed by an invariant. */
function verdictOf({ died, late, found }) {
  if (died !== undefined) return 'broken'
  if (late) return 'endless'
  return found.length === 0
    ? 'alive'
    : found[0].violations.every(({ invariant }) => invariant === 'crash')
      ? 'broken'
      : 'killed'
}

function lineOf({ id }, result, tookMs) {
  const { died, late, seeds, found = [] } = result
  const [first] = found
  const by =
    died ??
    (late
      ? `no end within ${LONGEST_MS / 1000} s`
      : first === undefined
        ? `${seeds} seeds`
        : `seed ${first.seed} by ${[...new Set(first.violations.map(({ invariant }) => invariant))].join(', ')}: ${first.violations[0].text}`)
  return `${verdictOf(result).padEnd(8)}${id.padEnd(23)}${(tookMs / 1000).toFixed(1).padStart(5)} s  ${by}`
}

async function all() {
  // All edits first: a text that has moved must be said at once, not minutes later.
  const ready = MUTANTS.filter(({ id }) => only === undefined || only.has(id)).map((mutant) => ({
    mutant,
    folder: prepared(mutant),
  }))

  // The library must hold where it is not broken, or a kill says nothing.
  const control = await hunt(prepared({ id: 'control', edits: [] }), 'all', 5 * LONGEST_MS)
  if (control.found === undefined) throw new Error(`the simulation itself cannot be run: ${control.died ?? 'no end'}`)
  const already = control.found.map(({ seed }) => seed)
  say(
    `without a mutant: ${control.seeds} seeds, ${Math.round(control.perSecond)} a second, ${already.length} failing` +
      (already.length === 0 ? '' : ` (${already.join(', ')}), which are left out`),
  )

  const lived = []
  const count = ready.length
  const worker = async () => {
    for (let next = ready.shift(); next !== undefined; next = ready.shift()) {
      const began = performance.now()
      const result = await hunt(next.folder, already.join(), LONGEST_MS)
      say(lineOf(next.mutant, result, performance.now() - began))
      if (verdictOf(result) !== 'killed') lived.push(`${verdictOf(result)}: ${next.mutant.id}, ${next.mutant.what}`)
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, Number(values.jobs)) }, worker))
  say(`${count - lived.length} of ${count} mutants killed`)
  lived.forEach(say)
  return lived.length === 0 && already.length === 0 ? 0 : 1
}

try {
  process.exitCode = await all()
} finally {
  rmSync(base, { recursive: true, force: true })
}
