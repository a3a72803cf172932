import type { Page } from './verb.ts'

/** A verb that runs a server until it is interrupted. It writes its own output. */
export interface Server {
  readonly page: Page
  /** Resolves after SIGINT or SIGTERM. Rejects with a UsageError, or with another error if it cannot serve. */
  readonly run: (argv: readonly string[]) => Promise<void>
}
