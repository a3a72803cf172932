// Breaks a copy of the library in the ways of spec/simulation/mutants.mjs, one at a time, and runs the simulation with
// it. For a mutant that survives all seeds, it then runs the specs of lib/view, of waits and of other streams. If the mutant
// survives these, too, the specs lack a case.
//
//   npm run mutants -- [--seeds 2000] [--seed 1] [--jobs 2] [--only name,name]
//   npm run mutants -- --check     only finds the text that each mutant replaces
//   npm run mutants -- --random 20 [--seed 1] [--in lib/view/reduce.ts]     applies changes at random places instead, and
//       lists the survivors
import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { bundle } from './bundle.mjs'
import { randomMutants } from './random-mutants.mjs'
import { MUTANTS } from '../spec/simulation/mutants.mjs'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '2' },
    only: { type: 'string', default: '' },
    check: { type: 'boolean', default: false },
    random: { type: 'string', default: '0' },
    in: { type: 'string', default: '' },
  },
})
const only = values.only === '' ? undefined : new Set(values.only.split(','))
for (const name of only ?? [])
  if (!MUTANTS.some((mutant) => mutant.name === name)) throw new RangeError(`--only: no mutant is called ${name}`)

/** Only the real clock can end a broken library that polls forever in virtual time. */
const LONGEST_MS = 180_000
const COPIED = ['lib', 'spec', 'docs', 'package.json', 'tsconfig.json']
const SPECS = ['spec/unit/view/*-spec.ts', 'spec/stream/{wait,company,request,proxies}/*-spec.ts']

const root = resolve(fileURLToPath(new URL('..', import.meta.url)))
const say = (text) => process.stdout.write(`${text}\n`)

/**
 * The files that a mutant changes, after the change. It is an error if the text to replace does not occur exactly once.
 */
function changed({ name, file, find, replace, and = [] }) {
  const texts = new Map()
  for (const edit of [{ file, find, replace }, ...and]) {
    if (!existsSync(join(root, edit.file))) throw new Error(`mutant ${name}: there is no file ${edit.file}`)
    const text = texts.get(edit.file) ?? readFileSync(join(root, edit.file), 'utf8')
    const times = text.split(edit.find).length - 1
    if (times !== 1)
      throw new Error(
        `mutant ${name}: the text to replace occurs ${times} times instead of once in ${edit.file}:\n${edit.find}`,
      )
    texts.set(
      edit.file,
      text.replace(edit.find, () => edit.replace),
    )
  }
  return texts
}

/** Copies the library into a new folder, replaces the texts of these files, and returns the folder. */
function prepared(base, name, texts) {
  const folder = join(base, name)
  mkdirSync(join(folder, 'spec'), { recursive: true })
  for (const part of COPIED)
    if (existsSync(join(root, part))) cpSync(join(root, part), join(folder, part), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  for (const [file, text] of texts) writeFileSync(join(folder, file), text)
  return folder
}

/**
 * Runs the simulation of the library in a folder until a seed fails.
 *
 * @param {string} folder
 * @param {string} leftOut seeds to skip, or `all` to find all seeds that fail
 * @param {number} longestMs
 * @param {string} seed
 * @returns {Promise<{ seeds?: number, perSecond?: number, found?: { seed: number, violations: { invariant: string, text: string }[] }[], late?: boolean, died?: string }>}
 */
async function hunt(folder, leftOut, longestMs, seed = values.seed) {
  const file = join(folder, 'hunt.mjs')
  try {
    await bundle(folder, 'spec/simulation/runner/hunt.ts', file)
  } catch (error) {
    return { died: String(error) }
  }
  return await new Promise((done) => {
    const child = spawn(process.execPath, [file, seed, values.seeds, leftOut], {
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

/**
 * Runs the specs until one fails.
 *
 * @param {string} folder
 * @returns {Promise<string | undefined>} the title of the spec that fails first; undefined if all pass
 */
async function firstFailingSpec(folder) {
  const mocha = join(root, 'node_modules/mocha/bin/mocha.js')
  const flags = [
    '--import',
    'tsx',
    '--conditions=aistore-rx-source',
    mocha,
    '--no-config',
    '--require',
    'spec/setup.ts',
  ]
  return await new Promise((done) => {
    // Not the reporter `json`: if a value in the failure is a bigint, Mocha prints nothing and exits with 0.
    const reporter = ['--reporter', 'json-stream']
    const child = spawn(process.execPath, [...flags, '--timeout', '60000', '--bail', ...reporter, ...SPECS], {
      cwd: folder,
      // With a seed of its own, each property runs all of its cases.
      env: { ...process.env, SPEC_SEED: values.seed },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let out = ''
    const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_MS)
    child.stdout.on('data', (chunk) => (out += chunk))
    child.on('close', () => {
      clearTimeout(timer)
      // What follows the last line break may be part of a line.
      const lines = out.slice(0, out.lastIndexOf('\n') + 1).split('\n')
      const events = lines.filter((line) => line.startsWith('["')).map((line) => JSON.parse(line))
      const failure = events.find(([name]) => name === 'fail')
      const hasEnded = events.some(([name]) => name === 'end')
      done(failure?.[1].fullTitle ?? (hasEnded ? undefined : 'specs that did not end'))
    })
  })
}

/** A mutant that cannot run, or whose run crashes, is `broken`: no invariant has detected it. */
function verdictOf({ died, late, found }) {
  if (died !== undefined) return 'broken'
  if (late) return 'endless'
  if (found.length === 0) return 'alive'
  return found[0].violations.every(({ invariant }) => invariant === 'crash') ? 'broken' : 'killed'
}

/** What led to the verdict. */
function reasonOf({ died, late, seeds, found = [] }) {
  if (died !== undefined) return died
  if (late) return `still running after ${LONGEST_MS / 1000} s`
  const [first] = found
  if (first === undefined) return `${seeds} seeds`
  const invariants = new Set(first.violations.map(({ invariant }) => invariant))
  return `seed ${first.seed} by ${[...invariants].join(', ')}: ${first.violations[0].text}`
}

const lineOf = ({ name }, result, tookMs) =>
  `${verdictOf(result).padEnd(8)}${name.padEnd(23)}${(tookMs / 1000).toFixed(1).padStart(5)} s  ${reasonOf(result)}`

async function runAll(base) {
  // Applies all edits first, so that a text that has moved is reported at once, not minutes later.
  const random = randomMutants(root, Number(values.random), Number(values.seed), values.in)
  const planted = MUTANTS.filter(({ name }) => only === undefined || only.has(name))
  const mutants = random.length > 0 ? random : planted.map((mutant) => ({ ...mutant, texts: changed(mutant) }))
  const ready = mutants.map((mutant) => ({ mutant, folder: prepared(base, mutant.name, mutant.texts) }))

  // The library must have no violation without a mutant, otherwise a kill proves nothing.
  const control = await hunt(prepared(base, 'control', new Map()), 'all', 5 * LONGEST_MS)
  if (control.found === undefined)
    throw new Error(`the simulation cannot run without a mutant: ${control.died ?? 'it did not end'}`)
  const already = control.found.map(({ seed }) => seed)
  const unbroken = await firstFailingSpec(join(base, 'control'))
  if (unbroken !== undefined) throw new Error(`a spec fails without a mutant: ${unbroken}`)
  say(
    `without a mutant: ${control.seeds} seeds, ${Math.round(control.perSecond)} a second, ${already.length} failing` +
      (already.length === 0 ? '' : ` (${already.join(', ')}), which are skipped`),
  )

  const survivors = []
  const count = ready.length
  const worker = async () => {
    for (let next = ready.shift(); next !== undefined; next = ready.shift()) {
      const began = performance.now()
      const result = await hunt(next.folder, already.join(), LONGEST_MS, next.mutant.seed)
      const red = verdictOf(result) === 'alive' ? await firstFailingSpec(next.folder) : undefined
      const tookMs = performance.now() - began
      say(
        red === undefined
          ? lineOf(next.mutant, result, tookMs)
          : `killed  ${next.mutant.name.padEnd(23)}${(tookMs / 1000).toFixed(1).padStart(5)} s  spec: ${red}`,
      )
      if (verdictOf(result) !== 'killed' && red === undefined)
        survivors.push(`${verdictOf(result)}: ${next.mutant.what} (${next.mutant.name})`)
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, Number(values.jobs)) }, worker))
  say(`${count - survivors.length} of ${count} mutants killed`)
  survivors.forEach(say)
  return survivors.length === 0 && already.length === 0 ? 0 : 1
}

/** Reports, in one go, all texts that cannot be replaced. */
function check() {
  const wrong = MUTANTS.flatMap((mutant) => {
    try {
      changed(mutant)
      return []
    } catch (error) {
      return [error.message]
    }
  })
  wrong.forEach(say)
  say(`${MUTANTS.length - wrong.length} of ${MUTANTS.length} mutants can be applied`)
  return wrong.length === 0 ? 0 : 1
}

if (values.check) process.exitCode = check()
else {
  const base = mkdtempSync(join(tmpdir(), 'mutants-'))
  try {
    process.exitCode = await runAll(base)
  } finally {
    rmSync(base, { recursive: true, force: true })
  }
}
