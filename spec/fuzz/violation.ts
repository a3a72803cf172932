import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import fc from 'fast-check'

/** A property that does not hold. */
export interface Violation {
  /** The file, relative to the root of the project. */
  readonly spec: string
  readonly title: string
  readonly seed: number
  /** Where fast-check finds the shrunk case under this seed; absent if the spec failed in another way. */
  readonly path?: string
  readonly counterexample?: string
  readonly message: string
  /** The command that repeats the failure. */
  readonly again: string
}

const isError = (value: unknown): value is Error => value instanceof Error

/** Describes a spec that failed. */
export function violationOf(
  test: Mocha.Runnable,
  error: unknown,
  seed: number,
  details: fc.RunDetails<unknown> | undefined,
): Violation {
  const spec = relative(process.cwd(), test.file ?? '').replaceAll('\\', '/')
  const { message, cause } = isError(error) ? error : { message: String(error), cause: undefined }
  return {
    spec,
    title: test.fullTitle(),
    seed,
    ...(details?.counterexamplePath == null ? {} : { path: details.counterexamplePath }),
    ...(details?.counterexample == null ? {} : { counterexample: fc.stringify(details.counterexample) }),
    message: isError(cause) ? `${message}\n${cause.message}` : message,
    again: `npm run fuzz -- --seed=${seed} --spec ${spec}`,
  }
}

/** Writes a violation to a file; returns the path. */
export function storeViolation(violation: Violation, folder: string): string {
  const path = join(folder, `${basename(violation.spec, '.ts')}-${violation.seed}.json`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(path, `${JSON.stringify(violation, undefined, 2)}\n`)
  return path
}
