// npm run bench [-- --only <row>,<row>]: measures peers side by side in one run, prints a table, writes
// bench/results.json.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { format, resolveConfig } from 'prettier'
import { SDK } from '../scripts/python-sdk.ts'
import type { Row } from './figures.ts'
import { cadence } from './rows/cadence.ts'
import { decode } from './rows/decode.ts'
import { idleWaits } from './rows/idle-waits.ts'
import { question, transport, undiciQuestion } from './rows/questions.ts'
import { subscribers } from './rows/subscribers.ts'
import { faultyWaits, floor, manyFloor, manyWaits, waiters, waits } from './rows/waits.ts'
import { watchJobs } from './rows/watch-jobs.ts'
import { tableOf } from './table.ts'

const ROWS: Readonly<Record<string, () => Promise<Row>>> = {
  floor,
  'many-floor': manyFloor,
  waits,
  'many-waits': manyWaits,
  'faulty-waits': faultyWaits,
  waiters,
  'idle-waits': idleWaits,
  cadence,
  subscribers,
  'watch-jobs': watchJobs,
  transport,
  question,
  'undici-question': undiciQuestion,
  decode,
}

/** The content of results.json, which picture.ts draws. */
export interface Results {
  readonly machine: { readonly cores: number; readonly node: string; readonly peer: string }
  readonly rows: Readonly<Record<string, Row>>
}

export const RESULTS: string = fileURLToPath(new URL('results.json', import.meta.url))

const machine: Results['machine'] = { cores: availableParallelism(), node: process.version, peer: SDK }

/** The figures of the last run if its machine was equal. Rows that are not measured now keep these figures. */
const previousRows = (): Results['rows'] => {
  if (!existsSync(RESULTS)) return {}
  const results = JSON.parse(readFileSync(RESULTS, 'utf8')) as Results
  return JSON.stringify(results.machine) === JSON.stringify(machine) ? results.rows : {}
}

const { values } = parseArgs({ options: { only: { type: 'string' } } })
const selected = values.only?.split(',') ?? Object.keys(ROWS)
const unknown = selected.filter((name) => !Object.hasOwn(ROWS, name))
if (unknown.length > 0)
  throw new Error(`unknown row ${unknown.join(', ')}; the rows are ${Object.keys(ROWS).join(', ')}`)

const rows: Record<string, Row> = { ...previousRows() }
for (const [name, measure] of Object.entries(ROWS)) {
  if (!selected.includes(name)) continue
  rows[name] = await measure()
  console.log(tableOf(rows[name]))
}
const sorted = Object.fromEntries(
  Object.keys(ROWS).flatMap((name) => (rows[name] ? [[name, rows[name]] as const] : [])),
)
const text = JSON.stringify({ machine, rows: sorted } satisfies Results)
const style = await resolveConfig(RESULTS)
writeFileSync(RESULTS, await format(text, { ...style, parser: 'json' }))
const measured = selected.flatMap((name) => rows[name]?.figures ?? []).filter(({ reached }) => reached !== undefined)
console.log(`${measured.filter(({ reached }) => reached).length} of ${measured.length} goals hold`)
