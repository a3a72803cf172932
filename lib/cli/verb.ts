import type { Observable } from 'rxjs'
import type { Cluster } from '../cluster.ts'
import type { Arguments, Flags } from './arguments.ts'
import type { Ending } from './ending.ts'
import type { Io } from './io.ts'
import type { Printer } from './printer.ts'

/** What a verb works with. */
export interface Context {
  readonly io: Io
  readonly args: Arguments
  readonly printer: Printer
  /** The cluster of the flags and the environment. Throws a UsageError if there is none. */
  readonly cluster: () => Cluster
  /** Whether an endpoint of the cluster has replied to any request. */
  readonly hasReplied: () => boolean
  /** How long to wait between two polls, in milliseconds. */
  readonly refreshMs: number
  /** The last value of a stream. When the command must end early, it unsubscribes and returns the newest one. */
  readonly last: <A>(source: Observable<A>, fallback: A) => Promise<A>
  /** Sets what the command says when it is interrupted: which job goes on, and the command that waits for it. */
  readonly setGoesOn: (text: string) => void
}

/** One verb of the command, such as `show`. */
export interface Verb {
  readonly name: string
  readonly summary: string
  /** What follows the name in a command line. */
  readonly usage: string
  readonly details?: string
  readonly flags: Flags
  readonly examples: readonly string[]
  /** The exit codes that it can have, beside 2. */
  readonly codes: readonly number[]
  readonly run: (context: Context) => Promise<Ending>
}

export const REFRESH: Flags = {
  refresh: { type: 'string', value: 'DURATION', help: 'time between two polls (2s)' },
}

export const SELECTION: Flags = {
  id: { type: 'string', value: 'ID', help: 'only this job' },
  kind: { type: 'string', value: 'NAME', help: 'only jobs of this kind' },
  bucket: { type: 'string', value: 'BUCKET', help: 'only jobs of this bucket' },
}
