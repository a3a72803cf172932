/** An invalid command line. Its message is one line for the user. */
export class UsageError extends Error {}
