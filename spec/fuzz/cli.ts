import { randomInt } from 'node:crypto'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runRounds, type Rounds } from './rounds.ts'
import { keep, type Violation } from './violation.ts'

// The properties' half of `npm run fuzz`; scripts/fuzz.mjs starts it beside the simulation.

const say = (text: string): void => void process.stdout.write(`${text}\n`)

/** The specs below a folder, without those that need something real. */
function specsIn(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .map((name) => join(path, name))
    .filter((name) => name.endsWith('-spec.ts') && !name.replaceAll('\\', '/').startsWith('spec/live/'))
    .sort()
}

/** Another seed begins with another file: a short run does not always miss the same ones. */
function turned(files: readonly string[], by: number): readonly string[] {
  const at = (by >>> 0) % files.length
  return [...files.slice(at), ...files.slice(0, at)]
}

function tell({ spec, title, seed, path, message, again }: Violation, file: string): void {
  say(`\n${spec}: ${title}\nfails with seed ${seed}${path === undefined ? '' : `, path ${path}`}:`)
  say(`${message}\nkept in ${file}\nagain: ${again}`)
}

function lineOf({ rounds, properties, cases, unreached }: Rounds, seed: number): string {
  const seeds = rounds < 2 ? `seed ${seed}` : `seeds ${seed} to ${(seed + rounds - 1) | 0}`
  const rare = unreached === 0 ? '' : `; a spec did not meet all the cases it looks for ${unreached} times`
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
  files: turned(specsIn(values.spec), seed),
  seed,
  ...(values.seconds === undefined ? { rounds: Number(values.rounds) } : { untilMs: Number(values.seconds) * 1000 }),
})
const { violation } = explored
say(lineOf(explored, seed))
if (violation !== undefined) tell(violation, keep(violation, values.folder))
// What a spec left open must not hold the process.
process.exit(violation === undefined ? 0 : 1)
