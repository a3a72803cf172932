// Looks for violations with fresh seeds: the properties of all specs in one process, the simulation in another.
//
//   npm run fuzz -- [--seconds 60] [--seed N] [--spec PATH]
//
//   --seconds N   for N seconds (default 60; with --spec, one round)
//   --seed N      the first seed (default: a random one, which is printed)
//   --spec PATH   only the properties of this file or folder, without the simulation
//
// It ends with the first violation: it prints the violation with its seed and the command that repeats it, and exits
// with 1. It stores a plan of the simulation in spec/simulation/corpus, and a case of a property in .fuzz.
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { bundle } from './bundle.mjs'

/** A process that still runs this long after its time hangs: the simulation shrinks a plan for half a minute at most. */
const GRACE_S = 90

const root = resolve(fileURLToPath(new URL('..', import.meta.url)))
const say = (text) => process.stdout.write(`${text}\n`)

const { values } = parseArgs({
  options: { seconds: { type: 'string' }, seed: { type: 'string' }, spec: { type: 'string' } },
})
const whole = (name, text, least) => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < least)
    throw new RangeError(`--${name}: ${text} is not a whole number >= ${least}`)
  return value
}
const seconds =
  values.seconds === undefined ? (values.spec === undefined ? 60 : undefined) : whole('seconds', values.seconds, 1)
/** Plans of earlier seeds have no downloads: spec/simulation/generate-downloads.ts. */
const DOWNLOADS_FROM = 49_000_000_000
const seed = values.seed === undefined ? randomInt(2 ** 31) : whole('seed', values.seed, -(2 ** 31))
const endMs = performance.now() + (seconds ?? 600) * 1000

/** The remaining time in seconds, without the time that a process needs to end. */
const remainingSeconds = () => Math.max(1, (endMs - performance.now()) / 1000 - 1)

const running = new Set()

/**
 * Runs a part to its end, and returns whether it found nothing. The first part that finds something ends the others.
 */
function part(name, again, args) {
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  running.add(child)
  return new Promise((done) => {
    let hangs = false
    const timer = setTimeout(
      () => {
        hangs = true
        child.kill('SIGKILL')
      },
      endMs - performance.now() + GRACE_S * 1000,
    )
    child.on('close', (code) => {
      clearTimeout(timer)
      running.delete(child)
      if (hangs) say(`${name}: still running ${GRACE_S} s after its time\nto run it again: ${again}`)
      // A child that another part has ended exits with a signal instead of a code.
      const found = hangs || (code !== null && code !== 0)
      if (found) for (const other of running) other.kill()
      done(!found)
    })
  })
}

say(`fuzz: from seed ${seed}`)
const folder = mkdtempSync(join(root, 'node_modules', '.fuzz-'))
try {
  const parts = [
    part('properties', `npm run fuzz -- --seed=${seed} --spec ${values.spec ?? 'spec'}`, [
      '--import',
      'tsx',
      '--conditions=aistore-rx-source',
      'spec/fuzz/cli.ts',
      `--seed=${seed}`,
      ...(seconds === undefined ? [] : [`--seconds=${remainingSeconds()}`]),
      ...(values.spec === undefined ? [] : [`--spec=${values.spec}`]),
    ]),
  ]
  if (values.spec === undefined) {
    const file = join(folder, 'simulation.mjs')
    await bundle(root, 'spec/simulation/runner/cli.ts', file)
    parts.push(
      part('simulation', `npm run simulate -- --seed=${DOWNLOADS_FROM + seed}`, [
        file,
        `--seed=${DOWNLOADS_FROM + seed}`,
        `--minutes=${remainingSeconds() / 60}`,
        '--quiet',
      ]),
    )
  }
  const clean = (await Promise.all(parts)).every((one) => one)
  say(clean ? `fuzz: no violation from seed ${seed}` : `fuzz: a violation from seed ${seed}`)
  process.exitCode = clean ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
