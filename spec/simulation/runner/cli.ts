import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { corpusEntryOf, load, store } from './corpus.ts'
import { explore } from './explore.ts'
import { DOWNLOADS_FROM } from '../generate-downloads.ts'
import { run, type Failure } from './run.ts'
import { shrink } from './shrink.ts'
import { texts } from './texts.ts'
import { defined } from '../../../lib/common/defined.ts'

// `npm run simulate`: its options, and what it prints.

const USAGE = `Simulates clusters, faults and users, one seed after the other, and checks the promises of the library.

  npm run simulate -- [--minutes N | --count N] [--seed S] [--failures N] [--no-keep] [--quiet]
  npm run simulate -- --plan FILE

  --minutes N   runs seeds for N minutes (default 1)
  --count N     runs N seeds
  --seed S      starts with seed S (default: a random one, which is printed); only seeds of ${DOWNLOADS_FROM} or more have downloads
  --failures N  stops after N failing seeds (default 1)
  --no-keep     does not store failing plans in the corpus
  --quiet       prints no progress each second
  --plan FILE   runs one plan and prints its trace; FILE is a file of the corpus, or a plan as JSON
`

const say = (text: string): void => void process.stdout.write(`${text}\n`)

const numberOf = (name: string, text: string | undefined): number | undefined => {
  if (text === undefined) return undefined
  const value = Number(text)
  if (!Number.isFinite(value)) throw new RangeError(`--${name}: ${text} is not a number`)
  return value
}

async function printFailure(found: Failure, keep: boolean): Promise<void> {
  const shrunk = shrink(found)
  say(`\n${texts.both(found, shrunk)}`)
  if (keep)
    say(
      `stored; to run the shrunk plan again: npm run simulate -- --plan ${await store(corpusEntryOf(found, shrunk.failure))}`,
    )
}

function replay(path: string): number {
  const { plan, note } = load(path)
  if (note !== '') say(`this plan once broke an invariant: ${note}`)
  const { violations, trace, requests } = run(plan)
  trace.forEach((line) => say(line))
  violations.forEach(({ invariant, atMs, text }) => say(`${invariant} at ${atMs} ms: ${text}`))
  say(`${requests} requests, ${violations.length} violations`)
  return violations.length === 0 ? 0 : 1
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string' },
      count: { type: 'string' },
      seed: { type: 'string' },
      failures: { type: 'string' },
      plan: { type: 'string' },
      keep: { type: 'boolean', default: true },
      help: { type: 'boolean', default: false },
      quiet: { type: 'boolean', default: false },
    },
    allowNegative: true,
  })
  if (values.help) {
    say(USAGE)
    return 0
  }
  if (values.plan !== undefined) return replay(values.plan)
  const count = numberOf('count', values.count)
  const minutes = numberOf('minutes', values.minutes) ?? (count === undefined ? 1 : Infinity)
  const seed = numberOf('seed', values.seed) ?? DOWNLOADS_FROM + randomInt(2 ** 31)
  if (!values.quiet) say(`from seed ${seed}`)
  const explored = explore({
    seed,
    forMs: minutes * 60_000,
    maxFailures: numberOf('failures', values.failures) ?? 1,
    ...defined({ count }),
    ...(values.quiet ? {} : { progress: (soFar) => say(texts.line(soFar)) }),
  })
  say(texts.line(explored))
  if (explored.coverage.missing.length > 0) say(`pairs not covered: ${explored.coverage.missing.join(', ')}`)
  for (const failure of explored.failures) await printFailure(failure, values.keep)
  return explored.failures.length === 0 ? 0 : 1
}

process.exitCode = await main()
