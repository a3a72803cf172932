/** An invalid command line. Its message is one line for the user. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Whether an error is a UsageError, by its name: a verb that is loaded later may bring a second copy of the class. */
export const isUsageError = (error: unknown): boolean => error instanceof Error && error.name === 'UsageError'

/** The first line of an error. */
export const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''
