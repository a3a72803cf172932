import { randomInt } from 'node:crypto'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runRounds, type Rounds } from './rounds.ts'
import { storeViolation, type Violation } from './violation.ts'

// The part of `npm run fuzz` that runs properties; scripts/fuzz.mjs starts it beside the simulation.

const say = (text: string): void => void process.stdout.write(`${text}\n`)

/** The specs below a folder, without those that need real sockets or processes. */
function specsIn(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .map((name) => join(path, name))
    .filter((name) => name.endsWith('-spec.ts') && !name.replaceAll('\\', '/').startsWith('spec/live/'))
    .sort()
}

/** Rotates the files by the seed, so that short runs do not always miss the same ones. */
function rotated(files: readonly string[], by: number): readonly string[] {
  const at = (by >>> 0) % files.length
  return [...files.slice(at), ...files.slice(0, at)]
}

function printViolation({ spec, title, seed, path, message, again }: Violation, file: string): void {
  say(`\n${spec}: ${title}\nfails with seed ${seed}${path === undefined ? '' : `, path ${path}`}:`)
  say(`${message}\nstored in ${file}\nto run it again: ${again}`)
}

function lineOf({ rounds, properties, cases, unreached }: Rounds, seed: number): string {
  const seeds = rounds < 2 ? `seed ${seed}` : `seeds ${seed} to ${(seed + rounds - 1) | 0}`
  const rare = unreached === 0 ? '' : `; a spec did not reach all of its cases ${unreached} times`
  return `properties: ${properties} specs, ${rounds} full rounds, ${seeds}, ${cases} cases${rare}`
}

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seconds: { type: 'string' },
    rounds: { type: 'string', default: '1' },
    spec: { type: 'string', default: 'spec' },
    folder: { type: 'string', default: '.fuzz' },
  },
})
const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed)
const explored = await runRounds({
  files: rotated(specsIn(values.spec), seed),
  seed,
  ...(values.seconds === undefined ? { rounds: Number(values.rounds) } : { untilMs: Number(values.seconds) * 1000 }),
})
const { violation } = explored
say(lineOf(explored, seed))
if (violation !== undefined) printViolation(violation, storeViolation(violation, values.folder))
// A spec may leave handles open; they must not keep the process alive.
process.exit(violation === undefined ? 0 : 1)
