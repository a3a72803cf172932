import type { Explored } from './explore.ts'
import { run, type Failure } from './run.ts'
import { shrink } from './shrink.ts'

// What `npm run simulate` and the specs print about failing seeds.

const lines = ({ violations }: Failure): readonly string[] =>
  violations.map(({ invariant, atMs, text }) => `  ${invariant} at ${atMs} ms: ${text}`)

/** The result of many seeds, in one line. */
const line = ({ count, perSecond, perCpuSecond, requests, coverage, failures }: Explored): string =>
  `${count} seeds, ${Math.round(perSecond)} a second (${Math.round(perCpuSecond)} a second of processor), ${requests} requests, ` +
  `pairs of fault classes ${coverage.drawn} of ${coverage.possible} (${(100 * coverage.share).toFixed(1)} %), ` +
  `${failures.length} failing`

/** All that is needed to reproduce a failure, with its shrunk plan. */
const both = (found: Failure, shrunk: ReturnType<typeof shrink>): string =>
  [
    `seed ${found.seed} fails:`,
    ...lines(found),
    `shrunk in ${shrunk.steps} steps (path ${shrunk.path}) to:`,
    JSON.stringify(shrunk.failure.plan),
    ...lines(shrunk.failure),
    'its trace:',
    ...run(shrunk.failure.plan).trace.map((text) => `  ${text}`),
    `to run it again: npm run simulate -- --seed=${found.seed} --count 1`,
  ].join('\n')

/** The texts for people. */
export const texts: {
  readonly line: (explored: Explored) => string
  readonly both: (found: Failure, shrunk: ReturnType<typeof shrink>) => string
  readonly shrunk: (found: Failure) => string
} = { line, both, shrunk: (found) => both(found, shrink(found)) }
