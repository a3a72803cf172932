import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import type fc from 'fast-check'
import Mocha from 'mocha'
import { isProperty, listen } from './property.ts'
import { SEED_VARIABLE } from './seed.ts'
import { violationOf, type Violation } from './violation.ts'

/** What to run. The run ends after its rounds, at its time or with the first violation. */
export interface RoundsOptions {
  readonly files: readonly string[]
  /** The seed of the first round; each round uses the next one. */
  readonly seed: number
  /** How many rounds. Defaults to no limit. */
  readonly rounds?: number
  /** When to end, in milliseconds since the process began. Defaults to no limit. */
  readonly untilMs?: number
}

/** The result of a run. */
export interface Rounds {
  /** Rounds that ran in full. */
  readonly rounds: number
  readonly properties: number
  readonly cases: number
  /** Specs whose properties hold, but whose random cases did not include every case that the spec expects. */
  readonly unreached: number
  readonly violation?: Violation
}

/** Removes all specs that are not properties; returns how many remain. */
function keepProperties(suite: Mocha.Suite): number {
  suite.tests = suite.tests.filter(isProperty)
  return suite.suites.reduce((sum, one) => sum + keepProperties(one), suite.tests.length)
}

const isHook = ({ type }: Mocha.Runnable & { readonly type?: string }): boolean => type === 'hook'

function noReport(): void {
  // The fuzzer prints its own report.
}

/** Runs all properties of the files, round after round, each round with its own seed. */
export async function runRounds({
  files,
  seed,
  rounds = Infinity,
  untilMs = Infinity,
}: RoundsOptions): Promise<Rounds> {
  const mocha = new Mocha({ timeout: 120_000, reporter: noReport as unknown as Mocha.ReporterConstructor })
  mocha.cleanReferencesAfterRun(false)
  for (const file of files) mocha.addFile(resolve(file))
  process.env[SEED_VARIABLE] = String(seed)
  // Mocha loads the specs as CommonJS. The setup must share their copy of fast-check. It draws its first random numbers
  // when it is loaded, so the seed comes first.
  const { mochaHooks } = createRequire(import.meta.url)('../setup.ts') as { mochaHooks: Mocha.RootHookObject }
  mocha.rootHooks(mochaHooks)
  await mocha.loadFilesAsync()
  const properties = keepProperties(mocha.suite)
  if (properties === 0) throw new RangeError(`no property in ${files.join(', ')}`)

  const tally: { -readonly [K in keyof Rounds]: Rounds[K] } = { rounds: 0, properties, cases: 0, unreached: 0 }
  let current: fc.RunDetails<unknown>[] = []
  let longestMs = 0
  // A spec starts only if there is time for the slowest spec, so that the run ends in time.
  const isOver = (): boolean => performance.now() + longestMs >= untilMs

  const round = (at: number): Promise<void> =>
    new Promise((resolve) => {
      process.env[SEED_VARIABLE] = String(at)
      const runner = mocha.run(() => resolve())
      runner.on('test', () => (current = []))
      runner.on('fail', (test, error: unknown) => {
        const failed = current.find((details) => details.failed)
        // No property failed: the spec expects that certain cases occur, which holds for the seed of `npm test`, but not
        // for every seed.
        if (failed === undefined && current.length > 0 && !isHook(test)) tally.unreached += 1
        else {
          tally.violation ??= violationOf(test, error, at, failed)
          runner.abort()
        }
      })
      runner.on('test end', ({ duration = 0 }) => {
        longestMs = Math.max(longestMs, duration)
        if (isOver()) runner.abort()
      })
    })

  const stop = listen((details) => {
    current.push(details)
    tally.cases += details.numRuns
  })
  while (tally.rounds < rounds && !isOver()) {
    await round((seed + tally.rounds) | 0)
    if (tally.violation !== undefined) break
    if (!isOver()) tally.rounds += 1
  }
  stop()
  return tally
}
