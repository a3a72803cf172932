import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import type { SimPlan } from '../plan.ts'
import type { Failure } from './run.ts'

/** A plan that failed once, kept as a regression test. */
export interface CorpusEntry {
  /** The invariant that it broke. */
  readonly invariant: string
  /** The seed that found the plan, before it was shrunk. */
  readonly seed: number
  /** The violation, in words. */
  readonly note: string
  readonly plan: SimPlan
}

const CORPUS: string = fileURLToPath(new URL('../corpus', import.meta.url))

const fileOf = ({ invariant, seed }: CorpusEntry): string =>
  `${invariant.toLowerCase().replace(/[^a-z0-9]+/g, '-')}-${seed}.json`

/** What is stored of a failure: the shrunk plan, under the seed that found it. */
export const corpusEntryOf = (
  found: Failure,
  { plan, violations: [{ invariant, atMs, text }] }: Failure,
): CorpusEntry => ({
  invariant,
  seed: found.seed,
  note: `${atMs} ms: ${text}`,
  plan,
})

/** Writes a plan in a readable format, and returns the path. */
export async function store(one: CorpusEntry, folder: string = CORPUS): Promise<string> {
  const path = join(folder, fileOf(one))
  const config = await resolveConfig(path)
  mkdirSync(folder, { recursive: true })
  writeFileSync(path, await format(JSON.stringify(one), { ...config, parser: 'json' }))
  return path
}

/** All stored plans, by file name. */
export function loadAll(folder: string = CORPUS): readonly (readonly [name: string, one: CorpusEntry])[] {
  // Git stores no empty folder.
  return (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => [name, load(join(folder, name))] as const)
}

/** Loads one stored plan; also accepts a bare plan, for example one copied from a console. */
export function load(path: string): CorpusEntry {
  const read: unknown = JSON.parse(readFileSync(path, 'utf8'))
  if (typeof read !== 'object' || read === null) throw new TypeError(`${path}: not a plan`)
  if ('plan' in read) return read as CorpusEntry
  if (!('seed' in read)) throw new TypeError(`${path}: neither a plan nor a file of the corpus`)
  const plan = read as SimPlan
  return { invariant: '', seed: plan.seed, note: '', plan }
}
