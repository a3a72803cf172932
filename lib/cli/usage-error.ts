/** An invalid command line. Its message is one line for the user. */
export class UsageError extends Error {}

/** Whether an error is about the command line: a UsageError, or a TypeError of `parseArgs`. */
export const isUsageError = (error: unknown): boolean =>
  error instanceof UsageError || (error instanceof TypeError && 'code' in error)

/** The first line of an error. */
export const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''
