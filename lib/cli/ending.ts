import { explain, type JobError } from '../error.ts'
import { EXIT, exitOf } from './exit-code.ts'

/** How a verb ended. */
export interface Ending {
  readonly code: number
  /** One line for stderr. Absent if there is nothing to say. */
  readonly message?: string
  /** The `_tag` of the error, for `--json`. */
  readonly error?: string
}

export const DONE: Ending = { code: EXIT.done }

/** The end of a command whose query failed. */
export const failure = (error: JobError): Ending => ({
  code: exitOf(error),
  message: explain(error),
  error: error._tag,
})

/** The ending with the highest exit code. */
export const worseOf = (a: Ending, b: Ending): Ending => (b.code > a.code ? b : a)
